"""Modems as another program left them, or as their maker made them otherwise than the rest."""

import time

import pytest

from modem.driver.dialogue.setup import introduction
from tests.modem.driver.peer import ERROR, OK, Peer, answer

SERIAL = "A2-00417 B"


@pytest.mark.parametrize("left", [b"0\r", Peer.ignore], ids=["ATV0", "ATQ1"])
def test_results_in_figures_or_none_are_switched_back(open_driver, left):
    def plain(peer):
        peer.replies["AT"] = OK
        peer.say(OK)

    with Peer(AT=left if callable(left) else lambda peer: (peer.say(left), peer.ignore()), ATE0Q0V1=plain) as peer:
        assert open_driver(peer).signal_dbm() == -71
        assert peer.clock.monotonic() == 1


@pytest.mark.parametrize("radio", ["5", "7", "0", "4", "19,0"])
def test_a_radio_that_another_program_switched_off_is_switched_on(open_driver, radio):
    with Peer(**{"AT+CFUN?": answer(f"+CFUN: {radio}")}) as peer:
        open_driver(peer)
    assert "AT+CFUN=1" in peer.seen


@pytest.mark.parametrize("told", [answer("+CFUN: 1"), answer("+CFUN: 1,0"), ERROR])
def test_a_radio_that_works_or_is_not_told_of_is_left_alone(open_driver, told):
    with Peer(**{"AT+CFUN?": told}) as peer:
        open_driver(peer)
    assert "AT+CFUN=1" not in peer.seen


def test_a_modem_that_answers_a_bare_at_with_error(open_driver):
    with Peer(AT=ERROR) as peer:
        driver = open_driver(peer)
        assert driver.signal_dbm() == -71
        driver.close()
        assert introduction(peer.device, clock=peer.clock) == "350000000000017"


def test_a_modem_that_answers_error_to_whatever_wakes_it(open_driver):
    with Peer(AT=ERROR, ATE0Q0V1=ERROR) as peer:
        assert open_driver(peer).signal_dbm() == -71


@pytest.mark.parametrize("lines", [SERIAL, f"+CGSN: {SERIAL}", f'+CGSN: "{SERIAL}"'])
def test_a_serial_number_of_its_makers_stands_for_an_imei(open_driver, lines):
    """27.007 § 5.4; the probe that looks who is where and the set-up must name it alike."""
    with Peer(**{"AT+CGSN": answer(lines), "AT+GSN": ERROR, "AT+CGSN=1": ERROR}) as peer:
        driver = open_driver(peer)
        assert driver.identity.imei == SERIAL
        driver.close()
        assert introduction(peer.device, clock=peer.clock) == SERIAL


def test_an_imei_behind_a_serial_number_is_asked_for(open_driver):
    imei = answer('+CGSN: "350000000000017"')
    with Peer(**{"AT+CGSN": answer(SERIAL), "AT+GSN": answer(SERIAL), "AT+CGSN=1": imei}) as peer:
        assert open_driver(peer).identity.imei == "350000000000017"


@pytest.mark.slow
@pytest.mark.parametrize(("maker", "least_s"), [("Telit", 0.02), ("u-blox", 0.02), ("Example", 0.0)])
def test_makers_that_want_a_pause_after_each_result_get_it(open_driver, maker, least_s):
    """Telit's AT guide 2.2.5, u-blox's AT manual 2.2.5.1."""
    said_at, gaps = [], []

    def looks_on(direction, data):
        if direction == "read" and data.endswith(b"OK\r\n"):
            said_at.append(time.monotonic())
        elif direction == "sent" and said_at:
            gaps.append(time.monotonic() - said_at[-1])

    with Peer(**{"AT+CGMI": answer(maker)}) as peer:
        driver = open_driver(peer, on_traffic=looks_on)
        gaps.clear()
        for _ in range(5):
            driver.signal_dbm()
    assert len(gaps) == 5
    assert min(gaps) >= least_s
