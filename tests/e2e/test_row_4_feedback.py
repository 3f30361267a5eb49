"""Row 4 of the plan: feedback after the facts, owed after each alert."""

import pytest

from db.bulletins.drafts import feedback_owed
from db.engine.clock import utc_now
from tests.console.conftest import words
from tests.e2e.box import eventually
from tests.e2e.partnership import partnership

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


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
