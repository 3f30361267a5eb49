"""Sentences with their values apart, so that the console can translate them; some are stored as a code with values. A
stored text that is no code is a French sentence of an older version, shown as it was.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from rules.refusals import Refusal, Spoken, filled

_FOLDER = files(__package__).joinpath("wording")
_BEFORE, _AFTER = re.compile(r" (?=[:;!?»])"), re.compile(r"« ")


def wording(name: str) -> dict[str, Any]:
    """The French templates of `wording/NAME.toml`, by code. A code in use is never renamed."""
    return tomllib.loads(_FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def tied(text: str) -> str:
    """French punctuation tied to its word. Never in an SMS, where such a space reduces the limit by ninety."""
    return _BEFORE.sub("\u00a0", _AFTER.sub("«\u00a0", text))


# What the doctor finds, by code: severity, title, meaning, advice, page. Each sentence is the template `CODE.PART`.
DOCTOR: dict[str, dict[str, str]] = wording("doctor")
TEMPLATES: dict[str, str] = {
    f"{code}.{part}": words for code, row in DOCTOR.items() for part, words in row.items() if part != "severity"
}
for _name in ("mail", "modems", "incidents", "orders", "backups", "database", "journal", "first_steps"):
    TEMPLATES |= wording(_name)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`str()` is the French sentence; a value may be a sentence or several. `code`, of TEMPLATES: it may be stored."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    code: str = ""

    def __str__(self) -> str:
        return filled(self.template, self.values)

    def __bool__(self) -> bool:
        return bool(self.template)

    @property
    def stored(self) -> str:
        """The code and its values as JSON, for a text column; the French text without a code."""
        return json.dumps(_plain(self), ensure_ascii=False, sort_keys=True) if self.code else str(self)


NOTHING = Sentence("")


class CodedRefusal(Refusal):
    """A refusal whose sentence may be stored: `code` is one of TEMPLATES."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(TEMPLATES[code], **values)
        self.code = code

    @property
    def sentence(self) -> Sentence:
        return Sentence(self.template, self.values, self.code)

    @property
    def stored(self) -> str:
        return self.sentence.stored


class StoreFault(Spoken):
    """The database, or a file beside it, cannot be used: `code` is one of TEMPLATES; doors show the `refusal`."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(filled(TEMPLATES[code], values))
        self.code = code
        self.values = values

    @property
    def refusal(self) -> CodedRefusal:
        return CodedRefusal(self.code, **self.values)


@contextmanager
def refusing() -> Iterator[None]:
    """Say the faults of a store inside the block to people: as refusals."""
    try:
        yield
    except StoreFault as fault:
        raise fault.refusal from fault


def coded(code: str, /, **values: object) -> Sentence:
    """The sentence of one of TEMPLATES, which may be stored."""
    return Sentence(TEMPLATES[code], values, code)


def together(first: Sentence, *others: Sentence) -> Sentence:
    """Several sentences, one after the other, as one."""
    return coded("together", first=first, next=together(*others)) if others else first


def stored_sentence(stored: str) -> Sentence:
    """The sentence of a stored code; what an older version wrote as it was; NOTHING for an empty text."""
    if not stored:
        return NOTHING
    try:
        read = _read(json.loads(stored))
        if isinstance(read, Sentence) and str(read):  # KeyError where a value is missing
            return read
    except (ValueError, KeyError, TypeError):
        pass
    return Sentence("{as_written}", {"as_written": stored})


def fault_of(sentence: Sentence) -> str:
    """The code of what is wrong: that of the innermost sentence, of the first of several. No figure changes it."""
    inner = [value for _, value in sorted(sentence.values.items()) if isinstance(value, Sentence)]
    return fault_of(inner[0]) if inner else sentence.code


def _plain(value: object) -> object:
    if isinstance(value, Sentence):
        values = {name: _plain(inner) for name, inner in value.values.items()}
        return {"code": value.code, **values} if value.code else str(value)
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, int) else str(value)


def _read(value: Any) -> object:
    if isinstance(value, dict):
        values = {name: _read(inner) for name, inner in value.items() if name != "code"}
        return Sentence(TEMPLATES[value["code"]], values, value["code"])
    return tuple(map(_read, value)) if isinstance(value, list) else value
