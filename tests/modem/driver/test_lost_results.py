"""Results that are late, lost, or another submit's."""

import pytest

from modem.at.commands import Final
from modem.at.events import Late, Prompt, Response
from modem.driver.base.interface import LateReceipt
from modem.driver.dialogue.footing import Footing
from modem.driver.dialogue.handover import PROMPT_TIMEOUT_S, Handover, Patience
from modem.driver.dialogue.kept import Kept
from modem.errors import CmsError, SubmitUnconfirmed
from modem.sms.submit import encode_submit
from tests.modem.driver.peer import OK, PDU, PROMPT, FakeClock, Peer, answer
from tests.modem.driver.submits import RECEIPT, after_silence, cms, nothing, ok_again


def test_lost_result_line_costs_the_patience_and_no_more(open_driver, part):
    with Peer(PDU=[answer("+CMGS: 6"), after_silence(15)]) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        with pytest.raises(SubmitUnconfirmed) as raised:
            driver.submit(part, nothing)
        assert raised.value.waited_s == 15
        assert peer.seen[-1] == "AT"
        ok_again(driver, peer, part, 8)
        peer.say(RECEIPT)
        assert driver.heard.wait(30)
        assert driver.drain_events() == [LateReceipt(7, submit=2)]


def lost(driver, peer, part):
    """A submit whose result does not come."""
    peer.replies[PDU] = after_silence(15)
    with pytest.raises(SubmitUnconfirmed):
        driver.submit(part, nothing)


def test_a_receipt_from_before_the_port_was_opened_is_nobodys(open_driver, part):
    """The process was killed with a submit out, whose answer comes while the second one of the next process waits."""
    with Peer(PDU=answer("+CMGS: 8")) as peer:
        driver = open_driver(peer)
        assert driver.submit(part, nothing) == 8
        peer.replies[PDU] = lambda peer: peer.say(RECEIPT + cms(500))
        with pytest.raises(CmsError):
            driver.submit(part, nothing)
        ok_again(driver, peer, part, 9)


@pytest.mark.parametrize(("result", "later"), [(RECEIPT, [LateReceipt(7, submit=2)]), (cms(38), [])])
def test_a_result_that_may_be_of_the_submit_before_is_nobodys(open_driver, part, result, later):
    """The one before may have been taken or not, so the next reference may be the one's or the other's. Until a third
    one tells.
    """
    with Peer(PDU=answer("+CMGS: 6")) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        lost(driver, peer, part)
        peer.replies[PDU] = lambda peer: (peer.say(result), peer.clock.advance(30, wanted_s=30))
        with pytest.raises(SubmitUnconfirmed) as raised:
            driver.submit(part, nothing)
        assert raised.value.waited_s == 30
        ok_again(driver, peer, part, 9)
        assert driver.drain_events() == later


@pytest.mark.parametrize("results", [RECEIPT + cms(500), cms(500) + RECEIPT], ids=["taken first", "refused first"])
def test_a_late_refusal_of_the_first_submit_does_not_send_the_second_text_again(open_driver, part, results):
    """It is retried only when it was surely refused (modem.daemon); which of the two was, nobody knows."""
    with Peer() as peer:
        driver = open_driver(peer)
        lost(driver, peer, part)
        peer.replies[PDU] = lambda peer: (peer.say(results), peer.clock.advance(30, wanted_s=30))
        with pytest.raises(SubmitUnconfirmed) as raised:
            driver.submit(part, nothing)
        assert raised.value.__cause__ is None
        ok_again(driver, peer, part, 8)
        assert driver.drain_events() == []


@pytest.mark.parametrize("seconds", [1, 20, 29])
def test_a_modem_that_is_slow_again_is_waited_for(open_driver, part, seconds):
    """Given up after the usual time, its result would come while the one after it waits."""

    def slow(peer):
        peer.say(RECEIPT)
        peer.clock.advance(seconds, wanted_s=30)
        peer.say(answer("+CMGS: 8"))

    with Peer(PDU=answer("+CMGS: 6")) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        lost(driver, peer, part)
        peer.replies[PDU] = slow
        assert driver.submit(part, nothing) == 8
        assert driver.drain_events() == [LateReceipt(7, submit=2)]


def test_a_second_result_tells_whose_the_first_was(open_driver, part):
    with Peer(PDU=answer("+CMGS: 6")) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        lost(driver, peer, part)
        peer.replies[PDU] = RECEIPT + answer("+CMGS: 8")
        assert driver.submit(part, nothing) == 8
        assert driver.drain_events() == [LateReceipt(7, submit=2)]


@pytest.mark.parametrize("refusal", [cms(38), b"\r\n+CMS ERROR: 500\r\n"])
def test_a_late_refusal_before_the_prompt_is_not_this_ones(open_driver, part, refusal):
    with Peer(PDU=answer("+CMGS: 6")) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        lost(driver, peer, part)
        peer.replies |= {"AT+CMGS": refusal + PROMPT, PDU: RECEIPT}
        assert driver.submit(part, nothing) == 7


def test_a_refusal_instead_of_the_prompt_after_a_lost_result(open_driver, part):
    with Peer(PDU=answer("+CMGS: 6"), ESC=[b"", after_silence(2)]) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        lost(driver, peer, part)
        peer.replies["AT+CMGS"] = lambda peer: (peer.say(cms(38)), peer.clock.advance(5, wanted_s=5))
        with pytest.raises(CmsError) as raised:
            driver.submit(part, pytest.fail)
        assert raised.value.code == 38
        ok_again(driver, peer, part, 8)


def test_result_that_comes_with_the_probe(open_driver, part):
    with Peer(PDU=after_silence(15), AT=[OK, RECEIPT + OK]) as peer:
        driver = open_driver(peer)
        assert driver.submit(part, nothing) == 7
        ok_again(driver, peer, part)


def test_refusal_that_comes_with_the_probe(open_driver, part):
    with Peer(PDU=after_silence(15), AT=[OK, cms(38) + OK]) as peer:
        driver = open_driver(peer)
        with pytest.raises(CmsError):
            driver.submit(part, nothing)
        ok_again(driver, peer, part)


class Slips:
    """A dialogue in which two answers come in the very moment in which the wait for them ends."""

    def __init__(self, *answers):
        self.answers, self.told, self.clock = list(answers), [], FakeClock()
        self.footing = Footing()
        self.footing.found(0.0)

    def send(self, command, expects_prompt=False):
        self.asked = command

    def send_payload(self, text):
        return 2

    def take(self, timeout_s):
        return Prompt(self.asked) if timeout_s == PROMPT_TIMEOUT_S else None

    def give_up(self):
        return self.answers.pop(0)

    def tell(self, late):
        self.told.append(late)


def test_an_older_receipt_that_slips_in_at_the_end_is_not_the_end(part):
    ok = Final("OK")
    late = Late("AT+CMGS=18", ("+CMGS: 6",), ok, submit=1)
    dialogue = Slips(late, Response("AT+CMGS=18", ("+CMGS: 7",), ok))
    handover = Handover(dialogue, Kept(dialogue, {}, ()), Patience(), 180)
    assert handover.submit(encode_submit(part), nothing) == 7
    assert dialogue.told == [late]


def test_receipt_whose_ok_is_lost(open_driver, part):
    def reply(peer):
        peer.say(b'\r\n+CMGS: 7\r\n\r\n+CMTI: "SM",1\r\n')
        assert driver.heard.wait(30)  # the driver has read it
        peer.silence(15)

    with Peer(PDU=reply) as peer:
        driver = open_driver(peer)
        assert driver.submit(part, nothing) == 7


def test_ok_whose_receipt_is_lost(open_driver, part):
    with Peer(PDU=OK) as peer, pytest.raises(SubmitUnconfirmed):
        open_driver(peer).submit(part, nothing)
