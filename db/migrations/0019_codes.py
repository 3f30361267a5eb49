"""A modem's state, an incident's subject and a broadcast's audience become a code with its values. Frozen.

French sentences are read this once; one that none of these templates fits stays, and is shown as it was. An IMEI loses
its middle.
"""

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from peewee import AutoField, Model, TextField

# Nobody wrote more at once. A longer text is not read: matching takes the square of its length.
_LONGEST = 900
_IMEIS = ("imei", "found", "wanted")
# These lost the full stop of the sentence inside them.
_WITHOUT_STOP = ("not_ready_modem", "not_ready_modem_and_1", "not_ready_modem_and_more")
_TEMPLATES: dict[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Modem(There):
        sentence = TextField()

    class Incident(There):
        sentence = TextField()

    class Broadcast(There):
        audience = TextField()

    for column in (Modem.sentence, Incident.sentence, Broadcast.audience):
        table = column.model
        for (text,) in list(table.select(column).where(column != "").distinct().tuples()):
            known = _known(text)
            if known is not None:
                stored = json.dumps(known, ensure_ascii=False, sort_keys=True)
                table.update({column.name: stored}).where(column == text).execute()


def _known(text: str) -> dict[str, Any] | None:
    """The code of one sentence, or of several in a row that are all known, with the values."""
    if len(text) > _LONGEST:
        return None
    if one := _one(text):
        return one
    for stop in re.finditer(r"(?<=\.) ", text):
        first = _one(text[: stop.start()])
        following = _known(text[stop.end() :]) if first else None
        if following:
            return {"code": "together", "first": first, "next": following}
    return None


def _one(sentence: str) -> dict[str, Any] | None:
    """The code of a sentence and its values, of which some are sentences themselves."""
    for code, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return {"code": code, **{name: _value(code, name, text) for name, text in found.groupdict().items()}}
    return None


def _value(code: str, name: str, text: str) -> Any:
    if name in _IMEIS and len(text) > 8:
        return f"{text[:2]}•••••{text[-4:]}"
    whole = f"{text}." if name == "why" and code in _WITHOUT_STOP else text
    return _known(whole) or whole


def _pattern(template: str) -> re.Pattern[str]:
    pattern = ""
    for literal, name, _form, _conversion in Formatter().parse(template):
        value = f"(?P={name})" if f"<{name}>" in pattern else f"(?P<{name}>.+?)"
        pattern += re.escape(literal) + (value if name else "")
    return re.compile(pattern, re.DOTALL)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The most particular first: those that begin themselves, and of these the one that says most."""
    templates = _TEMPLATES.items()
    order = sorted(templates, key=lambda each: (each[1].startswith("{"), -len(re.sub(r"\{\w+\}", "", each[1]))))
    return [(code, _pattern(template)) for code, template in order]
