"""Opening a modem: the order of steps, what is optional, and the SIM's states."""

import threading

import pytest

from modem.driver.at import AtDriver
from modem.driver.protocol import ModemIdentity
from modem.driver.quirks import DEFAULT_QUIRKS, Quirks
from modem.errors import (
    CmeError,
    ModemTimeout,
    PinRequired,
    PortGone,
    ProtocolError,
    PukRequired,
    SimError,
    SimMissing,
)
from tests.driver.peer import ERROR, ESC, OK, Peer, answer


def cme(code):
    return f"\r\n+CME ERROR: {code}\r\n".encode()


def test_identity_and_order(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        assert driver.open() == ModemIdentity(
            "Example",
            "X1",
            "1.0",
            "350000000000017",
            "206010000000001",
            "8932000000000000012",
            "+32470000001",
        )
        once = peer.seen[: len(peer.seen) // 2]
    assert once == peer.seen[len(once) :]
    assert once == [
        *(ESC, "AT", "ATE0", "AT+CMEE=1", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN", "AT+CPIN?", "AT+CIMI"),
        *("AT+CCID", "AT+CREG=2", "AT+CGREG=2", "AT+CEREG=2", "AT+COPS=3,2", "AT+CMGF=0", "AT+CSMS=0", "AT+CSCA?"),
        *('AT+CPMS="SM","SM","SM"', "AT+CNMI=2,1,2,1,0", "AT+CGSMS=3"),
    ]


@pytest.mark.parametrize("refusal", [ERROR, b"\r\n+CMS ERROR: 500\r\n", cme(4)])
def test_every_optional_step_may_be_refused(open_driver, refusal):
    required = {"AT", "AT+CGSN", "AT+CPIN?", "AT+CMGF=0", ESC}
    with Peer() as peer:
        open_driver(peer)
        optional = {command for command in peer.seen if command not in required}
    others = {"AT+ICCID", "AT^ICCID?", "AT+QCCID", *DEFAULT_QUIRKS.reports[1:], "AT+CGSMS=2"}
    with Peer(**dict.fromkeys(optional | others, refusal)) as peer:
        driver = AtDriver(peer.device, on_event=lambda: None, clock=peer.clock)
        assert driver.open() == ModemIdentity("", "", "", "350000000000017", None, None, None)
        driver.close()
    assert others < set(peer.seen)


def test_an_optional_step_may_stay_silent(open_driver):
    with Peer(**{"AT+CGMR": lambda peer: peer.silence(5)}) as peer:
        open_driver(peer)
    assert "AT+CGSMS=3" in peer.seen


@pytest.mark.parametrize("taken", DEFAULT_QUIRKS.reports)
def test_first_candidate_that_is_taken(open_driver, taken):
    before = DEFAULT_QUIRKS.reports[: DEFAULT_QUIRKS.reports.index(taken)]
    with Peer(**dict.fromkeys(before, b"\r\n+CMS ERROR: 303\r\n"), **{'AT+CPMS="SM","SM","SM"': ERROR}) as peer:
        open_driver(peer)
    at = peer.seen.index('AT+CPMS="ME","ME","ME"')
    assert peer.seen[at + 1 :] == [*before, taken, "AT+CGSMS=3"]


def test_vendor_is_quieted(open_driver):
    with Peer(**{"AT+CGMI": answer("huawei")}) as peer:
        open_driver(peer)
    assert "AT^CURC=0" in peer.seen
    assert "AT+ZOPRT=5" not in peer.seen


def test_quirks_are_data(open_driver):
    with Peer() as peer:
        open_driver(peer, quirks=Quirks(reports=("AT+CNMI=2,1,0,2,0",), bearer=()))
    assert peer.seen[-1] == "AT+CNMI=2,1,0,2,0"


def test_echo_until_it_is_off(open_driver):
    with Peer(AT=b"AT\r\r\nOK\r\n", ATE0=b"ATE0\r\r\nOK\r\n") as peer:
        open_driver(peer)


def test_answers_after_some_silence(open_driver):
    def silent(peer):
        peer.silence(1)

    with Peer(AT=[silent, silent, ERROR, OK]) as peer:
        open_driver(peer)
    assert peer.seen.count("AT") == 4


@pytest.mark.parametrize("first", [b"\r\nRDY\r\n", b"\r\nRDY\r\n" + OK])
def test_a_modem_that_boots_restarts_the_wait(open_driver, first):
    with Peer(AT=[first, OK]) as peer:
        assert open_driver(peer).signal_dbm() == -71


def test_answers_to_all_tries_at_once_do_not_shift_what_follows(open_driver):
    def silent(peer):
        peer.silence(1)

    with Peer(AT=[silent, silent, OK * 3]) as peer:
        driver = open_driver(peer)
        assert driver.signal_dbm() == -71
        assert driver.open().imei == "350000000000017"


def test_a_modem_that_restarts_during_set_up_is_gone(open_driver):
    with Peer(**{"AT+CIMI": b"\r\nRDY\r\n"}) as peer, pytest.raises(PortGone, match="restarted"):
        open_driver(peer)


def test_silent_modem(open_driver):
    with Peer(AT=lambda peer: peer.silence(1)) as peer:
        with pytest.raises(ModemTimeout) as raised:
            open_driver(peer)
        assert peer.clock.monotonic() == 5
    assert raised.value.stage == "AT"


def test_no_imei(open_driver):
    with Peer(**{"AT+CGSN": OK}) as peer, pytest.raises(ProtocolError):
        open_driver(peer)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (cme(10), SimMissing),
        (b"\r\n+CME ERROR: SIM not inserted\r\n", SimMissing),
        (cme(11), PinRequired),
        (answer("+CPIN: SIM PIN"), PinRequired),
        (cme(12), PukRequired),
        (answer("+CPIN: SIM PUK"), PukRequired),
        (cme(13), SimError),
        (answer("+CPIN: PH-SIM PIN"), SimError),
        (cme(14), CmeError),
        (OK, ProtocolError),
    ],
)
def test_sim_that_cannot_be_used(open_driver, reply, error):
    with Peer(**{"AT+CPIN?": reply}) as peer:
        with pytest.raises(error) as raised:
            open_driver(peer)
        assert type(raised.value) is error
    assert not [command for command in peer.seen if command.startswith("AT+CPIN=")]


@pytest.mark.parametrize("after", [answer("+CPIN: READY"), cme(14)])
def test_pin_is_entered(open_driver, after):
    with Peer(**{"AT+CPIN?": [answer("+CPIN: SIM PIN"), after]}) as peer:
        open_driver(peer, pin="0000")
    assert peer.seen.count('AT+CPIN="0000"') == 1


def test_pin_is_entered_once_in_a_lifetime():
    with Peer(**{"AT+CPIN?": answer("+CPIN: SIM PIN"), 'AT+CPIN="0000"': cme(16)}) as peer:
        driver = AtDriver(peer.device, on_event=lambda: None, pin="0000", clock=peer.clock)
        for _ in range(3):
            with pytest.raises(PinRequired) as raised:
                driver.open()
            assert "0000" not in str(raised.value)
    assert peer.seen.count('AT+CPIN="0000"') == 1


def test_pin_is_not_entered_unasked(open_driver):
    with Peer() as peer:
        open_driver(peer, pin="0000")
    assert 'AT+CPIN="0000"' not in peer.seen


def test_a_failed_open_gives_the_port_and_its_thread_back(open_driver):
    with Peer(**{"AT+CPIN?": [cme(10), answer("+CPIN: READY")]}) as peer:
        with pytest.raises(SimMissing):
            open_driver(peer)
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("reader")]
        open_driver(peer)
