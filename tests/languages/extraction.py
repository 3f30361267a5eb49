"""What is to be translated: every marked sentence of the console, and the French that the other packages write."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file

from db.alerts.templates import SEEDS
from db.people.zone import SEED_DIRECTORY
from plp.cli.checking import _LOOKS
from plp.cli.main import helped
from rules.languages import LANGUAGE_NAMES
from rules.members import COLUMNS
from tests.architecture.source import parsed
from tests.languages.spoken import said_on_a_terminal, spoken

ROOT = Path(__file__).parents[2]
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
# Packages that know nothing of languages: what they refuse with, and what of theirs is stored or shown as it is.
REFUSING = ("db", "plp/jobs", "rules", "plp/services", "console", "base/settings", "modem/doctor")
STATING = (
    "rules/readiness.py",
    "modem/sms/composition.py",
)
# What a service says to whoever starts it, in French: the reading of config.ini.
TERMINAL = ("base/settings/reading.py", "base/settings/kinds.py")
_VALUE = re.compile(r"\{\w+\}")


def _shipped() -> Iterator[tuple[str, int, str]]:
    """What a fresh database starts with: shown translated until the admin writes it otherwise."""
    for template in SEEDS:
        for words in (template.title, *(field.label for field in template.fields)):
            yield "db/alerts/templates.py", 0, words
    for language in LANGUAGE_NAMES.values():
        yield "rules/languages/fr/language.toml", 0, language.template
    for column in COLUMNS.values():
        yield from (("rules/members.py", 0, words) for words in (column.label, column.word))
    for words in (words for row in SEED_DIRECTORY for words in row.values()):
        if " " in words and "@" not in words and re.search(r"[A-Za-zÀ-ÿ]{2}", words):
            yield "db/people/directory.toml", 1, words


@cache
def extracted() -> Catalog:
    """The source catalogue: French msgids, with where they are."""
    catalogue = Catalog(domain="messages", fuzzy=False)
    for path, line, message in sorted(_messages(), key=lambda found: found[:2]):
        catalogue.add(message, locations=[(path, line)])
    return catalogue


def _messages() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    for path in _files("console", "*.py"):
        yield from _marked("python", path)
    for path in _files("console/templates", "*.html"):
        yield from _marked("jinja2", path)
    yield from _shipped()
    yield from _on_a_terminal()
    for path in (*_files("rules/wording", "*.toml"), ROOT / "console/i18n/labels.toml"):
        values = enumerate(_values(tomllib.loads(path.read_text(encoding="utf-8"))))
        yield from ((_name(path), line, words) for line, words in values if re.search("[^\\W_]", _VALUE.sub("", words)))
    stating = {path for pattern in STATING for path in ROOT.glob(pattern)}
    refusing = {path for folder in REFUSING for path in _files(folder, "*.py")} | {ROOT / "plp/serving.py"}
    for path in sorted(refusing | stating):
        if _name(path).startswith(TERMINAL):
            continue
        for line, message in spoken(parsed(path.read_text(encoding="utf-8")), everything=path in stating):
            yield _name(path), line, message


def _on_a_terminal() -> Iterator[tuple[str, int, str]]:
    """What commands say, their help, and the names of what `plp check` looks at."""
    for path in _files("plp/cli", "*.py"):
        for line, words in said_on_a_terminal(parsed(path.read_text(encoding="utf-8"))):
            yield _name(path), line, words
    for module, helps in helped().items():
        yield from ((module.replace(".", "/") + ".py", 0, words) for words in helps)
    yield from (("plp/cli/checking.py", 0, name) for name in _LOOKS)


def _values(table: dict[str, Any]) -> Iterator[str]:
    """The words of a file of tables, without those for programs."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _values(value)
        elif key not in ("tone", "icon", "own", "under", "unless", "severity"):
            yield value


def _marked(method: str, path: Path) -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    options = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for line, message, _comments, _context in extract_from_file(method, path, KEYWORDS, options=options):
        yield _name(path), line, message


def _files(folder: str, pattern: str) -> list[Path]:
    return sorted((ROOT / folder).rglob(pattern))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
