"""The one table of a part's states, and what is derived from it.

`PART_TRANSITIONS[source]` holds each state that may follow, with who or what may bring it about. Writers never
name source states themselves: they ask `sources(target, cause)`, so that a transition exists here or nowhere.
"""

from enum import StrEnum


class Part(StrEnum):
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
    """What is stored of a broadcast; `sending` is derived, and so is `finished` while stored as queued."""

    PREPARING = "preparing"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    PAUSED = "paused"
    HELD = "held"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Cause(StrEnum):
    """What may move a part."""

    CLAIM = "claim"
    MODEM = "modem"
    REPORT = "report"
    PERSON = "person"
    RECOVERY = "recovery"
    POLICY = "policy"
    # A person sends a whole message again, under a new reference: also its parts that went out the first time.
    RESEND = "resend"


PART_TRANSITIONS: dict[Part, dict[Part, frozenset[Cause]]] = {
    Part.QUEUED: {
        Part.SENDING: frozenset({Cause.CLAIM}),
        Part.CANCELLED: frozenset({Cause.PERSON, Cause.POLICY}),
        Part.EXPIRED: frozenset({Cause.POLICY, Cause.PERSON}),
        Part.FAILED: frozenset({Cause.POLICY}),
        # A copy of the database was put back: a phone may have what still waits in it.
        Part.UNCONFIRMED: frozenset({Cause.PERSON}),
    },
    Part.SENDING: {
        Part.SENT: frozenset({Cause.MODEM}),
        Part.QUEUED: frozenset({Cause.MODEM, Cause.RECOVERY}),
        Part.FAILED: frozenset({Cause.MODEM, Cause.POLICY}),
        Part.UNCONFIRMED: frozenset({Cause.MODEM, Cause.RECOVERY}),
    },
    Part.SENT: {
        Part.QUEUED: frozenset({Cause.RESEND}),
        Part.DELIVERED: frozenset({Cause.REPORT}),
        Part.UNDELIVERED: frozenset({Cause.REPORT}),
        Part.EXPIRED: frozenset({Cause.REPORT}),
    },
    Part.UNCONFIRMED: {
        Part.SENT: frozenset({Cause.MODEM, Cause.REPORT}),
        Part.DELIVERED: frozenset({Cause.REPORT}),
        Part.UNDELIVERED: frozenset({Cause.REPORT}),
        Part.EXPIRED: frozenset({Cause.REPORT}),
        Part.QUEUED: frozenset({Cause.RESEND}),
    },
    Part.FAILED: {Part.QUEUED: frozenset({Cause.RESEND})},
    Part.EXPIRED: {
        Part.QUEUED: frozenset({Cause.RESEND}),
        Part.DELIVERED: frozenset({Cause.REPORT}),
    },
    Part.UNDELIVERED: {
        Part.QUEUED: frozenset({Cause.RESEND}),
        Part.DELIVERED: frozenset({Cause.REPORT}),
    },
    Part.DELIVERED: {Part.QUEUED: frozenset({Cause.RESEND})},
    Part.CANCELLED: {Part.QUEUED: frozenset({Cause.RESEND})},
}

# The worst part names the message: nothing is shown better than it is known.
WORST_FIRST: tuple[Part, ...] = (
    Part.FAILED,
    Part.CANCELLED,
    Part.EXPIRED,
    Part.UNDELIVERED,
    Part.UNCONFIRMED,
    Part.QUEUED,
    Part.SENDING,
    Part.SENT,
    Part.DELIVERED,
)

# A phone may have it, or is about to: what was accepted or never answered, and what a modem holds.
MAY_BE_THERE: tuple[Part, ...] = (Part.SENDING, Part.SENT, Part.DELIVERED, Part.UNDELIVERED, Part.UNCONFIRMED)

TERMINAL: frozenset[Part] = frozenset(WORST_FIRST) - {Part.QUEUED, Part.SENDING}


def sources(target: Part, cause: Cause) -> list[Part]:
    """The states from which `cause` may bring a part to `target`."""
    return [source for source, targets in PART_TRANSITIONS.items() if cause in targets.get(target, ())]


def broadcast_state(stage: Stage, counts: dict[Part, int]) -> str:
    """The state that people and JSON see, from the stored stage and the counts of *parts*.

    Not of messages: an unconfirmed part outranks its siblings that are still going out.
    """
    if stage not in (Stage.QUEUED, Stage.FINISHED):
        return stage.value
    if not counts.get(Part.QUEUED) and not counts.get(Part.SENDING):
        return "finished"
    moved = any(count for state, count in counts.items() if state is not Part.QUEUED)
    return "sending" if moved else "queued"
