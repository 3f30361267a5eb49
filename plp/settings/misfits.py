"""config.ini against this machine and against itself: values that are valid but wrong here. They stop nothing; `plp
check` and the list of first steps report them.
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from plp.settings.values import ModemSettings, Settings
from rules.sentences import Sentence, coded

# Made where it is not there yet.
_MADE = {("journal", "key_file")}
# One modem has each, and a section takes it.
_OF_ONE_MODEM = ("device", "imei", "number")


@dataclass(frozen=True, slots=True)
class Misfit:
    """One key that is wrong: the sentence names the file, the line, the section and the key."""

    section: str
    sentence: Sentence


def misfits(settings: Settings) -> Iterator[Misfit]:
    """All of them, in the order of the sections."""
    for section, key, path in _files(settings):
        if (section, key) not in _MADE and _is_missing(path):
            yield _misfit(settings, "misfit_file", section, key)
    for key in _OF_ONE_MODEM:
        yield from _doubles(settings, key)
    for given, wanted in (("recipient", "to"), ("to", "recipient")):
        if getattr(settings.backup, given) and not getattr(settings.backup, wanted):
            yield _misfit(settings, "misfit_half", "backup", given, wanted)


def _files(settings: Settings) -> Iterator[tuple[str, str, Path]]:
    """Every file that a key names."""
    named = {section.name: getattr(settings, section.name) for section in fields(settings)}
    sections = {name: value for name, value in named.items() if hasattr(value, "__dataclass_fields__")}
    sections |= {f"modem:{modem.name}": modem for modem in settings.modems}
    for name, section in sections.items():
        for key in fields(section):
            if isinstance(path := getattr(section, key.name), Path):
                yield name, key.metadata["name"] or key.name, path
    for channel in settings.channels:
        for file_key, path in channel.files:
            yield f"alarm:{channel.name}", file_key, path


def _is_missing(path: Path) -> bool:
    """True for a missing file, or a folder in its place; False also when this user may not enter the folder above, so
    that nothing is known of it."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def _doubles(settings: Settings, key: str) -> Iterator[Misfit]:
    first: dict[str, ModemSettings] = {}
    for modem in settings.modems:
        value = getattr(modem, key)
        if not value or value in ("auto", "sim") or "*" in value:
            continue
        if (other := first.setdefault(value, modem)) is not modem:
            yield _misfit(settings, "misfit_same", f"modem:{modem.name}", key, other.name)


def _misfit(settings: Settings, code: str, section: str, key: str, other: str = "") -> Misfit:
    place = {"path": settings.path, "line": settings.lines.get((section, key), 1), "section": section, "key": key}
    return Misfit(section, coded(code, **place, **({"other": other} if other else {})))
