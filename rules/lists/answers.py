"""A yes or a no in a cell, in four languages."""

import re
from functools import lru_cache

from rules.collation import folded
from rules.lists.columns import WORDS
from rules.refusals import Refusal

_ANSWERS = {word: code == "yes" for code, words in WORDS["answers"].items() for word in words}
# A yes or no of one sign says nothing behind another word.
_WORDS = {word: agreed for word, agreed in _ANSWERS.items() if len(word) > 1}
# Nobody answers at such length, and many are kept.
_LONGEST = 500
_BETWEEN = re.compile(r"[\s,;:!.()/-]+")
_REFUSES = re.compile(rf"\b({'|'.join(WORDS['consent']['refusing'])})", re.IGNORECASE)
_DEAD = re.compile(rf"\b({'|'.join(WORDS['consent']['dead'])})|[†✝]", re.IGNORECASE)
# « No » heads many a number, and « 0 » and « n » mean all kinds of things without a question.
_BARE_NO = {word for word, agreed in _ANSWERS.items() if not agreed} - {"n", "0", "no"}


def answer(text: str) -> bool | None:
    """The answer in a cell: « oui », « Non merci ». None where it is none, and for a yes with a no behind it."""
    return _answer(text[:_LONGEST])


@lru_cache(4096)
def _answer(text: str) -> bool | None:
    plain = folded(text)
    if plain in _ANSWERS:
        return _ANSWERS[plain]
    first, *others = _BETWEEN.split(plain)
    if first not in _WORDS or (_WORDS[first] and refuses(text)):
        return None
    return _WORDS[first] if all(_WORDS.get(word, _WORDS[first]) == _WORDS[first] for word in others) else None


def yes_or_no(text: str, otherwise: bool) -> bool:
    """The answer in a cell, `otherwise` when it is empty. Raises Refusal for anything else."""
    said = answer(text) if text.strip() else otherwise
    if said is None:
        raise Refusal("« {text} » n'est ni oui ni non", text=text[:20])
    return said


def refuses(text: str) -> bool:
    """True for a text that is a no on its own: « non », « plus de SMS », « uitgeschreven »."""
    return _refuses(text[:_LONGEST])


@lru_cache(4096)
def tells_of_death(text: str) -> bool:
    """True for a text that may say that somebody has died: « décédé », « overleden », « † »."""
    return _DEAD.search(folded(text[:_LONGEST])) is not None


@lru_cache(4096)
def _refuses(text: str) -> bool:
    plain = folded(text)
    return plain.strip(" .!()") in _BARE_NO or _REFUSES.search(plain) is not None
