"""Writing of a broadcast in short transactions, invisible until the last: `plp.services.orders.placing` begins it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from peewee import IntegrityError, OperationalError, Value, fn

from db.alerts.orders.approval import begin_approval
from db.alerts.orders.chosen import keep_chosen
from db.alerts.queue.recovery import delete_preparing
from db.alerts.values import Order, Plan
from db.engine.cached_queries import Prepared, given
from db.engine.connection import going_first, was_deadlock, writing
from db.journal import audit
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.people import Member
from db.people.audience import Recipient, still_members
from rules.orders.texts import Composed, most_parts, total_parts
from rules.sentences import coded
from rules.states import AUTOMATIC, PartState, Stage

# 500 parts with their messages take well under the 50 ms that nobody else should wait for the write lock.
CHUNK = 500
# What else is written of a new broadcast, by its id, at the moment at which it becomes visible.
Taken = Callable[[int], None]
# `nobody`: all whom an SMS was for were erased meanwhile; `interrupted`: it took so long that it was being deleted.
Written = Literal["whole", "nobody", "interrupted"]
_EARLIER = Message.alias()
_LAST_TO_THEM = _EARLIER.select(_EARLIER.reference).where(_EARLIER.msisdn == given("msisdn"))
_LAST_REFERENCE = _LAST_TO_THEM.order_by(_EARLIER.id.desc()).limit(1)
# A counter per recipient modulo 256, so that two messages in a row to one phone never share a reference.
_MESSAGE = Prepared(
    lambda: Message.insert(
        **{name: given(name) for name in ("broadcast", "text", "member", "msisdn", "imsi", "modem")},
        neighbourhood=Member.select(Member.neighbourhood).where(Member.id == given("member")),
        reference=(fn.COALESCE(_LAST_REFERENCE, -1) + 1).bin_and(255),
    )
)
_LAST_MESSAGE = Prepared(
    Message.select(Message.id).where(Message.broadcast == given("broadcast")).order_by(Message.id.desc()).limit(1)
)
# One statement for a part of every new message: their ids need not come to Python. `ring` only orders, so the
# message's id serves: a broadcast's messages are written in the order of sending, by nobody else.
_PART = {
    Part.message: Message.id,
    Part.broadcast: Message.broadcast,
    Part.seq: given("seq"),
    Part.state: Value(PartState.QUEUED.value, converter=False),
    Part.ring: Message.id,
    Part.retries: Value(0),
    Part.changed_at: given("now"),
    Part.simulated: Value(False),
    Part.reason: Value(""),
    Part.told: Value(PartState.QUEUED.value, converter=False),
}
_PARTS = Prepared(
    lambda: Part.insert_from(
        Message.select(*_PART.values())
        .where(Message.broadcast == given("broadcast"), Message.id > given("after"), Message.text == given("text"))
        .order_by(Message.id),
        list(_PART),
    )
)


def mark_of(texts: Mapping[str, Composed], people: Sequence[Recipient], about: int | None = None) -> str:
    """The fingerprint of texts to people about a broadcast. Outside transactions: 0.1 s for 100,000 people."""
    body = "\n\n".join(text.text for text in texts.values())
    digest = hashlib.sha256((body if about is None else f"{body}\n{about}").encode())
    for number in sorted(person.msisdn for person in people):  # not joined: they would be in memory three times
        digest.update(f"\n{number}".encode())
    return digest.hexdigest()


def digest_of(order: Order, texts: Mapping[str, Composed]) -> str:
    """Digest of the whole order; of a group its name, since its members may change between two presses."""
    audience, whom = order.audience, list[object]()
    if order.follows is None:
        names = [sorted(audience.groups), sorted(audience.streets)]
        numbers = audience.named or sorted(audience.numbers)
        whom = [audience.everyone, audience.neighbourhoods, audience.near, numbers, names]
    bodies = {language: text.text for language, text in sorted(texts.items())}
    whole = [order.kind, order.priority, order.drill, order.follows, whom, bodies, order.spares_quiet]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


class BroadcastWriter:
    """One order as it is written: `begin` in the transaction that admits it, then `write` outside transactions."""

    def __init__(self, plan: Plan, now: datetime) -> None:
        self.plan, self.now = plan, now
        self.mark = mark_of(plan.texts, plan.people, plan.order.follows)
        self._stored: dict[str, int] = {}  # the ids of its texts, by language

    def begin(self, agreement: int | None, alone_because: str) -> None:
        """Write the broadcast and its texts, still preparing: a crash after this leaves nothing that could go out."""
        plan, order, now = self.plan, self.plan.order, self.now
        undo = timedelta(seconds=plan.undo_s)
        whom = order.audience.words() if order.follows is None else coded("audience_reached", follows=order.follows)
        self.broadcast = Broadcast.create(
            kind=order.kind,
            lane=order.lane,
            recipients=len(plan.people),
            audience=whom.stored,
            fingerprint=self.mark,
            idempotency_key=order.idempotency_key,
            ordered_by=order.by,
            override_reason=order.override_reason,
            created_at=now,
            release_at=now + undo if undo else None,
            deadline_at=now + undo + plan.validity,
            original=order.follows,
            quiet=plan.left_quiet,
            shared=agreement,
        )
        if order.kind not in AUTOMATIC:
            keep_chosen(self.broadcast.id, plan)
        begin_approval(self.broadcast, plan, alone_because, now)
        for language, text in plan.texts.items():
            segments = json.dumps(list(text.segments), ensure_ascii=False)
            values = {"body": text.text, "encoding": text.encoding, "segments": segments}
            self._stored[language] = BroadcastText.create(broadcast=self.broadcast, language=language, **values).id

    def write(self, taken: Taken) -> Written:
        """Write the messages; it becomes visible whole, and `taken` is called in that transaction, or nothing stays."""
        written: Written = "interrupted"
        try:
            written = self.fill(taken)
        except IntegrityError:
            # Deleted while its messages were written, as the clock jumped: their broadcast is gone.
            if Broadcast.select().where(Broadcast.id == self.broadcast.id).exists():
                raise
        finally:
            # Half an order must not answer for its key, nor count as sent. A crash leaves that to housekeeping. A whole
            # one stays, even when the connection was lost before anybody said that it was committed.
            if written != "whole":
                delete_preparing(Broadcast.id == self.broadcast.id)
        return written

    def fill(self, taken: Taken) -> Written:
        """Write the messages, then make the broadcast visible with them."""
        plan, broadcast, reached = self.plan, self.broadcast, list[Recipient]()
        order, people = plan.order, plan.people
        size = max(1, CHUNK // most_parts(plan.texts))
        with going_first() as give_way:
            for start in range(0, len(people), size):
                reached += self._write(people[start : start + size])
                give_way()
        if people and not reached:
            return "nobody"
        stage = Stage.SCHEDULED if broadcast.release_at else Stage.QUEUED
        if plan.agreement == "second":
            stage = Stage.AWAITING_APPROVAL
        with writing():
            # One without its fingerprint is being deleted: some of its messages are gone.
            own = (Broadcast.id == broadcast.id) & (Broadcast.fingerprint == self.mark)
            whole = Broadcast.update(stage=stage, recipients=len(reached))
            if not whole.where(own, Broadcast.stage == Stage.PREPARING).execute():
                return "interrupted"
            audit.record(
                self.now,
                order.by,
                "broadcast_ordered",
                str(broadcast.id),
                kind=order.kind,
                recipients=len(reached),
                parts=total_parts(plan.texts, reached),
                override=order.override_reason,
                **dict(plan.remarks),
            )
            taken(broadcast.id)
        return "whole"

    def _write(self, people: Sequence[Recipient]) -> Sequence[Recipient]:
        """Write the messages to these people; returns them without those who were erased since the order."""
        try:
            with writing():
                self._write_messages(people)
        except (IntegrityError, OperationalError) as error:
            # A member was deleted meanwhile, or the server ended a deadlock. After a lost connection the messages may
            # have been written: they are not written twice.
            if not (isinstance(error, IntegrityError) or was_deadlock(error)):
                raise
            with writing():
                people = still_members(people)
                self._write_messages(people)
        return people

    def _write_messages(self, people: Sequence[Recipient]) -> None:
        broadcast_id, stored = self.broadcast.id, self._stored
        before, otherwise = _LAST_MESSAGE.first(broadcast=broadcast_id), next(iter(stored.values()))
        rows = ((person.member_id, person.msisdn, stored.get(person.language, otherwise)) for person in people)
        bound_to = {"broadcast": broadcast_id, "imsi": self.plan.order.imsi, "modem": self.plan.order.seat}
        _MESSAGE.change_each(("member", "msisdn", "text"), rows, **bound_to)
        for language, text in self.plan.texts.items():
            for seq in range(1, len(text.segments) + 1):
                part = {"text": stored[language], "after": before[0] if before else 0, "seq": seq}
                _PARTS.change(broadcast=broadcast_id, now=self.now, **part)
