"""The one table of a mail's states, with the causes that may move one copy of a letter. As in `rules.states`,
writers ask `mail_sources(target, cause)`, so that a transition exists here or nowhere.
"""

from enum import StrEnum


class MailState(StrEnum):
    """States of one mail to one reader. ACCEPTED is what the server said; no server can promise more."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


# States of a mail that arrived as far as anybody knows, or will.
ON_THEIR_WAY = (MailState.QUEUED, MailState.SENDING, MailState.ACCEPTED)


class MailCause(StrEnum):
    """Causes of a mail's change of state."""

    CLAIM = "claim"
    SERVER = "server"
    # What a process that died, or lost its lease, left behind.
    RECOVERY = "recovery"
    # A server that cannot be reached until the mail is too old.
    OUTAGE = "outage"
    BOUNCE = "bounce"
    PERSON = "person"
    # The reader was forgotten.
    ERASURE = "erasure"
    # The reader's address, or what they got it for, was taken away.
    WITHDRAWAL = "withdrawal"


def _to(**causes: str) -> dict[MailState, frozenset[MailCause]]:
    return {MailState(state): frozenset(map(MailCause, words.split())) for state, words in causes.items()}


MAIL_TRANSITIONS: dict[MailState, dict[MailState, frozenset[MailCause]]] = {
    # Bounced only where it may have been accepted before its connection was lost.
    MailState.QUEUED: _to(sending="claim", expired="outage", bounced="bounce", cancelled="person erasure withdrawal"),
    MailState.SENDING: _to(queued="server recovery", accepted="server", refused="server", expired="server recovery"),
    MailState.ACCEPTED: _to(bounced="bounce"),
    MailState.REFUSED: _to(queued="person"),
    MailState.EXPIRED: _to(queued="person", bounced="bounce"),
    MailState.BOUNCED: _to(queued="person"),
    MailState.CANCELLED: _to(queued="person"),
}

# What a person may look at and decide about.
MAIL_TROUBLE = (MailState.REFUSED, MailState.EXPIRED, MailState.BOUNCED)


def mail_sources(target: MailState, cause: MailCause) -> list[MailState]:
    """The states from which `cause` may bring a mail to `target`."""
    return [source for source, targets in MAIL_TRANSITIONS.items() if cause in targets.get(target, ())]
