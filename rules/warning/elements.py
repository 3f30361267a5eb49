"""Elements that a warning lacks: who warns, which danger, where, what to do, and when or until when.

Their order is that of Sutton, Olson and Waugh's Warning Lexicon (2023). It is advice: many good texts do not need all
of them, and nothing has to be confirmed.
"""

import re
from collections.abc import Iterable, Iterator

from rules.languages import together
from rules.replies.meaning import plain
from rules.text_guard import LONGEST, PATTERNS, Kind, Known

_HAZARDS, _ACTIONS = together("warning", "hazard"), together("warning", "action")


def lacking(text: str, known: Known) -> Iterator[Kind]:
    """The elements that are not recognised in an alert's main text, in their order; none of an empty one."""
    text = text[:LONGEST]
    framed = f" {plain(text)} "
    if framed.isspace():
        return
    if known.sources and not _any_of(framed, (f"{plain(source)} " for source in known.sources)):
        yield "no_source"
    if not _any_of(framed, _HAZARDS):
        yield "no_hazard"
    if not _names_a_place(text, known.places):
        yield "no_place"
    if not _any_of(framed, _ACTIONS):
        yield "no_action"
    if not PATTERNS["time"].search(text):
        yield "no_time"


def _any_of(framed: str, stems: Iterable[str]) -> bool:
    """True when a word begins with a stem; one that ends with a space is a whole word."""
    return any(f" {stem}" in framed for stem in stems)


def _names_a_place(text: str, places: tuple[str, ...]) -> bool:
    if PATTERNS["place"].search(text) or PATTERNS["near"].search(text):
        return True
    bare = re.sub(r"\W+", " ", text).casefold()
    return any(re.sub(r"\W+", " ", place).casefold() in bare for place in places if place.strip())
