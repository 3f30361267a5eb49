"""A correction or an end is an order as an alert is: it can be undone, and says of what it speaks."""

import re

import pytest

from db.engine.connection import connected
from db.models.broadcasts import Broadcast
from rules.states import Stage
from tests.console.alerts.scene import follow_up as form
from tests.console.alerts.scene import modem_does, sent
from tests.console.conftest import words


@pytest.fixture
def halfway(officer):
    number = sent(officer)
    modem_does(["sent", "sent", "CMS 1", "unconfirmed"])
    return number


@pytest.mark.parametrize(("kind", "text"), [("correction", "Vol rue Haute."), ("end", "Retour à la normale.")])
def test_a_correction_and_an_end_can_be_undone_as_an_alert_can(officer, halfway, kind, text):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind={kind}")
    done = officer.post(
        f"/alerts/{halfway}/follow-up", form(page, text, kind, rest="yes" if kind == "correction" else "")
    )
    shown = officer.get(done.location)
    assert f'action="{done.location}/cancel"' in shown.text
    assert "alert-undo" in shown.text
    told = words(officer.get(f"/alerts/{halfway}")), words(officer.get("/alerts/"))
    for page in told:
        assert ("fin d'alerte annulable" if kind == "end" else "correction annulable") in page
        assert not re.search("clôturée|arrêté corrigée|a été envoyée", page), "not while it can be undone"
    assert officer.post(f"{done.location}/cancel").status_code == 303
    modem_does([])
    with connected():
        later = Broadcast.select().where(Broadcast.id > halfway)
        assert {row.stage for row in later} == {Stage.CANCELLED}
        assert len(later) == (2 if kind == "correction" else 1)  # with the corrected alert for who had nothing


def test_an_end_names_the_alert_and_its_corrected_place(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    officer.post(f"/alerts/{halfway}/follow-up", form(page, "Vol rue Haute, 21h40. Restez chez vous."))
    modem_does(["sent"] * 3)
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    assert "FIN D'ALERTE. Vol rue Haute, 21h40. Retour à la normale. Merci de votre aide." in words(page)
