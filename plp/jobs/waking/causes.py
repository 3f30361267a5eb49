"""Causes of calls, and the people called about them."""

from datetime import datetime, timedelta

from db.alerts.orders.approval import approver_refusal, waiting_approvals
from db.inbound.replies.alarms import ringing
from db.operations.incidents import IncidentCard, open_incidents
from db.operations.machine.clock import behind
from db.operations.waking.values import About, SummonsCard
from db.people.duty import Callee, on_duty, stand_ins
from plp.jobs.alarms.trouble import QUIET_KINDS

# Somebody at the console sees it at once: nobody is woken for what a colleague takes up within this.
GRACE = timedelta(minutes=1)
# A text with a word of alarm has a summons of its own.
_NOT_CALLED_FOR = (*QUIET_KINDS, "ringing")
_ROLES: dict[About, tuple[str, ...]] = {
    "approval": ("officer",),
    "message": ("officer", "admin"),
    "incident": ("technician", "admin"),
}


def causes(now: datetime) -> dict[About, set[str]]:
    """The subjects that last now, by kind (`SummonsCause.subject`)."""
    return {
        "approval": {str(card.broadcast_id) for card in waiting_approvals(now) if card.asked_at <= now - GRACE},
        "message": {str(text.inbound_id) for text in ringing(now) if text.received_at <= now - GRACE},
        "incident": {subject_of(card) for card in open_incidents() if card.kind not in _NOT_CALLED_FOR},
    }


def subject_of(card: IncidentCard) -> str:
    """The subject of a summons about this incident."""
    return f"{card.kind}:{card.id}"


def callees(card: SummonsCard, now: datetime) -> list[Callee]:
    """The people to call, in their order: those on duty, else those whose role it is. Of an approval, nobody who cannot
    give it. While the clock is behind, the roster is read at a wrong date: after its people the others too.
    """
    there, others = on_duty(now), stand_ins(_ROLES[card.kind])
    if card.kind == "approval":
        there, others = ([each for each in people if _may_approve(each, card, now)] for people in (there, others))
    known = {each.account_id for each in there}
    return there if there and behind(now) is None else [*there, *(o for o in others if o.account_id not in known)]


def _may_approve(person: Callee, card: SummonsCard, now: datetime) -> bool:
    if "officer" not in person.roles:
        return False
    return any(approver_refusal(int(subject), person.name, now) is None for subject in card.subjects)
