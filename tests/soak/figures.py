"""docs/proof.md: a row for each soak and a section for each table, written by the run that found it out."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

from tests.soak.budget import Budget

PAGE = Path(__file__).parents[2] / "docs" / "proof.md"

RUNS = "Long runs"
_HEAD = """Written by `make soak` (`tests/soak/figures.py`): each row by its last full run.

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
    """Put the row in its place; the other rows, and the other sections, stay as they are."""
    _, sections = _parts(page)
    rows = {row[0]: row for row in _ROW.findall(sections.get(RUNS, ""))[1:]}
    rows[what] = (what, size, result, date)
    _put(page, RUNS, _HEAD + "\n".join(f"| {' | '.join(rows[name])} |" for name in sorted(rows)))


def table(columns: list[str], rows: list[str]) -> str:
    """Rows of Markdown under their head."""
    return "\n".join([f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *rows])


def write_section(page: Path, title: str, text: str) -> None:
    """Put a section with today's date in its place; the others stay as they are."""
    _put(page, title, f"{text}\n\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores.")


def _parts(page: Path) -> tuple[str, dict[str, str]]:
    """What stands above the first section, and the sections by their titles."""
    head, *sections = page.read_text(encoding="utf-8").split("\n## ")
    titled = [section.partition("\n") for section in sections]
    return head, {title: text for title, _, text in titled}


def _put(page: Path, title: str, text: str) -> None:
    head, sections = _parts(page)
    sections[title] = text
    whole = [head.strip(), *(f"{name}\n\n{body.strip()}" for name, body in sections.items())]
    fresh = page.with_suffix(".new")
    fresh.write_text("\n\n## ".join(whole) + "\n", encoding="utf-8")
    os.replace(fresh, page)
