"""The words that texts are read by, as vocabulary.toml has them, with the reasons for what is left out."""

import tomllib
from importlib.resources import files
from typing import Final

_WORDS = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))


def _set(name: str) -> frozenset[str]:
    return frozenset(_WORDS[name])


STOP, START, OK, COURTESY, SUBJECT = map(_set, ("stop", "start", "ok", "courtesy", "subject"))
AGREED, REFUSES = map(_set, ("agreed", "refuses"))
STOP_PHRASES, START_PHRASES, OK_PHRASES = map(_set, ("stop_phrases", "start_phrases", "ok_phrases"))
COURTESY_PHRASES: Final[tuple[str, ...]] = tuple(_WORDS["courtesy_phrases"])
ALARM: Final[dict[str, list[str]]] = _WORDS["alarm"]
