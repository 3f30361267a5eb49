"""What people type as a number: read into E.164, or refused with the reason.

The cases: docs/reference/modem-facts.md, "Numbers".
"""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.numbers import half_masked, masked, parse_mobile, parse_phone, shown, telephone
from rules.refusals import Refusal

SHORT = "numéro court ou d'urgence"
LIEGE = "fixe de la région liégeoise"
MISSING = "il manque un chiffre"
NO_NUMBER = "n'est pas un numéro de téléphone"
FOREIGN = "seuls les GSM belges"
PREMIUM = "070 et 090x"


@pytest.mark.parametrize(
    "text",
    [
        "0475/12.34.56",
        "0475 12 34 56",
        "0475-12-34-56",
        "0475.123.456",
        "0032 475 12 34 56",
        "0032475123456",
        "+32 475 12 34 56",
        "+32 (0)475 12 34 56",
        "+32(0)475/123456",
        "+32 ( 0 ) 475 123456",
        "0032 (0) 475 123456",
        "(0475) 12 34 56",
        "32475123456",
        # a spreadsheet takes the zero away
        "475123456",
        " 0475\u00a012\u202f34\u201156 ",
        # digits of other scripts are digits
        "٠٤٧٥١٢٣٤٥٦",
        "０４７５１２３４５６",
    ],
)
def test_one_number_however_it_is_typed(text):
    assert parse_mobile(text) == "+32475123456"


@pytest.mark.parametrize("prefix", ["455", "456", "460", "465", "466", "468", "470", "479", "483", "489", "490", "499"])
def test_every_belgian_mobile_range_is_taken(prefix):
    assert parse_mobile(f"0{prefix}000001") == f"+32{prefix}000001"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "vide"),
        (" \t\n", "vide"),
        ("()-./", "vide"),
        ("(0)", "vide"),
        ("04 234 56 78", LIEGE),
        ("+32 4 230 00 00", LIEGE),
        ("04/330 40 00", LIEGE),
        ("+32 43 30 40 00", LIEGE),
        ("0475 12 34 5", MISSING),
        ("+32 499 12 34 5", MISSING),
        ("0461 12 34 56", "GSM-R"),
        ("+32461123456", "GSM-R"),
        ("101", SHORT),
        ("112", SHORT),
        ("100", SHORT),
        ("1207", SHORT),
        ("+101", SHORT),
        ("١٠١", SHORT),
        ("0", SHORT),
        ("070 12 34 56", PREMIUM),
        ("0900 12 345", PREMIUM),
        ("+32 903 12345", PREMIUM),
        ("02 512 34 56", "fixe, il faut un GSM"),
        ("081 22 34 56", "fixe, il faut un GSM"),
        ("0800 12 345", "GSM belge valable"),
        ("0475 12 34 56 7", "un chiffre de trop"),
        ("+33 6 12 34 56 78", FOREIGN),
        ("+352 621 123 456", FOREIGN),
        ("0049 151 12345678", FOREIGN),
        ("+31 6 12345678", FOREIGN),
        ("+1 202 555 0123", FOREIGN),
        ("+999 123456789", NO_NUMBER),
        ("0475 12 34 56 / 0476 12 34 56", NO_NUMBER),
        ("0475 12 34 56 ext 3", NO_NUMBER),
        ("++32475123456", NO_NUMBER),
        ("32+475123456", NO_NUMBER),
        ("0475,123456", NO_NUMBER),
        ("0475\x00123456", NO_NUMBER),
        ("4.75123456E8", NO_NUMBER),
        ("²³⁴⁵⁶⁷⁸⁹⁰", NO_NUMBER),
        ("{text} {0}", NO_NUMBER),
        ("mon gsm", NO_NUMBER),
        ("9" * 5000, NO_NUMBER),
    ],
)
def test_what_is_no_mobile_is_refused_with_the_reason(text, reason):
    with pytest.raises(Refusal) as refusal:
        parse_mobile(text)
    assert reason in str(refusal.value)
    assert len(str(refusal.value)) < 150


TYPED = st.text(st.sampled_from("0123456789+ /.()-٤４"), max_size=24)


@pytest.mark.slow
@given(st.one_of(st.text(max_size=40), TYPED, TYPED.map("04".__add__), TYPED.map("+324".__add__)))
def test_any_text_is_read_or_refused_and_what_is_read_is_stable(text):
    try:
        msisdn = parse_mobile(text)
    except Refusal:
        return
    assert msisdn.startswith("+324")
    assert len(msisdn) == len("+32475123456")
    assert msisdn.isascii()
    assert parse_mobile(msisdn) == msisdn
    assert parse_mobile(shown(msisdn)) == msisdn


@given(st.integers(455_000_000, 499_999_999), st.text(st.sampled_from(" /.-"), max_size=3))
def test_separators_do_not_matter(national, separator):
    digits = f"0{national}"
    try:
        expected = parse_mobile(digits)
    except Refusal:
        return
    assert parse_mobile(separator.join(digits)) == expected == f"+32{national}"


def test_shown_is_how_people_write_it():
    assert shown("+32470123456") == "0470 12 34 56"
    assert shown("+33612345678") == "+33 6 12 34 56 78"
    assert shown("Police") == "Police"


@pytest.mark.parametrize("prefix", range(400, 500))
def test_a_mobile_is_shown_as_the_library_does(prefix):
    number = phonenumbers.parse(f"+32{prefix}012345")
    form = phonenumbers.PhoneNumberFormat.NATIONAL
    assert shown(f"+32{prefix}012345") == phonenumbers.format_number(number, form)


def test_masked_keeps_too_little_to_call():
    assert masked("+32470123456") == "+324•••••56"
    assert masked("101") == "•••"


def test_a_short_identity_is_hidden_whole():
    assert half_masked("1234") == "••••"
    assert half_masked(None) == "–"


def test_the_four_first_digits_tell_a_mobile_as_the_whole_number_does():
    for prefix in range(4000, 5000):
        whole = {
            phonenumbers.number_type(phonenumbers.PhoneNumber(32, prefix * 100_000 + end))
            for end in (0, 12_345, 99_999)
        }
        for text in (f"0{prefix}12345", f"+32{prefix}12345", f"0{prefix} 12 345", f"+32 0{prefix}12345"):
            try:
                taken = parse_mobile(text) == f"+32{prefix}12345"
            except Refusal:
                taken = False
            assert taken == (whole == {phonenumbers.PhoneNumberType.MOBILE} and prefix // 10 != 461), text


@pytest.mark.parametrize("text", ["04/223.44.55", "+32 81 22 34 56", "0032 2 512 34 56", "0470 12 34 56"])
def test_a_number_as_most_people_type_it_is_read_without_parsing(text, monkeypatch):
    whole = phonenumbers.format_number(phonenumbers.parse(text, "BE"), phonenumbers.PhoneNumberFormat.E164)
    kind = "mobile" if "470" in text else "fixed"
    monkeypatch.delattr(phonenumbers, "parse")
    assert (parse_phone(text), telephone(text)) == (whole, (whole, kind))


@pytest.mark.slow
@given(st.from_regex(r"0[1-9][0-9]{7,8}", fullmatch=True))
def test_the_first_digits_tell_what_the_whole_number_tells(text):
    number = phonenumbers.parse(text, "BE")
    kinds = {phonenumbers.PhoneNumberType.FIXED_LINE: "fixed", phonenumbers.PhoneNumberType.MOBILE: "mobile"}
    kind = kinds.get(phonenumbers.number_type(number)) if not text.startswith("0461") else None
    try:
        assert telephone(text)[1] == kind
    except Refusal:
        assert kind is None
