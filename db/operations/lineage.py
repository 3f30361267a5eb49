"""Doubt of the database: it is an older copy put back (its progress is compared with a note kept outside it, ADR 28),
or commits of a damaged -wal are lost. Waiting messages are held: nobody knows to whom they were already sent. What was
taken back after a copy was made is read in the database that it replaces: the copy has it still.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from peewee import OperationalError, SqliteDatabase, fn

from db.alerts.orders.earlier import newest_order
from db.alerts.orders.holding import doubt_stopped, doubt_unapproved, hold_waiting
from db.alerts.queue.recovery import take_back_all
from db.engine.base import database, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import locked, writing
from db.engine.health import damage_file
from db.journal import audit
from db.models.accounts import ApiToken
from db.models.broadcasts import Attempt, Broadcast
from db.models.people import Consent, Member
from db.models.policy import Approval
from db.models.zone import AuditEntry, Lineage

# People hear of it for so long.
TOLD_FOR = timedelta(days=1)
# What was written so shortly before an older copy is noticed is of the services that began on it.
_BEGINNING = timedelta(minutes=15)
# What a restored backup lacks, as the journal has it.
_LACKING = ("gone", "gone_texts", "dropped")
_COLUMNS = (Lineage.token, Lineage.epoch, Lineage.progress)
_LEFT = Prepared(
    lambda ids: Attempt.select(fn.COUNT(Attempt.id)).where(Attempt.id.in_(ids), Attempt.pdu_started_at.is_null(False))
)
_STEP: Any = Lineage.update(progress=Lineage.progress + 1)
_FARTHER = (Lineage.epoch == given("epoch")) & (Lineage.progress >= given("progress"))
_ANY_STEP = Prepared(_STEP.returning(*_COLUMNS))
_STEP_BEYOND = Prepared(
    _STEP.where(Lineage.token == given("token"), (Lineage.epoch > given("epoch")) | _FARTHER).returning(*_COLUMNS)
)
_POSITION = Prepared(Lineage.select(*_COLUMNS).order_by(Lineage.id).limit(1))


class NotCompared(OperationalError):
    """The database was away: whether it is an older copy is not known yet, so nothing is sent from it."""


class Position(NamedTuple):
    """Progress of one database (`token`): the greater, the newer."""

    token: str
    epoch: int
    progress: int

    def is_before(self, other: "Position") -> bool:
        """True for an older state of the same database."""
        return self.token == other.token and self < other


def position() -> Position:
    """The position of the bound database."""
    return Position(*_POSITION.rows()[0])


def advance(beyond: Position | None) -> Position | None:
    """Add one to the progress, durably; returns the new position. None, and no step, if this is older than `beyond`."""
    # One statement: every host of a fleet steps each second or two, and holds the row until its commit.
    with writing(wakes=False):
        rows = _ANY_STEP.rows() if beyond is None else _STEP_BEYOND.rows(**beyond._asdict())
        return Position(*rows[0]) if rows else None


def is_older(than: Position | None) -> bool:
    """True in a database that is another one, or is less far than `than`."""
    here = position()
    return than is not None and (here.token != than.token or here.is_before(than))


def is_copy(noted: Position, started: Collection[int]) -> bool:
    """True in an older state of the database of `noted`, which may lack just `started`, attempts that came after it."""
    here = position()
    if here.token != noted.token or here.epoch > noted.epoch:
        return False
    if here.is_before(noted):
        return True
    return bool(started) and _LEFT.rows(ids=list(started))[0][0] < len(started)


def has_sent() -> bool:
    """True when anything was ever handed to a modem."""
    return bool(Attempt.select().exists())


def hold_after_restore(
    noted: Position | None,
    started: Collection[int],
    reached: Mapping[int, int | None],
    alone: bool,
    now: datetime,
    *,
    compared_later: bool = False,
    backup: Mapping[str, object] | None = None,
) -> int:
    """Hold what waits until a person decides; returns how many broadcasts. `noted` (None: no note) and `started` as for
    `is_copy`; `reached` is, by broadcast, the last message that this machine may have sent, None for an unknown one;
    `alone`: no other sent more. `compared_later`: a daemon that has the note will do this again before it sends, and
    knows better what of the stopped messages went out again. `backup`: what is known of the one that is restored.
    """
    with writing():
        row = locked(Lineage.select().order_by(Lineage.id)).get()
        here, state_of = Position(row.token, row.epoch, row.progress), _last_deed(now)
        if noted is not None and not is_copy(noted, started):
            return 0  # another machine was first
        if noted is not None:
            Lineage.update(epoch=max(here.epoch, noted.epoch) + 1).execute()
        reason = "unknown" if noted is None else "restored"
        known = reached if alone and noted is not None else None
        # Also claims that a thread made a moment ago, before anybody had noticed.
        take_back_all(now)
        reach_of = partial(_reach, known)
        held = hold_waiting(reason, reach_of, now)
        # What waits for a second person may have been approved, and sent, after the copy was made.
        doubt_unapproved(reach_of, now)
        if not compared_later:
            doubt_stopped(reach_of, now)
        Approval.update(lapses_at=now).where(Approval.outcome == "waiting").execute()
        newest = newest_order()
        _note(now, reason, held, sum(broadcast > newest for broadcast in reached), state_of, backup)
    return held


def _note(
    now: datetime, cause: str, held: int, gone: int, state_of: str | None, backup: Mapping[str, object] | None
) -> None:
    """Record it, with what the journal knows of the backup that it came from."""
    known = _of_the_backup(now) if backup is None else backup
    audit.record(
        now, "plp", "database_restored", cause=cause, held=held, gone=max(gone, int(str(known.get("gone") or 0))),
        state_of=state_of, made_at=known.get("made_at"), gone_texts=known.get("gone_texts"),
        dropped=known.get("dropped"),
    )  # fmt: skip


def _last_deed(now: datetime) -> str | None:
    """Time of the last entry that is not of the services that just began on it; None for none."""
    began = AuditEntry.at < now - _BEGINNING
    last = AuditEntry.select(AuditEntry.at).where(began).order_by(AuditEntry.id.desc()).first()
    return last.at.isoformat() if last is not None else None


def recent_restore(now: datetime) -> int | None:
    """The number of broadcasts that the database lacks, for a day after it proved older than what this machine sent."""
    last = audit.lately("database_restored", now, TOLD_FOR)
    if last is None or last.detail["cause"] != "restored":
        return None
    return int(str(last.detail["gone"]))


class OlderCopy(NamedTuple):
    """A state that was put back: from when it is, and what it lacks (None: unknown) in orders, SMS, and entries of the
    journal.
    """

    state_of: datetime | None
    broadcasts: int | None
    texts: int | None
    entries: int | None


def recent_copy(now: datetime) -> OlderCopy | None:
    """The older state of this database, for a day after it was put back. Each page asks: one query."""
    last = audit.lately("database_restored", now, TOLD_FOR)
    told: Any = last.detail if last is not None else {}
    if told.get("cause") != "restored" and not told.get("made_at"):
        return None
    state_of = told.get("made_at") or told.get("state_of")
    counts = (told.get(name) for name in _LACKING)
    return OlderCopy(datetime.fromisoformat(state_of) if state_of else None, *counts)


def _of_the_backup(now: datetime) -> Mapping[str, object]:
    """The backup that was just restored, as the journal tells it; nothing for a copy that was put back by hand."""
    last = audit.lately("backup_restored", now, TOLD_FOR)
    return {name: last.detail.get(name) for name in ("made_at", *_LACKING)} if last is not None else {}


class Sent(NamedTuple):
    """Orders that were given, and SMS that were handed to a modem."""

    broadcasts: int
    texts: int


def sent_since(when: datetime) -> Sent:
    """All since then, of which a copy of that moment knows nothing."""
    texts = Attempt.select().where(Attempt.pdu_started_at >= when)
    return Sent(Broadcast.select().where(Broadcast.created_at >= when).count(), texts.count())


def _reach(reached: Mapping[int, int | None] | None, broadcast: int) -> int | None:
    """The last message that may have been sent; unknown for broadcasts older than the note, and without one."""
    if not reached or broadcast < min(reached):
        return None
    return reached.get(broadcast, 0)


def hold_after_damage(now: datetime) -> int:
    """Hold what waits if the -wal was damaged at a start, before sending; returns the number of broadcasts."""
    kept = _kept()
    if kept is None:
        return 0
    with writing():
        held = hold_waiting("damaged", lambda broadcast: None, now)
        doubt_stopped(lambda broadcast: None, now)
        audit.record(now, "plp", "journal_damaged")
    kept.rename(kept.with_name(f"{kept.name}-{now:%Y%m%dT%H%M%S}"))
    return held


def is_damage_untold() -> bool:
    """True when the -wal was damaged at a start and the daemon did not start since."""
    return _kept() is not None


def recent_damage(now: datetime) -> bool:
    """True for a day after `hold_after_damage` held any."""
    return audit.lately("journal_damaged", now, TOLD_FOR) is not None


def _kept() -> Path | None:
    opened = database.obj
    if not isinstance(opened, SqliteDatabase):
        return None
    kept = damage_file(Path(str(opened.database)))
    return kept if kept.exists() else None


class Withdrawal(NamedTuple):
    """A member no longer agrees to this channel. Ids are reused, but not the time at which a member was added."""

    member_id: int
    added_at: datetime
    channel: str
    how: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Accounts and tokens by name; members whose data are kept and not used, by id and `added_at`, since when."""

    consents: tuple[Withdrawal, ...] = ()
    restricted: tuple[tuple[int, datetime, datetime], ...] = ()
    tokens: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


def withdrawn_since(when: datetime) -> Withdrawn:
    """All that was withdrawn since then, also by our journal: by a service centre's clock a STOP may seem older."""
    changed = {(entry.subject, entry.detail["channel"]) for entry in audit.since(when, ("consent_changed",))}
    consents: Any = Consent.select(Member.id, Member.created_at, Consent.channel, Consent.how, Consent.at)
    restricted: Any = Member.select(Member.id, Member.created_at, Member.restricted_at)
    tokens = ApiToken.select(ApiToken.name).where(ApiToken.revoked_at >= when)
    last = {
        entry.subject: entry.action
        for entry in audit.since(when, ("account_closed", "account_deleted", "account_opened"))
    }
    return Withdrawn(
        tuple(
            Withdrawal(member_id, added_at, channel, how)
            for member_id, added_at, channel, how, at in tuples(consents.join(Member).where(~Consent.given))
            if at >= when or (str(member_id), channel) in changed
        ),
        tuple(tuples(restricted.where(Member.restricted_at >= when))),
        tuple(name for (name,) in tuples(tokens)),
        tuple(name for name, action in last.items() if action != "account_opened"),
    )


def is_member(member_id: int, added_at: datetime) -> bool:
    """True when the bound database has this very member."""
    return bool(Member.select().where(Member.id == member_id, Member.created_at == added_at).exists())
