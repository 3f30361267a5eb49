"""Approval by a second person: asked where the zone's policy wants it, given once, or done without for a reason. Who
may give it is decided in `plp.services.approving`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, fn

from db.alerts.orders.stopping import cancel_parts
from db.alerts.values import FOLLOW_UP_VALIDITY, Agreement, Order
from db.engine.base import card_of
from db.engine.cached_queries import Prepared, given
from db.engine.connection import locked, take_turn, writing
from db.journal import audit
from db.models.broadcasts import Broadcast, BroadcastThread, Part
from db.models.policy import Approval
from db.people.accounts.persons import account_behind
from db.people.audience import Recipient
from db.people.policy import APPROVAL_WITHIN, DRILL_PEOPLE, policy
from db.settings.values import SendingSettings
from rules.people import same_person
from rules.refusals import Refusal, reason_of
from rules.states import FOLLOW_UPS, MAY_BE_THERE, Cause, Stage

# Where mail is set up later, nobody is written to about what is long over.
TOLD_WITHIN = timedelta(days=1)
# Written out, so that SQLite sees that the partial index serves.
_WAITING = SQL("'waiting'")


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """`outcome` is waiting, approved, refused, lapsed, alone (break-glass) or withdrawn (cancelled while it waited).
    `author` is the account behind whoever ordered it, empty where none is known: then two must agree, and `first_by`
    did already.
    """

    broadcast_id: int
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
    def deciders(self) -> str:
        """The names of those who agreed."""
        return ", ".join(filter(None, (self.first_by, self.decided_by)))

    def is_by(self, name: str) -> bool:
        """True when it is this person's own order, whatever way they gave it."""
        return any(same_person(each, name) for each in (self.ordered_by, self.author) if each)

    def is_done_by(self, name: str) -> bool:
        """True when this person has said all that they can: it is their own, or they agreed already."""
        return self.is_by(name) or (bool(self.first_by) and same_person(self.first_by, name))


def needs_second(kind: str, people: int) -> bool:
    """True when the policy wants a second person; a correction and an end need one a day later (`follow_up`)."""
    if policy().approval != "second":
        return False
    return kind == "alert" or (kind == "drill" and people > DRILL_PEOPLE)


def agreement_for(order: Order, people: Sequence[Recipient]) -> Agreement:
    """Agreement that this order needs. Raises Refusal when the reason for doing without is no reason."""
    if not needs_second(order.kind, len(people)):
        return ""
    if order.alone_because is None:
        return "second"
    reason_of(order.alone_because)
    return "alone"


def begin_approval(broadcast: Broadcast, order: Order, now: datetime) -> None:
    """Store that a second person is asked, or was not there. Inside the transaction that makes the broadcast."""
    if order.agreement == "second":
        Approval.create(broadcast=broadcast, asked_at=now, lapses_at=now + APPROVAL_WITHIN)
    elif order.agreement == "alone":
        reason = reason_of(order.alone_because or "")
        Approval.create(
            broadcast=broadcast,
            outcome="alone",
            asked_at=now,
            lapses_at=now,
            decided_by=order.by,
            decided_at=now,
            reason=reason,
        )
        audit.record(now, order.by, "approval_alone", str(broadcast.id), reason=reason)


def mark_approved(broadcast_id: int, by: str, sending: SendingSettings, now: datetime) -> None:
    """Its undo seconds begin. Raises Refusal where it waits no more."""
    with writing():
        broadcast = waiting_broadcast(broadcast_id, now)
        _decide(broadcast, "approved", by, "", now)
        _let_go(broadcast, sending, now)
        audit.record(now, by, "broadcast_approved", str(broadcast_id))


def mark_first_approval(broadcast_id: int, by: str, now: datetime) -> None:
    """The first of two agrees; it waits on for the other. Raises Refusal where it waits no more."""
    with writing():
        waiting_broadcast(broadcast_id, now)
        Approval.update(first_by=by).where(Approval.broadcast == broadcast_id).execute()
        audit.record(now, by, "broadcast_approved_first", str(broadcast_id))


def authors(broadcast_id: int) -> list[str]:
    """Whoever ordered it, and whoever wrote what it changes, as they are stored."""
    theirs = BroadcastThread.select(BroadcastThread.original).where(BroadcastThread.broadcast == broadcast_id)
    wrote = Broadcast.select(Broadcast.ordered_by).where((Broadcast.id == broadcast_id) | Broadcast.id.in_(theirs))
    return [row.ordered_by for row in wrote.order_by(Broadcast.id.desc())]


def refuse_broadcast(broadcast_id: int, by: str, reason: str, now: datetime) -> None:
    """Refuse it for good, with a reason that its author reads. Raises Refusal."""
    reason = reason_of(reason)
    with writing():
        broadcast = waiting_broadcast(broadcast_id, now)
        _decide(broadcast, "refused", by, reason, now)
        _stop(broadcast)
        audit.record(now, by, "approval_refused", str(broadcast_id), reason=reason)
    cancel_parts(broadcast_id, "not_approved", Cause.PERSON, now)


def break_glass(broadcast_id: int, by: str, reason: str, sending: SendingSettings, now: datetime) -> None:
    """Send it without a second person, because none can be reached; this stays visible. Raises Refusal."""
    reason = reason_of(reason)
    with writing():
        broadcast = waiting_broadcast(broadcast_id, now)
        _decide(broadcast, "alone", by, reason, now)
        _let_go(broadcast, sending, now)
        audit.record(now, by, "approval_alone", str(broadcast_id), reason=reason)


def lapse_approvals(now: datetime) -> int:
    """End the broadcasts that nobody approved in time; returns their number."""
    if not _ANY_LAPSED.first(now=now):
        return 0
    lapsed: list[int] = []
    with writing():
        take_turn("approvals")
        late = Approval.select(Approval.broadcast).where(Approval.outcome == _WAITING, Approval.lapses_at <= now)
        for broadcast in locked(Broadcast.select().where(Broadcast.id.in_(late)).order_by(Broadcast.id)):
            if broadcast.stage is Stage.AWAITING_APPROVAL and _decide(broadcast, "lapsed", "plp", "", now):
                _stop(broadcast)
                audit.record(now, "plp", "approval_lapsed", str(broadcast.id))
                lapsed.append(broadcast.id)
    for broadcast_id in lapsed:
        cancel_parts(broadcast_id, "approval_lapsed", Cause.POLICY, now)
    return len(lapsed)


def approval_of(broadcast_id: int) -> ApprovalCard | None:
    """The approval of this broadcast; None where none was needed."""
    return next(map(_card, _OF_BROADCAST.found(broadcast=broadcast_id)), None)


def waiting_approvals(now: datetime) -> list[ApprovalCard]:
    """Approvals that wait for a second person now, the oldest first. Cheap: every page asks."""
    return [_card(row) for row in _NOT_LAPSED.found(now=now)]


def untold_alone(now: datetime) -> list[ApprovalCard]:
    """Broadcasts of the last day that left without a second person, not undone, of which no admin was told yet."""
    went_out = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(MAY_BE_THERE))
    rows = (
        Approval.select(Approval, Broadcast)
        .join(Broadcast)
        .where(Approval.outcome == "alone", Approval.told_at.is_null(), Approval.decided_at > now - TOLD_WITHIN)
        .where(Broadcast.stage.not_in([Stage.PREPARING, Stage.SCHEDULED]))
        .where((Broadcast.stage != Stage.CANCELLED) | fn.EXISTS(went_out))
    )
    return [_card(row) for row in rows.order_by(Approval.id)]


def mark_alone_told(broadcast_id: int, now: datetime) -> None:
    """Mark it told to the admins, once their mail is queued. Inside the caller's transaction."""
    Approval.update(told_at=now).where(Approval.broadcast == broadcast_id).execute()


def _card(row: Approval) -> ApprovalCard:
    withdrawn = row.outcome == "waiting" and row.broadcast.stage is Stage.CANCELLED
    return card_of(
        ApprovalCard,
        row,
        outcome="withdrawn" if withdrawn else row.outcome,
        recipients=row.broadcast.recipients,
        ordered_by=row.broadcast.ordered_by,
        author=account_behind(row.broadcast.ordered_by) or "",
    )


def waiting_broadcast(broadcast_id: int, now: datetime) -> Broadcast:
    """The broadcast, locked until the transaction ends: of two people who decide at once, one finds it decided. Raises
    Refusal where nobody can decide any more.
    """
    broadcast: Broadcast | None = locked(Broadcast.select().where(Broadcast.id == broadcast_id)).first()
    approval = Approval.get_or_none(Approval.broadcast == broadcast_id)
    if broadcast is None or approval is None:
        raise Refusal("La validation de l'envoi {id} n'est pas demandée.", id=broadcast_id)
    if broadcast.stage is not Stage.AWAITING_APPROVAL or approval.outcome != "waiting":
        raise Refusal("Envoi {id} : un collègue a déjà décidé.", id=broadcast_id)
    if approval.lapses_at <= now:
        raise Refusal("Envoi {id} non validé à temps. Rédigez-le à nouveau.", id=broadcast_id)
    return broadcast


def _decide(broadcast: Broadcast, outcome: str, by: str, reason: str, now: datetime) -> bool:
    decided = Approval.update(outcome=outcome, decided_by=by, decided_at=now, reason=reason)
    return bool(decided.where(Approval.broadcast == broadcast.id, Approval.outcome == _WAITING).execute())


def _let_go(broadcast: Broadcast, sending: SendingSettings, now: datetime) -> None:
    """Schedule it with its undo seconds; its deadline and its age count from now."""
    validity = sending.validity_urgent if broadcast.lane == 0 else sending.validity_normal
    if broadcast.kind in FOLLOW_UPS:
        validity = FOLLOW_UP_VALIDITY
    undo = timedelta(seconds=policy().undo_seconds(sending.undo_seconds, broadcast.recipients))
    Broadcast.update(
        stage=Stage.SCHEDULED if undo else Stage.QUEUED, release_at=now + undo, deadline_at=now + undo + validity
    ).where(Broadcast.id == broadcast.id).execute()


def _stop(broadcast: Broadcast) -> None:
    """Cancel the broadcast; its parts are cancelled afterwards, outside this transaction."""
    Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == broadcast.id).execute()


_CARDS = Approval.select(Approval, Broadcast).join(Broadcast)
_OPEN = _CARDS.where(Approval.outcome == _WAITING, Broadcast.stage == Stage.AWAITING_APPROVAL)
_OF_BROADCAST = Prepared(_CARDS.where(Approval.broadcast == given("broadcast")).limit(1))
_NOT_LAPSED = Prepared(_OPEN.where(Approval.lapses_at > given("now")).order_by(Approval.lapses_at, Approval.id))
# Asked twice a second for ever, nearly always in vain.
_ANY_LAPSED = Prepared(_OPEN.where(Approval.lapses_at <= given("now")).limit(1))
