import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.errors import TextError
from modem.sms.alphabet import ALONE, BASIC, EXTENSION, JOINED, forcing, units
from modem.sms.composition import compose, count, normalise
from tests.modem.sms.examples import ALERT, THREE_PARTS, UCS2, gsm7_texts, pieced_texts, texts


def test_the_alert_is_one_gsm7_part() -> None:
    composition = compose(ALERT)
    assert (composition.text, composition.encoding, composition.segments) == (ALERT, "gsm7", (ALERT,))


def test_accents_of_the_gsm_alphabet_stay_gsm7_over_three_parts() -> None:
    composition = compose(THREE_PARTS)
    assert composition.encoding == "gsm7"
    assert len(composition.segments) == 3
    assert set("éèàù€") <= set(THREE_PARTS)


def test_circumflex_ligature_apostrophe_and_emoji_force_ucs2() -> None:
    assert compose(UCS2).encoding == "ucs2"
    assert count(UCS2).forcing == ("ê", "œ", "’", "🚨")


@pytest.mark.parametrize("char", "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€")
def test_what_modem_facts_lists_is_gsm7(char: str) -> None:
    assert compose(f"a{char}b").encoding == "gsm7"


@pytest.mark.parametrize("char", "çêëâîïôûœŒÀÈÊÔ’«»…–\u00a0`°²🚨Ж")
def test_all_else_forces_ucs2(char: str) -> None:
    assert compose(f"a{char}b").encoding == "ucs2"


def test_the_tables_are_those_of_23_038() -> None:
    assert len(BASIC) == len(set(BASIC)) == 128
    assert (BASIC[0x09], BASIC[0x1B], BASIC[0x24], BASIC[0x60], BASIC[0x7F]) == ("Ç", "\x1b", "¤", "¿", "à")
    assert {code: EXTENSION[code] for code in (0x0A, 0x14, 0x65)} == {0x0A: "\f", 0x14: "^", 0x65: "€"}
    assert units("a€\n", "gsm7") == 4
    assert units("a🚨", "ucs2") == 3


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
        ("ê" * 70, 1), ("ê" * 71, 2), ("ê" * 134, 2), ("ê" * 135, 3), ("🚨" * 35, 1), ("🚨" * 36, 2),
        # an escape pair or a surrogate pair at the seam moves whole: 2 × 153 and 2 × 67 units no longer fit two parts
        ("a" * 152 + "€" + "a" * 152, 3), ("ê" * 66 + "🚨" + "ê" * 66, 3),
    ],
)  # fmt: skip
def test_parts_at_the_limits(text: str, parts: int) -> None:
    assert len(compose(text).segments) == count(text).parts == parts


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("cafe\u0301", "café"),
        ("a\x00b\x1bc\x7f\x85d", "abc\nd"),
        ("a\tb", "a b"),
        ("fin. \n \u00a0", "fin."),
        ("\ufeffmot\u00adcoup\u00e9\u200b", "motcoupé"),
        ("\ud83d\ufffe", ""),
    ],
)
def test_normalisation(typed: str, sent: str) -> None:
    assert normalise(typed) == sent


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "\u200b"])
def test_nothing_to_send_is_refused_but_counted(text: str) -> None:
    with pytest.raises(TextError, match="vide") as refusal:
        compose(text)
    assert refusal.value.reason == "empty"
    counted = count(text)
    assert (counted.units, counted.parts, counted.remaining) == (0, 0, 160)


def test_too_long_says_how_many_parts_and_what_to_do() -> None:
    assert len(compose("a" * 1530).segments) == 10
    with pytest.raises(TextError, match=r"compte 11 SMS par personne, le maximum est 10. Raccourcissez") as refusal:
        compose("a" * 1531)
    assert refusal.value.reason == "too_long"
    with pytest.raises(TextError, match=r"remplacez les caractères .* \(ê\)"):
        compose("ê" * 500, max_parts=2)
    assert count("a" * 1531).parts == 11


def test_what_belongs_together_stays_together() -> None:
    for cluster in ("👮🏽\u200d♀️", "🇧🇪", "x\u0302", "👨\u200d👩\u200d👧"):
        for before in range(60, 68):
            segments = compose("ê" * before + cluster + "ê" * 70).segments
            assert any(cluster in segment for segment in segments), (cluster, before)


@given(st.sampled_from(["\u0301", "\u200d", "🏽"]), st.integers(75, 300))
def test_a_pile_of_accents_longer_than_a_part_is_cut(mark: str, times: int) -> None:
    composition = compose("ê" + mark * times + "!", max_parts=99)
    assert all(units(segment, "ucs2") <= JOINED["ucs2"] for segment in composition.segments)


@pytest.mark.slow
@given(texts)
def test_segments_join_to_the_text_and_fit(text: str) -> None:
    counted = count(text)
    if counted.parts == 0:
        return
    composition = compose(text, max_parts=len(text))
    encoding = composition.encoding
    assert "".join(composition.segments) == composition.text == normalise(text)
    assert all(composition.segments)
    limit = (ALONE if len(composition.segments) == 1 else JOINED)[encoding]
    assert all(units(segment, encoding) <= limit for segment in composition.segments)
    assert encoding == ("ucs2" if forcing(composition.text) else "gsm7")
    for segment in composition.segments:
        segment.encode("utf-16-be")  # a torn surrogate pair would raise


@pytest.mark.slow
@given(texts)
def test_normalisation_is_stable(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char != "\n" for char in once)


@pytest.mark.slow
@given(st.one_of(gsm7_texts, pieced_texts).map(lambda text: text + "et la suite, " * 20 + "x"))
def test_the_counter_agrees_with_compose_and_with_typing_on(text: str) -> None:
    counted = count(text)
    text = normalise(text)
    assert counted.parts == len(compose(text, max_parts=len(text)).segments)
    assert count(text + "a" * counted.remaining).parts == counted.parts
    assert count(text + "a" * counted.remaining + "a").parts == counted.parts + 1
