"""Consent in a list: columns that may contain it, and the answer of a row. A no anywhere on a row is never a yes. A
yes or a no in a cell, in four languages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rules.collation import folded
from rules.lists.columns import ANY_NUMBER, IGNORED, WORDS, heading_plain
from rules.lists.roster import Roster
from rules.members import NUMBERS
from rules.refusals import Refusal
from rules.sentences import Sentence

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
# Fields that say something of consent; several columns may be one of them.
CONSENT_SMS, CONSENT_MAIL_GROUP, CONSENT, REFUSAL = "consent_sms", "consent_mail_group", "consent", "refusal"
_SAYING = (CONSENT_SMS, CONSENT_MAIL_GROUP, CONSENT, REFUSAL)
_WORD, _DIGIT = re.compile(r"[^\W\d_]{3}"), re.compile(r"\d")
_OF_CONSENT = re.compile(rf"\b({'|'.join(WORDS['consent']['headings'])})", re.IGNORECASE)


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


def tells_of_death(text: str) -> bool:
    """True for a text that may say that somebody has died: « décédé », « overleden », « † »."""
    return _tells_of_death(text[:_LONGEST])


@lru_cache(4096)
def _tells_of_death(text: str) -> bool:
    return _DEAD.search(folded(text)) is not None


@lru_cache(4096)
def _refuses(text: str) -> bool:
    plain = folded(text)
    return plain.strip(" .!()") in _BARE_NO or _REFUSES.search(plain) is not None


class UnclearColumns(Refusal):
    """Columns that may contain consents, and whose meaning somebody has to give: `names` are their headings."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of a row by channel, None if it has none; `no` is the cell of another column that refuses."""

    sms: bool | None = None
    mail_group: bool | None = None
    no: str = ""

    def notes(self) -> tuple[Sentence, ...]:
        """A sentence about a no that nobody looked for."""
        if not self.no:
            return ()
        return (Sentence("« {text} » est lu comme un refus : ni SMS, ni groupe e-mail", {"text": self.no[:40]}),)


def unclear_columns(roster: Roster, columns: Sequence[str]) -> list[int]:
    """Columns without a meaning that may be consents: by their name, or as half of their cells are a yes or a no."""
    return [at for at in range(len(columns)) if at not in roster.loose and _is_unclear(roster, columns[at], at)]


def _stands_aside(column: str, cell: str) -> bool:
    """True for words beside the cell's proper value, as in « 0470 12 34 56 (plus de SMS) »."""
    if column in NUMBERS:
        return _WORD.search(cell) is not None and _DIGIT.search(cell) is not None
    return "(" in cell


def refuse_unclear(roster: Roster, columns: Sequence[str]) -> None:
    """Raise UnclearColumns where some are."""
    # A column without a heading is called by its number, from 1.
    headings = dict(enumerate(roster.header))
    names = tuple(headings.get(at) or str(at + 1) for at in unclear_columns(roster, columns))
    if names:
        refusal = UnclearColumns(
            "Précisez si la colonne {columns} contient un consentement, un refus, ou rien de tel. Rien n'est importé "
            "avant.",
            columns=names,
        )
        refusal.names = names
        raise refusal


def _is_unclear(roster: Roster, column: str, at: int) -> bool:
    heading = heading_plain(roster.header[at]) if at < len(roster.header) else ""
    if column not in (IGNORED, "neighbourhood") or heading in ANY_NUMBER:
        return False
    if column == IGNORED and _OF_CONSENT.search(heading):
        return True
    cells = [row.cells[at] for row in roster.rows if at < len(row.cells) and row.cells[at]]
    answered = [cell for cell in cells if answer(cell) is not None]
    # One sign is an answer among others alone: « 1 » begins many a column of numbers.
    telling = answered if len(answered) == len(cells) else [cell for cell in answered if len(cell) > 1]
    return bool(cells) and 2 * len(telling) >= len(cells)


def has_ticks_alone(roster: Roster, columns: Sequence[str]) -> bool:
    """True for a list where some have a mark of consent, and none a no: a person without a mark did not agree."""
    said = {
        answer(row.cells[at])
        for at, column in enumerate(columns)
        if column in (CONSENT_SMS, CONSENT)
        for row in roster.rows
        if at < len(row.cells)
    }
    return True in said and False not in said


def answers(columns: Sequence[str], cells: Sequence[str]) -> Answers:
    """The answers of a row. Raises Refusal for a consent that is neither yes nor no, and for a word of a death."""
    if dead := next(filter(tells_of_death, cells), ""):
        raise Refusal(
            "« {text} » : à vérifier. Si cette personne est décédée, retirez-la des membres ; sinon, videz cette "
            "cellule",
            text=dead[:40],
        )
    sms, mail_group, no = set[bool](), set[bool](), ""
    for column, cell in zip(columns, cells, strict=False):
        if not cell:
            continue
        if column == IGNORED or _stands_aside(column, cell):
            no = no or (cell if refuses(cell) else "")
        elif column in _SAYING:
            agreed = yes_or_no(cell, otherwise=False)
            if column == CONSENT_SMS or (column == CONSENT and agreed):
                sms.add(agreed)
            elif column == CONSENT_MAIL_GROUP:
                mail_group.add(agreed)
            elif agreed == (column == REFUSAL):
                sms.add(False)
                mail_group.add(False)
    if no:
        return Answers(False, False, no)
    return Answers(all(sms) if sms else None, all(mail_group) if mail_group else None)
