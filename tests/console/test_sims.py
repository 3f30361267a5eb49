"""Cartes SIM: what is used, what is left, and limits that a technician sets."""

import re
from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.modems.budgets import apply_configured, board, count_sent, limits_of
from rules.orders.budgets import PRESETS, Limits
from tests.console.alerts import scene
from tests.console.alerts.scene import send
from tests.console.conftest import words
from tests.support.people import mobile

A, B = "206010000000001", "206010000000002"


@pytest.fixture
def technician(ready_modem, sign_in):
    ready_modem()
    with connected():
        apply_configured(A, "box", "a", Limits(day=5))
    return sign_in("technician")


def address():
    """Of A's page."""
    with connected():
        return f"/sims/{next(card.id for card in board(utc_now()) if card.imsi == A)}"


def used(imsi, numbers, at=None):
    with connected(), writing():
        for number in numbers:
            count_sent(imsi, mobile(number), at or utc_now())


def test_nothing_yet(sign_in):
    assert "Aucune carte SIM détectée" in words(sign_in("technician").get("/sims/"))


def test_no_number_of_a_card_is_shown_whole(technician, sign_in):
    for page in (sign_in("officer").get("/sims/"), technician.get(address())):
        assert "IMSI 20•••••0001" in words(page)
    assert A not in sign_in("officer").get("/sims/").text


def test_no_address_holds_the_number_of_a_card(technician):
    for page in (technician.get("/sims/"), technician.get(address())):
        assert A not in page.text
    assert technician.get(f"/sims/{A}").status_code == 404


def test_what_is_used_and_the_warnings(technician):
    assert "Plafonds de config.ini." in words(technician.get("/sims/"))
    assert "épuisé" not in words(technician.get("/sims/")).replace("bientôt", "")
    used(A, range(4))
    assert "4 (80 %) plafond proche 5" in words(technician.get("/sims/"))
    used(A, [4])
    assert "5 (100 %) plafond atteint 5" in words(technician.get("/sims/"))


def test_who_changed_cards_counts_twice_and_the_board_says_so(technician):
    used(A, range(3))
    with connected():
        apply_configured(B, "box", "b", Limits())
    used(B, [1, 2])
    assert "2 destinataires comptés aussi sur une autre carte" in words(technician.get("/sims/"))


def test_limits_of_one_s_own_and_back(technician):
    done = technician.post(address(), {"day": "300", "month": "", "recipients": "250"}, page=address())
    assert done.status_code == 303
    with connected():
        assert limits_of(A) == Limits(300, 0, 250)
    page = words(technician.get("/sims/"))
    assert "Plafonds modifiés par Test technician" in page
    assert "Valeurs de config.ini : 5 par jour, 0 par mois" in words(technician.get(address()))
    technician.post(address(), {"do": "clear"}, page=address())
    with connected():
        assert limits_of(A) == Limits(5, 0, 0)


@pytest.mark.parametrize("day", ["-3", "1e4", "²", "99999999999999999999"])
def test_what_is_no_number_is_refused(technician, day):
    answer = technician.post(address(), {"day": day}, page=address())
    assert answer.status_code == 400
    assert "nombre entier" in words(answer)


def test_presets_are_dated_and_change_nothing_until_chosen(technician):
    page = technician.get(address())
    assert "Conditions pour particuliers, à la date indiquée : vérifiez votre contrat" in words(page)
    assert "26/04/2022" in words(page)
    assert all(known.review_on > known.read_of for known in PRESETS)
    technician.post(address(), {"preset": "proximus"}, page=address())
    with connected():
        assert limits_of(A) == Limits(500, 10_000, 250)
    assert technician.post(address(), {"preset": "?"}, page=address()).status_code == 400
    assert technician.get("/sims/9999").status_code == 404


@pytest.mark.tuesday
def test_the_month_s_end_at_its_pace(technician, now):
    with connected():
        apply_configured(A, "box", "a", Limits(recipients=25))
    used(A, range(24), now - timedelta(days=1))
    with connected():
        recipients = board(now)[0].meters[2]
    assert (recipients.used, recipients.projected, recipients.reached_on.day) == (24, 30, 25)
    assert recipients.tone == "near"


def test_an_alert_near_the_budget_says_how_often_it_can_go_out_again(technician, sign_in):
    scene.people()
    with connected():
        apply_configured(A, "box", "a", Limits(day=6, month=17))
    confirm = sign_in("officer").post("/alerts/confirm", scene.draft())
    assert "La carte du modem a atteindra 5 SMS aujourd'hui, sur 6." in words(confirm)
    assert "Ensuite : encore possible 2 fois ce mois-ci." in words(confirm)


def test_an_alert_over_the_budget_asks_for_a_reason(technician, sign_in):
    scene.people()
    used(A, [90])
    officer = sign_in("officer")
    confirm = officer.post("/alerts/confirm", scene.draft())
    assert "La carte du modem a passerait à 6 SMS aujourd'hui ; son plafond est de 5." in words(confirm)
    assert re.search(r'name="reason"[^>]*required', confirm.text)
    refused = send(officer)
    assert refused.status_code == 409
    assert "soit 1 de trop" in words(refused)
    assert scene.broadcasts() == 0
    assert send(officer, reason="vie en danger").status_code == 303
    assert scene.broadcasts() == 1
