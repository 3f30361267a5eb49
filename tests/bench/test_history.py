"""The bench's own rows in the schema of today: a column that was added since may not stop it."""

from pathlib import Path

import pytest

from tools.bench.parts import history


@pytest.mark.slow
@pytest.mark.sqlite
def test_every_message_behind_a_history_is_measured(tmp_path: Path) -> None:
    assert len(history.claims_ms(tmp_path, 100, 2000)) > 50
