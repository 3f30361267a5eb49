"""The simulator's reading and writing of TPDUs against libgammu, which is not its own."""

import gammu
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.modem.sim.desk import ANNA, NOW, tpdus, with_reference
from tests.simulator.base import tpdu
from tests.simulator.base.tpdu import Concatenation, make_report, read_number, read_submit, split_smsc
from tests.simulator.deliver import make_delivers

EVERY_GSM_CHARACTER = "".join(c for c in tpdu.BASIC if c != "\x1b") + "".join(tpdu.EXTENSION.values())


@pytest.mark.parametrize(
    ("text", "ucs2"),
    [
        ("abcde€", False),  # an escape pair and seven spare bits: no @ at the end
        ("a", False),
        ("[{~}]^|\\€" * 20, False),
        ("x" * 160, False),
        ("x" * 152 + "€" + "y" * 200, False),
        ("voilà ù Δ Ω @", False),
        ("ê œ ’ 🚨 ", True),
        ("🚨" * 100, True),
        ("ç" * 71, True),
    ],
)
def test_text_of_submits_is_read_exactly(text: str, ucs2: bool) -> None:
    read = [read_submit(tpdu) for tpdu in tpdus(text, ucs2=ucs2)]
    assert "".join(part.text for part in read) == text
    assert {part.encoding for part in read} == {"ucs2" if ucs2 else "gsm7"}
    assert {part.to for part in read} == {ANNA}
    assert all(part.wants_report for part in read)
    chains = [part.concatenation for part in read]
    if len(read) > 1:
        assert [(chain.number, chain.total) for chain in chains if chain] == [
            (number, len(read)) for number in range(1, len(read) + 1)
        ]
    else:
        assert chains == [None]


def test_every_character_of_the_alphabet_survives_packing() -> None:
    septets = tpdu.to_septets(EVERY_GSM_CHARACTER)
    assert septets is not None
    assert tpdu.from_septets(tpdu.unpack(tpdu.pack(septets), len(septets))) == EVERY_GSM_CHARACTER
    assert len(EVERY_GSM_CHARACTER) == 127 + 10


@pytest.mark.slow
@given(st.text(alphabet=EVERY_GSM_CHARACTER, max_size=160), st.integers(0, 6))
def test_packing_is_undone_by_unpacking(text: str, fill: int) -> None:
    septets = tpdu.to_septets(text) or []
    packed = tpdu.pack(septets, fill)
    shifted = (int.from_bytes(packed, "little") >> fill).to_bytes(len(packed), "little")
    assert tpdu.from_septets(tpdu.unpack(shifted, len(septets))) == text


def test_no_reference_disturbs_the_text() -> None:
    first, _second = tpdus("x" * 200)
    for reference in range(256):
        read = read_submit(with_reference(first, reference))
        assert read.text == "x" * 153
        assert read.concatenation == Concatenation(reference, 2, 1, wide=False)


def test_a_reference_of_16_bits_is_read() -> None:
    body = "héro".encode("utf-16-be")
    header = bytes.fromhex("06080412340301")
    tpdu = bytes.fromhex("41000b912374000000f10008") + bytes([len(header) + len(body)]) + header + body
    read = read_submit(tpdu)
    assert read.concatenation == Concatenation(0x1234, 3, 1, wide=True)
    assert (read.text, read.wants_report) == ("héro", False)


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("0b912374000000f1", "+32470000001"),
        ("0d81002374000000f1", "+32470000001"),
        ("0a814007000010", "+32470000001"),
        ("0a8140070000f0", None),  # a filler where a digit must be
        ("0481101f", None),
    ],
)
def test_numbers_are_read_as_e164(address: str, number: str | None) -> None:
    field = bytes.fromhex(address)
    if number is None:
        with pytest.raises(ValueError, match="address"):
            read_number(field)
    else:
        assert read_number(field) == number


@given(st.binary(max_size=180))
def test_garbage_raises_only_value_errors(octets: bytes) -> None:
    for read in (read_submit, split_smsc):
        try:
            read(octets)
        except ValueError:
            continue


@given(st.integers(0, 40), st.integers(0, 255))
def test_a_damaged_submit_raises_only_value_errors(position: int, value: int) -> None:
    tpdu = bytearray(tpdus("été " * 60)[0])
    tpdu[position] = value
    try:
        read_submit(bytes(tpdu))
    except ValueError:
        return


@pytest.mark.parametrize("cut", [1, 5, 12, 13, 20])
def test_a_submit_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_submit(tpdus("bonjour")[0][:cut])


@pytest.mark.parametrize(
    ("text", "parts"),
    [("ça va 🚨", 1), ("bonjour {€}", 1), ("x" * 152 + "€" * 30, 2), ("é🚨" * 50, 3), ("🚨" * 35, 1)],
)
def test_delivers_are_read_by_gammu(text: str, parts: int) -> None:
    smsc = bytes.fromhex("07912374999999f9")
    read = [gammu.DecodePDU(smsc + tpdu) for tpdu in make_delivers(ANNA, text, 7, NOW)]
    # python-gammu 3.5.1 goes on reading behind the end of a text with escape pairs
    assert "".join(part["Text"].split("\0")[0] for part in read) == text
    assert len(read) == parts
    assert {part["Number"] for part in read} == {ANNA}
    assert read[0]["DateTime"].timestamp() == pytest.approx(NOW, abs=1)


def test_a_sender_of_letters_is_read_by_gammu() -> None:
    (tpdu,) = make_delivers("PoliceZone", "oui", 0, NOW)
    assert gammu.DecodePDU(bytes.fromhex("07912374999999f9") + tpdu)["Number"] == "PoliceZone"


def test_a_report_is_read_by_gammu() -> None:
    report = make_report(read_submit(tpdus("x")[0]).address, 201, 0x46, NOW, NOW + 3)
    read = gammu.DecodePDU(bytes.fromhex("07912374999999f9") + report)
    assert (read["Type"], read["Number"], read["MessageReference"]) == ("Status_Report", ANNA, 201)
    assert report[-1] == 0x46
    assert (read["SMSCDateTime"] - read["DateTime"]).total_seconds() == 3
