"""libgammu's phones that are no AT phones, by its own dummy: a folder."""

from datetime import UTC, datetime, timedelta, timezone

import gammu
import pytest

from modem.driver.gammu import GammuDriver
from modem.driver.gammu_process.content import content, event
from modem.driver.gammu_process.phone import Phone
from modem.driver.interface.protocol import Registration, StoredEvent
from modem.errors import CommandError, PduError, PortGone, ProtocolError, SubmitUnconfirmed
from tests.contract.bench import ANNA, BERT, nothing, part

BACKUP = """[SMSBackup000]
SMSC = "+32470999999"
State = UnRead
Number = "{number}"
Coding = Unicode_No_Compression
Folder = 1
Length = {length}
Class = -1
DateTime = 20261124T202515
Text00 = {text}
"""


@pytest.fixture
def phone(tmp_path):
    """`phone(**arguments)` → a driver at the dummy; each is closed."""
    made = []

    def make(folder=tmp_path, connection="none", **arguments):
        made.append(GammuDriver(str(folder), on_event=nothing, connection=connection, model="dummy", **arguments))
        return made[-1]

    yield make
    for driver in made:
        driver.close()


def put(folder, place, text, number=BERT):
    coded = text.encode("utf-16-be").hex().upper()
    (folder / "sms/1" / str(place)).write_text(BACKUP.format(number=number, length=len(text), text=coded))


@pytest.mark.slow
def test_all_that_the_dummy_can(phone, tmp_path):
    driver = phone()
    identity = driver.open()
    assert (identity.manufacturer, identity.model) == ("Gammu", "Dummy")
    assert (identity.imei, identity.imsi, identity.iccid) == ("999999999999999", "994299429942994", None)
    assert driver.capabilities == {"stored"}
    assert driver.registration() == Registration(True, False, None, "99999")
    assert driver.signal_dbm() is None
    driver.probe()
    driver.hold_link(True)
    assert not driver.switch_bearer()
    assert driver.submit(part("Forêt ’ 🚨", "ucs2"), nothing).reference == 255
    with pytest.raises(PduError):
        driver.submit(part(validity=None), pytest.fail)


@pytest.mark.slow
def test_what_waits_in_it(phone, tmp_path):
    driver = phone()
    driver.open()
    put(tmp_path, 1, "Bien reçu €")
    put(tmp_path, 7, "ligne\rsuite\x07\nfin", "Zone 5278")
    listed = driver.list_stored()
    assert [content.deliver.text for _, content in listed] == ["Bien reçu €", "lignesuite\nfin"]
    assert [content.deliver.sender for _, content in listed] == [BERT, "Zone 5278"]
    assert listed[0][1].deliver.sent_at == datetime(2026, 11, 24, 20, 25, 15, tzinfo=UTC)
    assert [(use.name, use.used) for use in driver.storage_use()] == [("SM", 2), ("ME", 0)]
    for place, told in listed:
        assert driver.read_stored(place) == told
        driver.delete_stored(place)
        driver.delete_stored(place)
        assert driver.read_stored(place) is None
    assert driver.list_stored() == []
    assert list((tmp_path / "sms/1").iterdir()) == []


@pytest.mark.slow
def test_phone_that_is_not_there(phone, tmp_path):
    with pytest.raises(PortGone):
        phone(tmp_path / "nowhere").open()
    with pytest.raises(CommandError):
        phone(connection="carrier pigeon").open()


@pytest.mark.slow
@pytest.mark.parametrize(("error", "cause"), [(PortGone, PortGone), (ProtocolError, type(None))])
def test_where_a_message_is_in_doubt_it_is_unconfirmed(phone, monkeypatch, error, cause):
    """A phone without a trail does not say how far libgammu came."""
    from modem.driver import gammu as driver_module

    driver = phone()
    driver.open()
    ask = driver_module.Child.ask

    def refused(child, call, timeout_s):
        if call.method == "submit":
            raise error("SendSMS")
        return ask(child, call, timeout_s)

    monkeypatch.setattr(driver_module.Child, "ask", refused)
    with pytest.raises(SubmitUnconfirmed) as unconfirmed:
        driver.submit(part(), nothing)
    assert isinstance(unconfirmed.value.__cause__, cause)


MESSAGE = {
    "Type": "Deliver",
    "Number": BERT,
    "Text": "Bien",
    "DateTime": datetime(2026, 11, 24, 20, 25, 15, tzinfo=timezone(timedelta(hours=1))),
    "SMSCDateTime": datetime(2026, 11, 24, 21, 0, 0, tzinfo=timezone(timedelta(hours=1))),
    "UDH": {"Type": "NoUDH", "ID8bit": 0, "ID16bit": 0, "PartNumber": -1, "AllParts": 0},
    "MessageReference": 7,
    "DeliveryStatus": 0x46,
}


class Full(Phone):
    """A phone that frees nothing; `kept` is what is at each of its places."""

    def __init__(self, *kept):
        self._kept = list(kept)

    def call(self, name, *place):
        if name == "DeleteSMS":
            raise CommandError(name)
        return self._kept


def test_place_that_is_not_freed():
    place = StoredEvent("SM", 1, report=False)
    Full().delete_stored(place)
    with pytest.raises(CommandError):
        Full(MESSAGE).delete_stored(place)


def test_what_the_callback_is_given():
    text = event(MESSAGE).deliver
    assert (text.sender, text.text, text.concatenation) == (BERT, "Bien", None)
    assert text.sent_at == datetime(2026, 11, 24, 19, 25, 15, tzinfo=UTC)
    report = event(MESSAGE | {"Type": "Status_Report", "Number": ANNA}).report
    assert (report.reference, report.recipient, report.status) == (7, ANNA, 0x46)
    assert (report.submitted_at.hour, report.discharged_at.hour) == (19, 20)
    assert event({"Location": 3, "Folder": 0, "InboxFolder": 1}) == StoredEvent("ME", 3, report=False)


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ((77, -1, 2, 3), (77, 2, 3)),
        ((-1, 777, 1, 2), (777, 1, 2)),
        ((0, -1, 1, 2), (0, 1, 2)),
        ((5, -1, 1, 1), None),
    ],
)
def test_parts_as_libgammu_tells_them(header, place):
    header = dict(zip(("ID8bit", "ID16bit", "PartNumber", "AllParts"), header, strict=True))
    found = content(MESSAGE | {"UDH": header}).deliver.concatenation
    assert (found and (found.reference, found.seq, found.total)) == place


def test_no_control_character_gets_out():
    told = content(MESSAGE | {"Number": "Zone\r\n\x1b", "Text": "a\r\nb\x00\x9f\u00a0é"}).deliver
    assert (told.sender, told.text) == ("Zone", "a\nb\u00a0é")


def test_time_without_a_zone_or_none_at_all():
    naive = content(MESSAGE | {"DateTime": datetime(2026, 11, 24, 20, 25, 15)}).deliver  # noqa: DTZ001
    assert naive.sent_at == datetime(2026, 11, 24, 20, 25, 15, tzinfo=UTC)
    unknown = content(MESSAGE | {"DateTime": None}).deliver
    assert abs(unknown.sent_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_wheel_brings_its_own_library():
    assert gammu.Version()[0] == gammu.Version()[2]
