"""Approval by a second person, as it is stored; `plp.services.orders.approving` decides who may give it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, fn

from db.alerts.orders.control import cancel_parts
from db.alerts.values import Plan
from db.engine.base import card_of
from db.engine.cached_queries import Prepared, given
from db.engine.connection import locked, writing
from db.journal import audit
from db.models.broadcasts import Broadcast, Part
from db.models.policy import Approval
from db.people.accounts.accounts import account_behind
from db.people.zone import APPROVAL_WITHIN
from rules.people import same_person
from rules.states import MAY_BE_THERE, Cause, Stage

# Where mail is set up later, nobody is written to about what is long over.
MAILED_WITHIN = timedelta(days=1)
# Written out, so that SQLite sees that the partial index serves.
_WAITING = SQL("'waiting'")
_CARDS = Approval.select(Approval, Broadcast).join(Broadcast)
_OPEN = _CARDS.where(Approval.outcome == _WAITING, Broadcast.stage == Stage.AWAITING_APPROVAL)
_OF_BROADCAST = Prepared(_CARDS.where(Approval.broadcast == given("broadcast")).limit(1))
_NOT_LAPSED = Prepared(_OPEN.where(Approval.lapses_at > given("now")).order_by(Approval.lapses_at, Approval.id))
_WENT_OUT = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(MAY_BE_THERE))
_UNTOLD = Prepared(
    _CARDS.where(
        Approval.outcome == "alone",
        Approval.told_at.is_null(),
        Approval.decided_at > given("since"),
        Broadcast.stage.not_in([Stage.PREPARING, Stage.SCHEDULED]),
        (Broadcast.stage != Stage.CANCELLED) | fn.EXISTS(_WENT_OUT),
    ).order_by(Approval.id)
)
# Asked twice a second for ever, nearly always in vain.
_ANY_LAPSED = Prepared(_OPEN.where(Approval.lapses_at <= given("now")).limit(1))


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """`outcome` is waiting, approved, refused, lapsed, alone (break-glass) or withdrawn (cancelled while it waited).
    `author` is the account behind the order, empty if none is known: then two people must agree, and `first_by` already
    has. `is_open`: nobody has decided, and it was not cancelled.
    """

    broadcast_id: int
    kind: str
    lane: int
    is_open: bool
    outcome: str
    recipients: int
    ordered_by: str
    author: str
    first_by: str
    asked_at: datetime
    lapses_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str

    @property
    def is_given(self) -> bool:
        return self.outcome in ("approved", "alone")

    @property
    def deciders(self) -> str:
        return ", ".join(filter(None, (self.first_by, self.decided_by)))

    def is_by(self, name: str) -> bool:
        """True when it is this person's own order, whatever way they gave it."""
        return any(same_person(author, name) for author in (self.ordered_by, self.author) if author)

    def is_done_by(self, name: str) -> bool:
        """True when this person can do no more for it: it is their own, or they agreed already."""
        return self.is_by(name) or (bool(self.first_by) and same_person(self.first_by, name))


def begin_approval(broadcast: Broadcast, plan: Plan, alone_because: str, now: datetime) -> None:
    """Store that a second person must agree, or why none does, in the transaction that makes the broadcast."""
    if plan.agreement == "second":
        Approval.create(broadcast=broadcast, asked_at=now, lapses_at=now + APPROVAL_WITHIN)
    elif plan.agreement == "alone":
        by = plan.order.by
        decided = {"outcome": "alone", "decided_by": by, "decided_at": now, "reason": alone_because}
        Approval.create(broadcast=broadcast, asked_at=now, lapses_at=now, **decided)
        audit.record(now, by, "approval_alone", str(broadcast.id), reason=alone_because)


def authors(broadcast_id: int) -> list[str]:
    """The person who ordered it and, for a follow-up, the one who ordered the original, as stored."""
    theirs = Broadcast.select(Broadcast.original).where(Broadcast.id == broadcast_id)
    wrote = Broadcast.select(Broadcast.ordered_by).where((Broadcast.id == broadcast_id) | Broadcast.id.in_(theirs))
    return [row.ordered_by for row in wrote.order_by(Broadcast.id.desc())]


def mark_let_go(
    broadcast_id: int, outcome: str, by: str, reason: str, undo: timedelta, validity: timedelta, now: datetime
) -> None:
    """`approved`, or sent `alone`: undo seconds, deadline and age begin now. In the caller's transaction."""
    _decide(broadcast_id, outcome, by, reason, now)
    times = {"release_at": now + undo, "deadline_at": now + undo + validity}
    going = Broadcast.update(stage=Stage.SCHEDULED if undo else Stage.QUEUED, **times)
    going.where(Broadcast.id == broadcast_id).execute()


def mark_not_approved(broadcast_id: int, outcome: str, by: str, reason: str, now: datetime) -> bool:
    """`refused` or `lapsed`; False where it was decided before. Cancel its parts after the caller's transaction."""
    if not _decide(broadcast_id, outcome, by, reason, now):
        return False
    Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == broadcast_id).execute()
    return True


def lapse_approvals(now: datetime) -> int:
    """End the broadcasts that nobody approved in time; returns their number."""
    if not _ANY_LAPSED.first(now=now):
        return 0
    lapsed: list[int] = []
    with writing("approvals"):
        late = Approval.select(Approval.broadcast).where(Approval.outcome == _WAITING, Approval.lapses_at <= now)
        for broadcast in locked(Broadcast.select().where(Broadcast.id.in_(late)).order_by(Broadcast.id)):
            awaited = broadcast.stage is Stage.AWAITING_APPROVAL
            if awaited and mark_not_approved(broadcast.id, "lapsed", "plp", "", now):
                audit.record(now, "plp", "approval_lapsed", str(broadcast.id))
                lapsed.append(broadcast.id)
    for broadcast_id in lapsed:
        cancel_parts(broadcast_id, "approval_lapsed", Cause.POLICY, now)
    return len(lapsed)


def approval_of(broadcast_id: int) -> ApprovalCard | None:
    """The approval of this broadcast; None where none was needed."""
    return next(map(_card, _OF_BROADCAST.results(broadcast=broadcast_id)), None)


def lock_approval(broadcast_id: int) -> ApprovalCard | None:
    """The same, locked until the transaction ends: of two people who decide at once, one finds it decided."""
    locked(Broadcast.select().where(Broadcast.id == broadcast_id)).first()
    return approval_of(broadcast_id)


def waiting_approvals(now: datetime) -> list[ApprovalCard]:
    """Approvals that wait for a second person now, the oldest first. Cheap: every page asks."""
    return [_card(row) for row in _NOT_LAPSED.results(now=now)]


def untold_alone(now: datetime) -> list[ApprovalCard]:
    """Broadcasts of the last day that left without a second person, not undone, of which no admin had a mail yet."""
    return [_card(row) for row in _UNTOLD.results(since=now - MAILED_WITHIN)]


def mark_approval(broadcast_id: int, **values: object) -> None:
    """Record in its transaction `first_by`, the first of two, or `told_at`: the admins' mail about it is queued."""
    Approval.update(values).where(Approval.broadcast == broadcast_id).execute()


def _card(row: Approval) -> ApprovalCard:
    waiting, stage = row.outcome == "waiting", row.broadcast.stage
    return card_of(
        ApprovalCard,
        row,
        kind=row.broadcast.kind,
        lane=row.broadcast.lane,
        is_open=waiting and stage is Stage.AWAITING_APPROVAL,
        outcome="withdrawn" if waiting and stage is Stage.CANCELLED else row.outcome,
        recipients=row.broadcast.recipients,
        ordered_by=row.broadcast.ordered_by,
        author=account_behind(row.broadcast.ordered_by) or "",
    )


def _decide(broadcast_id: int, outcome: str, by: str, reason: str, now: datetime) -> bool:
    decided = Approval.update(outcome=outcome, decided_by=by, decided_at=now, reason=reason)
    return bool(decided.where(Approval.broadcast == broadcast_id, Approval.outcome == _WAITING).execute())
