"""No regular expression of the product grows with the square of a text."""

import re

import pytest

from tests.support.expressions import Expression, expressions, grows
from tests.support.sampling import left_to_soak


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
    assert grows(Expression("here", re.compile(pattern), frozenset({function})), most=8_000)


@pytest.mark.slow  # two hundred of them, on forty texts each
@pytest.mark.timeout(240)
@pytest.mark.parametrize("most", [8_000, left_to_soak(32_000)])
def test_no_expression_grows_with_the_square(most):
    found = list(expressions())
    assert len(found) > 150
    assert {each.place: told for each in found if (told := grows(each, most))} == {}
