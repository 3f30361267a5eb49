"""What a driver asks of a modem that may have restarted, and when it asks nothing."""

import pytest

from modem.errors import ModeLost, PortGone, SubmitUnconfirmed
from modem.sms.submit import encode_submit
from tests.modem.driver.peer import ESC, OK, PDU, PROMPT, Peer, answer

RECEIPT = answer("+CMGS: 7")
CHECKS = ("AT+CMGF?", "AT+CNMI?")
TEXT_MODE = answer("+CMGF: 1")


def nothing():
    pass


def echoing(part):
    """The command and its prompt."""
    return f"AT+CMGS={len(encode_submit(part)) // 2 - 1}\r\r\n> ".encode()


def since(peer, number):
    return peer.seen[number:]


def test_nothing_is_asked_within_half_a_second(open_driver, part):
    with Peer(PDU=RECEIPT) as peer:
        driver = open_driver(peer)
        before = len(peer.seen)
        for _ in range(3):
            peer.clock.pass_by(0.4)
            driver.submit(part, nothing)
        assert since(peer, before) == ["AT+CMGS", PDU] * 3
        peer.clock.pass_by(0.5)
        driver.submit(part, nothing)
        assert since(peer, before + 6) == [*CHECKS, "AT+CMGS", PDU]


@pytest.mark.parametrize(
    "change",
    [{"AT+CMGF?": TEXT_MODE}, {"AT+CNMI?": answer("+CNMI: 0,0,0,0,0")}, {"AT+CMGF?": b"\r\n+CMS ERROR: 517\r\n"}],
)
def test_lost_settings_are_a_lost_port_and_nothing_goes_out(open_driver, part, change):
    with Peer(PDU=RECEIPT) as peer:
        driver = open_driver(peer)
        peer.replies |= change
        peer.clock.pass_by(5)
        with pytest.raises(PortGone):
            driver.submit(part, pytest.fail)
        assert peer.pdus == []
        with pytest.raises(PortGone):
            driver.signal_dbm()


def test_a_command_that_is_echoed_again_is_left_at_its_prompt(open_driver, part):
    """It restarted sooner than we believe possible."""
    with Peer(PDU=RECEIPT, ESC=[b"", OK]) as peer:
        driver = open_driver(peer)
        peer.replies |= {"AT+CMGS": echoing(part), "AT+CMGF?": TEXT_MODE}
        before = len(peer.seen)
        with pytest.raises(PortGone):
            driver.submit(part, pytest.fail)
        assert since(peer, before) == ["AT+CMGS", ESC, "AT+CMGF?"]


def test_an_echo_alone_is_a_restart_once(open_driver, part):
    """Of a modem whose settings are in place each time it is an odd habit."""
    with Peer(PDU=RECEIPT, ESC=[b"", OK, b"", OK], **{"AT+CMGS": echoing(part)}) as peer:
        driver = open_driver(peer)
        with pytest.raises(PortGone):
            driver.submit(part, pytest.fail)
        driver.open()
        assert driver.submit(part, nothing) == 7


def test_a_modem_that_ignores_ate0_tells_nothing_by_it(open_driver, part):
    checks = {
        question: (lambda peer, said=said: peer.say(said))
        for question, said in (
            ("AT+CMGF?", b"AT+CMGF?\r" + answer("+CMGF: 0")),
            ("AT+CNMI?", b"AT+CNMI?\r" + answer("+CNMI: 2,1,0,1,0")),
        )
    }
    with Peer(PDU=RECEIPT, **checks, **{"AT+CMGS": echoing(part)}) as peer:
        assert open_driver(peer).submit(part, nothing) == 7


def test_a_late_prompt_is_left_and_asked_for_again(open_driver, part):
    late = lambda peer: (peer.silence(3), peer.say(PROMPT))  # noqa: E731
    with Peer(PDU=RECEIPT, ESC=[b"", OK], **{"AT+CMGS": [late, PROMPT]}) as peer:
        driver = open_driver(peer)
        before = len(peer.seen)
        assert driver.submit(part, nothing) == 7
        assert since(peer, before) == ["AT+CMGS", ESC, *CHECKS, "AT+CMGS", PDU]


def test_a_receipt_after_which_the_mode_was_wrong_is_unconfirmed(open_driver, part):
    ready = b"\r\nSMS Ready\r\n"
    with Peer(PDU=ready + RECEIPT) as peer:
        driver = open_driver(peer)
        assert driver.submit(part, nothing) == 7  # it was an old one
        peer.replies["AT+CMGF?"] = [answer("+CMGF: 0"), TEXT_MODE]
        driver.probe()
        peer.clock.pass_by(2)
        with pytest.raises(SubmitUnconfirmed):
            driver.submit(part, nothing)


def test_all_receipts_since_the_mode_was_right_are_doubted(open_driver, part):
    """Also where the port's loss is found by somebody who passes no errors on."""
    with Peer(PDU=RECEIPT) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        driver.registration()
        for _ in range(3):
            driver.submit(part, nothing)
        peer.replies["AT+CMGF?"] = TEXT_MODE
        peer.clock.pass_by(1)
        driver.hold_link(True)
        with pytest.raises(ModeLost) as lost:
            driver.registration()
        assert lost.value.receipts == 3


def test_a_lost_routing_alone_casts_no_doubt_on_receipts(open_driver, part):
    with Peer(PDU=RECEIPT) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        peer.replies["AT+CNMI?"] = answer("+CNMI: 0,0,0,0,0")
        peer.clock.pass_by(1)
        with pytest.raises(PortGone) as lost:
            driver.registration()
        assert not isinstance(lost.value, ModeLost)


def test_a_modem_that_does_not_tell_its_mode_is_doubted_with_its_routing(open_driver, part):
    with Peer(PDU=RECEIPT, **{"AT+CMGF?": OK}) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        driver.registration()
        driver.submit(part, nothing)
        peer.replies["AT+CNMI?"] = answer("+CNMI: 0,0,0,0,0")
        with pytest.raises(ModeLost) as lost:
            driver.registration()
        assert lost.value.receipts == 1


def test_a_modem_that_does_not_tell_is_given_it_again(open_driver, part):
    with Peer(PDU=RECEIPT, **{"AT+CMGF?": OK, "AT+CNMI?": OK}) as peer:
        driver = open_driver(peer)
        peer.clock.pass_by(5)
        before = len(peer.seen)
        assert driver.submit(part, nothing) == 7
        assert since(peer, before) == ["AT+CMGF=0", "AT+CNMI=2,1,0,1,0", "AT+CMGS", PDU]


def test_what_was_refused_at_the_start_is_tried_again(open_driver):
    refusal = b"\r\n+CMS ERROR: 500\r\n"
    routings = [f"AT+CNMI={mode},1,0,{reports},0" for mode in (1, 2) for reports in (0, 1, 2)]
    with Peer(**dict.fromkeys(routings, refusal)) as peer:
        driver = open_driver(peer)
        assert driver.identity.lacks == ("reports",)
        driver.registration()
        peer.replies |= dict.fromkeys(routings, OK)
        peer.clock.pass_by(10)
        with pytest.raises(PortGone):
            driver.registration()
        assert driver.open().lacks == ()
