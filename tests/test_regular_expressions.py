"""No regular expression of the product grows with the square of a text."""

import re

import pytest

from tests.support.expressions import Expression, expressions, grows


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "function"),
    [
        (r"^[ \t]*>?[ \t]*Message-ID:", "findall"),
        (r"[\w.+-]+@[\w-]+", "search"),
        (r"(?:a|aa)+!", "match"),
        (r"[^:]+:\s*(?:[^\",]*\s*,\s*)?(\d{1,3})\s*", "fullmatch"),
    ],
)
def test_one_that_grows_is_found(pattern, function):
    assert grows(Expression("here", re.compile(pattern), frozenset({function})))


@pytest.mark.slow  # two hundred of them, on forty texts each
@pytest.mark.timeout(240)
def test_no_expression_grows_with_the_square():
    found = list(expressions())
    assert len(found) > 150
    assert {each.place: told for each in found if (told := grows(each))} == {}
