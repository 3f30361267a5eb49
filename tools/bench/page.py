"""docs/benchmarks.md: a section per part, as its last measurement left it."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from tools.bench.section import Section

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"

_HEAD = """# Benchmarks

Results of `make bench`: a section was written by the last run that measured it, and states the date and the load.
Everything runs on one machine, the simulated modems too, so that all senders share its processor with them: compare
the lines of one table, not tables of two machines. Speed is measured here, never asserted in tests.

"""
_MARK = re.compile(r"^<!-- part (\w+) -->\n", re.MULTILINE)


def write(name: str, section: Section, where: str, when: str, order: Iterable[str], page: Path = PAGE) -> None:
    """Put the section in its place among `order`; the others stay as they are. `where` is the machine of this run."""
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    _, *pieces = _MARK.split(old)
    parts = dict(zip(pieces[::2], pieces[1::2], strict=True))
    parts[name] = f"{section.markdown()}\n{when}\n\n"
    body = "".join(f"<!-- part {known} -->\n{parts[known].rstrip()}\n\n" for known in order if known in parts)
    fresh = page.with_suffix(".new")
    fresh.write_text(f"{_HEAD}{where}\n\n{body.rstrip()}\n", encoding="utf-8")
    os.replace(fresh, page)
