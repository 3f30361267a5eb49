"""The page docs/need-to-know.md: which page shows which data of members to which role."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "need-to-know.md"
ROLES = ("officer", "technician", "coordinator", "admin", "auditor")
CLOSED, NOTHING = "–", "·"

_ROW = re.compile(r"^\| [^|]+ \| `(?P<address>[^`]+)` \|(?P<cells>.+)\|$", re.MULTILINE)


def rows() -> dict[str, dict[str, str]]:
    """The address of each page as the table writes it, and each role's cell."""
    return {
        row["address"]: dict(zip(ROLES, (cell.strip() for cell in row["cells"].split("|")), strict=True))
        for row in _ROW.finditer(PAGE.read_text(encoding="utf-8"))
    }


def cell(status: int, text: str, marks: dict[str, str]) -> str:
    """The cell that an answer amounts to; `marks` is a mark on the page for each kind of data."""
    if status == 403:
        return CLOSED
    assert status == 200, (status, text[:200])
    return ", ".join(kind for kind, mark in marks.items() if mark in text) or NOTHING
