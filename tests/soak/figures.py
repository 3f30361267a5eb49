"""docs/soak.md: a row for each soak, written by the run that found it out."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

from tests.soak.budget import Budget

PAGE = Path(__file__).parents[2] / "docs" / "soak.md"

_HEAD = """# Soak

Results of `make soak`; each row was written by its last full run (`tests/soak/figures.py`).

| What | Size | Result | Date |
|---|---|---|---|
"""
_ROW = re.compile(r"\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")


def note(budget: Budget, what: str, size: str, result: str, page: Path = PAGE) -> None:
    """Print a figure, and keep it when the run was a full one. `what` names its row."""
    print(f"\n{what}: {size}; {result}")
    if budget.is_full:
        write(page, what, size, result, f"{datetime.now(UTC):%Y-%m-%d}")


def write(page: Path, what: str, size: str, result: str, date: str) -> None:
    """Put the row in its place; the other rows stay as they are."""
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    rows = {row[0]: row for row in _ROW.findall(old)[1:]}
    rows[what] = (what, size, result, date)
    table = "".join(f"| {' | '.join(rows[name])} |\n" for name in sorted(rows))
    fresh = page.with_suffix(".new")
    fresh.write_text(_HEAD + table, encoding="utf-8")
    os.replace(fresh, page)


def table(columns: list[str], rows: list[str]) -> str:
    """Rows of Markdown under their head."""
    return "\n".join([f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *rows])


def write_section(page: Path, title: str, text: str) -> None:
    """Put a section with today's date in its place on a page of several; the others stay as they are."""
    head, *sections = page.read_text(encoding="utf-8").split("\n## ")
    kept = {section.partition("\n")[0]: section.strip() for section in sections}
    kept[title] = f"{title}\n\n{text}\n\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores."
    fresh = page.with_suffix(".new")
    fresh.write_text("\n\n## ".join([head.strip(), *kept.values()]) + "\n", encoding="utf-8")
    os.replace(fresh, page)
