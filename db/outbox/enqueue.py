"""One Broadcast, a Message per recipient, a Part per TPDU: written in short transactions, invisible until the last."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from peewee import fn

from db import audit
from db.audience import Recipient
from db.connection import writing
from db.models import Broadcast, BroadcastText, Message, Part, tuples
from db.outbox.values import Composed, Order
from db.refusals import Refusal
from db.states import Part as PartState
from db.states import Stage

# 500 parts with their messages take well under the 50 ms that nobody else should wait for the write lock.
CHUNK = 500


def fingerprint(body: str, numbers: Sequence[str]) -> str:
    """The same for the same text to the same people."""
    whole = "\n".join([body, *sorted(numbers)])
    return hashlib.sha256(whole.encode()).hexdigest()


def enqueue_broadcast(
    order: Order,
    composed: Composed,
    people: Sequence[Recipient],
    now: datetime,
    validity: timedelta,
    undo: timedelta,
    admit: Callable[[], None],
) -> Broadcast:
    """Write the broadcast; it becomes visible whole, as scheduled (undo seconds) or queued.

    `admit` raises what speaks against it. It runs inside the first transaction, so that of two orders at the same
    moment, from whatever process, the second sees the first.
    """
    with writing():
        admit()
        broadcast, text = _begin(order, composed, people, now, validity, undo)
    try:
        _fill(order, composed, people, broadcast, text, now)
    except BaseException:
        # Half an order must not answer for its key, nor count as sent. A crash leaves that to housekeeping.
        with writing():
            Broadcast.delete().where(Broadcast.id == broadcast.id).execute()
        raise
    return broadcast


def _fill(
    order: Order,
    composed: Composed,
    people: Sequence[Recipient],
    broadcast: Broadcast,
    text: BroadcastText,
    now: datetime,
) -> None:
    """Write the messages, then make the broadcast visible with them."""
    for ring, chunk in _chunks(people, len(composed.segments)):
        with writing():
            _write_messages(order, broadcast, text, chunk, len(composed.segments), ring, now)
    broadcast.stage = Stage.SCHEDULED if broadcast.release_at else Stage.QUEUED
    with writing():
        whole = Broadcast.update(stage=broadcast.stage)
        if not whole.where(Broadcast.id == broadcast.id, Broadcast.stage == Stage.PREPARING).execute():
            raise Refusal("L'envoi a été interrompu pendant sa préparation ; rien n'est parti. Recommencez.")
        audit.record(
            now,
            order.by,
            "broadcast_ordered",
            str(broadcast.id),
            kind=order.kind,
            recipients=len(people),
            parts=len(people) * len(composed.segments),
            override=order.override_reason,
        )


def _begin(
    order: Order,
    composed: Composed,
    people: Sequence[Recipient],
    now: datetime,
    validity: timedelta,
    undo: timedelta,
) -> tuple[Broadcast, BroadcastText]:
    """The broadcast and its text, still preparing: a crash after this leaves nothing that could go out."""
    broadcast = Broadcast.create(
        kind=order.kind,
        lane=order.lane,
        recipients=len(people),
        audience=order.audience.words(),
        fingerprint=fingerprint(composed.text, [person.msisdn for person in people]),
        idempotency_key=order.idempotency_key,
        ordered_by=order.by,
        override_reason=order.override_reason,
        created_at=now,
        release_at=now + undo if undo else None,
        deadline_at=now + undo + validity,
    )
    text = BroadcastText.create(
        broadcast=broadcast,
        body=composed.text,
        encoding=composed.encoding,
        segments=json.dumps(list(composed.segments), ensure_ascii=False),
    )
    return broadcast, text


def _chunks(people: Sequence[Recipient], parts: int) -> Iterator[tuple[int, Sequence[Recipient]]]:
    size = max(1, CHUNK // parts)
    for start in range(0, len(people), size):
        yield start, people[start : start + size]


def _write_messages(
    order: Order,
    broadcast: Broadcast,
    text: BroadcastText,
    people: Sequence[Recipient],
    total: int,
    ring: int,
    now: datetime,
) -> None:
    references = _next_references([person.msisdn for person in people])
    Message.insert_many(
        [
            {
                "broadcast": broadcast.id,
                "text": text.id,
                "member": person.member_id,
                "msisdn": person.msisdn,
                "reference": references[person.msisdn],
                "imsi": order.imsi,
            }
            for person in people
        ]
    ).execute()
    # The rows of this chunk are the newest of this broadcast, which nobody else writes to.
    newest = Message.select(Message.id).where(Message.broadcast == broadcast.id).order_by(Message.id.desc())
    ids = [row[0] for row in tuples(newest.limit(len(people)))]
    rows = [
        {
            "message": message_id,
            "broadcast": broadcast.id,
            "seq": seq,
            "ring": ring + place,
            "state": PartState.QUEUED,
            "changed_at": now,
        }
        for place, message_id in enumerate(reversed(ids))
        for seq in range(1, total + 1)
    ]
    for start in range(0, len(rows), CHUNK):
        Part.insert_many(rows[start : start + CHUNK]).execute()


def _next_references(numbers: Sequence[str]) -> dict[str, int]:
    """A counter per recipient modulo 256, so that two messages in a row to one phone never share a reference."""
    newest = Message.select(fn.MAX(Message.id)).where(Message.msisdn.in_(numbers)).group_by(Message.msisdn)
    last: dict[str, int] = dict(tuples(Message.select(Message.msisdn, Message.reference).where(Message.id.in_(newest))))
    return {msisdn: (last.get(msisdn, -1) + 1) % 256 for msisdn in numbers}
