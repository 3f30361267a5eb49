"""Which texts name a person: whole numbers, addresses and names, and nothing that merely holds their letters."""

import pytest

from rules.numbers import mentioning

ODILE = mentioning(["+32470000007", "+3243721177"], "odile@example.org", "Odile", "Quadflieg")


@pytest.mark.parametrize(
    "text",
    [
        "Odile Quadflieg appelle",
        "QUADFLIEG, odile",
        "(+32470000007)",
        "le 0470 00 00 07.",
        "0470/00.00.07",
        "0032 470 000007",
        "04 372 11 77 appelle",
        "écrit de Odile@Example.org.",
    ],
)
def test_it_names_her(text):
    assert ODILE(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Odile appelle",
        "Quadflieg",
        "Odile Quadfliegs",
        "Mathilde-Odile, Quad flieg",
        "0470 00 00 071",
        "10470 00 00 07",
        "04 372 11 7",
        "clodile@example.org",
        "odile@example.org.uk",
        "odile@example.organic",
    ],
)
def test_it_does_not(text):
    assert not ODILE(text)


@pytest.mark.parametrize("name", [('":', '"'), ("e", "e"), ("", "Quadflieg"), (".*", ".*"), ("1", "2"), ("", "")])
def test_what_is_hardly_a_name_names_nobody(name):
    assert not mentioning((), None, *name)('e e ": " 1 2 Quadflieg {"reason": ""}')
