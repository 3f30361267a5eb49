"""A modem that falls silent, at every step: the error says where, in bounded time, and nothing hangs.

What the levels above can act on: ModemTimeout (nothing went out: probe, reopen, reset) and SubmitUnconfirmed.
"""

import threading

import pytest

from modem.driver.at import AtDriver
from modem.driver.base.interface import Registration, StoredEvent
from modem.errors import ModemTimeout, SubmitUnconfirmed
from tests.modem.driver.conftest import Keeper
from tests.modem.driver.peer import ERROR, ESC, OK, PDU, PROMPT, REPORT, Peer, answer

ASKS, READY = answer("+CPIN: SIM PIN"), answer("+CPIN: READY")
SMSC = "+32470000009"


def dialect():
    """A Huawei whose card asks for its PIN: it has every step."""
    return {
        "AT+CGMI": answer("huawei"),
        "AT+CPIN?": [ASKS, READY],
        "AT^CPIN?": answer("^CPIN: SIM PIN,3,10,3,10,3"),
        **dict.fromkeys(("AT^ICCID?", "AT+ICCID", "AT+QCCID"), ERROR),
    }


# In the order of a set-up; the test below holds it to that.
STEPS = (
    *(ESC, "AT", "ATE0", "AT+CMEE=1", "AT+CPIN?", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT^ICCID?", "AT+CCID", "AT^CPIN?"),
    *('AT+CPIN="0000"', "AT+CPIN?", "AT+CFUN?", "AT^CURC=0", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN", "AT+CIMI"),
    *("AT^ICCID?", "AT+CCID", "AT+CREG=2", "AT+CGREG=2", "AT+CEREG=2"),
    *(
        'AT+CSCS="GSM"',
        "AT+COPS=3,2",
        "AT+CMGF=0",
        "AT+CSMS=0",
        'AT+CPMS="SM","SM","SM"',
    ),
    *("AT+CNMI=?", "AT+CNMI=2,1,0,1,0", "AT+CSCA?", f'AT+CSCA="{SMSC}",145', "AT+CGSMS=3", "AT+CMMS=0"),
    *("AT+CMGF?", "AT+CNMI?"),
)
REQUIRED = {"AT": "AT", "AT+CGSN": "AT+CGSN", "AT+CPIN?": "AT+CPIN?", "AT+CMGF=0": "AT+CMGF"}


def make(peer):
    return AtDriver(peer.device, on_event=lambda: None, pin=Keeper(), smsc=SMSC, clock=peer.clock)


def test_the_steps_are_those_of_a_set_up():
    with Peer(**dialect()) as peer:
        driver = make(peer)
        driver.open()
        driver.close()
    assert tuple(peer.seen) == STEPS


@pytest.mark.parametrize("step", range(1, len(STEPS)), ids=lambda step: f"{step} {STEPS[step]}")
def test_a_modem_that_dies_during_set_up_is_told_from_one_that_is_taciturn(step):
    with Peer(**dialect()) as peer:
        driver = make(peer)
        peer.dies_at = step
        with pytest.raises(ModemTimeout) as raised:
            driver.open()
        # After a PIN without an answer it is the card's state that decides.
        assert raised.value.stage == (
            "AT+CPIN?" if STEPS[step].startswith("AT+CPIN=") else STEPS[step].partition("=")[0]
        )
        assert peer.clock.monotonic() <= 30
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("reader")]
        peer.dies_at, peer.replies = None, peer.replies | dialect()
        driver.open()  # it comes back by itself
        driver.close()


@pytest.mark.parametrize("command", sorted(set(STEPS) - REQUIRED.keys() - {ESC, 'AT+CPIN="0000"'}))
def test_one_command_that_is_never_answered_costs_a_few_seconds(command):
    with Peer(**dialect() | {command: Peer.ignore}) as peer:
        driver = make(peer)
        driver.open()
        assert peer.clock.monotonic() <= 10
        driver.close()


@pytest.mark.parametrize("command", REQUIRED)
def test_one_command_that_must_be_answered(command):
    with Peer(**dialect() | {command: Peer.ignore, "ATE0Q0V1": Peer.ignore}) as peer:
        driver = make(peer)
        with pytest.raises(ModemTimeout) as raised:
            driver.open()
        assert raised.value.stage == REQUIRED[command]
        assert peer.clock.monotonic() <= 10


ASKED = {
    "registration": lambda driver: driver.registration(),
    "signal": lambda driver: driver.signal_dbm(),
    "probe": lambda driver: driver.probe(),
    "reset": lambda driver: driver.reset(),
    "bearer": lambda driver: driver.switch_bearer(),
    "smsc": lambda driver: driver.restore_smsc(),
    "use": lambda driver: driver.storage_use(),
    "list": lambda driver: list(driver.list_stored()),
    "read": lambda driver: driver.read_stored(StoredEvent("ME", 1, report=False)),
    "delete": lambda driver: driver.delete_stored(StoredEvent("SM", 1, report=False)),
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_silent_modem_is_told_by_every_question(open_driver, asked):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.dies_at = len(peer.seen)
        with pytest.raises(ModemTimeout):
            ASKED[asked](driver)
        assert peer.clock.monotonic() <= 10
        peer.dies_at = None
        assert driver.registration() == Registration(True, "4G", "20601")


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_modem_that_dies_while_it_lists(open_driver, at):
    """At the listing itself, at the first place and at the next storage."""
    replies = {'AT+CPMS="SM"': answer("+CPMS: 1,5,1,5,1,5"), "AT+CMGL=4": b"\r\nERROR\r\n"}
    replies["AT+CMGR=0"] = answer(f"+CMGR: 0,,25\r\n{REPORT}")
    with Peer(**replies) as peer:
        driver = open_driver(peer)
        peer.dies_at = len(peer.seen) + at
        with pytest.raises(ModemTimeout):
            list(driver.list_stored())
        assert peer.clock.monotonic() <= 30


def test_a_submit_without_a_prompt(open_driver, part):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.dies_at = len(peer.seen)
        with pytest.raises(ModemTimeout, match="prompt"):
            driver.submit(part, pytest.fail)
        assert peer.clock.monotonic() <= 25
        peer.dies_at = None
        assert driver.submit(part, lambda: None) == 1


def test_a_submit_whose_intent_cannot_be_written_at_a_silent_modem(open_driver, part):
    class DatabaseGone(Exception):
        pass

    def fails():
        peer.replies[ESC] = Peer.ignore
        raise DatabaseGone

    with Peer() as peer:
        driver = open_driver(peer)
        with pytest.raises(DatabaseGone):
            driver.submit(part, fails)
        assert peer.clock.monotonic() == 2
        assert peer.pdus == []


@pytest.mark.parametrize("limit_s", [60, 180])
def test_a_submit_that_is_never_answered_at_a_silent_modem(open_driver, part, limit_s):
    with Peer() as peer:
        driver = open_driver(peer, submit_timeout_s=limit_s)
        driver.submit(part, lambda: None)
        peer.dies_at = len(peer.seen) + 1
        with pytest.raises(SubmitUnconfirmed) as raised:
            driver.submit(part, lambda: None)
        assert raised.value.waited_s == peer.clock.monotonic() == limit_s
        assert len(peer.pdus) == 2
        peer.dies_at, peer.replies[PDU] = None, answer("+CMGS: 3")
        assert driver.submit(part, lambda: None) == 3


def test_lost_answers_cost_at_most_twenty_seconds_each(open_driver, part):
    with Peer(PDU=[answer("+CMGS: 1"), Peer.ignore]) as peer:
        driver = open_driver(peer)
        driver.submit(part, lambda: None)
        for lost in range(1, 6):
            with pytest.raises(SubmitUnconfirmed):
                driver.submit(part, lambda: None)
            assert peer.clock.monotonic() <= 20 * lost
        peer.replies |= {PDU: answer("+CMGS: 7"), "AT+CMGS": PROMPT, "AT": OK}
        assert driver.submit(part, lambda: None) == 7
