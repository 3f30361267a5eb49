"""Handing a part over: every way it can end, and what went out by then."""

import time

import pytest

from modem.driver.base.interface import PortLost, StoredEvent
from modem.driver.dialogue.handover import Patience
from modem.errors import CmeError, CmsError, CommandError, ModemTimeout, PortGone, SubmitUnconfirmed
from modem.sms.submit import encode_submit
from tests.modem.driver.peer import ERROR, ESC, OK, PDU, Peer, answer
from tests.modem.driver.submits import RECEIPT, after_silence, cme, cms, nothing, ok_again


def test_receipt(open_driver, part):
    with Peer(PDU=[RECEIPT, answer("+CMGS: 255")]) as peer:
        driver = open_driver(peer)
        assert driver.submit(part, nothing) == 7
        assert driver.submit(part, nothing) == 255
    assert peer.pdus == [encode_submit(part)] * 2


@pytest.mark.parametrize("prompt", [b">", b"\r\n>", b"\r\n^RSSI:17\r\n\r\n> \r\n+CREG: 1\r\n"])
def test_prompts(open_driver, part, prompt):
    with Peer(**{"AT+CMGS": prompt}) as peer:
        assert open_driver(peer).submit(part, nothing) == 1


def test_on_pdu_start_runs_after_the_prompt_and_before_the_pdu(open_driver, part):
    with Peer() as peer:
        driver = open_driver(peer)
        seen = []
        driver.submit(part, lambda: seen.extend(peer.seen[-2:]))
        assert seen[-1] == "AT+CMGS"
        assert peer.seen[-1] == PDU


@pytest.mark.parametrize("reply", [OK, cms(500), lambda peer: peer.silence(2)])
def test_on_pdu_start_fails(open_driver, part, reply):
    class DatabaseGone(Exception):
        pass

    def fails():
        raise DatabaseGone

    with Peer(ESC=[b"", reply]) as peer:
        driver = open_driver(peer)
        with pytest.raises(DatabaseGone):
            driver.submit(part, fails)
        assert peer.pdus == []
        ok_again(driver, peer, part)
    assert [key for key in peer.seen if key in ("AT+CMGS", ESC, PDU)][-4:] == ["AT+CMGS", ESC, "AT+CMGS", PDU]


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [(cms(38), CmsError, 38), (ERROR, CommandError, None), (b"\r\n+CME ERROR: 30\r\n", CmeError, 30)],
)
@pytest.mark.parametrize("stage", ["AT+CMGS", PDU])
def test_refusal(open_driver, part, stage, reply, error, code):
    with Peer(**{stage: reply}) as peer:
        driver = open_driver(peer)
        with pytest.raises(error) as raised:
            driver.submit(part, nothing)
        assert raised.value.code == code
        assert raised.value.command == "AT+CMGS"
        ok_again(driver, peer, part)


def test_no_prompt(open_driver, part):
    with Peer(**{"AT+CMGS": after_silence(20)}, ESC=[b"", OK]) as peer:
        driver = open_driver(peer)
        with pytest.raises(ModemTimeout):
            driver.submit(part, pytest.fail)
        assert peer.clock.monotonic() == 20
        assert peer.pdus == []
        ok_again(driver, peer, part)


def test_command_ends_while_the_database_commits(open_driver, part):
    with Peer() as peer:
        driver = open_driver(peer)
        with pytest.raises(CmsError):
            driver.submit(part, lambda: (peer.say(cms(304)), _until_answered(driver)))
        assert peer.pdus == []
        ok_again(driver, peer, part)


def _until_answered(driver):
    while driver._dialogue._answers.empty():
        pass


def test_silent_modem_is_waited_for_up_to_the_limit(open_driver, part):
    with Peer(PDU=after_silence(15), AT=[OK, after_silence(15)]) as peer:
        driver = open_driver(peer, submit_timeout_s=60)
        with pytest.raises(SubmitUnconfirmed) as raised:
            driver.submit(part, nothing)
        assert raised.value.waited_s == 60
        assert peer.seen.count("AT") == 4


def test_slow_network_is_not_a_lost_result(open_driver, part):
    def slow(peer):
        peer.silence(14)
        peer.say(RECEIPT)

    with Peer(PDU=[slow, after_silence(55, RECEIPT)]) as peer:
        driver = open_driver(peer)
        assert driver.submit(part, nothing) == 7
        assert driver.submit(part, nothing) == 7
    assert peer.seen.count("AT") == 1


def test_patience_is_four_times_the_99th_percentile():
    patience = Patience()
    assert patience.patience_s == 15
    for taken_s in [2.0] * 98 + [6.0, 50.0]:
        patience.note(taken_s)
    assert patience.patience_s == 24


@pytest.mark.parametrize("refusal", [cms(332), cms(350), cms(500), cme(31), cme(100), ERROR])
def test_modem_that_gave_up_waiting(open_driver, part, refusal):
    late = Peer(PDU=[after_silence(14, RECEIPT), after_silence(31, refusal)])
    with late as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        with pytest.raises(SubmitUnconfirmed) as raised:
            driver.submit(part, nothing)
        assert raised.value.waited_s == 31
        assert isinstance(raised.value.__cause__, CommandError)
    with Peer(PDU=after_silence(14, refusal)) as peer:
        driver = open_driver(peer)
        with pytest.raises(CommandError):
            driver.submit(part, nothing)


@pytest.mark.parametrize("refusal", [cms(38), cme(30)])
def test_what_the_network_says_late_is_no_less_sure(open_driver, part, refusal):
    with Peer(PDU=[after_silence(14, RECEIPT), after_silence(31, refusal)]) as peer:
        driver = open_driver(peer)
        driver.submit(part, nothing)
        with pytest.raises(CommandError):
            driver.submit(part, nothing)


def test_port_vanishes_before_the_prompt(open_driver, part):
    with Peer(**{"AT+CMGS": Peer.vanish}) as peer:
        driver = open_driver(peer)
        with pytest.raises(PortGone):
            driver.submit(part, pytest.fail)
        assert peer.clock.monotonic() == 0
        with pytest.raises(PortGone):
            driver.signal_dbm()


def test_port_vanishes_after_the_pdu(open_driver, part):
    with Peer(PDU=Peer.vanish) as peer:
        driver = open_driver(peer)
        with pytest.raises(SubmitUnconfirmed) as raised:
            driver.submit(part, nothing)
        assert isinstance(raised.value.__cause__, PortGone)


def test_port_vanishes_while_the_database_commits(open_driver, part):
    with Peer() as peer:
        driver = open_driver(peer)
        with pytest.raises(SubmitUnconfirmed) as raised:
            driver.submit(part, peer.vanish)
        assert isinstance(raised.value.__cause__, PortGone)


def test_modem_restarts_after_the_pdu(open_driver, part):
    with Peer(PDU=b"\r\nRDY\r\n") as peer:
        driver = open_driver(peer)
        with pytest.raises(SubmitUnconfirmed):
            driver.submit(part, nothing)
        with pytest.raises(PortGone, match="restarted"):  # it is in text mode now: nothing may be sent
            driver.submit(part, nothing)
        driver.open()
        ok_again(driver, peer, part)


def test_modem_restarts_while_idle(open_driver, part):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(b"\r\nRDY\r\n")
        assert driver.heard.wait(30)
        assert driver.drain_events() == [PortLost()]
        with pytest.raises(PortGone):
            driver.submit(part, pytest.fail)
        assert PDU not in peer.seen


def test_a_loss_that_nobody_heard_of_is_not_the_next_ports(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(b'\r\n+CMTI: "SM",1\r\n\r\nRDY\r\n')
        while not driver._dialogue._lost:
            time.sleep(0.001)
        driver.open()
        assert driver.drain_events() == [StoredEvent("SM", 1, report=False)]
