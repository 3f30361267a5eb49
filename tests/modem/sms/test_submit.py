from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smspdudecoder.codecs import GSM
from smspdudecoder.fields import SMSSubmit

from modem.errors import PduError
from modem.sms.alphabet import SEPTETS
from modem.sms.composition import count, normalise
from modem.sms.message import OutgoingPart
from modem.sms.submit import encode_submit, tp_vp
from tests.modem.sms.examples import ALERT, THREE_PARTS, UCS2, msisdns, parts_of, texts, validities
from tests.modem.sms.independent import user_data

ONE = OutgoingPart("+32470123456", "Bonjour", "gsm7", 1, 1, 0, timedelta(hours=4))


def changed(**changes: Any) -> OutgoingPart:
    return OutgoingPart(**({name: getattr(ONE, name) for name in OutgoingPart.__slots__} | changes))


@pytest.mark.parametrize(
    ("part", "pdu"),
    [
        # first octet 31: a report requested, relative validity; 2F: 4 hours
        (ONE, "0031000B912374103254F600002F07" + GSM.encode("Bonjour")),
        (changed(text="€", msisdn="+3247012345"), "0031000A91237410325400002F029B32"),
        (changed(text="ê🚨~", encoding="ucs2"), "0031000B912374103254F600082F0800EAD83DDEA8007E"),
        # 21: no validity, and its octet is not there
        (changed(validity=None), "0021000B912374103254F6000007" + GSM.encode("Bonjour")),
        # 71: and a header: 05 00 03 reference total seq, one fill bit
        (changed(text="abc€", seq=1, total=3, reference=77), "0071000B912374103254F600002F0C0500034D0301C2E2F1A60C"),
        (changed(text="ab", encoding="ucs2", seq=3, total=3, reference=255),
         "0071000B912374103254F600082F0A050003FF030300610062"),
    ],
)  # fmt: skip
def test_known_pdus(part: OutgoingPart, pdu: str) -> None:
    encoded = encode_submit(part)
    assert encoded == pdu


def assert_exact(part: OutgoingPart) -> None:
    """What a decoder that is not ours, and not libgammu, reads is what was asked for."""
    encoded = encode_submit(part)
    assert encoded.startswith("00")
    read = SMSSubmit.decode(StringIO(encoded))
    assert read["recipient"]["number"] == part.msisdn[1:]
    assert read["recipient"]["toa"] == {"ton": "international", "npi": "isdn"}
    joined = part.total > 1
    assert read["header"] == {"rp": False, "udhi": joined, "srr": True, "vpf": 2, "rd": False, "mti": "submit"}
    assert (read["pid"], read["vp"]) == (0, tp_vp(part.validity))
    assert read["dcs"]["encoding"] == {"gsm7": "gsm", "ucs2": "ucs2"}[part.encoding]
    length_at = 10 + 2 * (len(part.msisdn) // 2) + 6
    told = user_data(encoded[length_at:], ucs2=part.encoding == "ucs2", has_header=joined)
    assert told.text == part.text
    assert told.octets <= 140
    place = {"reference": part.reference, "parts_count": part.total, "part_number": part.seq}
    assert told.elements == ([{"iei": 0, "length": 3, "data": place}] if joined else [])


@pytest.mark.parametrize("text", [ALERT, THREE_PARTS, UCS2, "~" * 70 + "ê", "🚨" * 100, "€" * 300])
def test_the_examples_survive(text: str) -> None:
    parts = parts_of(text)
    for part in parts:
        assert_exact(part)
    assert "".join(part.text for part in parts) == text


def test_every_character_of_the_alphabet_survives() -> None:
    for char in SEPTETS:
        assert_exact(changed(text=f"x{char}y"))
        assert_exact(changed(text=char * 70, seq=1, total=2, reference=1))


@pytest.mark.slow
@given(texts.filter(normalise), msisdns, st.integers(0, 255), validities)
def test_any_text_survives(text: str, msisdn: str, reference: int, validity: timedelta) -> None:
    for part in parts_of(text, msisdn, reference, validity=validity):
        assert_exact(part)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=80), st.sampled_from(["gsm7", "ucs2"]))
def test_exact_or_refused_whatever_the_caller_hands_over(text: str, encoding: Any) -> None:
    part = changed(text=text, encoding=encoding)
    try:
        encode_submit(part)
    except PduError:
        return
    assert_exact(part)


@pytest.mark.parametrize(
    "part",
    [
        changed(text="ça"),
        changed(text="n’ouvrez"),
        changed(text="a\x1bb"),
        changed(text="a\x00b", encoding="ucs2"),
        changed(text="\ud83d", encoding="ucs2"),
        changed(text="a" * 161),
        changed(text="a" * 154, total=2),
        changed(text="ê" * 71, encoding="ucs2"),
        changed(text="ê" * 68, encoding="ucs2", total=2),
        changed(msisdn="0470123456"),
        changed(msisdn="+32 470 12 34 56"),
        changed(msisdn="+3247012345\n"),
        changed(msisdn="101"),
        changed(msisdn="+٣٢٤٧٠١٢٣٤٥٦"),
        changed(seq=2),
        changed(seq=0, total=2),
        changed(total=256),
        changed(reference=256, total=2),
    ],
)
def test_refused(part: OutgoingPart) -> None:
    with pytest.raises(PduError):
        encode_submit(part)


MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@pytest.mark.parametrize(
    ("validity", "octet"),
    [
        (-HOUR, 0), (0 * HOUR, 0), (5 * MINUTE, 0), (5 * MINUTE + timedelta(microseconds=1), 1), (HOUR, 11),
        (4 * HOUR, 0x2F), (12 * HOUR, 143), (12 * HOUR + MINUTE, 144), (24 * HOUR, 167), (24 * HOUR + MINUTE, 168),
        (2 * DAY, 168), (29 * DAY, 195), (30 * DAY, 196), (30 * DAY + MINUTE, 197), (5 * WEEK, 197),
        (38 * WEEK, 230), (63 * WEEK, 255), (70 * WEEK, 255),
    ],
)  # fmt: skip
def test_validity_octets(validity: timedelta, octet: int) -> None:
    assert tp_vp(validity) == octet


def stands_for(octet: int) -> timedelta:
    """The table of 3GPP TS 23.040 § 9.2.3.12.1, read the other way round."""
    if octet <= 143:
        return (octet + 1) * 5 * MINUTE
    if octet <= 167:
        return 12 * HOUR + (octet - 143) * 30 * MINUTE
    return (octet - 166) * DAY if octet <= 196 else (octet - 192) * WEEK


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=63 * WEEK))
def test_validity_is_rounded_up_to_the_next_step(validity: timedelta) -> None:
    octet = tp_vp(validity)
    assert stands_for(octet) >= validity
    assert octet == 0 or stands_for(octet - 1) < validity


def test_the_live_counter_and_the_codec_agree_on_the_limit() -> None:
    text = "€" * 40 + "a" * 80
    assert count(text).remaining == 0
    assert_exact(changed(text=text))
