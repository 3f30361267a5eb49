"""Row 3 of the plan: coordinator → members by the neighbourhood's Google Group; the console shows who relayed."""

import re
from email.message import EmailMessage
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from base.settings.reading import load_settings
from console.web.app import create_app
from tests.console.conftest import Browser, words
from tests.e2e.box import eventually
from tests.e2e.partnership import ZONE, partnership
from tests.plp.jobs.imap.server import PASSWORD as MAILBOX_PASSWORD
from tests.plp.jobs.imap.server import USER, ImapServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PUBLIC = "https://plp.example.be"


def links(mail):
    return [unescape(each) for each in re.findall(r'href="([^"]+)"', mail.text("html"))]


def answer_to(mailto, sender):
    """What the coordinator's mail program sends when the link is pressed."""
    parts = urlsplit(mailto)
    asked = parse_qs(parts.query)
    answer = EmailMessage()
    answer["From"], answer["To"] = sender, parts.path
    answer["Subject"] = asked["subject"][0]
    answer["Message-ID"] = "<1@example.org>"
    answer["Date"] = "Tue, 24 Nov 2026 21:00:00 +0100"
    answer.set_content(asked["body"][0])
    return answer.as_bytes()


def test_relayed_by_link_by_mail_and_not_by_a_scanner(make_box):
    with ImapServer() as imap:
        mailbox = f"imap = 127.0.0.1:{imap.port}\nimap_user = {USER}\nimap_password_file = mailbox.txt\n"
        with partnership(make_box, mail=f"public_url = {PUBLIC}\n{mailbox}", start=False) as there:
            (there.box.folder / "mailbox.txt").write_text(MAILBOX_PASSWORD, encoding="utf-8")
            (there.box.folder / "mailbox.txt").chmod(0o600)
            there.box.start("jobs")
            made = there.draft()
            there.send(made)
            french, dutch, _german = there.mails(3)

            frame = french.text().split("À RELAYER AU GROUPE")[1].split("FIN")[0]
            assert "Deux hommes se disent livreurs." in frame
            assert "PLP-R" not in frame
            assert "Coord0" not in frame

            (page,) = [link.removeprefix(PUBLIC) for link in links(french) if link.startswith(PUBLIC)]
            console = create_app(load_settings(there.box.config))
            scanner = console.test_client()
            for method in ("GET", "HEAD", "OPTIONS"):
                assert scanner.open(page, method=method).status_code == 200
            assert "Relayé dans 0 quartier sur 3" in words(there.officer.get(f"/bulletins/{made}"))
            home = Browser(console.test_client(), token_page=page)
            assert "Relais confirmé. Merci." in words(home.post(page))

            (mailto,) = [link for link in links(dutch) if link.startswith(f"mailto:{ZONE}")]
            imap.append(answer_to(mailto, dutch.readers[0]))
            followed = f"/bulletins/{made}"
            eventually(
                "two relays", lambda: "Relayé dans 2 quartiers sur 3, médiane" in words(there.officer.get(followed))
            )
            shown = words(there.officer.get(followed))
            assert "par le lien de l'e-mail" in shown
            assert "par e-mail" in shown
            assert "Bonsgnée" in shown
