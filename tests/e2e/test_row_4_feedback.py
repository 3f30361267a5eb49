"""Row 4 of the plan: feedback after the facts, owed after each alert, and an alert's longer version by e-mail."""

import pytest

from db.bulletins.drafts import feedback_owed
from db.engine.clock import utc_now
from plp.services.bulletins.relaying import save_policy
from tests.console.conftest import words
from tests.e2e.box import eventually
from tests.e2e.partnership import partnership

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_the_longer_version_reaches_the_people_of_the_alert(make_box):
    with partnership(make_box, "a") as there:
        there.box.start_simulator("a")
        there.box.start("modem")
        eventually("a modem", there.box.ready_modems)
        with there.box.reading():
            save_policy(24, True, "test", utc_now())
        alert = there.box.send("Vol rue de la Station")
        eventually("delivered", lambda: there.box.counts(alert) == {"delivered": 3})
        assert f"/bulletins/new?alert={alert}&amp;category=longer" in there.officer.get(f"/alerts/{alert}").text
        form = words(there.officer.get(f"/bulletins/new?alert={alert}&category=longer"))
        assert "« Vol rue de la Station »" in form

        made = there.draft(category="longer", alert=str(alert), audience="", title_fr="Le point à 21 h")
        there.send(made, typed="6")
        told = [mail for mail in there.mails(9) if mail.subject.endswith("Le point à 21 h")]
        at_once = [mail for mail in there.mails(9) if mail not in told]
        coordinators, members = ([f"{who}{number}@example.org" for number in range(3)] for who in ("coordinateur", "m"))
        assert [mail.readers[0] for mail in at_once] == coordinators, "they have no mobile"
        assert [mail.readers[0] for mail in told] == coordinators + members
        eventually("all taken", lambda: "6 e-mails envoyés sur 6" in words(there.officer.get(f"/bulletins/{made}")))


def test_feedback_is_owed_from_the_alert_until_the_bulletin(make_box):
    with partnership(make_box, "a") as there:
        there.box.start_simulator("a")
        there.box.start("modem")
        eventually("a modem", there.box.ready_modems)
        alert = there.box.send("Vol rue de la Station")
        eventually("delivered", lambda: there.box.counts(alert) == {"delivered": 3})

        def owed():
            with there.box.reading():
                return [each.broadcast_id for each in feedback_owed(utc_now())]

        eventually("owed", lambda: owed() == [alert])
        alert_page = there.officer.get(f"/alerts/{alert}")
        assert f'href="/bulletins/new?alert={alert}"' in alert_page.text
        form = there.officer.get(f"/bulletins/new?alert={alert}")
        assert "« Vol rue de la Station »" in words(form)

        made = there.draft(category="feedback", alert=str(alert), title_fr="Retour", body_fr="Deux personnes arrêtées.")
        assert owed() == [alert]
        there.send(made)
        eventually("the feedback arrives", lambda: any(mail.subject.endswith("Retour") for mail in there.office.mails))
        assert owed() == []
        assert "Feedback envoyé le" in words(there.officer.get(f"/alerts/{alert}"))
