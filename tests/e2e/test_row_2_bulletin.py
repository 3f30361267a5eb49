"""Row 2 of the plan: police → coordinators, not urgent, by e-mail, to the neighbourhoods concerned."""

import io

import pytest

from db.people.members.listing import neighbourhoods
from tests.console.bulletins.files import SECRETS, picture
from tests.console.conftest import words
from tests.e2e.box import eventually
from tests.e2e.partnership import ZONE, partnership

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_a_bulletin_reaches_each_coordinator_and_nobody_else(make_box):
    with partnership(make_box) as there:
        with there.box.reading():
            chosen = [str(place.id) for place in neighbourhoods() if place.name != "Bonsgnée"]
        made = there.draft(audience="some", neighbourhood=chosen)
        file = {"file": (io.BytesIO(picture()), "IMG_1.jpg")}
        assert there.officer.post(f"/bulletins/{made}/enclosures", file).status_code == 303
        there.send(made)
        there.officer.post(f"/bulletins/{made}/send", {"seen": "x/1"})

        french, dutch = there.mails(2)
        assert (french.readers, dutch.readers) == (("coordinateur0@example.org",), ("coordinateur1@example.org",))
        assert french.subject == "Mode opératoire – Faux livreurs"
        assert dutch.subject == "Werkwijze van daders – Faux livreurs"
        for mail in (french, dutch):
            assert ZONE in mail.message["From"]
            assert ZONE in (mail.message["Reply-To"] or mail.message["From"])
            assert mail.message["Cc"] is None
            whole = mail.content.decode("utf-8", "replace") + mail.text() + mail.text("html")
            for other in ("m0@example.org", "m1@example.org", "m2@example.org", "+32470010"):
                assert other not in whole
            (enclosed,) = list(mail.message.iter_attachments())
            assert enclosed.get_filename() == "IMG_1.jpg"
            assert not [secret for secret in SECRETS if secret in enclosed.get_content()]
        assert "Urgence\u00a0: 101" in french.text()
        assert "Noodgeval: 101" in dutch.text()
        assert "04/330 58 71" in french.text("html").replace("\u00a0", " "), "the directory"

        eventually("taken", lambda: words(there.officer.get(f"/bulletins/{made}")).count("e-mail envoyé") == 2)
        assert "Relayé dans 0 quartier sur 2" in words(there.officer.get(f"/bulletins/{made}"))
