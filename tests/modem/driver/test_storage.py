"""The modem's storages: how full, what waits in each, and the dialects of listing."""

import time

import pytest

from modem.driver.base.interface import StorageUse, StoredEvent, UnreadableEvent
from modem.driver.dialogue import dialogue
from modem.driver.dialogue.storage import Entry, entries
from modem.errors import CommandError, ModemTimeout, PortGone
from modem.sms.incoming import decode_incoming
from tests.modem.driver.peer import DELIVER, ERROR, OK, PDU, REPORT, Peer, answer
from tests.modem.driver.submits import RECEIPT, after_silence, nothing

TEXT, REPORTED = decode_incoming(DELIVER), decode_incoming(REPORT)
EMPTY = b"\r\n+CMS ERROR: 321\r\n"
NONE = answer("+CPMS: 0,20,0,20,0,20")


def use(used, total=20):
    return answer(f"+CPMS: {used},{total},{used},{total},{used},{total}")


def stored(index, pdu, stat=0, name="SM"):
    return (StoredEvent(name, index, report=pdu == REPORT), TEXT if pdu == DELIVER else REPORTED)


def listing(*lines):
    return answer("\r\n".join(lines))


def modem(**replies):
    """SM with two messages; ME without any; no SR."""
    return {'AT+CPMS="SM"': use(2), 'AT+CPMS="ME"': NONE, **replies}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["+CMGL: 1,1,,22", DELIVER, "+CMGL: 3,0,,25", REPORT], [Entry(1, True, DELIVER), Entry(3, True, REPORT)]),
        (["+CMGL: 1,1,22", DELIVER], [Entry(1, True, DELIVER)]),
        (['+CMGL:0,0,"",22', DELIVER], [Entry(0, True, DELIVER)]),
        (['+CMGL: 7,"REC READ",,22', DELIVER], [Entry(7, True, DELIVER)]),
        (["+CMGL: 1,2,,22", "00", "+CMGL: 2,3,,22", "00"], [Entry(1, False, "00"), Entry(2, False, "00")]),
        (['+CMGL: 1,"STO SENT",,22', "00"], [Entry(1, False, "00")]),
        (["+CMGL: 1,1,,22", "+CMGL: 2,1,,22", DELIVER], [Entry(1, True, None), Entry(2, True, DELIVER)]),
        (["+CMGL: 1,1,,22", "not hexadecimal", DELIVER], [Entry(1, True, DELIVER)]),
        (["+CMGL: x,1,,22", DELIVER], []),
        ([DELIVER, "+CMGL: 4"], [Entry(4, True, None)]),
        (["+CMGL:", DELIVER, "+CMGL: 4,1,,22", DELIVER], [Entry(4, True, DELIVER)]),
        ([], []),
    ],
)
def test_listings(lines, expected):
    assert entries(lines) == expected


def test_all_that_waits_is_listed_and_stays(open_driver):
    replies = modem(
        **{
            'AT+CPMS="SR"': use(1),
            "AT+CMGL=4": [
                listing("+CMGL: 1,1,,22", DELIVER, "+CMGL: 2,2,,22", DELIVER, "+CMGL: 5,0,,25", REPORT),
                listing("+CMGL: 0,1,,25", REPORT),
            ],
        }
    )
    with Peer(**replies) as peer:
        driver = open_driver(peer)
        assert list(driver.list_stored()) == [stored(1, DELIVER), stored(5, REPORT), stored(0, REPORT, name="SR")]
    assert not [command for command in peer.seen if command.startswith("AT+CMGD")]
    assert peer.seen[-5:] == ['AT+CPMS="SM"', "AT+CMGL=4", 'AT+CPMS="ME"', 'AT+CPMS="SR"', "AT+CMGL=4"]


def test_a_listing_that_other_lines_interrupt(open_driver):
    said = f"\r\n+CMGL: 1,1,,22\r\n\r\n^RSSI:17\r\n{DELIVER}\r\n+CDS: 25\r\n{REPORT}\r\n+CMGL: 2,1,,22\r\n{DELIVER}\r\n"
    with Peer(**modem(**{"AT+CMGL=4": said.encode() + OK})) as peer:
        driver = open_driver(peer)
        assert list(driver.list_stored()) == [stored(1, DELIVER), stored(2, DELIVER)]
        assert driver.drain_events() == [REPORTED]


def test_a_place_whose_pdu_is_lost_is_read_alone(open_driver):
    replies = {
        "AT+CMGL=4": listing("+CMGL: 1,1,,22", "+CMGL: 2,1,,22", DELIVER),
        "AT+CMGR=1": listing("+CMGR: 1,,25", REPORT),
    }
    with Peer(**modem(**replies)) as peer:
        assert list(open_driver(peer).list_stored()) == [stored(1, REPORT), stored(2, DELIVER)]


@pytest.mark.parametrize(("first", "waited_s"), [(ERROR, 0), (Peer.ignore, 20)])
def test_a_modem_that_does_not_list_is_read_place_by_place(open_driver, first, waited_s):
    places = {f"AT+CMGR={index}": EMPTY for index in range(21)}
    places |= {
        "AT+CMGR=0": OK,
        "AT+CMGR=2": listing("+CMGR: 0,,22", DELIVER),
        "AT+CMGR=4": listing("+CMGR: 2,,22", "00"),
    }
    with Peer(**modem(**{"AT+CMGL=4": first, **places})) as peer:
        driver = open_driver(peer)
        for _ in range(2):
            assert list(driver.list_stored()) == [stored(2, DELIVER)]
        assert peer.clock.monotonic() == waited_s
        driver.open()
        list(driver.list_stored())
        assert peer.clock.monotonic() == waited_s  # remembered beyond the port
    assert peer.seen.count("AT+CMGR=4") == 3
    assert "AT+CMGR=5" not in peer.seen  # both of the two that are used were seen


def test_a_storage_that_was_refused_while_the_card_was_starting_is_asked_for_again(open_driver):
    refused = b"\r\n+CMS ERROR: 500\r\n"  # as an E3372 refuses everything
    card = {'AT+CPMS="SM"': [refused, use(1), use(1)], 'AT+CPMS="ME"': refused, 'AT+CPMS="SR"': refused}
    with Peer(**{"AT+CMGL=4": listing("+CMGL: 1,0,,22", DELIVER), "AT+CPMS?": refused, **card}) as peer:
        driver = open_driver(peer)
        assert list(driver.list_stored()) == []
        assert list(driver.list_stored()) == [stored(1, DELIVER)]
        asked = peer.seen.count('AT+CPMS="ME"')
        list(driver.list_stored())
    assert peer.seen.count('AT+CPMS="ME"') == asked  # it has none


def test_a_modem_that_is_silent_altogether_is_not_read_place_by_place(open_driver):
    with Peer(**modem(**{"AT+CMGL=4": Peer.ignore})) as peer:
        driver = open_driver(peer)
        peer.replies["AT"] = Peer.ignore
        with pytest.raises(ModemTimeout):
            list(driver.list_stored())
    assert peer.seen[-2:] == ["AT+CMGL=4", "AT"]


def test_a_listing_that_comes_late_is_no_answer_to_something_else(open_driver):
    late = listing("+CMGL: 1,1,,22", DELIVER)
    places = {"AT+CMGR=0": [late + EMPTY, EMPTY], "AT+CMGR=1": listing("+CMGR: 0,,25", REPORT)}
    with Peer(**modem(**{'AT+CPMS="SM"': use(1, 2), "AT+CMGL=4": Peer.ignore, **places})) as peer:
        driver = open_driver(peer)
        assert list(driver.list_stored()) == [stored(1, REPORT)]
        assert driver.drain_events() == []


def one_after_the_other(*answers):
    """What a modem says once it goes on, so late that the driver has acted on the one before."""

    def reply(peer):
        for answered in answers:
            peer.say(answered)
            time.sleep(0.05)

    return reply


def submit_to_a_modem_that_hangs(driver, peer, part):
    """It says nothing for two probes, and then answers the PDU and both."""
    peer.replies |= {PDU: after_silence(15), "AT": [Peer.ignore, one_after_the_other(RECEIPT + OK, OK)]}
    assert driver.submit(part, nothing) == 7


def delete_at_a_modem_that_hangs(driver, peer, _part):
    """It says nothing to the order, and then answers it and the probe."""
    peer.replies |= {"AT+CMGD=1": Peer.ignore, "AT": one_after_the_other(OK, OK)}
    with pytest.raises(ModemTimeout):
        driver.delete_stored(StoredEvent("SM", 1, report=False))
    driver.probe()


@pytest.mark.parametrize("hangs", [submit_to_a_modem_that_hangs, delete_at_a_modem_that_hangs])
def test_what_a_modem_that_hung_answers_late_is_not_taken_for_another_place(open_driver, part, hangs, monkeypatch):
    """Each answer would be taken for the next command's: a text is kept as that of another place, which is freed."""
    monkeypatch.setattr(dialogue, "OWED_S", 0.5)
    places = {f"AT+CMGR={index}": listing("+CMGR: 0,,22", pdu) for index, pdu in ((2, DELIVER), (3, REPORT))}
    with Peer(**modem(**places)) as peer:
        driver = open_driver(peer)
        hangs(driver, peer, part)
        read = [driver.read_stored(StoredEvent("SM", index, report=False)) for index in (2, 3)]
        assert read == [TEXT, REPORTED]


def test_a_storage_without_figures_is_listed_all_the_same(open_driver):
    with Peer(**modem(**{'AT+CPMS="SM"': OK, "AT+CMGL=4": listing("+CMGL: 1,1,,22", DELIVER)})) as peer:
        assert list(open_driver(peer).list_stored()) == [stored(1, DELIVER)]


def test_an_empty_storage_is_not_listed(open_driver):
    with Peer(**modem(**{'AT+CPMS="SM"': use(0)})) as peer:
        assert list(open_driver(peer).list_stored()) == []
    assert "AT+CMGL=4" not in peer.seen


def test_a_storage_that_is_refused_is_not_asked_for_again_unless_the_sim_was_busy(open_driver):
    with Peer(**modem(**{'AT+CPMS="ME"': [b"\r\n+CMS ERROR: 314\r\n", ERROR]})) as peer:
        driver = open_driver(peer)
        for _ in range(3):
            list(driver.list_stored())
    assert [peer.seen.count(f'AT+CPMS="{name}"') for name in ("SM", "ME", "SR")] == [3, 2, 1]


def test_report_is_read_and_deleted_where_it_is_announced(open_driver):
    with Peer(**{'AT+CPMS="SR"': use(1), "AT+CMGR=3": listing("+CMGR: 0,,25", REPORT)}) as peer:
        driver = open_driver(peer)
        peer.say(b'\r\n+CDSI: "SR",3\r\n')
        assert driver.heard.wait(30)
        (announced,) = driver.drain_events()
        assert announced == StoredEvent("SR", 3, report=True)
        assert driver.read_stored(announced) == REPORTED
        driver.delete_stored(announced)
    assert peer.seen[-3:] == ['AT+CPMS="SR"', "AT+CMGR=3", "AT+CMGD=3"]


def test_text_is_read_where_it_is_announced(open_driver):
    with Peer(**{"AT+CMGR=1": listing('+CMGR: 0,"",22', DELIVER)}) as peer:
        driver = open_driver(peer)
        peer.say(b'\r\n+CMTI: "SM",1\r\n')
        assert driver.heard.wait(30)
        (announced,) = driver.drain_events()
        assert announced == StoredEvent("SM", 1, report=False)
        assert driver.read_stored(announced) == TEXT
    assert peer.seen[-1:] == ["AT+CMGR=1"]  # set-up has selected SM


@pytest.mark.parametrize("reply", [OK, EMPTY, listing("+CMGR: 0,,0")])
def test_an_empty_place(open_driver, reply):
    with Peer(**{"AT+CMGR=1": reply, "AT+CMGD=1": EMPTY}) as peer:
        driver = open_driver(peer)
        announced = StoredEvent("SM", 1, report=True)
        assert driver.read_stored(announced) is None
        driver.delete_stored(announced)


def test_a_place_that_the_modem_does_not_free_is_told(open_driver):
    with Peer(**{"AT+CMGR=1": listing("+CMGR: 0,,22", DELIVER), "AT+CMGD=1": ERROR}) as peer:
        driver = open_driver(peer)
        with pytest.raises(CommandError):
            driver.delete_stored(StoredEvent("SM", 1, report=False))


def test_a_storage_that_does_not_exist(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        announced = StoredEvent("SR", 1, report=True)
        assert driver.read_stored(announced) is None
        driver.delete_stored(announced)
    assert not [command for command in peer.seen if command.startswith(("AT+CMGR", "AT+CMGD"))]


def test_what_cannot_be_decoded_is_told_as_it_is(open_driver):
    broken = DELIVER[:20]
    replies = {"AT+CMGR=1": listing("+CMGR: 0,,22", broken), "AT+CMGL=4": listing("+CMGL: 1,0,,22", broken)}
    with Peer(**modem(**replies)) as peer:
        driver = open_driver(peer)
        assert driver.read_stored(StoredEvent("SM", 1, report=False)) == UnreadableEvent(broken)
        assert list(driver.list_stored()) == [(StoredEvent("SM", 1, report=False), UnreadableEvent(broken))]


def test_bytes_that_the_line_lost_cost_no_text(open_driver):
    whole, cut = listing("+CMGR: 0,,22", DELIVER), listing("+CMGR: 0,,22", DELIVER[:-3])
    with Peer(**modem(**{"AT+CMGR=1": [cut, whole], "AT+CMGL=4": listing("+CMGL: 1,0,,22", DELIVER[:20])})) as peer:
        driver = open_driver(peer)
        assert driver.read_stored(StoredEvent("SM", 1, report=False)) == TEXT
        assert list(driver.list_stored()) == [stored(1, DELIVER)]


def test_use_is_of_what_receives(open_driver):
    with Peer(**{"AT+CPMS?": answer('+CPMS: "ME",0,255,"SM",0,20,"SM",7,20'), 'AT+CPMS="SR"': use(2, 5)}) as peer:
        assert open_driver(peer).storage_use() == [StorageUse("SM", 7, 20), StorageUse("SR", 2, 5)]


@pytest.mark.parametrize("reply", [ERROR, OK, answer("+CPMS: 1,20,1,20,1,20")])
def test_a_modem_that_does_not_say_how_full_it_is(open_driver, reply):
    with Peer(**{"AT+CPMS?": reply}) as peer:
        assert open_driver(peer).storage_use() == []


def test_the_port_vanishes_while_it_lists(open_driver):
    with Peer(**modem(**{"AT+CMGL=4": Peer.vanish})) as peer, pytest.raises(PortGone):
        list(open_driver(peer).list_stored())
