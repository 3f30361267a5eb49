"""The modems and the queue, in words, with what to do."""

import re
from typing import get_args

import pytest

from console.hardware.blueprint import ADVICE, STATE_ICONS, lit_bars
from console.i18n.labels import MODEM_STATES, TABLES
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.modems.commands import Verb, ask
from db.modems.signal_history import apply_ims
from db.modems.status import beat, save_modem
from tests.console.conftest import words
from tests.console.modems.conftest import IMEI
from tests.support.people import person as member

TONES = {"proven", "working", "doubt", "failed"}


def test_no_modem_says_what_to_do(technician):
    page = words(technician.get("/modems/"))
    assert "Aucun modem n'est branché. Branchez un modem USB" in page
    assert "File d'attente vide." in page


def test_a_card(technician, plug):
    plug(operator="Proximus", technology="4G", signal_dbm=-79)
    page = technician.get("/modems/")
    assert "Modems prêts : 1 sur 1. Modem a prêt" in words(page)
    assert "Proximus · 4G" in words(page)
    assert "-79 dBm" in words(page)
    assert "3 barres sur 4" in page.text
    assert 'href="/modems/box/a"' in page.text


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("sms", "inscrite Signal"),
        ("registered", "inscrite à l'IMS, envoi de SMS non confirmé"),
        ("none", "non inscrite : SMS envoyés par la 2G ou en repli 4G"),
    ],
)
def test_a_modems_page_tells_of_sms_over_4g(technician, plug, state, told):
    plug(model="Quectel EC25", operator="Proximus")
    assert "IMS)" not in words(technician.get("/modems/box/a"))
    apply_ims("Quectel EC25", "Proximus", state, utc_now())
    assert "SMS par la 4G (IMS)" in words(technician.get("/modems/box/a"))
    assert told in words(technician.get("/modems/box/a"))


def test_a_simulator_that_is_ready_proves_nothing(technician, plug):
    plug(simulated=True)
    page = technician.get("/modems/live")
    assert "modem-tone-simulated" in page.text
    assert "modem-tone-proven" not in page.text
    assert "prêt simulé" in words(page)


@pytest.mark.parametrize(("technology", "said"), [("2G", "entre 2027 et 2030"), ("3G", "La 3G est arrêtée")])
def test_networks_that_end(technician, plug, technology, said):
    plug(technology=technology, operator="Proximus")
    assert said in words(technician.get("/modems/"))
    assert said in words(technician.get("/modems/box/a"))


@pytest.mark.parametrize("state", sorted(MODEM_STATES))
@pytest.mark.parametrize("path", ["/modems/live", "/modems/box/a/live"])
def test_each_state_is_told_in_words_with_a_sign_a_colour_and_what_to_do(technician, plug, state, path):
    plug(state=state, sentence="Ce qu'il a.")
    page = technician.get(path)
    assert str(MODEM_STATES[state][0]) in words(page)
    assert f"#{STATE_ICONS[state]}" in page.text
    assert f"modem-tone-{MODEM_STATES[state][1]}" in page.text
    assert MODEM_STATES[state][1] in TONES
    assert "Ce qu'il a." in words(page)
    if state != "ready":
        assert " ".join(ADVICE[state].split()) in words(page)


def test_the_tables_of_words_are_whole():
    assert set(STATE_ICONS) == set(MODEM_STATES) == {*ADVICE, "ready"} - {"ready_never", "pin_elsewhere"}
    assert set(TABLES["modem_asked"]) == set(get_args(Verb))


def test_a_silent_daemon_is_what_is_wrong_not_the_cable(technician, plug, silence):
    plug()
    silence()
    page = words(technician.get("/modems/"))
    assert "service arrêté Le service des modems ne fonctionne pas. Redémarrez plp-alerte sur le serveur box (" in page
    assert "câble" not in page
    assert "débranché" not in page


def test_nobody_shows_the_network_of_a_silent_daemon_s_modem(technician, plug, silence):
    plug(operator="Proximus", technology="4G", signal_dbm=-79)
    silence()
    for path in ("/modems/", "/modems/box/a"):
        page = words(technician.get(path))
        assert "4G" not in page
        assert "Proximus" not in page


def test_modems_of_two_hosts_are_told_apart(technician, plug, ready_modem):
    plug()
    assert "Modem a prêt" in words(technician.get("/modems/"))
    with connected():
        beat("mairie", "modem", 2, utc_now())
        save_modem("mairie", "a", {"device": "/dev/ttyb", "state": "absent"}, utc_now())
        member(1, utc_now())
    page = words(technician.get("/modems/"))
    assert "Modem a box" in page
    assert "Modem a mairie" in page
    assert "Prêt : 1 modem sur 2 (modem a (mairie) : débranché)." in page


def test_what_is_no_modem_is_not_counted_and_offers_nothing(technician, plug):
    plug()
    plug("usb-1-1-4", state="faulty", device="1-1.4", imei=None, imsi=None, model="E3372 HiLink", sentence="HiLink.")
    page = technician.get("/modems/")
    assert "Modems prêts : 1 sur 1." in words(page)
    assert "E3372 HiLink inutilisable HiLink. File d'attente" in words(page)
    one = technician.get("/modems/box/usb-1-1-4")
    assert "<h1>E3372 HiLink</h1>" in one.text
    assert 'method="post" action="/modems' not in one.text
    assert "/restart" not in one.text


def test_above_four_modems_those_that_are_not_ready_are_named_first_and_on_the_first_page(technician, plug):
    for name in "abc":
        plug(name)
    plug("d", state="pin")
    plug("e", state="no_sim")
    plug("f", state="faulty")
    page = technician.get("/modems/live")
    assert "Modems prêts : 3 sur 6. Pas prêts : d , e , f ." in words(page)
    assert '<a href="#modem-box-d">d</a>' in page.text
    assert "Modem d : code PIN demandé Modem e : sans carte SIM Modem f : en panne" in words(technician.get("/"))


def test_the_live_part_renews_itself(technician):
    answer = technician.get("/modems/live")
    assert "<html" not in answer.text
    assert 'hx-get="/modems/live"' in answer.text


@pytest.mark.parametrize("path", ["/modems/", "/modems/box/a", "/modems/box/a/restart"])
def test_hostile_words_stay_text(technician, plug, path):
    plug(
        operator="<script>alert(1)</script>",
        sentence='"><img src=x>',
        model="\x00",
        state="<script>alert(2)</script>" if path == "/modems/" else "out_of_service",
        technology="{{ 7*7 }}",
    )
    page = technician.get(path)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img" not in page.text


def test_what_was_asked_and_is_not_done_yet_is_said_and_not_asked_again(technician, plug):
    plug(state="out_of_service")
    assert "/modems/box/a/resume" in technician.get("/modems/").text
    with connected():
        ask("box", "a", "resume", "test", utc_now())
    page = technician.get("/modems/")
    assert "Remise en service demandée…" in words(page)
    assert "/modems/box/a/resume" not in page.text


@pytest.mark.parametrize("role", ["officer", "admin"])
def test_who_is_no_technician_sees_and_touches_nothing(sign_in, plug, role):
    plug(state="out_of_service", sentence="La carte SIM est refusée.")
    person = sign_in(role)
    for path in ("/modems/", "/modems/box/a"):
        page = person.get(path)
        assert "La carte SIM est refusée." in words(page)
        assert {*re.findall(r'action="(/modems[^"]*)', page.text)} <= {"/modems/try"}
        assert "/restart" not in page.text


@pytest.mark.parametrize("path", ["/modems/box/b", "/modems/other/a", "/modems/box/a%2Fb", "/modems/box/b/live"])
def test_an_unknown_modem_is_not_found(technician, plug, path):
    assert technician.get(path).status_code == 404


def test_nobody_reads_a_whole_identity(technician, plug):
    plug(state="quarantined")
    page = technician.get("/modems/box/a")
    assert "35•••••3809" in page.text
    assert IMEI not in page.text


@pytest.mark.parametrize(("dbm", "lit"), [(None, 0), (-113, 0), (-105, 1), (-90, 2), (-80, 3), (-51, 4)])
def test_bars(dbm, lit):
    assert lit_bars(dbm) == lit
