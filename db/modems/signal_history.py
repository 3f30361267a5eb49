"""Records of a modem: its events, times of its submits, its reception and storages; and what IMS a model offered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from db.engine.base import put, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.journal import audit
from db.journal.audit import Entry
from db.models.broadcasts import Attempt
from db.models.incidents import Incident
from db.models.modem_records import ImsNote
from db.models.modem_records import ModemSample as ModemSample  # pages and the daemon name the rows
from db.models.zone import Modem
from rules.sentences import NOTHING, Sentence, stored_sentence

KEPT = timedelta(days=30)
# A quiet modem is sampled this often; a change of network or technology is written at once.
EVERY = timedelta(minutes=5)
# A storage as full as this is shown to people: texts and reports stop when it is full
# (docs/reference/modem-facts.md, "Storage").
WARNING_SHARE = 0.8
TOLD = timedelta(days=30)
# Of refusals the newest few: an anti-spam block makes hundreds.
REFUSALS = 20
SUBMITS = 500
_LAST = Prepared(
    ModemSample.select()
    .where(ModemSample.host == given("host"), ModemSample.modem == given("modem"))
    .order_by(ModemSample.at.desc())
    .limit(1)
)
# deed  an entry of the journal · began, ended  an incident · refused  a code of the network or the modem
What = Literal["deed", "began", "ended", "refused"]


@dataclass(frozen=True, slots=True)
class StorageCard:
    """Use of a storage at `seen_at`."""

    name: str
    used: int
    total: int
    seen_at: datetime

    @property
    def nearly_full(self) -> bool:
        return self.total > 0 and self.used >= WARNING_SHARE * self.total


def apply_sample(sample: ModemSample) -> bool:
    """Write a new sample when it differs from the last; True when it was written."""
    this = (ModemSample.host == sample.host) & (ModemSample.modem == sample.modem)
    last = _LAST.result(host=sample.host, modem=sample.modem)
    names = ("registered", "operator", "technology")
    is_same = last is not None and all(getattr(last, name) == getattr(sample, name) for name in names)
    if last is not None and is_same and timedelta() <= sample.at - last.at < EVERY:
        return False
    with writing():
        sample.save()
        ModemSample.delete().where(this, ModemSample.at < sample.at - KEPT).execute()
    return True


def samples(host: str, modem: str, since: datetime) -> list[ModemSample]:
    """The history of one modem, oldest first."""
    rows = ModemSample.select().where(ModemSample.host == host, ModemSample.modem == modem, ModemSample.at >= since)
    return list(rows.order_by(ModemSample.at))


def apply_storages(host: str, modem: str, uses: Sequence[tuple[str, int, int]], now: datetime) -> None:
    """Store the modem's storages as it reports them now (name, used, total); others are deleted."""
    with writing():
        looked = Modem.update(storages=json.dumps(uses), storages_at=now)
        looked.where(Modem.host == host, Modem.name == modem).execute()


def storages(host: str, modem: str) -> list[StorageCard]:
    """The storages of one modem, by name."""
    row = Modem.get_or_none(Modem.host == host, Modem.name == modem)
    if row is None:
        return []
    uses = sorted(json.loads(row.storages))
    return [StorageCard(name, used, total, row.storages_at) for name, used, total in uses]


def apply_ims(model: str, operator: str, state: str, now: datetime) -> None:
    """Store the newest report: `state` is `sms`, `registered`, `none` or `unoffered`."""
    with writing():
        put(ImsNote, {"model": model, "operator": operator}, state=state, seen_at=now)


def ims_state(model: str, operator: str | None) -> str:
    """The newest state that this model reported with this operator's cards; "" where it never did."""
    theirs = (ImsNote.model == model) & (ImsNote.operator == (operator or ""))
    return ImsNote.select(ImsNote.state).where(theirs).scalar() or ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `entry` is of a deed, `sentence` of an incident, `code` of a refusal."""

    at: datetime
    what: What
    entry: Entry | None = None
    sentence: Sentence = NOTHING
    code: str = ""


def modem_events(host: str, modem: str, now: datetime, most: int) -> list[Event]:
    """The newest of the last month, newest first."""
    seat, since = f"{host}/{modem}", now - TOLD
    events = [Event(entry.at, "deed", entry=entry) for entry in audit.entries_about(seat, since)]
    for row in Incident.select().where(Incident.subject == seat, Incident.opened_at >= since):
        sentence = stored_sentence(row.sentence)
        events.append(Event(row.opened_at, "began", sentence=sentence))
        if row.ended_at is not None:
            events.append(Event(row.ended_at, "ended", sentence=sentence))
    refused = (
        Attempt.select(Attempt.ended_at, Attempt.reason)
        .where(Attempt.modem == modem, Attempt.host == host, Attempt.ended_at >= since)
        .where(Attempt.outcome.in_(("retry", "failed", "unconfirmed")))
        .order_by(Attempt.ended_at.desc())
        .limit(REFUSALS)
    )
    events += [Event(at, "refused", code=reason) for at, reason in tuples(refused)]
    return sorted(events, key=lambda event: event.at, reverse=True)[:most]


def submit_seconds(host: str, modem: str) -> list[float]:
    """Seconds from the start of the PDU to the receipt, of its newest messages that the network took, newest first."""
    rows = (
        Attempt.select(Attempt.pdu_started_at, Attempt.ended_at)
        .where(Attempt.modem == modem, Attempt.host == host, Attempt.ended_at.is_null(False))
        .where(Attempt.outcome == "sent", Attempt.reason == "", Attempt.pdu_started_at.is_null(False))
        .order_by(Attempt.ended_at.desc())
        .limit(SUBMITS)
    )
    return [max(0.0, (ended - began).total_seconds()) for began, ended in tuples(rows)]
