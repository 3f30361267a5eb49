"""Events at one modem (deeds of people and of the daemon, incidents, refusals), and the times of its submits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from db.engine.base import tuples
from db.journal import audit
from db.journal.audit import Entry
from db.models.broadcasts import Attempt
from db.models.incidents import Incident
from plp.rules.sentences import NOTHING, Sentence, stored_sentence

TOLD = timedelta(days=30)
# Of refusals the newest few: an anti-spam block makes hundreds.
REFUSALS = 20
SUBMITS = 500

# deed  an entry of the journal · began, ended  an incident · refused  a code of the network or the modem
What = Literal["deed", "began", "ended", "refused"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `entry` is of a deed, `told` of an incident, `code` of a refusal."""

    at: datetime
    what: What
    entry: Entry | None = None
    told: Sentence = NOTHING
    code: str = ""


def modem_events(host: str, modem: str, now: datetime, most: int) -> list[Event]:
    """The newest of the last month, newest first."""
    seat, since = f"{host}/{modem}", now - TOLD
    found = [Event(entry.at, "deed", entry=entry) for entry in audit.entries_about(seat, since)]
    for row in Incident.select().where(Incident.subject == seat, Incident.opened_at >= since):
        told = stored_sentence(row.sentence)
        found.append(Event(row.opened_at, "began", told=told))
        if row.ended_at is not None:
            found.append(Event(row.ended_at, "ended", told=told))
    refused = (
        Attempt.select(Attempt.ended_at, Attempt.reason)
        .where(Attempt.modem == modem, Attempt.host == host, Attempt.ended_at >= since)
        .where(Attempt.outcome.in_(("retry", "failed", "unconfirmed")))
        .order_by(Attempt.ended_at.desc())
        .limit(REFUSALS)
    )
    found += [Event(at, "refused", code=reason) for at, reason in tuples(refused)]
    return sorted(found, key=lambda event: event.at, reverse=True)[:most]


def submit_seconds(host: str, modem: str) -> list[float]:
    """Seconds from the PDU's beginning to the receipt of its newest messages that the network took, newest first."""
    rows = (
        Attempt.select(Attempt.pdu_started_at, Attempt.ended_at)
        .where(Attempt.modem == modem, Attempt.host == host, Attempt.ended_at.is_null(False))
        .where(Attempt.outcome == "sent", Attempt.reason == "", Attempt.pdu_started_at.is_null(False))
        .order_by(Attempt.ended_at.desc())
        .limit(SUBMITS)
    )
    return [max(0.0, (ended - began).total_seconds()) for began, ended in tuples(rows)]
