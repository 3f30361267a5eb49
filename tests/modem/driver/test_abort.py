"""`close` from another thread ends whatever waits, at once, and loses nothing. No time passes on these clocks."""

import threading
import time

import pytest

from modem.driver.at import AtDriver
from modem.errors import ModemError, PortGone, SubmitUnconfirmed
from modem.sms.message import StatusReport
from tests.modem.driver.peer import PDU, PROMPT, REPORT, Peer, answer


def silent(peer):
    """Never answers, and lets no time pass."""


class Beside:
    """Runs something in another thread; `join` gives what it raised or returned."""

    def __init__(self, work):
        self._work = work
        self._outcome = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            self._outcome = self._work()
        except ModemError as error:
            self._outcome = error

    def join(self):
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self._outcome


def until_seen(peer, command):
    while not (peer.seen and peer.seen[-1] == command):
        time.sleep(0.001)


def close_long_before_the_result(driver):
    """A submit waits for its result for minutes."""
    started = time.monotonic()
    driver.close()
    assert time.monotonic() - started < 20


def test_a_submit_that_waits_for_its_result(open_driver, part):
    with Peer(PDU=silent) as peer:
        driver = open_driver(peer)
        submit = Beside(lambda: driver.submit(part, lambda: None))
        until_seen(peer, PDU)
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode())
        assert driver.heard.wait(30)
        close_long_before_the_result(driver)
        error = submit.join()
        assert isinstance(error, SubmitUnconfirmed)
        assert isinstance(error.__cause__, PortGone)
        assert [type(event) for event in driver.drain_events()] == [StatusReport]
        peer.replies[PDU] = answer("+CMGS: 7")
        driver.open()
        assert driver.submit(part, lambda: None) == 7


def test_a_submit_that_waits_for_its_prompt(open_driver, part):
    with Peer(**{"AT+CMGS": silent}) as peer:
        driver = open_driver(peer)
        submit = Beside(lambda: driver.submit(part, lambda: pytest.fail("nothing may go out")))
        until_seen(peer, "AT+CMGS")
        close_long_before_the_result(driver)
        assert isinstance(submit.join(), PortGone)


def test_a_submit_whose_intent_is_being_written(open_driver, part):
    """It is waited for, and its PDU no longer goes out."""
    writing, written = threading.Event(), threading.Event()

    def commit():
        writing.set()
        assert written.wait(30)

    with Peer(**{"AT+CMGS": PROMPT}) as peer:
        driver = open_driver(peer)
        submit = Beside(lambda: driver.submit(part, commit))
        assert writing.wait(30)
        closing = Beside(driver.close)
        while driver._dialogue and not driver._dialogue._lost:
            time.sleep(0.001)
        written.set()
        assert isinstance(submit.join(), SubmitUnconfirmed)
        assert closing.join() is None
    assert peer.pdus == []


@pytest.mark.parametrize("command", ["AT", "AT+CIMI", "AT+CMGF=0"])
def test_a_set_up(command):
    with Peer(**{command: silent}) as peer:
        driver = AtDriver(peer.device, on_event=lambda: None, clock=peer.clock)
        opening = Beside(driver.open)
        until_seen(peer, command)
        close_long_before_the_result(driver)
        assert isinstance(opening.join(), PortGone)
        peer.replies[command] = answer("206010000000001")
        driver.open()
        driver.close()


def test_a_wait_for_a_busy_sim():
    with Peer(**{"AT+CPIN?": b"\r\n+CME ERROR: 14\r\n"}) as peer:
        driver = AtDriver(peer.device, on_event=lambda: None, clock=peer.clock)
        opening = Beside(driver.open)
        with peer.clock._changed:  # until it pauses
            peer.clock._await(lambda deadline: deadline == 2)
        close_long_before_the_result(driver)
        assert isinstance(opening.join(), PortGone)


def test_a_question_that_waits_and_one_that_waits_for_its_turn(open_driver):
    with Peer(**{"AT+CSQ": silent}) as peer:
        driver = open_driver(peer)
        questions = [Beside(driver.signal_dbm)]
        until_seen(peer, "AT+CSQ")
        questions.append(Beside(driver.probe))
        close_long_before_the_result(driver)
        assert [type(question.join()) for question in questions] == [PortGone, PortGone]
    assert peer.seen[-1] == "AT+CSQ"


def test_several_close_at_once(open_driver):
    with Peer(**{"AT+CSQ": silent}) as peer:
        driver = open_driver(peer)
        question = Beside(driver.signal_dbm)
        until_seen(peer, "AT+CSQ")
        for closing in [Beside(driver.close) for _ in range(8)]:
            assert closing.join() is None
        assert isinstance(question.join(), PortGone)
