"""Consent in a list: columns that may contain it, and the answer of a row. A no anywhere on a row is never a yes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rules.lists.answers import answer, begins_as_answer, is_date, is_plain, refusal
from rules.lists.columns import IGNORED, WORDS, is_nothing
from rules.lists.headings import heading_plain, is_any_number
from rules.lists.lookalikes import looks_like
from rules.lists.remarks import RowWaits, beside, refuses, wants_out
from rules.lists.roster import Roster
from rules.refusals import Refusal
from rules.sentences import Sentence

# Fields that say something of consent; several columns may be one of them.
CONSENT_SMS, CONSENT_MAIL_GROUP, CONSENT, REFUSAL = "consent_sms", "consent_mail_group", "consent", "refusal"
_SAYING = (CONSENT_SMS, CONSENT_MAIL_GROUP, CONSENT, REFUSAL)
_OF_CONSENT = re.compile(rf"\b({'|'.join(WORDS['consent']['headings'])})", re.IGNORECASE)


def yes_or_no(text: str, otherwise: bool) -> bool:
    """The answer in a cell, `otherwise` when it is empty. Raises Refusal for anything else."""
    said = answer(text) if text.strip() else otherwise
    if said is None:
        raise Refusal("« {text} » n'est ni oui ni non", text=text[:20])
    return said


class UnclearColumns(Refusal):
    """Columns that may contain consents or what else we keep, and whose meaning somebody has to give: `names` are their
    headings.
    """

    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of a row by channel, None if it has none; `no` is the cell of another column that refuses. `read` are the
    cells that are more than one word, and the answers in them; `is_blank`: a column of consents is empty in this row,
    `is_refusal_blank`: one of refusals.
    """

    sms: bool | None = None
    mail_group: bool | None = None
    no: str = ""
    read: tuple[tuple[str, bool], ...] = ()
    is_blank: bool = False
    is_refusal_blank: bool = False

    def notes(self) -> tuple[Sentence, ...]:
        """Sentences about a no that nobody looked for, and about cells that a person might read otherwise."""
        templates = {True: Sentence("« {text} » est lu comme oui"), False: Sentence("« {text} » est lu comme non")}
        notes = [Sentence(templates[agreed].template, {"text": cell[:40]}) for cell, agreed in self.read]
        if self.no:
            template = "« {text} » est lu comme un refus : ni SMS, ni groupe e-mail"
            notes.insert(0, Sentence(template, {"text": self.no[:40]}))
        return tuple(notes)


def unclear_columns(roster: Roster, columns: Sequence[str]) -> list[int]:
    """Columns without a meaning that may be consents: by their name, or as half of their cells are a yes or a no."""
    return [at for at in range(len(columns)) if at not in roster.loose and _is_unclear(roster, columns[at], at)]


def asked_columns(roster: Roster, columns: Sequence[str]) -> dict[int, Sentence]:
    """The probable content of columns without a meaning, by their number: consents, or other things that we keep."""
    asked = dict.fromkeys(unclear_columns(roster, columns), Sentence("consentements ou refus"))
    for at, column in enumerate(columns):
        if column != IGNORED or at in asked or at in roster.loose:
            continue
        cells = [row.cells[at] for row in roster.rows if at < len(row.cells) and not is_nothing(row.cells[at])]
        heading = roster.header[at] if at < len(roster.header) else ""
        around = {*columns[max(0, at - 1) : at], *columns[at + 1 : at + 2]}
        if (kind := looks_like(heading, cells, columns, "street" in around)) is not None:
            asked[at] = kind
    return asked


def refuse_unclear(roster: Roster, columns: Sequence[str]) -> None:
    """Raise UnclearColumns where some are."""
    # A column without a heading is called by its number, from 1.
    headings = dict(enumerate(roster.header))
    asked = asked_columns(roster, columns)
    if asked:
        refusal = UnclearColumns(
            "Précisez ce que contient la colonne {columns}, ou qu'elle est à laisser de côté. Rien n'est importé "
            "avant.",
            columns=tuple(
                Sentence("{name} ({kind})", {"name": headings.get(at) or str(at + 1), "kind": kind})
                for at, kind in asked.items()
            ),
        )
        refusal.names = tuple(headings.get(at) or str(at + 1) for at in asked)
        raise refusal


def _is_unclear(roster: Roster, column: str, at: int) -> bool:
    heading = heading_plain(roster.header[at]) if at < len(roster.header) else ""
    if column not in (IGNORED, "neighbourhood") or is_any_number(heading):
        return False
    if column == IGNORED and _OF_CONSENT.search(heading):
        return True
    cells = [row.cells[at] for row in roster.rows if at < len(row.cells) and row.cells[at]]
    answered = [cell for cell in cells if begins_as_answer(cell)]
    # One sign is an answer among others alone: « 1 » begins many a column of numbers.
    telling = answered if len(answered) == len(cells) else [cell for cell in answered if len(cell) > 1]
    return bool(cells) and 2 * len(telling) >= len(cells)


def meaning_of_blank(roster: Roster, columns: Sequence[str]) -> bool | None:
    """The answer of a person whose cell is empty: a yes where nobody has one, a no among ticks alone, else None."""
    cells = [
        row.cells[at]
        for at, column in enumerate(columns)
        if column in (CONSENT_SMS, CONSENT)
        for row in roster.rows
        if at < len(row.cells) and not is_nothing(row.cells[at])
    ]
    if not cells:
        return True
    said = set(map(answer, cells))
    return False if True in said and False not in said else None


def are_refusals_filled(roster: Roster, columns: Sequence[str]) -> bool:
    """True where a column of refusals has a no on most rows, so that an empty cell is none."""
    if REFUSAL not in columns:
        return False
    of_rows = ((row, at) for row in roster.rows for at, column in enumerate(columns) if column == REFUSAL)
    denied = sum(at < len(row.cells) and refusal(row.cells[at]) is False for row, at in of_rows)
    return 2 * denied > len(roster.rows)


def answers(columns: Sequence[str], cells: Sequence[str], has_mobile: bool = True) -> Answers:
    """The answers of a row. Raises RowWaits for a cell of consent that is neither a clear yes nor a clear no, but of
    somebody without a mobile: that is a no; and for a yes in one column beside a refusal in another.
    """
    sms, mail_group, read = set[bool](), set[bool](), list[tuple[str, bool]]()
    no, denied = "", ""
    blank = {column for column in columns[len(cells) :] if column in _SAYING}
    for column, cell in zip(columns, cells, strict=False):
        if column not in _SAYING:
            no = no or (cell if cell and refuses(beside(column, cell)) else "")
            continue
        if is_nothing(cell):
            blank.add(column)
            continue
        agreed = _read(column, cell, has_mobile)
        if not is_plain(cell):
            read.append((cell, agreed))
        if column == CONSENT_SMS or (column == CONSENT and agreed):
            sms.add(agreed)
        elif column == CONSENT_MAIL_GROUP:
            mail_group.add(agreed)
        elif agreed == (column == REFUSAL):
            sms.add(False)
            mail_group.add(False)
            denied = cell
    if denied and True in sms:
        no = no or _withdrawn(denied)
    if no:
        return Answers(False, False, no, tuple(read))
    is_blank = not sms and bool(blank & {CONSENT_SMS, CONSENT})
    group = all(mail_group) if mail_group else None
    return Answers(all(sms) if sms else None, group, "", tuple(read), is_blank, not sms and REFUSAL in blank)


def _withdrawn(denied: str) -> str:
    """The refusal beside a yes, which it came after if it is a day. Raises RowWaits for any other."""
    if not is_date(denied):
        raise RowWaits("un oui et un refus (« {text} ») sur cette ligne : corrigez l'un des deux", text=denied[:40])
    return denied


def _read(column: str, cell: str, has_mobile: bool) -> bool:
    said = refusal(cell) if column == REFUSAL else answer(cell)
    if said is None and column != CONSENT_MAIL_GROUP and not has_mobile and not wants_out(cell):
        return column == REFUSAL
    if said is None:
        raise RowWaits("« {text} » n'est clairement ni oui ni non : écrivez oui ou non", text=cell[:40])
    return said
