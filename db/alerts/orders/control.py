"""Acts of people on a broadcast, as stored: cancel, pause, resume, release or expire held messages, and send again, in
slices. Its stage is changed first, so that no modem claims any more of it; `plp.services.broadcasts` gives reasons."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import InitVar, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import SQL, fn

from db.alerts.orders.holding import hold_of, leave_in_doubt
from db.alerts.progress.counts import RANK, are_about, called_off_messages, incomplete_messages
from db.alerts.progress.threads import standing_follow_up
from db.alerts.queue.recovery import move_parts
from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import Pace, change_in_chunks, in_chunks, lock_by_id, locked, locked_by_id, writing
from db.journal import audit
from db.mail.readers import move_mails
from db.mail.values import LANES
from db.models.broadcasts import Broadcast, Message, Part
from db.models.mail import Mail
from rules.mail import MailCause, MailState
from rules.states import OPEN, RESENDABLE, UNDER_WAY, WORST_FIRST, Cause, PartState, Stage, sources

# Whoever stopped it is at it still while parts change; after a minute in which none did, it was cut short.
CUT_SHORT_AFTER = timedelta(minutes=1)
_PARTS = Part.select().where(Part.broadcast == Broadcast.id)
# Run every two seconds for ever; the stage is written out, so that SQLite sees that the partial index serves.
_LEFT_BEHIND = Prepared(
    Broadcast.select(Broadcast.id).where(
        Broadcast.stage == SQL("'cancelled'"),
        fn.EXISTS(_PARTS.where(Part.state == PartState.QUEUED)),
        ~fn.EXISTS(_PARTS.where(Part.state == PartState.CANCELLED, Part.changed_at > given("since"))),
    )
)
# As often, and nearly always none.
_MAILED_YET = Prepared(
    Mail.select(Mail.broadcast)
    .distinct()
    .where(Mail.state == MailState.QUEUED, Mail.lane == LANES["alert"], Mail.broadcast.is_null(False))
)
# `incomplete`: parts of it went out, and the SIM that they went through is gone (db.alerts.progress.counts).
# `cancelled`: a person stopped it on its way (db.alerts.progress.counts).
Only = Literal["failed", "unconfirmed", "incomplete", "cancelled"]
# The reason why nothing is sent again: its stage, a follow-up that stands, a stop that is not over, parts under way.
Obstacle = Literal["", "stage", "followed", "stopping", "leaving"]


def cancel_parts(broadcast_id: int, reason: str, cause: Cause, now: datetime) -> int:
    """Cancel what waits of a cancelled broadcast; returns how many messages. `finish_stops` mends a crash."""
    messages: set[int] = set()
    stopped = Broadcast.select().where(Broadcast.id == broadcast_id, Broadcast.stage == Stage.CANCELLED)
    waiting = _waiting(broadcast_id).where(fn.EXISTS(stopped))
    cancelling = Part.update(state=PartState.CANCELLED, changed_at=now, reason=reason).returning(Part.message)
    pace = Pace()
    while True:
        with pace.transaction():
            some = Part.id.in_(waiting.limit(pace.size)) & Part.state.in_(sources(PartState.CANCELLED, cause))
            cancelled = [row.message_id for row in cancelling.where(locked_by_id(Part, some)).execute()]
        if not cancelled:
            return len(messages)
        messages.update(cancelled)


def cancel_mails(broadcast_ids: Collection[int], now: datetime) -> None:
    """Cancel the mails about these that no server has, inside the caller's transaction."""
    move_mails(are_about(broadcast_ids), MailState.CANCELLED, MailCause.PERSON, "stopped", now)


def may_mail(broadcast_id: int) -> bool:
    """True while mails about it may leave, until the caller's transaction ends: what was stopped, corrected or is over
    is news to nobody.
    """
    row = locked(Broadcast.select().where(Broadcast.id == broadcast_id), "FOR SHARE").first()
    return row is not None and row.stage is not Stage.CANCELLED and standing_follow_up(broadcast_id) is None


def stop_late_mails(now: datetime) -> None:
    """Cancel the mails that a server did not take at once, and that would bring what is news to nobody any more."""
    if not (about := [int(number) for (number,) in _MAILED_YET.rows()]):
        return
    with writing():
        cancel_mails([number for number in about if not may_mail(number)], now)


def finish_stops(now: datetime) -> int:
    """Cancel what was left behind by a crash between a stop and its parts. Returns how many broadcasts had some."""
    left = [int(row[0]) for row in _LEFT_BEHIND.rows(since=now - CUT_SHORT_AFTER)]
    for broadcast_id in left:
        cancel_parts(broadcast_id, "stopped", Cause.POLICY, now)
    return len(left)


def _waiting(broadcast_id: int) -> Any:
    return Part.select(Part.id).where(Part.broadcast == broadcast_id, Part.state == PartState.QUEUED)


@dataclass
class Resend:
    """One order to send again: `messages` are those in the state (with `among` only of these), `count` those put back,
    `obstacle` why none was. `request` is its name in the journal; `taken` is called in the first transaction."""

    broadcast_id: int
    only: Only
    by: str
    validity: timedelta
    now: datetime
    request: str | None = None
    among: InitVar[Collection[int] | None] = None
    count: int = 0
    obstacle: Obstacle = ""
    taken: Callable[[], None] = lambda: None

    def __post_init__(self, among: Collection[int] | None) -> None:
        self.messages = self._in_state(among)

    def apply(self) -> int:
        """Queue the messages whole, with a new reference; how many. Outside transactions: the rest may follow later."""
        in_chunks(self.messages or [0], self.put_back)  # of none it finds the obstacle, too
        return self.count

    def put_back(self, some: Sequence[int]) -> None:
        """Put back those of these messages that are in the state still; inside the caller's transaction."""
        broadcast = _locked(self.broadcast_id)
        # So that no modem takes a part of them while it is decided: a claim has its message locked too.
        lock_by_id(Message, Message.id.in_(some))
        sent = Part.select(Part.message).where(Part.broadcast == self.broadcast_id, Part.state == PartState.SENDING)
        leaving = {row[0] for row in tuples(sent)}
        if not self.count:
            self.obstacle = self._obstacle(broadcast, leaving)
        elif broadcast.stage not in UNDER_WAY or standing_follow_up(broadcast.id):
            return
        again = [message for message in self._in_state(some) if message not in leaving]
        if self.obstacle or not again:
            return
        self._open(broadcast)
        fresh = {"reason": "", "retries": 0, "not_before_at": None, "sent_at": None}
        move_parts(Part.message.in_(again), PartState.QUEUED, Cause.RESEND, self.now, **fresh)
        anew = Message.update(imsi=None, modem=None, reference=(Message.reference + 1).bin_and(255))
        anew.where(Message.id.in_(again)).execute()
        self.count += len(again)

    def _obstacle(self, broadcast: Broadcast, leaving: set[int]) -> Obstacle:
        if broadcast.stage not in RESENDABLE:
            return "stage"
        if standing_follow_up(broadcast.id) is not None:  # whoever got it now would never get that
            return "followed"
        if broadcast.stage is Stage.CANCELLED and _waiting(broadcast.id).exists():  # what waits of it would go out too
            return "stopping"
        # Parts would go out under two references, and no phone could join them.
        return "leaving" if leaving & set(self.messages) else ""

    def _open(self, broadcast: Broadcast) -> None:
        """Open the broadcast: waiting messages keep its deadline; one that had ended gets a new deadline, once."""
        if not self.count:
            if broadcast.stage is not Stage.QUEUED or not _waiting(broadcast.id).exists():
                _reopen(broadcast.id, self.validity, self.now)
            detail = {"only": self.only, "messages": len(self.messages), "request": self.request}
            audit.record(self.now, self.by, "broadcast_resent", str(broadcast.id), **detail)
            self.taken()
        elif broadcast.stage is Stage.FINISHED:
            Broadcast.update(stage=Stage.QUEUED).where(Broadcast.id == broadcast.id).execute()

    def _in_state(self, among: Collection[int] | None) -> list[int]:
        if self.only == "incomplete":
            return incomplete_messages(self.broadcast_id, self.now, among)
        if self.only == "cancelled":
            return called_off_messages(self.broadcast_id, among)
        parts = Part.select(Part.message).where(Part.broadcast == self.broadcast_id)
        if among is not None:
            parts = parts.where(Part.message.in_(among))
        worst = fn.MIN(RANK) == WORST_FIRST.index(PartState(self.only))
        return [row[0] for row in tuples(parts.group_by(Part.message).having(worst).order_by(Part.message))]


def resent_before(broadcast_id: int, request: str) -> tuple[str, int] | None:
    """The state and number of the messages that this request queued again, by the journal; None for a new request."""
    for entry in audit.entries_about(str(broadcast_id)):
        if entry.action == "broadcast_resent" and entry.detail.get("request") == request:
            return str(entry.detail["only"]), int(str(entry.detail["messages"]))
    return None


def lane_of(broadcast_id: int) -> int | None:
    """The lane of the broadcast; None for an unknown one."""
    row = next(iter(tuples(Broadcast.select(Broadcast.lane).where(Broadcast.id == broadcast_id))), None)
    return None if row is None else int(row[0])


def cancel_broadcast(broadcast_id: int, by: str, now: datetime) -> int | None:
    """Returns the number of messages that will not be sent, None if nothing waits. What a modem claimed is sent."""
    waiting = _messages(broadcast_id, PartState.QUEUED)  # before the transaction: it looks at every part
    with writing():
        if _locked(broadcast_id).stage not in OPEN or not _waiting(broadcast_id).exists():
            return None
        leave_in_doubt(broadcast_id, now)
        Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == broadcast_id).execute()
        cancel_mails([broadcast_id], now)
        audit.record(now, by, "broadcast_cancelled", str(broadcast_id), messages=waiting)
    # What was stopped is what this changes: a modem may have taken a part since they were counted.
    return cancel_parts(broadcast_id, "stopped", Cause.PERSON, now)


def pause_broadcast(broadcast_id: int, by: str, now: datetime) -> int | None:
    """Pause its submits; returns the number of waiting messages, None if not under way. Its deadline runs on."""
    with writing():
        queued = _locked(broadcast_id).stage is Stage.QUEUED
        waiting = _messages(broadcast_id, PartState.QUEUED, PartState.SENDING) if queued else 0
        if not waiting:
            return None
        Broadcast.update(stage=Stage.PAUSED).where(Broadcast.id == broadcast_id).execute()
        audit.record(now, by, "broadcast_paused", str(broadcast_id), messages=waiting)
    return waiting


def resume_broadcast(broadcast_id: int, by: str, now: datetime) -> int | None:
    """Resume, or end the undo seconds early, with the same deadline; how many messages wait, None if not paused."""
    with writing():
        if _locked(broadcast_id).stage not in (Stage.PAUSED, Stage.SCHEDULED):
            return None
        Broadcast.update(stage=Stage.QUEUED, release_at=now).where(Broadcast.id == broadcast_id).execute()
        waiting = _messages(broadcast_id, PartState.QUEUED)
        audit.record(now, by, "broadcast_resumed", str(broadcast_id), messages=waiting)
    return waiting


def release_broadcast(
    broadcast_id: int, by: str, validity: timedelta, now: datetime, *, rest: bool = False
) -> int | None:
    """Send held messages with a new deadline, with `rest` only those that nobody can have. Returns the number of parts,
    None where it is not held, 0 where with `rest` nobody is left."""
    with writing():
        if _locked(broadcast_id).stage is not Stage.HELD:
            return None
        if rest:
            hold = hold_of(broadcast_id)
            if hold is not None and not hold.nothing:
                return 0
            leave_in_doubt(broadcast_id, now)
        _reopen(broadcast_id, validity, now)
        audit.record(now, by, "broadcast_released", str(broadcast_id), only="nothing" if rest else None)
        return int(_waiting(broadcast_id).count())


def expire_broadcast(broadcast_id: int, by: str, now: datetime) -> int | None:
    """Expire held parts, or leave those unconfirmed that a phone may have; how many, None if it is not held."""
    which = Part.broadcast == broadcast_id

    def lapse(ids: list[int]) -> int:
        if _locked(broadcast_id).stage is not Stage.HELD:  # another person decided meanwhile
            return 0
        return move_parts(which & Part.id.in_(ids), PartState.EXPIRED, Cause.PERSON, now, reason="lapsed")

    with writing():
        if _locked(broadcast_id).stage is not Stage.HELD:
            return None
        leave_in_doubt(broadcast_id, now)
    waiting = Part.select(Part.id).where(which, Part.state.in_(sources(PartState.EXPIRED, Cause.PERSON)))
    count = change_in_chunks(waiting, lapse)
    with writing():
        over = Broadcast.update(stage=Stage.FINISHED)
        if not over.where(Broadcast.id == broadcast_id, Broadcast.stage == Stage.HELD).execute():
            return None
        audit.record(now, by, "broadcast_expired", str(broadcast_id), parts=count)
    return count


def _reopen(broadcast_id: int, validity: timedelta, now: datetime) -> None:
    """Put the broadcast into the queue, with a deadline and an age that count from now."""
    anew = Broadcast.update(stage=Stage.QUEUED, release_at=now, deadline_at=now + validity)
    anew.where(Broadcast.id == broadcast_id).execute()


def _messages(broadcast_id: int, *states: PartState) -> int:
    parts: Any = Part.select(Part.message).where(Part.broadcast == broadcast_id, Part.state.in_(states))
    return int(parts.distinct().count())


def _locked(broadcast_id: int) -> Broadcast:
    row: Broadcast = locked(Broadcast.select().where(Broadcast.id == broadcast_id)).get()
    return row
