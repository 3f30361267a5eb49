"""The codes of broadcasts (lanes of the queue, kinds), the one table of a part's states, and what is derived from it.
Writers never name source states: they ask `sources(target, cause)`, so that a transition exists here or nowhere.
Decision: docs/adr/0002.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

# Lower goes first, at the next part boundary. A call of somebody on duty is one SMS, and an alert may wait for them.
LANE_CALL = -1
LANE_URGENT, LANE_DRILL, LANE_NORMAL = 0, 1, 2
# Kinds that no officer ordered: nobody waits to undo them, they count against no ceiling and stand in no history.
AUTOMATIC = ("welcome", "renewal", "selftest", "proof", "alarm", "test", "answer")
# Of these, kinds that go to many, one by one, with words that an admin typed.
SHARED = ("welcome", "renewal")
# Kinds that test one SIM, which no other may send.
OF_ONE_SIM = ("selftest", "proof")
# Kinds that speak of an earlier broadcast, to those whom it reached.
FOLLOW_UPS = ("correction", "end")
# The right text of an alert that was corrected, to those of its people whom the wrong one did not reach.
CORRECTED: Final = "corrected"
# The category of the bulletin that says more of an alert: it goes to the alert's people, who relay nothing.
LONGER: Final = "longer"


class PartState(StrEnum):
    """States of one TPDU."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """The stored stage of a broadcast; `sending` is derived, and so is `finished` while stored as queued."""

    PREPARING = "preparing"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    PAUSED = "paused"
    HELD = "held"
    FINISHED = "finished"
    CANCELLED = "cancelled"


# 100,000 messages take about half a minute on a slow card; what prepares for longer was cut short.
ENQUEUE_AT_MOST = timedelta(minutes=1)
# The stages in which people may do what: stop it, send messages of it again, and what is put back meanwhile goes on.
OPEN = (Stage.AWAITING_APPROVAL, Stage.SCHEDULED, Stage.QUEUED, Stage.PAUSED, Stage.HELD)
RESENDABLE = (Stage.QUEUED, Stage.FINISHED, Stage.CANCELLED)
# What is put back already may have gone out (finished), or wait for a person who paused it.
UNDER_WAY = (Stage.QUEUED, Stage.PAUSED, Stage.FINISHED)
# What has reached nobody yet is cancelled rather than corrected.
NOT_BEGUN = (Stage.PREPARING, Stage.AWAITING_APPROVAL, Stage.SCHEDULED)


class Cause(StrEnum):
    """The causes that may move a part."""

    CLAIM = "claim"
    MODEM = "modem"
    REPORT = "report"
    PERSON = "person"
    RECOVERY = "recovery"
    POLICY = "policy"
    # A person sends a whole message again, under a new reference: also its parts that went out the first time.
    RESEND = "resend"
    # A copy of the database was put back: what was stopped in it may have been sent again after it was made.
    RESTORE = "restore"


def _to(**causes: str) -> dict[PartState, frozenset[Cause]]:
    return {PartState(state): frozenset(map(Cause, words.split())) for state, words in causes.items()}


PART_TRANSITIONS: dict[PartState, dict[PartState, frozenset[Cause]]] = {
    PartState.QUEUED: _to(
        sending="claim",
        cancelled="person policy",
        expired="policy person",
        failed="policy",
        # A copy of the database was put back: a phone may have what still waits in it.
        unconfirmed="person policy",
    ),
    PartState.SENDING: _to(sent="modem", queued="modem recovery", failed="modem policy", unconfirmed="modem recovery"),
    PartState.SENT: _to(
        queued="resend",
        delivered="report",
        undelivered="report",
        expired="report",
        # The modem turned out to have lost PDU mode: what it took may have gone to nobody.
        unconfirmed="modem",
    ),
    PartState.UNCONFIRMED: _to(
        sent="modem report", delivered="report", undelivered="report", expired="report", queued="resend"
    ),
    PartState.FAILED: _to(queued="resend"),
    PartState.EXPIRED: _to(queued="resend", delivered="report"),
    PartState.UNDELIVERED: _to(queued="resend", delivered="report"),
    PartState.DELIVERED: _to(queued="resend"),
    PartState.CANCELLED: _to(queued="resend", unconfirmed="restore"),
}

# The worst part names the message: nothing is shown better than it is known.
WORST_FIRST: tuple[PartState, ...] = (
    PartState.FAILED,
    PartState.CANCELLED,
    PartState.EXPIRED,
    PartState.UNDELIVERED,
    PartState.UNCONFIRMED,
    PartState.QUEUED,
    PartState.SENDING,
    PartState.SENT,
    PartState.DELIVERED,
)

# A phone may have it, or is about to: what was accepted or never answered, and what a modem holds.
MAY_BE_THERE: tuple[PartState, ...] = (
    PartState.SENDING,
    PartState.SENT,
    PartState.DELIVERED,
    PartState.UNDELIVERED,
    PartState.UNCONFIRMED,
)


def sources(target: PartState, cause: Cause) -> list[PartState]:
    """The states from which `cause` may bring a part to `target`."""
    return [source for source, targets in PART_TRANSITIONS.items() if cause in targets.get(target, ())]


def broadcast_state(stage: Stage, counts: dict[PartState, int]) -> str:
    """The state that people and JSON see, from the stored stage and the counts of *parts*, not of messages."""
    if stage not in (Stage.QUEUED, Stage.FINISHED):
        return stage.value
    if not counts.get(PartState.QUEUED) and not counts.get(PartState.SENDING):
        return "finished"
    moved = any(count for state, count in counts.items() if state is not PartState.QUEUED)
    return "sending" if moved else "queued"
