"""What the modem says by itself, and the questions outside of sending."""

import pytest

from modem.driver.at import AtDriver
from modem.driver.base.interface import PortLost, Registration, UnreadableEvent
from modem.errors import ModemTimeout, PortGone
from modem.sms.incoming import decode_incoming
from modem.sms.message import Deliver
from tests.modem.driver.peer import DELIVER, ERROR, OK, REPORT, Peer, answer


def heard(driver):
    assert driver.heard.wait(30)
    driver.heard.clear()
    return driver.drain_events()


def test_report_and_text(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode())
        assert heard(driver) == [decode_incoming(REPORT)]
        peer.say(f"\r\n+CMT: ,22\r\n{DELIVER}\r\n".encode())
        (event,) = heard(driver)
        assert isinstance(event, Deliver)
        assert (event.sender, event.text) == ("+32470000003", "Oui")


def test_report_during_a_submit(open_driver, part):
    def reply(peer):
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode() + answer("+CMGS: 7"))

    with Peer(PDU=reply) as peer:
        driver = open_driver(peer)
        assert driver.submit(part, lambda: None) == 7
        assert [event.reference for event in heard(driver)] == [7]
        assert driver.drain_events() == []


@pytest.mark.parametrize(("header", "pdu"), [("+CDS: 4", "00FFFFFFFF"), ("+CMT: ,4", "0004FFFFFF")])
def test_what_cannot_be_decoded_is_told_and_logged_without_its_content(open_driver, caplog, header, pdu):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(f"\r\n{header}\r\n{pdu}\r\n".encode())
        assert heard(driver) == [UnreadableEvent(pdu)]
    assert "FFFF" not in caplog.text
    assert "5 octets" in caplog.text


def test_chatter_is_no_event(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(b"\r\n^RSSI:17\r\n\r\n+CREG: 1\r\n\r\nOK\r\n\r\n+CDS: 25\r\n\r\nRING\r\n\r\nOK\r\n")
        assert heard(driver) == []  # the header of a report whose PDU is lost


def test_receipt_that_is_nobodys(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(answer("+CMGS: 4"))
        assert heard(driver) == []
        assert driver.signal_dbm() == -71


def test_port_vanishes_while_idle(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.vanish()
        assert heard(driver) == [PortLost()]
        with pytest.raises(PortGone):
            driver.signal_dbm()


def test_registration_and_signal(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        assert driver.registration() == Registration(True, "4G", "20601")
        assert driver.signal_dbm() == -71
        peer.replies |= {
            "AT+CEREG?": ERROR,
            "AT+COPS?": answer('+COPS: 0,2,"20801",0'),
            "AT+CSQ": answer("+CSQ: 99,99"),
        }
        assert driver.registration() == Registration(True, "2G", "20801")
        assert driver.signal_dbm() is None
        for status, why in ((2, "searching"), (3, "denied"), (0, "")):
            peer.replies |= {"AT+CREG?": answer(f"+CREG: 2,{status}")}
            assert driver.registration() == Registration(False, None, None, why)


def test_silent_modem_is_not_taken_for_unregistered(open_driver):
    with Peer(**{"AT+CEREG?": lambda peer: peer.silence(10)}) as peer:
        driver = open_driver(peer)
        with pytest.raises(ModemTimeout):
            driver.registration()


def test_an_operator_that_is_never_told_costs_one_wait(open_driver):
    with Peer(**{"AT+COPS?": Peer.ignore}) as peer:
        driver = open_driver(peer)
        for _ in range(2):
            assert driver.registration() == Registration(True, "4G", None)
        assert peer.clock.monotonic() == 5
    assert peer.seen.count("AT+COPS?") == 1


@pytest.mark.parametrize(("command", "ask"), [("AT+CSQ", AtDriver.signal_dbm), ("AT+CIREG?", AtDriver.ims)])
def test_what_is_never_told_costs_one_wait_and_not_the_modem(open_driver, command, ask):
    with Peer(**{command: Peer.ignore}) as peer:
        driver = open_driver(peer)
        assert [ask(driver) for _ in range(2)] in ([None] * 2, [""] * 2)
        assert peer.clock.monotonic() == 5
    assert peer.seen.count(command) == 1


@pytest.mark.parametrize("reply", [OK, ERROR, Peer.vanish, lambda peer: peer.silence(10)])
def test_hold_link_never_fails(open_driver, reply):
    with Peer(**{"AT+CMMS=2": reply}) as peer:
        open_driver(peer).hold_link(True)
    assert peer.seen[-1] == "AT+CMMS=2"


def test_a_modem_that_cannot_hold_the_link_is_not_asked_to(open_driver):
    with Peer(**{"AT+CMMS=0": ERROR}) as peer:
        driver = open_driver(peer)
        driver.hold_link(True)
        driver.hold_link(False)
    assert peer.seen.count("AT+CMMS=0") == 1
    assert "AT+CMMS=2" not in peer.seen


def test_closed_driver():
    driver = AtDriver("/dev/null", on_event=lambda: None)
    driver.close()
    assert driver.drain_events() == []
    with pytest.raises(PortGone):
        driver.signal_dbm()
