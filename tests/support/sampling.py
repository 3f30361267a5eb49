"""Long matrices: `make test` runs a case of each kind, `make soak` all of them."""

from collections.abc import Iterable
from typing import Any

import pytest

LEFT_TO_SOAK = pytest.mark.whole


def sampled(cases: Iterable[Any], each: int) -> list[Any]:
    """For `parametrize`: the first case and every `each`-th after it as they are, the others for `make soak` alone."""
    return [case if number % each == 0 else left_to_soak(case) for number, case in enumerate(cases)]


def crossed(cases: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """For `parametrize` with two names: every pair, of which all but as many as the longer list has, with each value of
    both at least once, are for `make soak` alone.
    """
    rows, columns = list(cases), list(others)
    kept = {(turn % len(rows), turn % len(columns)) for turn in range(max(len(rows), len(columns)))}
    pairs = [(row, column) for row in range(len(rows)) for column in range(len(columns))]
    return [
        pytest.param(rows[row], columns[column], marks=() if (row, column) in kept else LEFT_TO_SOAK)
        for row, column in pairs
    ]


def left_to_soak(*case: Any, id: str | None = None) -> Any:
    """A case that `make soak` alone runs."""
    values = case[0] if len(case) == 1 and isinstance(case[0], tuple) else case
    return pytest.param(*values, marks=LEFT_TO_SOAK, id=id)
