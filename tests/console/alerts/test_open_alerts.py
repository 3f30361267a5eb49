"""Open incidents: what they are called, side by side on the first page, until they are ended or closed."""

import html
import re
from datetime import timedelta

from db.alerts.templates import templates
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast
from rules.orders.warning import ICON_OF_THE_END
from tests.console.alerts.scene import FAR, NEAR, PEOPLE, burglary, follow_up, modem_does, sent
from tests.console.conftest import words


def test_open_alerts_stand_side_by_side_until_each_is_closed(officer):
    first, second = burglary(officer, "rue Basse"), burglary(officer, "rue Haute")
    assert f'action="/alerts/{second}/close"' in officer.get(f"/alerts/{second}/live?seen=").text, "also unasked"
    home = officer.get("/")
    shown = words(home)
    opened = re.findall(r'home-incident-title"><a[^>]*>([^<]*)<', home.text)
    assert [html.unescape(title) for title in opened] == [
        "Cambriolage en cours · rue Haute",
        "Cambriolage en cours · rue Basse",
    ]
    assert shown.index("Choisir le type d'alerte") < shown.index("Cambriolage en cours · rue Basse")
    page = officer.get(f"/alerts/{first}/follow-up?kind=end")
    assert officer.post(f"/alerts/{first}/follow-up", follow_up(page, "Merci.", "end")).status_code == 303
    modem_does(["sent"] * PEOPLE)
    assert "Cambriolage en cours · rue Basse" not in words(officer.get("/"))
    assert "Cambriolage en cours · rue Haute" in words(officer.get(f"/alerts/{second}"))
    closed = officer.post(f"/alerts/{second}/close")
    assert "Aucun SMS n'a été envoyé." in words(officer.get(closed.location))
    assert "Clôturée sans SMS le" in words(officer.get(f"/alerts/{second}"))
    assert "ouverte depuis" not in words(officer.get("/"))
    again = officer.post(f"/alerts/{second}/close")
    assert "déjà clôturée" in words(officer.get(again.location))


def test_the_wall_begins_with_the_newest_whatever_it_showed_before(officer):
    first, _second = burglary(officer, "rue Basse"), burglary(officer, "rue Haute")
    opened = re.findall(r"<h2>([^<]*)<", officer.get(f"/wall?shown={first}").text)
    assert opened == [f"Cambriolage en cours · {place}" for place in ("rue Haute", "rue Basse", "rue Haute")]


def test_an_alert_is_called_by_its_corrected_place_everywhere(officer):
    number = burglary(officer, "rue Basse")
    page = officer.get(f"/alerts/{number}/follow-up?kind=correction")
    corrected = follow_up(page, "", template=1, answer_lieu="rue Haute", answer_heure="21:40")
    assert officer.post(f"/alerts/{number}/follow-up", corrected).status_code == 303
    modem_does(["sent"] * PEOPLE)
    for address in ("/", f"/alerts/{number}/answers", f"/alerts/{number}/dossier"):
        assert "Cambriolage en cours · rue Haute" in words(officer.get(address)), address
        assert "Cambriolage en cours · rue Basse" not in words(officer.get(address))
    by_hand = follow_up(
        officer.get(f"/alerts/{number}/follow-up?kind=correction"), "CORRECTION. Vol rue Neuve. Fermez."
    )
    assert officer.post(f"/alerts/{number}/follow-up", by_hand).status_code == 303
    assert ">Vol rue Neuve<" in officer.get("/").text


def test_an_alert_of_earlier_days_stays_on_home_until_it_is_closed(officer):
    number = burglary(officer, "rue Basse")
    with connected():
        Broadcast.update(created_at=utc_now() - timedelta(days=3)).where(Broadcast.id == number).execute()
    home = officer.get("/")
    assert "Alerte d'un jour précédent, non clôturée : Cambriolage en cours · rue Basse" in words(home)
    assert f'href="/alerts/{number}"' in home.text
    assert f'action="/alerts/{number}/close"' in officer.get(f"/alerts/{number}").text
    officer.post(f"/alerts/{number}/close")
    assert "Alerte d'un jour précédent" not in words(officer.get("/"))


def test_the_card_shows_what_came_last_and_leads_to_it(officer):
    number = sent(officer)
    assert "Vol rue de la Station, 21h40" in words(officer.get("/"))
    refused = officer.post(f"/alerts/{number}/close")
    assert "encore en cours" in words(officer.get(refused.location))
    modem_does(["sent"] * PEOPLE)
    page = officer.get(f"/alerts/{number}/follow-up?kind=correction")
    done = officer.post(f"/alerts/{number}/follow-up", follow_up(page, "Rue Haute."))
    home = officer.get("/")
    assert f'href="{done.location}"' in home.text
    assert words(home).count("ouverte depuis") == 1


def test_who_writes_sees_the_newest_alert_about_the_same_place_or_with_the_same_text(officer):
    near = {"audience": "some", "neighbourhood": [NEAR]}
    burglary(officer, "rue Basse", **near)
    burglary(officer, "rue Haute", **near)
    assert "alerte envoyée par" not in words(officer.get("/alerts/new?template=1"))
    place = words(officer.post("/alerts/confirm", {"text": "Feu.", "when": "now", **near}))
    assert place.count("alerte envoyée par Test officer il y a") == 1
    assert place.index("rue Haute : alerte envoyée") > 0
    typed = {"template": 1, "answer_lieu": "Rue Basse", "answer_heure": "21:40", "when": "now"}
    elsewhere = {**typed, "audience": "some", "neighbourhood": FAR}
    assert "rue Basse : alerte envoyée par Test officer" in words(officer.post("/alerts/confirm", elsewhere))
    longer = words(officer.post("/alerts/confirm", {**elsewhere, "answer_lieu": "Rue Basse 12, au coin"}))
    assert "rue Basse : alerte envoyée par Test officer" in longer
    same_kind = words(officer.post("/alerts/confirm", {**elsewhere, "answer_lieu": "rue Neuve"}))
    assert "Aperçu du SMS" in same_kind
    assert "alerte envoyée par" not in same_kind


def test_who_announces_an_end_chooses_among_the_open_alerts_by_name(officer):
    burglary(officer, "rue Basse")
    with connected():
        ends = next(each.id for each in templates() if each.icon == ICON_OF_THE_END)
    assert "Cambriolage en cours · rue Basse ouverte depuis" in words(officer.get(f"/alerts/new?template={ends}"))


def test_two_alerts_end_with_the_same_words(officer):
    for number in (burglary(officer, "rue Basse"), burglary(officer, "rue Haute")):
        page = officer.get(f"/alerts/{number}/follow-up?kind=end")
        assert officer.post(f"/alerts/{number}/follow-up", follow_up(page, "Merci.", "end")).status_code == 303
        modem_does(["sent"] * PEOPLE)
