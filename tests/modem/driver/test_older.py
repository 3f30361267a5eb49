"""A port that is opened while the modem may answer what the process before had handed over."""

import threading

import pytest

from modem.driver.at import AtDriver
from modem.driver.base.interface import Before, OlderReceipt, OlderSubmit
from modem.errors import CmsError, SubmitUnconfirmed
from tests.modem.driver.peer import ESC, OK, PDU, PROMPT, Peer, answer
from tests.modem.driver.submits import cms, nothing

IMSI = "206010000000001"
OLDER = OlderSubmit(41, 1.0)


def before(*submits, **facts):
    return Before(submits or (OLDER,), IMSI, **{"reference": 6, "usual_s": 1.8} | facts)


@pytest.fixture
def opened():
    """`opened(peer, before, *meanwhile)`: what the modem does while it is listened to, in another thread."""
    drivers = []

    def make(peer, told, *meanwhile):
        driver = AtDriver(peer.device, on_event=lambda: None, clock=peer.clock)
        drivers.append(driver)
        world = threading.Thread(target=lambda: [act() for act in meanwhile])
        world.start()
        try:
            driver.open(told)
        finally:
            world.join()
        return driver

    yield make
    for driver in drivers:
        driver.close()


def test_what_the_modem_said_while_nobody_listened_settles_the_older_submit(opened):
    with Peer() as peer:
        peer.say(answer("+CMGS: 7"))
        driver = opened(peer, before())
        assert driver.drain_events() == [OlderReceipt(7, 41)]
        assert peer.seen[0] == ESC  # the set-up's own


def test_nothing_is_written_while_its_result_is_likely_to_come(opened):
    with Peer() as peer:

        def still_silent():
            peer.silence(0.7)
            assert peer.seen == []
            peer.say(answer("+CMGS: 7"))

        driver = opened(peer, before(), still_silent)
        assert driver.drain_events() == [OlderReceipt(7, 41)]


def test_a_prompt_that_was_left_open_is_left_before_anything_else_is_written(opened, part):
    with Peer(**{ESC: OK, PDU: answer("+CMGS: 7")}) as peer:
        driver = opened(peer, before(), peer.ignore)
        assert peer.seen[0] == ESC
        assert driver.submit(part, nothing) == 7  # nothing went out under that reference before
        assert driver.drain_events() == []


@pytest.mark.parametrize("after_s", [3, 12, 20, 40])
def test_a_busy_modem_that_answers_at_last_has_given_its_result_too(opened, part, after_s):
    """AT is asked again every five seconds; it answers all of them, after the result of its submit."""
    with Peer() as peer:
        asked = []

        def busy(peer):
            asked.append("AT")

        peer.replies["AT"] = busy

        def ends():
            peer.ignore()  # 1.3 s more than is usual
            waited_s = 1.3
            while waited_s < after_s:
                step_s = min(5.0, after_s - waited_s)
                peer.clock.advance(step_s)
                waited_s += step_s
            peer.replies["AT"] = OK
            peer.say(answer("+CMGS: 7") + OK * len(asked))

        driver = opened(peer, before(), ends)
        assert driver.drain_events() == [OlderReceipt(7, 41)]
        peer.replies[PDU] = answer("+CMGS: 8")
        assert driver.submit(part, nothing) == 8


def test_a_modem_that_says_nothing_at_all_is_waited_for_until_45_s_after_the_pdu(opened):
    with Peer(AT=lambda peer: peer.say(OK) if peer.clock.monotonic() > 43.9 else None) as peer:

        def dead():
            while peer.clock.monotonic() < 43.9:
                peer.ignore()

        opened(peer, before(), dead)
        assert peer.clock.monotonic() == pytest.approx(44, abs=0.2)


def test_a_modem_whose_results_came_after_other_answers_is_not_asked(opened):
    with Peer() as peer:

        def in_time():
            peer.silence(40)
            assert peer.seen == []
            peer.say(answer("+CMGS: 7"))

        driver = opened(peer, before(is_blocked=False), in_time)
        assert driver.drain_events() == [OlderReceipt(7, 41)]


# -- whose result is the first one? ------------------------------------------------------------------------------------


def asked_at_once(peer):
    """The modem answers AT, and nothing was heard of the older submit."""
    return peer.ignore, lambda: peer.clock.advance(0.2, wanted_s=0.2)


def test_the_count_goes_on_from_the_reference_before(opened, part):
    with Peer(**{PDU: answer("+CMGS: 8")}) as peer:
        driver = opened(peer, before(), *asked_at_once(peer))
        assert driver.submit(part, nothing) == 8
        assert driver.drain_events() == []


def test_a_late_receipt_is_not_taken_for_the_first_new_submit(opened, part):
    with Peer(**{PDU: lambda peer: peer.say(answer("+CMGS: 7") + answer("+CMGS: 8"))}) as peer:
        driver = opened(peer, before(), *asked_at_once(peer))
        assert driver.submit(part, nothing) == 8
        assert driver.drain_events() == [OlderReceipt(7, 41)]


def test_a_receipt_that_may_be_either_is_believed_when_nothing_else_comes(opened, part):
    def alone(peer):
        peer.say(answer("+CMGS: 7"))
        peer.clock.advance(5, wanted_s=5)

    with Peer(**{PDU: alone}) as peer:
        driver = opened(peer, before(), *asked_at_once(peer))
        assert driver.submit(part, nothing) == 7
        assert driver.drain_events() == []


def test_a_late_refusal_does_not_send_the_new_text_twice(opened, part):
    def both(peer):
        peer.say(cms(38))
        peer.clock.advance(1, wanted_s=5)
        peer.say(answer("+CMGS: 7"))

    with Peer(**{PDU: both}) as peer:
        driver = opened(peer, before(), *asked_at_once(peer))
        assert driver.submit(part, nothing) == 7


def test_a_refusal_alone_is_the_new_submit_s(opened, part):
    def alone(peer):
        peer.say(cms(38))
        peer.clock.advance(5, wanted_s=5)

    with Peer(**{PDU: alone}) as peer:
        driver = opened(peer, before(), *asked_at_once(peer))
        with pytest.raises(CmsError):
            driver.submit(part, nothing)


def test_a_modem_that_began_to_count_anew_is_believed(opened, part):
    with Peer(**{PDU: answer("+CMGS: 0")}) as peer:
        driver = opened(peer, before(reference=77), *asked_at_once(peer))
        assert driver.submit(part, nothing) == 0


def test_a_receipt_that_does_not_follow_is_nobody_s(opened):
    with Peer() as peer:
        peer.say(answer("+CMGS: 99"))
        driver = opened(peer, before(), *asked_at_once(peer))
        assert driver.drain_events() == []


def test_another_card_answers_for_itself(opened, part):
    with Peer(**{PDU: answer("+CMGS: 7")}) as peer:
        peer.replies["AT+CIMI"] = answer("206010000000002")
        driver = opened(peer, before(), *asked_at_once(peer))
        assert driver.submit(part, nothing) == 7


def test_two_older_ones_are_told_apart_by_their_references(opened):
    with Peer() as peer:
        peer.say(answer("+CMGS: 8"))
        two = before(OlderSubmit(41, 20.0), OlderSubmit(42, 1.0))
        driver = opened(peer, two, *asked_at_once(peer))
        assert driver.drain_events() == [OlderReceipt(8, 42)]


def test_a_later_refusal_is_not_in_doubt_once_the_modem_was_busy(opened, part):
    """Else each dead number within a minute of a crash would stay unconfirmed."""
    with Peer() as peer:
        busy = [lambda peer: None]

        def ends():
            peer.ignore()
            peer.silence(3)
            del busy[:]
            peer.say(OK)

        peer.replies["AT"] = lambda peer: busy[0](peer) if busy else peer.say(OK)
        driver = opened(peer, before(), ends)
        peer.replies |= {"AT+CMGS": PROMPT, PDU: cms(1)}
        with pytest.raises(CmsError):
            driver.submit(part, nothing)


def test_a_restart_is_the_end_of_what_was_before(opened, part):
    with Peer(**{PDU: cms(1)}) as peer:
        peer.say(b"\r\nRDY\r\n")
        driver = opened(peer, before())
        with pytest.raises(CmsError):
            driver.submit(part, nothing)
        assert driver.drain_events() == []


def test_who_has_no_result_is_unconfirmed_as_ever(opened, part):
    with Peer(**{PDU: lambda peer: peer.ignore()}) as peer:
        driver = opened(peer, before(), *asked_at_once(peer))
        with pytest.raises(SubmitUnconfirmed):
            driver.submit(part, nothing)


def test_the_count_of_before_tells_whose_the_first_result_is_after_a_lost_one(part):
    """Without it the next two SMS would wait half a minute each, and stay unconfirmed."""
    with Peer() as peer:
        driver = opened_with_count(peer, 6)
        peer.replies[PDU] = lambda peer: peer.ignore()
        with pytest.raises(SubmitUnconfirmed):
            driver.submit(part, nothing)
        peer.replies[PDU] = answer("+CMGS: 8")
        assert driver.submit(part, nothing) == 8
        driver.close()


@pytest.mark.parametrize("reference", [0, 3, 5, 200])
def test_a_modem_that_does_not_count_on_is_believed(part, reference):
    with Peer(**{PDU: answer(f"+CMGS: {reference}")}) as peer:
        driver = opened_with_count(peer, 6)
        assert driver.submit(part, nothing) == reference
        driver.close()


def opened_with_count(peer, reference):
    """A driver that knows the reference of the SMS before, and nothing that is unanswered."""
    driver = AtDriver(peer.device, on_event=lambda: None, clock=peer.clock)
    driver.open(Before((), IMSI, reference))
    return driver
