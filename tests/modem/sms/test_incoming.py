from datetime import UTC, datetime, timedelta

import gammu
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from smspdudecoder.codecs import GSM

from modem.errors import PduError
from modem.sms.composition import normalise
from modem.sms.incoming import decode_incoming
from modem.sms.message import Concatenation, Deliver, StatusReport, report_outcome
from modem.sms.submit import encode_submit
from tests.modem.sms.examples import UCS2, parts_of, texts
from tests.modem.sms.independent import user_data
from tests.modem.sms.seeds import FRONT, PLAIN, REPORT, SEEDS

SENT_AT = datetime(2002, 8, 26, 19, 37, 41, tzinfo=UTC)


def text_of(user_data: str, dcs: int = 0, first: str = "04") -> Deliver:
    """`user_data` in hex, from TP-UDL on, in an otherwise ordinary SMS-DELIVER."""
    decoded = decode_incoming(FRONT.format(first=first, dcs=dcs) + user_data)
    assert isinstance(decoded, Deliver)
    return decoded


def test_a_plain_text() -> None:
    assert decode_incoming(PLAIN) == Deliver("+31641600986", "How are you?", SENT_AT, None)
    assert decode_incoming(PLAIN.lower() + "\r\n") == decode_incoming(PLAIN)


def test_a_status_report() -> None:
    report = decode_incoming(REPORT)
    assert report == StatusReport(
        reference=0xD6,
        recipient="+31628870634",
        submitted_at=datetime(2011, 1, 11, 16, 59, 15, tzinfo=UTC),
        status=0,
    )
    # optional fields may follow, and the service centre may be named
    assert decode_incoming("07911326040000F0" + REPORT[2:] + "FF") == report


def test_a_report_without_its_last_octet_is_not_delivered() -> None:
    """What libgammu would have said, and the reason why this decoder exists."""
    assert gammu.DecodePDU(bytes.fromhex(REPORT[:-2] + "46"))["DeliveryStatus"] == 0x46
    with pytest.raises(PduError, match="cut short"):
        decode_incoming(REPORT[:-2])


def test_every_status_is_read() -> None:
    for status in range(256):
        report = decode_incoming(f"{REPORT[:-2]}{status:02X}")
        assert isinstance(report, StatusReport)
        assert report.status == status


@pytest.mark.parametrize(("stamp", "zone"), [("20806291731408", 0), ("20806291731480", 8), ("2080629173140A", -20)])
def test_time_zones(stamp: str, zone: int) -> None:
    decoded = decode_incoming(PLAIN.replace("20806291731408", stamp))
    assert isinstance(decoded, Deliver)
    assert decoded.sent_at == SENT_AT - timedelta(minutes=15 * zone)
    assert decoded.sent_at.tzinfo is UTC


def test_a_zone_that_is_none_counts_as_utc() -> None:
    assert text_of("0141").sent_at == SENT_AT
    decoded = decode_incoming(PLAIN.replace("20806291731408", "208062917314FF"))
    assert isinstance(decoded, Deliver)
    assert decoded.sent_at == SENT_AT


NO_TIMES = [
    "00000000000000", "FFFFFFFFFFFFFF", "99999999999999", "2A806291731408",
    "20006291731408", "20310291731408",  # the months 0 and 13
    "20200391731408", "20800091731408",  # 30 February, the day 0
]  # fmt: skip


@pytest.mark.parametrize("stamp", NO_TIMES)
def test_a_stamp_that_is_no_time_costs_nobody_the_text(stamp: str) -> None:
    decoded = decode_incoming(PLAIN.replace("20806291731408", stamp))
    assert decoded == Deliver("+31641600986", "How are you?", None, None, stamp=stamp.lower())


def test_a_report_without_any_time_still_counts() -> None:
    report = decode_incoming(REPORT.replace("11101171957140", "00000000000000").replace("11101171955140", "F" * 14))
    assert isinstance(report, StatusReport)
    assert (report.reference, report.submitted_at) == (0xD6, None)


def test_a_report_with_one_time_stamp_left_out_still_counts() -> None:
    report = decode_incoming(REPORT.replace("11101171957140", "00000000000000"))
    assert isinstance(report, StatusReport)
    assert report.submitted_at == datetime(2011, 1, 11, 16, 59, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("0B911346610089F6", "+31641600986"),
        ("0B811346610089F6", "31641600986"),
        ("0A811032547698", "0123456789"),
        ("0481BADC", "*#ab"),
        ("0BD0CDE6DB5DCE03", "MMoney"),
        ("14D0C4F23C7D760390EF7619", "Design@Home"),
        ("0091", ""),
        ("00D0", ""),
    ],
)
def test_senders(address: str, sender: str) -> None:
    decoded = decode_incoming(f"0004{address}0000208062917314080141")
    assert isinstance(decoded, Deliver)
    assert decoded.sender == sender


@pytest.mark.parametrize(
    ("name", "sender"), [("A\rAT", "AAT"), ("A\nB", "AB"), ("\r\nAT+CFUN", "AT+CFUN"), ("A\fB", "AB")]
)
def test_control_characters_in_a_sender_never_become_a_command(name: str, sender: str) -> None:
    packed = GSM.encode(name)
    septets = len(name) + name.count("\f")
    decoded = decode_incoming(f"0004{(septets * 7 + 3) // 4:02X}D0{packed}0000208062917314080141")
    assert isinstance(decoded, Deliver)
    assert decoded.sender == sender


@pytest.mark.parametrize(
    ("septets", "text"),
    [
        ((0x41, 0x1B, 0x65, 0x42), "A€B"),
        ((0x1B, 0x65) * 3, "€€€"),
        ((0x41, 0x1B), "A"),  # an escape with nothing after it
        ((0x1B, 0x1B, 0x41), " A"),
        ((0x1B, 0x41, 0x42), "AB"),  # a code that the extension lacks
        ((0x41, 0x0D, 0x0A, 0x42, 0x0D, 0x43, 0x0A), "A\nB\nC\n"),
        ((0x1B, 0x0A, 0x41), "A"),  # form feed
        ((0x09, 0x00), "Ç@"),
        ((), ""),
    ],
)
def test_septets(septets: tuple[int, ...], text: str) -> None:
    assert text_of(packed(septets)).text == text


def packed(septets: tuple[int, ...]) -> str:
    """TP-UDL and the packed octets."""
    bits = sum(septet << 7 * place for place, septet in enumerate(septets))
    return f"{len(septets):02X}{bits.to_bytes((7 * len(septets) + 7) // 8, 'little').hex()}"


@pytest.mark.parametrize(
    ("user_data", "text"),
    [
        ("0800E9D83DDEA8007E", "é🚨~"),
        ("060041D83D0042", "A\ufffdB"),  # a phone that cut a surrogate pair in two
        ("0500410042FF", "AB"),
        ("0800410000001B000A", "A\n"),
        ("00", ""),
    ],
)
def test_ucs2(user_data: str, text: str) -> None:
    assert text_of(user_data, dcs=0x08).text == text


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("0500034D0301", Concatenation(77, 1, 3)),
        ("060804ABCD0302", Concatenation(0xABCD, 2, 3)),
        ("0824010100034D0303", Concatenation(77, 3, 3)),
        ("0500034D0304", None),  # part 4 of 3
        ("0500034D0300", None),
        ("0400024D03", None),
        ("0100", None),
        ("0500FF4D0301", None),
        ("00", None),
    ],
)
def test_concatenation(header: str, found: Concatenation | None) -> None:
    size = len(header) // 2
    decoded = text_of(f"{size + 4:02X}{header}00410042", dcs=0x08, first="44")
    assert (decoded.text, decoded.concatenation) == ("AB", found)


@pytest.mark.parametrize(
    ("dcs", "text"),
    [
        *((dcs, "How ") for dcs in (0x00, 0x01, 0x0C, 0x10, 0x11, 0x40, 0x80, 0xC0, 0xC8, 0xD0, 0xF0, 0xF1)),
        *((dcs, "죷ᴔ") for dcs in (0x08, 0x18, 0x48, 0xE0, 0xE8)),
        *((dcs, None) for dcs in (0x04, 0x14, 0x20, 0x28, 0x60, 0xF4, 0xF5)),  # data, and compressed
    ],
)
def test_coding_schemes(dcs: int, text: str | None) -> None:
    if text is None:
        with pytest.raises(PduError):
            text_of("04C8F71D14", dcs=dcs)
    else:
        assert text_of("04C8F71D14", dcs=dcs).text == text


@pytest.mark.parametrize(
    "pdu",
    [
        "", "0", "00", "zz", "é", "07911326", "0001", "0003", "0011000B911346610089F60000AA0141",
        PLAIN[:-2],  # user data cut short
        FRONT.format(first="44", dcs=8) + "0306004D",
    ],
)  # fmt: skip
def test_what_is_neither_text_nor_report_is_refused(pdu: str) -> None:
    with pytest.raises(PduError):
        decode_incoming(pdu)


def delivered(submit_hex: str, msisdn: str) -> str:
    """The same user data as the recipient's phone would get them."""
    length_at = 10 + 2 * (len(msisdn) // 2) + 6
    dcs = int(submit_hex[length_at - 4 : length_at - 2], 16)
    first = "44" if submit_hex.startswith("0071") else "04"
    return FRONT.format(first=first, dcs=dcs) + submit_hex[length_at:]


@pytest.mark.slow
@given(texts.filter(normalise), st.integers(0, 255))
@example(UCS2, 0)
@example("€[~]" * 200, 255)
def test_what_libgammu_packs_is_unpacked_as_the_independent_decoder_does(text: str, reference: int) -> None:
    read = []
    for part in parts_of(text, reference=reference):
        pdu = delivered(encode_submit(part), part.msisdn)
        decoded = decode_incoming(pdu)
        assert isinstance(decoded, Deliver)
        length_at = len(FRONT.format(first="04", dcs=0))
        told = user_data(pdu[length_at:], ucs2=part.encoding == "ucs2", has_header=part.total > 1)
        assert told.text == part.text
        joined = Concatenation(reference, part.seq, part.total) if part.total > 1 else None
        assert decoded.concatenation == joined
        assert decoded.text == part.text.replace("\f", "")
        read.append(decoded.text)
    assert "".join(read) == normalise(text)


changes = st.lists(st.tuples(st.sampled_from("sdi"), st.integers(0, 60), st.integers(0, 255)), max_size=6)


def mutated(seed: str, edits: list[tuple[str, int, int]]) -> str:
    octets = bytearray.fromhex(seed)
    for kind, at, octet in edits:
        at %= len(octets) + 1
        octets[at : at + (kind != "i")] = b"" if kind == "d" else bytes([octet])
    return octets.hex()


@given(
    st.one_of(st.builds(mutated, st.sampled_from(SEEDS), changes), st.binary(max_size=200).map(bytes.hex), st.text())
)
def test_mutated_pdus_raise_nothing_else_and_yield_nothing_dirty(pdu: str) -> None:
    try:
        decoded = decode_incoming(pdu)
    except PduError:
        return
    shown = decoded.sender + decoded.text if isinstance(decoded, Deliver) else decoded.recipient
    assert not any((char < " " and char != "\n") or "\x7f" <= char <= "\x9f" for char in shown)
    shown.encode()
    if isinstance(decoded, Deliver):
        assert "\n" not in decoded.sender


@pytest.mark.slow
@given(st.builds(mutated, st.sampled_from(SEEDS), changes))
def test_libgammu_agrees_on_whole_reports(pdu: str) -> None:
    try:
        ours = decode_incoming(pdu)
        theirs = gammu.DecodePDU(bytes.fromhex(pdu))
    except (PduError, gammu.GSMError, ValueError):
        return
    if isinstance(ours, StatusReport) and theirs["Type"] == "Status_Report":
        assert (ours.reference, ours.status) == (theirs["MessageReference"], theirs["DeliveryStatus"])


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([0x00], "delivered"),
        (range(0x01, 0x40), "pending"),
        ([0x46], "expired"),
        ([*range(0x40, 0x46), *range(0x47, 0x80)], "undelivered"),
        (range(0x80, 0x100), "pending"),
    ],
)
def test_outcomes(statuses: list[int], outcome: str) -> None:
    assert {report_outcome(status) for status in statuses} == {outcome}
