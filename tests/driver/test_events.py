"""What the modem says by itself, and the questions outside of sending."""

import pytest

from modem.driver.at import AtDriver
from modem.driver.protocol import InboundEvent, LateReceipt, PortLost, Registration, ReportEvent, StoredEvent
from modem.errors import ModemTimeout, PortGone
from modem.sms import decode_incoming
from tests.driver.peer import ERROR, OK, PDU, Peer, answer

# Invented: a report on reference 7 for +32470000002, and a text from +32470000003.
REPORT = "0006070B912374000000F2621142211480406211422114804000"
DELIVER = "00040B912374000000F300006211422114804003CF7A1A"


def heard(driver):
    assert driver.heard.wait(5)
    driver.heard.clear()
    return driver.drain_events()


def test_report_and_text(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode())
        assert heard(driver) == [ReportEvent(decode_incoming(REPORT))]
        peer.say(f"\r\n+CMT: ,22\r\n{DELIVER}\r\n".encode())
        (event,) = heard(driver)
        assert isinstance(event, InboundEvent)
        assert (event.deliver.sender, event.deliver.text) == ("+32470000003", "Oui")


def test_report_during_a_submit(open_driver, part):
    def reply(peer):
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode() + answer("+CMGS: 7"))

    with Peer(PDU=reply) as peer:
        driver = open_driver(peer)
        assert driver.submit(part, lambda: None).reference == 7
        assert [event.report.reference for event in driver.drain_events()] == [7]
        assert driver.drain_events() == []


def test_stored_report_is_read_and_deleted(open_driver):
    with Peer(**{"AT+CMGR=3": answer(f"+CMGR: 0,,25\r\n{REPORT}")}) as peer:
        driver = open_driver(peer)
        peer.say(b'\r\n+CDSI: "SR",3\r\n')
        (stored,) = heard(driver)
        assert stored == StoredEvent("SR", 3, report=True)
        assert driver.read_stored(stored) == ReportEvent(decode_incoming(REPORT))
        driver.delete_stored(stored)
    assert peer.seen[-3:] == ['AT+CPMS="SR"', "AT+CMGR=3", "AT+CMGD=3"]


def test_stored_text(open_driver):
    with Peer(**{"AT+CMGR=1": answer(f"+CMGR: 0,,22\r\n{DELIVER}")}) as peer:
        driver = open_driver(peer)
        peer.say(b'\r\n+CMTI: "SM",1\r\n')
        (stored,) = heard(driver)
        assert stored == StoredEvent("SM", 1, report=False)
        assert isinstance(driver.read_stored(stored), InboundEvent)


@pytest.mark.parametrize("reply", [OK, b"\r\n+CMS ERROR: 321\r\n", answer("+CMGR: 0,,3\r\n00FFFF")])
def test_stored_nothing(open_driver, reply):
    with Peer(**{"AT+CMGR=1": reply, "AT+CMGD=1": ERROR}) as peer:
        driver = open_driver(peer)
        stored = StoredEvent("SM", 1, report=True)
        assert driver.read_stored(stored) is None
        driver.delete_stored(stored)


def test_undecodable_report_is_logged_without_its_content(open_driver, caplog):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(b"\r\n+CDS: 4\r\n00FFFFFFFF\r\n")
        assert heard(driver) == []
    assert "FFFF" not in caplog.text
    assert "5 octets" in caplog.text


def test_chatter_is_no_event(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(b"\r\n^RSSI:17\r\n\r\n+CREG: 1\r\n\r\nOK\r\n\r\n+CDS: 25\r\n\r\nRING\r\n")
        assert heard(driver) == []  # the header of a report whose PDU is lost


def test_receipt_that_nobody_waits_for(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(answer("+CMGS: 4"))
        assert heard(driver) == [LateReceipt(4)]
        assert driver.signal_dbm() == -71


def test_call_is_refused_before_the_next_command(open_driver, part):
    with Peer(ATH=ERROR) as peer:
        driver = open_driver(peer)
        peer.say(b'\r\nRING\r\n\r\n+CDSI: "SM",1\r\n')
        heard(driver)
        driver.submit(part, lambda: None)
        assert peer.seen[-4:] == ["ATH", "AT+CHUP", "AT+CMGS", PDU]
        driver.submit(part, lambda: None)
        assert peer.seen.count("ATH") == 1


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
        assert driver.registration() == Registration(True, False, "4G", "20601")
        assert driver.signal_dbm() == -71
        peer.replies |= {
            "AT+CEREG?": ERROR,
            "AT+COPS?": answer('+COPS: 0,2,"20801",0'),
            "AT+CSQ": answer("+CSQ: 99,99"),
        }
        assert driver.registration() == Registration(True, True, "2G", "20801")
        assert driver.signal_dbm() is None
        peer.replies |= {"AT+CREG?": answer("+CREG: 2,2")}
        assert driver.registration() == Registration(False, False, None, None)


def test_silent_modem_is_not_taken_for_unregistered(open_driver):
    with Peer(**{"AT+CEREG?": lambda peer: peer.silence(10)}) as peer:
        driver = open_driver(peer)
        with pytest.raises(ModemTimeout):
            driver.registration()


@pytest.mark.parametrize("reply", [OK, ERROR, Peer.vanish, lambda peer: peer.silence(10)])
def test_hold_link_never_fails(open_driver, reply):
    with Peer(**{"AT+CMMS=2": reply}) as peer:
        open_driver(peer).hold_link(True)


def test_closed_driver():
    driver = AtDriver("/dev/null", on_event=lambda: None)
    driver.close()
    assert driver.drain_events() == []
    with pytest.raises(PortGone):
        driver.signal_dbm()
