"""What comes in: directly, into the storages, and from people who call."""

from dataclasses import replace

import pytest

from modem.driver.base.interface import StoredEvent, UnreadableEvent
from modem.errors import CommandError
from modem.sms.message import Deliver, StatusReport
from tests.contract.bench import ANNA, BERT, nothing, part, within
from tests.simulator.dialects import PROFILES

# SCA, 04 DELIVER from BERT, "Bien"; 06 STATUS-REPORT about ANNA; 31 SUBMIT; and what nobody can read
TEXT = "07912374909999F9040B912374000000F3000062114202534440" + "04C274D90D"
REPORT = "07912374909999F906{:02X}0B912374000000F26211420252514062114202525140{:02X}"
SUBMIT = "0031000B912374000000F200002F04C274D90D"
GARBAGE = ("07912374909999F9040B9123", "07912374909999F9FF0B91")


def stored(bench, index, storage="SM", report=False):
    return StoredEvent(storage, index, report)


def test_inbound_text_waits_in_the_storage(bench):
    bench = bench()
    bench.driver.open()
    bench.host.order(f"inbound {BERT} Bien reçu €")
    place = bench.event(StoredEvent)
    assert not place.report
    for _ in range(2):  # it stays until it is deleted
        event = bench.driver.read_stored(place)
        assert isinstance(event, Deliver)
        assert (event.sender, event.text) == (BERT, "Bien reçu €")
    assert list(bench.driver.list_stored()) == [(place, event)]
    bench.driver.delete_stored(place)
    bench.driver.delete_stored(place)
    assert bench.driver.read_stored(place) is None
    assert list(bench.driver.list_stored()) == []


@pytest.mark.needs("port")
def test_long_inbound_text_in_parts(bench):
    bench = bench()
    bench.driver.open()
    text = " ".join(f"mot{number} été €" for number in range(36))
    bench.host.order(f"inbound {BERT} {text}")
    places = [bench.event(StoredEvent) for _ in range(3)]
    parts = [bench.driver.read_stored(place) for place in places]
    assert "".join(part.text for part in parts) == text
    assert [(part.concatenation.seq, part.concatenation.total) for part in parts] == [(1, 3), (2, 3), (3, 3)]
    assert len({part.concatenation.reference for part in parts}) == 1
    assert all(part.sent_at.utcoffset().total_seconds() == 0 for part in parts)


@pytest.mark.needs("port")
def test_all_that_waits_is_listed(bench):
    bench = bench()
    bench.driver.open()
    first, second = bench.put("SM", TEXT), bench.put("ME", REPORT.format(7, 0x46))
    bench.put("SM", SUBMIT, "submit")
    listed = dict(bench.driver.list_stored())
    text, report = listed.pop(stored(bench, first)), listed.pop(stored(bench, second, "ME", True))
    assert listed == {}
    assert (text.sender, text.text) == (BERT, "Bien")
    assert (report.reference, report.recipient, report.status) == (7, ANNA, 0x46)
    assert report.submitted_at.isoformat() == "2026-11-24T19:25:15+00:00"


@pytest.mark.needs("port")
def test_what_nobody_can_read_is_told_and_can_be_deleted(bench):
    bench = bench()
    bench.driver.open()
    places = {}
    for storage in ("SM", "ME"):
        for pdu in (GARBAGE[0], GARBAGE[1], TEXT):
            places[storage, bench.put(storage, pdu)] = pdu
    listed = list(bench.driver.list_stored())
    assert {(place.storage, place.index): _shown(content) for place, content in listed} == {
        place: ("Bien" if pdu == TEXT else pdu) for place, pdu in places.items()
    }
    for place, content in listed:
        assert bench.driver.read_stored(place) == content
        bench.driver.delete_stored(place)
        assert bench.driver.read_stored(place) is None
    assert list(bench.driver.list_stored()) == []
    assert bench.phone.storages["SM"].messages == bench.phone.storages["ME"].messages == {}


def _shown(content):
    return content.pdu if isinstance(content, UnreadableEvent) else content.text


@pytest.mark.needs("port")
def test_place_that_the_modem_does_not_free(bench):
    bench = bench(faults=["refuse:+CMGD"])
    bench.driver.open()
    place = stored(bench, bench.put("SM", TEXT))
    with pytest.raises(CommandError):
        bench.driver.delete_stored(place)
    assert isinstance(bench.driver.read_stored(place), Deliver)
    bench.driver.delete_stored(stored(bench, 9))


def test_empty_and_impossible_places(bench):
    bench = bench()
    bench.driver.open()
    for storage, index in (("SM", 3), ("SM", 999), ("ME", 1), ("XX", 1)):
        assert bench.driver.read_stored(stored(bench, index, storage)) is None
        bench.driver.delete_stored(stored(bench, index, storage))
    bench.driver.probe()


@pytest.mark.needs("port")
def test_storage_use(bench):
    bench = bench()
    bench.driver.open()
    for _ in range(3):
        bench.put("SM", TEXT)
        bench.put("ME", TEXT)
    for use in bench.driver.storage_use():
        assert (use.used, use.total) == (3, bench.phone.profile.memories[use.name])
    assert bench.driver.storage_use()


@pytest.mark.needs("port")
def test_many_at_once_while_nobody_drains(bench):
    """More than the ten that libgammu keeps for python-gammu."""
    bench = bench()
    bench.driver.open()
    bench.say(*(line for number in range(30) for line in ("+CDS: 25", REPORT.format(number, number % 2))))
    told = [bench.event(StatusReport) for _ in range(30)]
    assert [(report.reference, report.status) for report in told] == [(number, number % 2) for number in range(30)]
    assert told[0].recipient == ANNA
    assert told[0].submitted_at.isoformat() == "2026-11-24T19:25:15+00:00"


@pytest.mark.needs("port")
def test_direct_text_and_what_nobody_can_read(bench):
    bench = bench()
    bench.driver.open()
    bench.say("+CMT: ,22", TEXT, "+CDS: 4", GARBAGE[0], '+CMTI: "ME",7', '+CDSI: "SM",3')
    assert bench.event(Deliver).text == "Bien"
    assert bench.event(UnreadableEvent).pdu == GARBAGE[0]
    assert bench.event(StoredEvent) == StoredEvent("ME", 7, report=False)
    assert bench.event(StoredEvent) == StoredEvent("SM", 3, report=True)


@pytest.mark.needs("port")
@pytest.mark.parametrize("kind", ["default", "sim7600"])
def test_reports_where_the_modem_stores_them(bench, kind):
    """The texts' storage, or one for reports alone (SR)."""
    bench = bench(replace(PROFILES[kind], cnmi=((0, 1, 2), (0, 1, 2, 3), (0,), (0, 2), (0, 1))))
    bench.driver.open()
    bench.driver.submit(part(), nothing)
    place = bench.event(StoredEvent)
    assert place.report
    assert (place.storage == "SR") is (kind == "sim7600")
    assert bench.driver.read_stored(place).reference == 0
    bench.driver.delete_stored(place)
    assert list(bench.driver.list_stored()) == []


@pytest.mark.lacks("whole")
@pytest.mark.parametrize(
    "cnmi",
    [((0, 1, 2, 3), (0, 1), (0, 2, 3), (0, 2), (1,)), ((3,), (0, 1), (0,), (0, 1), (0,))],
    ids=["Cinterion MC75i", "mode 3"],
)
def test_texts_and_reports_where_the_modem_takes_another_routing(bench, cnmi):
    bench = bench(replace(PROFILES["default"], cnmi=cnmi, cnmi_told=""))
    bench.driver.open()
    bench.driver.submit(part(), nothing)
    assert isinstance(bench.report(), StatusReport)
    bench.host.order(f"inbound {BERT} Bien reçu")
    assert bench.driver.read_stored(bench.event(StoredEvent)).text == "Bien reçu"


@pytest.mark.needs("port")
def test_call_is_refused(bench):
    sent = []
    bench = bench(on_traffic=lambda direction, data: direction == "sent" and sent.append(data))
    bench.driver.open()
    bench.say("RING")
    within(5, lambda: bench.driver.probe() or any(data.startswith((b"ATH", b"AT+CHUP\r")) for data in sent))
