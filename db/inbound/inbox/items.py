"""Texts and mails as they are read, with what was done about each."""

import json
from collections.abc import Iterable
from typing import Any

from peewee import JOIN

from db.engine.base import grouped, tuples
from db.engine.cached_queries import Prepared
from db.inbound.inbox.values import Item, Ref
from db.inbound.replies.judging import verdicts
from db.models.mailbox import InboundMail, InboxMark
from db.models.modem_records import InboundMessage, InboundPart
from plp.rules.replies.values import Meaning, Silence, VerdictCard

# What a machine sent, or came back from ourselves.
_BY_MACHINES = (Silence.OWN, Silence.ECHO, Silence.AUTOMATIC)


def items_of(refs: Iterable[Ref]) -> list[Item]:
    """The messages that exist, in the order asked for."""
    wanted = list(refs)
    found = {item.ref: item for item in [*_texts(_ids(wanted, "sms")), *_mails(_ids(wanted, "mail"))]}
    return [found[ref] for ref in wanted if ref in found]


def _ids(refs: list[Ref], channel: str) -> list[int]:
    return [ref.id for ref in refs if ref.channel == channel]


def _texts(ids: list[int]) -> list[Item]:
    rows = _TEXTS.found(ids=ids)
    judged = verdicts([row.id for row in rows])
    several = [row.id for row in rows if row.total > 1]
    there = _parts(several) if several else {}
    return [_text(row, judged.get(row.id), there.get(row.id, set())) for row in rows]


def _text(row: Any, verdict: VerdictCard | None, there: set[int]) -> Item:
    missing = tuple(seq for seq in range(1, row.total + 1) if seq not in there) if row.total > 1 else ()
    return _item(
        row,
        getattr(row, "mark", None),
        ref=Ref("sms", row.id),
        answer_to=row.sender,
        # What rings is somebody's until an officer has looked.
        is_automatic=verdict is not None and verdict.silence in _BY_MACHINES and verdict.meaning is not Meaning.ALARM,
        is_open=row.handled_at is None,
        missing=missing,
        verdict=verdict,
        handled_at=row.handled_at,
    )


def _marked(table: Any, marked: Any) -> Prepared:
    def build(ids: list[Any]) -> Any:
        joined = table.select(table, InboxMark).join(InboxMark, JOIN.LEFT_OUTER, on=(marked == table.id), attr="mark")
        return joined.where(table.id.in_(ids))

    return Prepared(build)


_TEXTS, _MAILS = _marked(InboundMessage, InboxMark.text), _marked(InboundMail, InboxMark.mail)


def _mails(ids: list[int]) -> list[Item]:
    return [_mail(row, getattr(row, "mark", None)) for row in _MAILS.found(ids=ids)]


def _mail(row: Any, mark: InboxMark | None) -> Item:
    handled_at = mark.handled_at if mark else None
    automatic = row.kind == "automatic"
    return _item(
        row,
        mark,
        ref=Ref("mail", row.id),
        answer_to=row.reply_to or row.sender,
        enclosures=tuple(json.loads(row.enclosures)),
        is_unreadable=row.kind == "unreadable",
        is_automatic=automatic,
        is_open=handled_at is None and not automatic,
        handled_at=handled_at,
    )


def _item(row: Any, mark: InboxMark | None, **values: Any) -> Item:
    """The columns that the row has of an item, what its mark says of who does it, and `values`."""
    columns = {name: getattr(row, name) for name in Item.__slots__ if name not in values and hasattr(row, name)}
    done: dict[str, Any] = {"taken_by": "", "taken_at": None, "handled_by": ""}
    if mark:
        done = {name: getattr(mark, name) for name in done}
    return Item(**columns, **done, **values, at=row.received_at)


def _parts(ids: Iterable[int]) -> dict[int, set[int]]:
    """Text → the places of the parts that are there."""
    query = InboundPart.select(InboundPart.message, InboundPart.seq).where(InboundPart.message.in_(list(ids)))
    parts: dict[int, list[int]] = grouped(tuples(query))
    return {message: set(places) for message, places in parts.items()}
