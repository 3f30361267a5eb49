"""The modems and the queue, in words, with what to do."""

import pytest

from console.modems.words import ADVICE, bars, half_masked
from console.words import MODEM_STATES
from db import modems
from db.clock import utc_now
from db.connection import connected
from tests.console.conftest import words


@pytest.fixture
def technician(sign_in):
    return sign_in("technician")


def plug(name, **values):
    with connected():
        modems.save_modem("box", name, {"device": f"/dev/{name}", "state": "ready", **values}, utc_now())


def test_no_modem_says_what_to_do(technician):
    page = words(technician.get("/modems/"))
    assert "Aucun modem n'est branché. Branchez un modem USB" in page
    assert "Rien n'attend." in page


def test_a_card(technician, ready_modem):
    ready_modem()
    plug("a", operator="Proximus", technology="4G", signal_dbm=-79, imei="356938035643809", model="EC25")
    page = technician.get("/modems/")
    assert "Modem a prêt" in words(page)
    assert "Proximus · 4G" in words(page)
    assert "-79 dBm" in words(page)
    assert "3 barres sur 4" in page.text
    assert "35•••••3809" in page.text
    assert "356938035643809" not in page.text


@pytest.mark.parametrize(("technology", "said"), [("2G", "entre 2027 et 2030"), ("3G", "La 3G est arrêtée")])
def test_networks_that_end(technician, ready_modem, technology, said):
    ready_modem()
    plug("a", technology=technology)
    assert said in words(technician.get("/modems/"))


@pytest.mark.parametrize("state", sorted(MODEM_STATES))
def test_each_state_has_words_and_advice(technician, ready_modem, state):
    ready_modem()
    plug("a", state=state, sentence="Ce qu'il a.")
    page = words(technician.get("/modems/live"))
    assert str(MODEM_STATES[state][0]) in page
    assert "Ce qu'il a." in page
    if state != "ready":
        assert str(ADVICE[state]) in page


def test_the_live_part_renews_itself(technician):
    answer = technician.get("/modems/live")
    assert "<html" not in answer.text
    assert 'hx-get="/modems/live"' in answer.text


def test_hostile_names_stay_text(technician, ready_modem):
    ready_modem()
    plug("a", operator="<script>alert(1)</script>", sentence='"><img src=x>', model="\x00")
    page = technician.get("/modems/")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img" not in page.text


@pytest.mark.parametrize(("dbm", "lit"), [(None, 0), (-113, 0), (-105, 1), (-90, 2), (-80, 3), (-51, 4)])
def test_bars(dbm, lit):
    assert bars(dbm) == lit


def test_a_short_identity_is_hidden_whole():
    assert half_masked("1234") == "••••"
    assert half_masked(None) == "–"
