"""Row 6 of the plan: citizen → coordinator, not urgent, by e-mail to the neighbourhood's reference address.

The address is in the welcome message; what the coordinator passes on reaches the officer, tied to the neighbourhood.
"""

import re
from email.message import EmailMessage

import pytest

from db.engine.clock import utc_now
from db.inbound.inbox.threads import threads, unread
from db.people.members.listing import neighbourhoods
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from tests.console.conftest import words
from tests.e2e.box import eventually
from tests.e2e.partnership import ZONE, partnership
from tests.plp.jobs.imap.server import PASSWORD, USER, ImapServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

REFERENCE = "plainevaux@example.org"


def mail(sender, subject, text, number=1, **headers):
    """What a mail program sends to the zone."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, ZONE, subject
    made["Message-ID"], made["Date"] = f"<{number}@example.org>", "Tue, 24 Nov 2026 21:00:00 +0100"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


def newcomer(box):
    """A member who joins Plainevaux, whose reference address is known."""
    with box.reading():
        place = next(card for card in neighbourhoods() if card.name == "Plainevaux")
        save_neighbourhood(place.id, "Plainevaux", REFERENCE, "test", utc_now())
        draft = MemberDraft("Anne", "Petit", "", "anne@example.org", "fr", place.id)
        save_member(None, draft, "test", utc_now(), welcome=True)


def listed(box, count):
    """The conversations to be looked at, once there are so many."""
    with box.reading():
        return threads().rows if unread() == count else []


def test_a_coordinators_report_reaches_the_officer_and_is_answered(make_box):
    with ImapServer() as imap:
        mailbox = f"imap = 127.0.0.1:{imap.port}\nimap_user = {USER}\nimap_password_file = mailbox.txt\n"
        with partnership(make_box, mail=mailbox, start=False) as there:
            (there.box.folder / "mailbox.txt").write_text(PASSWORD, encoding="utf-8")
            newcomer(there.box)
            jobs = there.box.start("jobs")
            (welcome,) = there.mails(1)
            assert REFERENCE in welcome.text()

            # a citizen wrote to that address, outside of this box; the coordinator passes it on
            forwarded = "À suivre.\n\nDe : Anne Petit\nEnvoyé : mardi\nObjet : Voiture\n\nUne voiture sans plaque."
            imap.append(mail("Coord0 Nom <coordinateur0@example.org>", "TR : Voiture", forwarded, 1))
            imap.append(mail(REFERENCE, "Bois", "Un feu de camp dimanche.", 2))
            imap.append(mail("inconnu@example.net", "Bonjour", "Je déménage.", 3))
            imap.append(mail("coordinateur1@example.org", "Absence", "…", 4, Auto_Submitted="auto-replied"))
            rows = eventually("three conversations", lambda: listed(there.box, 3))
            ties = {row.last.subject: (row.person.tie, row.person.neighbourhood) for row in rows}
            assert ties == {
                "TR : Voiture": ("coordinator", "Plainevaux"),
                "Bois": ("reference", "Plainevaux"),
                "Bonjour": ("", ""),
            }

            # killed and started again, with the mailbox numbered anew: nothing twice, nothing lost
            jobs.kill()
            jobs.wait()
            imap.renumber()
            imap.append(mail("coordinateur2@example.org", "Vol", "Un vol.", 5))
            there.box.start("jobs")
            eventually("the fourth", lambda: listed(there.box, 4))

            page = there.officer.get("/inbox?filter=mail")
            assert "Coord0 Nom coordinateur · Plainevaux" in words(page)
            assert "inconnu@example.net absent de la liste des membres" in words(page)
            (address,) = {row.last.ref for row in rows if row.last.subject == "TR : Voiture"}
            there.officer.token_page = f"/inbox/mail/{address.id}"
            page = there.officer.get(there.officer.token_page)
            assert "Une voiture sans plaque." in words(page)
            nonce = re.search(r'name="nonce" value="([^"]+)"', page.text)[1]
            reply = {"reply": "Merci, une patrouille passe.", "nonce": nonce, "seen": f"mail-{address.id}"}
            for _press in range(2):
                assert there.officer.post(f"{there.officer.token_page}/reply", reply).status_code == 303
            (answer,) = [each for each in there.mails(2) if each.readers == ("coordinateur0@example.org",)]
            assert (answer.subject, answer.message["In-Reply-To"]) == ("Re: TR : Voiture", "<1@example.org>")
            assert "Merci, une patrouille passe." in answer.text()
            assert "101" in answer.text()
            eventually("it left", lambda: "a répondu envoyé" in words(there.officer.get(there.officer.token_page)))
            assert listed(there.box, 3)
            assert imap.flags() == [set()] * 5
