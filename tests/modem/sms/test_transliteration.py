import pytest
from hypothesis import given

from modem.sms.alphabet import SEPTETS
from modem.sms.composition import count, propose_gsm7, replacements
from tests.modem.sms.examples import UCS2, texts


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("Fenêtre, cœur, Œuvre", "Fenetre, coeur, OEuvre"),
        ("n’ouvrez", "n'ouvrez"),
        ("« police »", '" police "'),
        ("a\u00a0: b\u202f! …", "a : b ! ..."),
        ("9h – 10h — 11h", "9h - 10h - 11h"),
        ("ça, Ça, À, È, Ô", "ca, Ça, A, E, O"),
        ("x\u0302 20 m² n° 5 ½", "x 20 m2 no 5 1/2"),
        ("déjà GSM €", "déjà GSM €"),
    ],
)
def test_proposals(text: str, proposed: str) -> None:
    assert propose_gsm7(text) == proposed


@pytest.mark.parametrize("text", ["🚨 alerte", "❤️", "внимание", "١٢"])
def test_no_proposal_where_something_has_no_replacement(text: str) -> None:
    assert propose_gsm7(text) is None
    assert None in replacements(text).values()


def test_each_replacement_is_told_in_order() -> None:
    assert replacements(UCS2) == {"ê": "e", "œ": "oe", "’": "'", "🚨": None}


@given(texts)
def test_a_proposal_needs_no_ucs2(text: str) -> None:
    proposed = propose_gsm7(text)
    assert proposed is None or count(proposed).encoding == "gsm7"
    assert set(replacements(text)) == set(count(text).forcing)
    assert all(new is None or set(new) <= SEPTETS.keys() for new in replacements(text).values())
