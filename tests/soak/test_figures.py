"""What a run writes leaves everything else on the page as it was."""

import shutil

from tests.soak.figures import PAGE, RUNS, write, write_section


def test_rows_are_replaced_by_name_and_sorted(tmp_path):
    page = tmp_path / "proof.md"
    page.write_text(f"# Page\n\nWords.\n\n## {RUNS}\n\n## After\n\n| x | y | z | 2026-01-01 |\n", encoding="utf-8")
    write(page, "b", "1", "fine", "2026-11-24")
    write(page, "a", "2", "fine, 3 × 4", "2026-11-24")
    write(page, "b", "10", "better", "2026-11-25")
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["# Page", "", "Words."]
    assert lines[-7:] == [
        "|---|---|---|---|",
        "| a | 2 | fine, 3 × 4 | 2026-11-24 |",
        "| b | 10 | better | 2026-11-25 |",
        "",
        "## After",
        "",
        "| x | y | z | 2026-01-01 |",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["proof.md"]


def test_the_page_keeps_its_other_sections(tmp_path):
    page = tmp_path / "proof.md"
    shutil.copy(PAGE, page)
    write_section(page, "Every kind of fault", "Nothing.")
    before, after = (path.read_text(encoding="utf-8").split("\n## ") for path in (PAGE, page))
    assert [old.partition("\n")[0] for old, new in zip(before, after, strict=True) if old.strip() != new.strip()] == [
        "Every kind of fault"
    ]
