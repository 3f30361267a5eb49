"""Opening a modem: the order of steps, what is optional, and the SIM's states."""

import threading

import pytest

from modem.driver.base.interface import ModemIdentity, Registration
from modem.driver.dialogue import readiness
from modem.driver.dialogue.routing import indications
from modem.driver.models.quirks import DEFAULT_QUIRKS, Quirks
from modem.errors import (
    CmeError,
    CommandError,
    ModemTimeout,
    PinRequired,
    PortGone,
    ProtocolError,
    PukRequired,
    SimError,
    SimMissing,
)
from tests.modem.driver.peer import ERROR, ESC, MODEM, OK, Peer, answer


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
        *(
            ESC,
            "AT",
            "ATE0",
            "AT+CMEE=1",
            "AT+CPIN?",
            "AT+CFUN?",
            "AT+CGMI",
            "AT+CGMM",
            "AT+CGMR",
            "AT+CGSN",
            "AT+CIMI",
        ),
        "AT+CCID",
        *(
            "AT+CREG=2",
            "AT+CGREG=2",
            "AT+CEREG=2",
            'AT+CSCS="GSM"',
            "AT+COPS=3,2",
            "AT+CMGF=0",
            "AT+CSMS=0",
        ),
        *('AT+CPMS="SM","SM","SM"', "AT+CNMI=?", "AT+CNMI=2,1,0,1,0", "AT+CSCA?", "AT+CGSMS=3", "AT+CMMS=0"),
        *("AT+CMGF?", "AT+CNMI?"),
    ]


# Of a modem that does not tell what AT+CNMI takes.
CANDIDATES = indications(())
REQUIRED = {"AT", "AT+CGSN", "AT+CPIN?", "AT+CMGF=0", ESC}
OTHERS = {"AT+ICCID", "AT^ICCID?", "AT+QCCID", "AT+CSMS=1", *CANDIDATES[1:], "AT+CGSMS=2", 'AT+CPMS="ME","ME","ME"'}


@pytest.fixture
def optional(open_driver):
    """Every command of a set-up that a modem need not know."""
    with Peer() as peer:
        open_driver(peer)
        return {command for command in peer.seen if command not in REQUIRED} | OTHERS


@pytest.mark.parametrize("refusal", [ERROR, b"\r\n+CMS ERROR: 500\r\n", cme(4), b"\r\nCOMMAND NOT SUPPORT\r\n"])
def test_every_optional_step_may_be_refused(open_driver, optional, refusal):
    refused = dict.fromkeys(optional, refusal) | {CANDIDATES[-1]: [refusal_then_pause(refusal)] * 5 + [refusal]}
    with Peer(**refused) as peer:
        identity = open_driver(peer).identity
    assert identity == ModemIdentity("", "", "", "350000000000017", None, None, None, ("reports",))
    assert set(peer.seen) >= OTHERS


def refusal_then_pause(refusal):
    """SMS may not be ready yet when storage and reports are both refused: the driver gives it 2 s."""

    def reply(peer):
        peer.say(refusal)
        peer.clock.advance(2, wanted_s=2)

    return reply


def test_no_optional_step_need_be_answered_and_that_does_not_take_minutes(open_driver, optional):
    with Peer(**dict.fromkeys(optional, Peer.ignore)) as peer:
        driver = open_driver(peer)
        assert driver.identity == ModemIdentity("", "", "", "350000000000017", None, None, None)
        assert peer.clock.monotonic() < 45
        peer.replies |= {"AT+CREG?": answer("+CREG: 2,1")}
        assert driver.registration() == Registration(True, "4G", "20601")
        driver.hold_link(True)
    assert peer.seen[-2:] == ["AT+CREG?", "AT+COPS?"]  # what it never answered is not asked again


@pytest.mark.parametrize(
    "command", ["AT+CGSN", "AT+CIMI", "AT+CSCA?", "AT+CNMI=?", 'AT+CPMS="SM","SM","SM"', "AT+CNMI=2,1,0,1,0"]
)
@pytest.mark.parametrize("busy", [cme(14), b"\r\n+CMS ERROR: 314\r\n"])
def test_a_sim_that_is_busy_is_asked_again(open_driver, command, busy):
    at_first = MODEM.get(command, OK)
    with Peer(**{command: [refusal_then_pause(busy)] * 5 + [at_first]}) as peer:
        assert open_driver(peer).identity.imsi == "206010000000001"
        assert peer.clock.monotonic() == 10
    assert peer.seen.count(command) == 6


def test_waiting_for_the_sim_ends_when_the_modem_says_so(open_driver):
    def soon(peer):
        peer.say(cme(14))
        peer.clock.advance(0.5, wanted_s=2)
        peer.say(b"\r\nSMS Ready\r\n")

    with Peer(**{"AT+CPIN?": [soon, answer("+CPIN: READY")]}) as peer:
        open_driver(peer)
        assert peer.clock.monotonic() == 0.5


def test_what_was_ready_before_the_question_says_nothing_about_it(open_driver):
    ready = b"\r\nSMS Ready\r\n"
    with Peer(**{"AT+CGMR": ready + OK, "AT+CPIN?": [refusal_then_pause(cme(14)), answer("+CPIN: READY")]}) as peer:
        open_driver(peer)
        assert peer.clock.monotonic() == 2


def test_the_port_may_vanish_while_the_driver_waits_for_the_sim(open_driver):
    def vanish(peer):
        peer.say(cme(14))
        peer.clock.advance(0.5, wanted_s=2)
        peer.vanish()

    with Peer(**{"AT+CPIN?": vanish}) as peer:
        with pytest.raises(PortGone):
            open_driver(peer)
        assert peer.clock.monotonic() == 0.5


def test_sms_that_is_not_ready_yet(open_driver):
    """Until it has said `SMS Ready`, a SIM800 knows neither storage nor reports."""
    refused = {command: [ERROR, OK] for command in (*DEFAULT_QUIRKS.storage, *CANDIDATES)}
    refused[CANDIDATES[-1]] = [refusal_then_pause(ERROR), OK]
    with Peer(**refused) as peer:
        open_driver(peer)
    assert peer.seen[-8:-3] == ['AT+CPMS="SM","SM","SM"', "AT+CNMI=?", "AT+CNMI=2,1,0,1,0", "AT+CSCA?", "AT+CGSMS=3"]


def test_an_optional_step_may_stay_silent(open_driver):
    with Peer(**{"AT+CGMR": Peer.ignore}) as peer:
        open_driver(peer)
        assert peer.clock.monotonic() == 5
    assert "AT+CGSMS=3" in peer.seen


@pytest.mark.parametrize("taken", CANDIDATES)
def test_first_candidate_that_is_taken(open_driver, taken):
    before = CANDIDATES[: CANDIDATES.index(taken)]
    with Peer(**dict.fromkeys(before, b"\r\n+CMS ERROR: 303\r\n"), **{'AT+CPMS="SM","SM","SM"': ERROR}) as peer:
        open_driver(peer)
    at = peer.seen.index('AT+CPMS="ME","ME","ME"')
    assert peer.seen[at + 1 : -4] == ["AT+CNMI=?", *before, taken, "AT+CSCA?"]


@pytest.mark.parametrize(
    ("replies", "lacks"),
    [
        ({}, ()),
        ({"AT+CSCA?": answer('+CSCA: "",129')}, ("smsc",)),
        ({"AT+CNMI=?": answer("+CNMI: (2),(1),(0),(0),(0)")}, ("reports",)),
    ],
)
def test_what_is_missing_is_told(open_driver, replies, lacks):
    with Peer(**replies) as peer:
        assert open_driver(peer).identity.lacks == lacks


def test_a_modem_without_a_text_mode_need_not_know_the_message_format(open_driver):
    with Peer(**{"AT+CMGF=0": ERROR, "AT+CMGF?": ERROR}) as peer:
        assert open_driver(peer).signal_dbm() == -71


def test_a_modem_that_takes_its_message_format_once_sms_is_ready(open_driver):
    with Peer(**{"AT+CMGF=0": [ERROR, OK], "AT+CMGF?": [ERROR, answer("+CMGF: 0")]}) as peer:
        open_driver(peer)
    assert peer.seen.index("AT+CNMI=2,1,0,1,0") < len(peer.seen) - 1 - peer.seen[::-1].index("AT+CMGF=0")


def test_a_modem_that_stays_in_text_mode_is_no_modem_for_us(open_driver, monkeypatch):
    monkeypatch.setattr(readiness, "WAITS", 0)
    with Peer(**{"AT+CMGF=0": ERROR, "AT+CMGF?": answer("+CMGF: 1")}) as peer, pytest.raises(CommandError):
        open_driver(peer)


def test_vendor_is_quieted(open_driver):
    with Peer(**{"AT+CGMI": answer("huawei")}) as peer:
        open_driver(peer)
    assert "AT^CURC=0" in peer.seen
    assert "AT+ZOPRT=5" not in peer.seen


def test_quirks_are_data(open_driver):
    with Peer() as peer:
        open_driver(peer, quirks=Quirks(storage=('AT+CPMS="MT"',), bearer=()))
    assert peer.seen[-7:-3] == ['AT+CPMS="MT"', "AT+CNMI=?", "AT+CNMI=2,1,0,1,0", "AT+CSCA?"]


def test_a_command_that_stands_twice_in_a_row_of_models_is_given_twice(open_driver):
    init = ("AT+ZCDRUN=8", "AT+ZOPRT=5", "AT+ZCDRUN=8")
    with Peer() as peer:
        open_driver(peer, quirks=Quirks(init=init))
    assert tuple(command for command in peer.seen if command in init) == init


def test_echo_until_it_is_off(open_driver):
    with Peer(AT=b"AT\r\r\nOK\r\n", ATE0=b"ATE0\r\r\nOK\r\n") as peer:
        open_driver(peer)


def test_answers_after_some_silence(open_driver):
    def silent(peer):
        peer.silence(1)

    with Peer(AT=[silent, ERROR, OK], ATE0Q0V1=silent) as peer:
        open_driver(peer)
    assert peer.seen[1:6] == ["AT", "ATE0Q0V1", "AT", "ATE0Q0V1", "AT"]


@pytest.mark.parametrize("first", [b"\r\nRDY\r\n", b"\r\nRDY\r\n" + OK])
def test_a_modem_that_boots_restarts_the_wait(open_driver, first):
    with Peer(AT=[first, OK]) as peer:
        assert open_driver(peer).signal_dbm() == -71


def test_answers_to_all_tries_at_once_do_not_shift_what_follows(open_driver):
    def silent(peer):
        peer.silence(1)

    with Peer(AT=[silent, OK * 3], ATE0Q0V1=silent) as peer:
        driver = open_driver(peer)
        assert driver.signal_dbm() == -71
        assert driver.open().imei == "350000000000017"


def test_a_boot_in_the_same_breath_as_an_answer_takes_no_later_command_with_it(open_driver):
    """The line was an old one in a buffer, or the modem boots: the next command finds out, by its own answer."""
    with Peer(AT=OK + b"\r\nRDY\r\n") as peer:
        assert open_driver(peer).signal_dbm() == -71


def test_a_modem_that_restarts_during_set_up_is_gone(open_driver):
    with Peer(**{"AT+CIMI": b"\r\nRDY\r\n"}) as peer, pytest.raises(PortGone, match="restarted"):
        open_driver(peer)


def test_silent_modem(open_driver):
    with Peer(AT=lambda peer: peer.silence(1), ATE0Q0V1=lambda peer: peer.silence(1)) as peer:
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
        ([refusal_then_pause(cme(14))] * 5 + [cme(14)], CmeError),
        (OK, ProtocolError),
    ],
)
def test_sim_that_cannot_be_used(open_driver, reply, error):
    with Peer(**{"AT+CPIN?": reply}) as peer:
        with pytest.raises(error) as raised:
            open_driver(peer)
        assert type(raised.value) is error
    assert not [command for command in peer.seen if command.startswith("AT+CPIN=")]


def test_a_failed_open_gives_the_port_and_its_thread_back(open_driver):
    with Peer(**{"AT+CPIN?": [cme(10), answer("+CPIN: READY")]}) as peer:
        with pytest.raises(SimMissing):
            open_driver(peer)
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("reader")]
        open_driver(peer)
