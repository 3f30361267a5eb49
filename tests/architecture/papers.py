"""What people read in the checkout: its pages, and every text that may cite one."""

import os
import re
from functools import cache
from pathlib import Path

from tests.architecture.source import ROOT

# Made by tools, or written by others.
ASIDE = {"var", "build", "screenshots", "static", "translations", "__pycache__"}
KINDS = {".py", ".md", ".html", ".txt", ".css", ".js", ".ini", ".toml", ".yaml", ".rules", ".csv"}

RECORD = re.compile(r"\badr/(\d{4})\b|\bADRs? (\d+)\b")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


@cache
def texts():
    """What people and programs read in the checkout, by path from its root."""
    found = {}
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if name not in ASIDE and not name.startswith(".") and "egg-info" not in name]
        for path in (Path(folder, name) for name in files):
            if path.suffix in KINDS:
                found[path.relative_to(ROOT)] = path.read_text(encoding="utf-8")
    return found


def pages():
    """Every page in Markdown."""
    return sorted(path for path in texts() if path.suffix == ".md")
