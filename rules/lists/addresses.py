"""E-mail addresses in the cells of a list, as people copy them out of their mail program."""

import re

from rules.lists.columns import WORDS
from rules.sentences import Sentence

_PLAIN = re.compile(r"[\w.+-]+@[\w.-]+\w", re.ASCII)
_IN_BRACKETS = re.compile(r"<\s*(?:mailto:)?([^<>\s]+@[^<>\s]+)\s*>")
_ASIDE = re.compile(r"\(([^()]*)\)")
_BETWEEN = re.compile(r"[\s;,|/]+")
_LONGEST = 320
_NONE = frozenset(WORDS["telephones"]["none"])


def _without_aside(text: str) -> tuple[str, list[Sentence]]:
    """The text without what is in brackets behind an address, « (bureau) », and the note about it."""
    words = [words for words in _ASIDE.findall(text) if "@" not in words]
    if not words or "@" not in text:
        return text, []
    bare = text
    for one in words:
        bare = bare.replace(f"({one})", " ")
    return bare.strip(), [Sentence("« {text} », à côté de l'adresse, n'est pas repris", {"text": " ".join(words)[:40]})]


def bare_address(text: str) -> tuple[str, list[Sentence]]:
    """The address in a cell, the first of several, and the notes about it; a text without one is unchanged."""
    if not text or len(text) > _LONGEST or _PLAIN.fullmatch(text):
        return text, []
    if text.casefold().strip(" /.?*_–-") in _NONE:
        return "", []
    text, aside = _without_aside(text)
    if _PLAIN.fullmatch(text):
        return text, aside
    parts = _IN_BRACKETS.findall(text) or _BETWEEN.split("@".join(map(str.strip, text.split("@"))))
    addresses = [part.removeprefix("mailto:").strip(".<>()'\"") for part in parts if "@" in part]
    if not addresses or (len(addresses) == 1 and len(parts) > 1 and "<" not in text and sum(map(bool, parts)) > 1):
        return text, []
    others = [address for address in addresses[1:] if address != addresses[0]]
    return addresses[0], aside + [
        Sentence("adresse non reprise : {address} ; une seule par personne", {"address": other[:60]})
        for other in others
    ]
