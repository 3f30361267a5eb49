"""The table keeps every row but the one that is written anew."""

from tests.soak.figures import write


def test_rows_are_replaced_by_name_and_sorted(tmp_path):
    page = tmp_path / "soak.md"
    write(page, "b", "1", "fine", "2026-11-24")
    write(page, "a", "2", "fine, 3 × 4", "2026-11-24")
    write(page, "b", "10", "better", "2026-11-25")
    assert page.read_text(encoding="utf-8").splitlines()[-3:] == [
        "|---|---|---|---|",
        "| a | 2 | fine, 3 × 4 | 2026-11-24 |",
        "| b | 10 | better | 2026-11-25 |",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["soak.md"]
