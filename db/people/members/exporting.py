"""Members as a list that can be imported again."""

from collections.abc import Iterator
from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.people.lists.columns import FRENCH
from db.people.lists.writing import Format, written
from db.people.members.cards import COLUMNS, MemberCard
from db.people.members.listing import Filter, cards_in_order, filtered_ids, shared_numbers
from plp.rules.numbers import shown

_NUMBERS = ("mobile", "landline", "second_number")
_ROLES = {"member": "membre", "coordinator": "coordinateur"}
# Cards of so many are made at once.
_AT_ONCE = 1000


def export_members(wanted: Filter, kind: Format, by: str, now: datetime) -> bytes:
    """These members as a file; the journal has how many, and who took them."""
    ids = filtered_ids(wanted)
    with writing():
        audit.record(now, by, "members_exported", "", members=len(ids))
    header = [
        FRENCH[name] for name in (*COLUMNS, "neighbourhood", "consent_sms", "consent_mail_group", "number_shared")
    ]
    return written([header, *_lines(ids)], kind)


def _lines(ids: list[int]) -> Iterator[list[str]]:
    shared = shared_numbers()
    for start in range(0, len(ids), _AT_ONCE):
        for card in cards_in_order(ids[start : start + _AT_ONCE]):
            cells = [_cell(card, column) for column in COLUMNS]
            yield [
                *cells,
                card.neighbourhood,
                _answer(card.sms),
                _answer(card.mail_group),
                _answer(card.mobile in shared),
            ]


def _cell(card: MemberCard, column: str) -> str:
    value = getattr(card, column) or ""
    if value and column in _NUMBERS:
        return shown(value)
    return _ROLES.get(value, value) if column == "role" else str(value)


def _answer(given: bool) -> str:
    return "oui" if given else "non"
