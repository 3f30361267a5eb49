"""A cell in a column of consents: a yes, a no, or neither. A cell is a yes only if each of its words is known."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rules.collation import folded
from rules.lists.columns import words
from rules.lists.remarks import is_conditional, refuses, wants_out

# Nobody answers at such length, and many are kept.
_LONGEST = 500
_WORDS: dict[str, frozenset[str]] = {kind: frozenset(known) for kind, known in words("answers").items()}
# No refusal, in a column of refusals.
_NOTHING = frozenset(
    {"neant", "aucun", "aucune", "geen", "kein", "keine", "keiner", "nihil", "none", "rien", "niets", "nichts"}
)
# Somebody whom the question does not concern: « n/a ».
_NOT_ASKED = frozenset({"n/a", "na", "nvt", "n.v.t", "n.a", "nb", "entf"})
_DATE = r"\d{1,2}[./-]\d{1,2}(?:[./-](?:\d{4}|\d\d))?\b|\d{1,2}[./-](?:19|20)\d\d\b|(?:19|20)\d\d-\d\d(?:-\d\d)?\b"
_WHOLE_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d)|(?:19|20)\d\d-\d\d-\d\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(r"\d{1,2}(?:er)?")
_TOKEN = re.compile(rf"{_DATE}|\d+(?:er)?|[^\W\d_]+(?:['.-][^\W\d_]+)*|[^\W_]|[✓✔☑✅✗✘☐❌()?]")
_CHANGED = re.compile(r"-{1,9}>|={1,9}>|→|➔|➜|⇒|\bpuis\b|\bdaarna\b|\bdann\b|\bthen\b|\bdevenu\b|\bnu\b")
_MIDNIGHT = re.compile(r"[ t]00:00(?::00)?$")
# A no that is a refusal where refusals are asked for.
_REFUSALS = re.compile(r"\b(?:refus\w*|weiger\w*|geweigerd|abgelehnt|stop|desaccord|opposition)\b")
_ELIDED = re.compile(r"\b(?:[cdjlmst]|qu)'(?!accord|il)")
# « (ja) »: less than a yes.
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NO_MAIL = re.compile(
    r"\b(?:pas|plus|geen|kein\w*|no|non|sans|niet|nicht)\s+(?:de\s+|d'|par\s+|via\s+|per\s+)*(?:(?:e-?)?mails?|courriels?)\b"
    r"|\b(?:(?:e-?)?mails?|courriels?)\W{1,3}(?:non|nee|nein|no)\b"
)
_NO_REFUSAL = re.compile(
    r"\b(?:pas|aucune?|geen|kein\w*|no|non|sans|not|niet)\s+(?:de\s+)?(?:refus|weiger|ablehn|oppos)"
)


def answer(text: str) -> bool | None:
    """The answer in a cell of consents: « oui », « non (parti) », « a signé le 3/5 », « 03/05/2019 ». None where none
    is certain: « oui (mail uniquement) », « oui jusque fin 2024 », « oui ou non ».
    """
    return _answer(text.strip()) if len(text) <= _LONGEST else None


def refusal(text: str) -> bool | None:
    """The same of a column of refusals, where a yes, or a refusal in words, is a refusal."""
    if len(text) > _LONGEST or _NO_REFUSAL.search(folded(text)) or wants_out(text) or is_conditional(text):
        return None
    if folded(text).strip(" .!") in _NOTHING:
        return False
    said = answer(text)
    if said is False and (_REFUSALS.search(folded(text)) or not _is_plain_no(folded(text))):
        return True if refuses(text) else None
    return said if said is not None or _mixed(text) else (refuses(text) or None)


def begins_as_answer(text: str) -> bool:
    """True for a cell whose first word is a yes or a no, whatever follows."""
    first = _TOKEN.match(folded(text[:_LONGEST]))
    if first is None or first[0] not in _WORDS["yes"] | _WORDS["agrees"] | _WORDS["no"]:
        return False
    return len(first[0]) > 1 or answer(text) is not None


def is_date(text: str) -> bool:
    """True for a whole date alone."""
    return _WHOLE_DATE.fullmatch(_MIDNIGHT.sub("", folded(text[:_LONGEST]))) is not None


def is_plain(text: str) -> bool:
    """True for a yes or a no in one word, about which nothing is to be told."""
    return len(text) <= _LONGEST and _is_plain(text)


@lru_cache(4096)
def _is_plain(text: str) -> bool:
    return folded(text).strip(" .!,;") in _WORDS["yes"] | _WORDS["agrees"] | _WORDS["no"]


@lru_cache(4096)
def _answer(text: str) -> bool | None:
    if wants_out(text) or is_conditional(text) or _IN_BRACKETS.fullmatch(text):
        return None
    plain = _ELIDED.sub(" ", re.sub(r"\bn'", "ne ", _MIDNIGHT.sub("", folded(text))))
    if plain.strip(" .") in _NOT_ASKED:
        return None
    bare = plain.strip(" .!,;")
    for kind, said in (("yes", True), ("agrees", True), ("no", False)):
        if bare in _WORDS[kind]:
            return said
    *before, last = _CHANGED.split(plain)
    if before:
        # What it became counts if it is a no; a yes that was a no before is to be asked.
        return False if _answer(last.strip()) is False else None
    return _of_phrase(plain, _tokens(plain))


def _of_phrase(plain: str, tokens: list[str]) -> bool | None:
    kinds = [_kind(tokens, at) for at in range(len(tokens))]
    agreed, denied = "yes" in kinds, "no" in kinds or refuses(plain)
    if "doubt" in kinds or (agreed and denied):
        return None
    if denied or "negation" in kinds:
        return _denied(plain, kinds, denied) if not agreed else None
    if "unknown" in kinds or not _ways_are_notes(tokens, kinds):
        return None
    if agreed or "agrees" in kinds or "given" in kinds:
        return True
    dated = [token for token, kind in zip(tokens, kinds, strict=True) if kind == "date"]
    return True if _WHOLE_DATE.fullmatch(plain) or (dated and _is_day(tokens)) else None


def _denied(plain: str, kinds: Sequence[str], denied: bool) -> bool | None:
    if "against" in kinds or _NO_REFUSAL.search(plain) or (_NO_MAIL.search(plain) and "sms" not in plain):
        return None
    return False if denied or "unknown" not in kinds else None


def _kind(tokens: Sequence[str], at: int) -> str:
    """The kind of a word; a yes or a no of one sign is one at the beginning alone: « x (signé) »."""
    word = tokens[at]
    if word == "?" or word.strip(".") in _WORDS["doubts"]:
        return "doubt"
    if word in "()":
        return "note"
    bare = word.strip(".")
    for kind in ("yes", "agrees", "no", "negations", "against", "given", "notes", "ways"):
        known = bare in _WORDS[kind]
        if known and (len(bare) > 1 or kind in ("notes",) or at == 0 or not bare.isalnum()):
            # « pas », « niet » and « nicht » are a no alone, and a negation within a phrase.
            kind = "negations" if kind == "no" and bare in _WORDS["negations"] else kind
            return {"negations": "negation", "notes": "note", "ways": "way"}.get(kind, kind)
    is_date = any((re.fullmatch(_DATE, word), _YEAR.fullmatch(word), _is_of_month(tokens, at)))
    return "date" if is_date else "unknown"


def _is_of_month(tokens: Sequence[str], at: int) -> bool:
    months = _WORDS["months"]
    if tokens[at].strip(".") in months:
        return True
    return _DAY.fullmatch(tokens[at]) is not None and at + 1 < len(tokens) and tokens[at + 1].strip(".") in months


def _ways_are_notes(tokens: Sequence[str], kinds: Sequence[str]) -> bool:
    """False where a telephone, a letter or a mail may be the way that they want, not how they said it."""
    is_dated = "date" in kinds
    for at, kind in enumerate(kinds):
        if kind != "way" or is_dated:
            continue
        within = tokens[:at].count("(") > tokens[:at].count(")")
        beside_texts = "sms" in tokens and tokens[at] in _WORDS["of_mail"]
        if not beside_texts and (not within or tokens[at] in _WORDS["of_mail"]):
            return False
    return True


def _is_day(tokens: Sequence[str]) -> bool:
    """True for a day or a month in words, with its year: « le 3 mai 2019 », « mai 2019 »."""
    return any(token.strip(".") in _WORDS["months"] for token in tokens) and any(map(_YEAR.fullmatch, tokens))


def _is_plain_no(plain: str) -> bool:
    tokens = _tokens(plain)
    kinds = {_kind(tokens, at) for at in range(len(tokens))}
    return "no" in kinds and kinds <= {"no", "note", "way", "date"}


def _mixed(text: str) -> bool:
    """True for a text that says both, or changes."""
    plain = folded(text)
    tokens = _tokens(plain)
    kinds = {_kind(tokens, at) for at in range(len(tokens))}
    return "yes" in kinds or "doubt" in kinds or _CHANGED.search(plain) is not None


def _tokens(plain: str) -> list[str]:
    for phrase in ("pas d'accord", "niet akkoord", "nicht einverstanden"):
        plain = plain.replace(phrase, "non")
    return _TOKEN.findall(plain)
