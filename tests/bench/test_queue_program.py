"""The bench's own rows in the schema of today: a column that was added since may not stop it."""

from pathlib import Path

import pytest

from tools.bench import queue_program


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("measured", "figure"),
    [
        (queue_program._order, "s"),
        (queue_program._enqueue, "longest_ms"),
        (queue_program._bare, "s"),
        (lambda folder, count: queue_program._history(folder, 1000, count), "median_ms"),
    ],
    ids=["order", "enqueue", "bare", "history"],
)
def test_each_part_of_the_queue_is_measured(tmp_path: Path, measured: object, figure: str) -> None:
    assert callable(measured)
    assert measured(tmp_path, 5)[figure] > 0
