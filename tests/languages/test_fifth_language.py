"""A fifth language is a fifth folder: in a copy of the product nothing else is added, and everything speaks it."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from rules.languages import LANGUAGES
from tests.architecture.source import PACKAGES
from tests.languages.extraction import ROOT

ASKED = "tests/console/alerts/in_fifth_language.py"
# English, but for these; a translator would write all of it.
WORDS = {
    "language.toml": [
        ('name = "English"', 'name = "Lëtzebuergesch"'),
        ('named = "anglais"', 'named = "luxembourgeois"'),
        ("position = 4", "position = 5"),
        (r"cells = \[.*?\]", 'cells = ["letzebuergesch", "luxembourgeois"]'),
    ],
    "alerts.toml": [("Burglary: ", "Abroch: ")],
    "letters.toml": [
        ('urgent = "Emergency"', 'urgent = "Noutruff"'),
        ('title = "PLP registration form', 'title = "Aschreiwungsformulaire'),
        ('stopped = "Noted', 'stopped = "Notéiert'),
    ],
    "replies.toml": [
        (r"stop = \[", 'stop = ["ofmellen", '),
        (r"\nok = \[", '\nok = ["jo", "verstanen", '),
        (r"agreed = \[", 'agreed = ["jo", '),
        (r"courtesy = \[", 'courtesy = ["weg", '),
        (r"alarm = \[", 'alarm = ["abriecher", '),
    ],
    "messages.po": [('msgid "Se connecter"\nmsgstr ".*?"', 'msgid "Se connecter"\nmsgstr "Umellen"')],
}


@pytest.fixture
def copy(tmp_path):
    """The product as it is, with a folder `lb` beside the other languages."""
    for name in (*PACKAGES, "tests", "pyproject.toml", "docs"):
        if name != "rules":
            (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "rules", tmp_path / "rules", ignore=shutil.ignore_patterns("__pycache__"))
    added = shutil.copytree(ROOT / "rules/languages/en", tmp_path / "rules/languages/lb")
    for name, changes in WORDS.items():
        text = (added / name).read_text(encoding="utf-8")
        for pattern, words in changes:
            text, count = re.subn(pattern, lambda _match, words=words: words, text, flags=re.DOTALL)
            assert count == 1, (name, pattern, count)
        (added / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_it_is_spoken_by_pages_alerts_letters_mails_and_answers(copy):
    assert "lb" not in LANGUAGES
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", ASKED],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "\n5 passed" in run.stdout
