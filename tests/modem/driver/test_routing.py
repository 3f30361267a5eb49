"""How texts and reports are asked for (AT+CNMI), and acknowledged where a modem wants that (AT+CNMA)."""

import pytest

from modem.driver.dialogue.routing import indications
from tests.modem.driver.peer import DELIVER, ERROR, OK, PDU, REPORT, Peer, answer

NONE_EXPECTED = b"\r\n+CMS ERROR: 340\r\n"


@pytest.mark.parametrize(
    ("listed", "first"),
    [
        ("(0-2),(0-3),(0,2),(0-2),(0,1)", "2,1,0,1,0"),
        ("(0-3),(0,1),(0,2,3),(0,2),(1)", "2,1,0,2,1"),  # Cinterion MC75i: gammu/gammu, pull request 1207
        ("(0,1,2),(0,1),(0,2),(0),(1)", "2,1,0,0,1"),  # Cinterion PHS8: ModemManager's mm-modem-helpers-cinterion
        ("(0-3),(0-3),(0,2,3),(0-2),(1)", "2,1,0,1,1"),  # warthog618/modem, pull request 8
        ("(0,1),(0-3),(0,2),(0-2),(0,1)", "1,1,0,1,0"),
        ("(3),(0,2),(0),(0,1)", "3,2,0,1"),  # Nordic nRF9160: neither a storage nor a fifth figure
        ("(3),(1),(0),(0),(0)", "3,1,0,0,0"),  # Samsung's telephones
        ("3,1,0,1,0", "3,1,0,1,0"),
        ("( 0 - 2 ), (0, 1), (0,2), (2), (0)", "2,1,0,2,0"),
        ("(0),(0-3),(0),(0),(0)", "0,1,0,0,0"),
        ("(2),(2),(2),(2),(2)", "2,2,2,2,2"),
        ("(),(),(),(),()", "2,1,0,1,0"),
        ("(0-2)", "2,1,0,1,0"),
        ("", "2,1,0,1,0"),
    ],
)
def test_each_figure_is_the_best_of_those_that_the_modem_lists(open_driver, listed, first):
    with Peer(**{"AT+CNMI=?": answer(f"+CNMI: {listed}")}) as peer:
        open_driver(peer)
    assert [command for command in peer.seen if command.startswith("AT+CNMI=")] == ["AT+CNMI=?", f"AT+CNMI={first}"]


def test_modes_and_reports_that_are_listed_and_refused_leave_the_next():
    """Qualcomm's MSM lists mode 2 and refuses it, others list ds=1 and refuse it (ofono, ModemManager)."""
    tried = indications([[0, 1, 2], [0, 1], [0, 2], [0, 1, 2], [0, 1]])
    assert tried == [f"AT+CNMI={mode},1,0,{reports},0" for reports in (1, 2, 0) for mode in (2, 1)]


def acknowledging(**replies):
    """Of a modem that knows AT+CSMS=1 only."""
    return Peer(**{"AT+CSMS=0": ERROR, "AT+CNMI=?": answer("+CNMI: (3),(0,2),(0),(0,1)"), **replies})


def hear(driver):
    assert driver.heard.wait(30)
    driver.heard.clear()
    return driver.drain_events()


def after_opening(peer):
    return peer.seen[peer.seen.index("AT+CNMI?") + 1 :]


def test_what_is_said_directly_is_acknowledged_once_it_was_stored(open_driver):
    with acknowledging() as peer:
        driver = open_driver(peer)
        peer.say(f"\r\n+CMT: ,22\r\n{DELIVER}\r\n".encode())
        assert len(hear(driver)) == 1
        assert after_opening(peer) == []  # nobody has stored it yet
        assert driver.heard.is_set()  # so that it is not waited for
        assert driver.drain_events() == []
        assert after_opening(peer) == ["AT+CNMA"]
        driver.drain_events()
    assert after_opening(peer) == ["AT+CNMA"]


def test_a_report_of_the_submit_before_is_acknowledged_before_the_next(open_driver, part):
    with acknowledging(PDU=[answer("+CMGS: 7"), answer("+CMGS: 8")]) as peer:
        driver = open_driver(peer)
        driver.submit(part, lambda: None)
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode())
        assert [event.reference for event in hear(driver)] == [7]
        driver.submit(part, lambda: None)
    assert after_opening(peer) == ["AT+CMGS", PDU, "AT+CNMA", "AT+CMGS", PDU]


def test_an_acknowledgement_that_came_too_late_is_followed_by_the_routing_anew(open_driver):
    """Without one in time the modem has set <mt> and <ds> to zero (27.005 § 3.4.1)."""
    refused = dict.fromkeys(("AT+CNMA", "AT+CNMA=1", "AT+CNMA=0"), NONE_EXPECTED)
    with acknowledging(**refused) as peer:
        driver = open_driver(peer)
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode())
        hear(driver)
        driver.drain_events()
    assert after_opening(peer) == [*refused, "AT+CNMI=3,2,0,1"]


@pytest.mark.parametrize("service", ["AT+CSMS=0", None])
def test_who_wants_none_gets_none_and_who_tells_nothing_of_it_gets_one(open_driver, service):
    with Peer(**({} if service else {"AT+CSMS=0": ERROR, "AT+CSMS=1": ERROR})) as peer:
        driver = open_driver(peer)
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode())
        hear(driver)
        driver.drain_events()
    assert after_opening(peer) == ([] if service else ["AT+CNMA"])


def test_an_acknowledgement_without_an_answer_keeps_nothing_back(open_driver, part):
    with acknowledging(**{"AT+CNMA": [Peer.ignore, OK]}) as peer:
        driver = open_driver(peer)
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode())
        hear(driver)
        assert driver.drain_events() == []
        assert peer.clock.monotonic() == 5
        assert driver.submit(part, lambda: None) == 1


def test_an_acknowledgement_after_a_lost_answer_is_not_taken_for_it(open_driver):
    """AT+CNMA tells nothing, so an OK without a line is its own."""
    with acknowledging(**{"AT+CSQ": Peer.ignore}) as peer:
        driver = open_driver(peer)
        assert driver.signal_dbm() is None
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode())
        hear(driver)
        before_s = peer.clock.monotonic()
        driver.drain_events()
        assert peer.clock.monotonic() == before_s
