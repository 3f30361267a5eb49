"""Members as a list that can be imported again."""

from collections.abc import Iterator
from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.people.lists.columns import FRENCH
from db.people.lists.writing import Format, written
from db.people.members.cards import COLUMNS, MemberCard
from db.people.members.listing import Filter, cards
from plp.rules.numbers import shown

_NUMBERS = ("mobile", "landline", "second_number")
_ROLES = {"member": "membre", "coordinator": "coordinateur"}
# Cards of so many are made at once.
_AT_ONCE = 1000


def export_members(wanted: Filter, kind: Format, by: str, now: datetime) -> bytes:
    """These members as a file; the journal has how many, and who took them."""
    rows = list(wanted.query())
    with writing():
        audit.record(now, by, "members_exported", "", members=len(rows))
    header = [FRENCH[name] for name in (*COLUMNS, "neighbourhood", "consent_sms", "consent_mail_group")]
    return written([header, *_lines(rows)], kind)


def _lines(rows: list[object]) -> Iterator[list[str]]:
    for start in range(0, len(rows), _AT_ONCE):
        for card in cards(rows[start : start + _AT_ONCE]):  # type: ignore[arg-type]
            cells = [_cell(card, column) for column in COLUMNS]
            yield [*cells, card.neighbourhood, _answer(card.sms), _answer(card.mail_group)]


def _cell(card: MemberCard, column: str) -> str:
    value = getattr(card, column) or ""
    if value and column in _NUMBERS:
        return shown(value)
    return _ROLES.get(value, value) if column == "role" else str(value)


def _answer(given: bool) -> str:
    return "oui" if given else "non"
