"""The longer version of an alert: offered where the zone wants it, begun with the alert's text, sent when counted."""

import pytest

from db.bulletins.drafts import drafts
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import entries
from tests.console.alerts.scene import modem_does
from tests.console.bulletins import scene
from tests.console.conftest import words
from tests.support.people import order

OFFER = "Envoyer une version détaillée par e-mail…"


@pytest.fixture
def alert(officer, ready_modem):
    """An alert to everybody, which a phone has."""
    ready_modem()
    with connected():
        made = order(utc_now()).id
    modem_does(["sent"] * 3)
    return made


@pytest.fixture
def wanted(sign_in):
    answer = sign_in("admin").post("/bulletins/deputy-after", {"hours": "24", "longer": "yes"})
    assert answer.status_code == 303


def form(alert, **changes):
    return scene.form(category="longer", alert=str(alert), audience="", **changes)


def test_it_is_offered_where_the_zone_wants_it(officer, alert, sign_in):
    assert OFFER not in words(officer.get(f"/alerts/{alert}"))
    assert officer.get(f"/bulletins/new?alert={alert}&category=longer").location == "/bulletins/choose"
    answer = officer.post("/bulletins/new", form(alert))
    assert answer.status_code == 400
    assert "un administrateur peut l'activer" in words(answer)


def test_from_the_alert_to_the_mails(officer, wanted, alert):
    assert OFFER in words(officer.get(f"/alerts/{alert}"))
    page = officer.get(f"/bulletins/new?alert={alert}&category=longer")
    assert "Vol avec violence rue de la Station." in page.text
    assert "Ce que nous savons" in page.text
    assert 'name="audience"' not in page.text
    made = scene.draft(officer, category="longer", alert=str(alert), audience="")
    assert officer.get(f"/bulletins/new?alert={alert}&category=longer").location == f"/bulletins/{made}/edit"
    assert "2 personnes de l'alerte avec une adresse e-mail" in words(officer.get(f"/bulletins/{made}/check"))
    preview = words(officer.get(f"/bulletins/{made}/preview"))
    assert "Aucun relais n'est demandé" in preview
    assert "J'ai relayé" not in preview
    for typed in ("", "3"):
        refused = scene.send(officer, made, typed=typed)
        assert refused.status_code == 409
        assert "Tapez le nombre de destinataires pour confirmer" in words(refused)
    assert scene.send(officer, made, typed="2").status_code == 303
    assert "0 e-mail envoyé sur 2" in words(officer.get(f"/bulletins/{made}"))
    assert "0 e-mail envoyé sur 2" in words(officer.get("/bulletins/"))
    assert "Version détaillée envoyée le" in words(officer.get(f"/alerts/{alert}"))
    assert OFFER not in words(officer.get(f"/alerts/{alert}"))


def test_a_text_that_the_guard_stops_wants_a_reason(officer, wanted, alert):
    made = scene.draft(officer, category="longer", alert=str(alert), audience="", body_fr="La plaque est 1-ABC-123.")
    assert scene.send(officer, made, typed="2").status_code == 409
    answered = {"typed": "2", "guarded": "yes", "guard_reason": "Le communiqué du parquet le dit."}
    assert scene.send(officer, made, **answered).status_code == 303
    with connected():
        assert any("longer" in str(each) for each in entries()[:3])
        assert drafts() == []
