"""Drills and bulletins planned for a date: done once, never late without a word; and the default drill group."""

import json
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Literal

from peewee import JOIN, fn

from db.engine.base import card_of, tuples
from db.engine.cached_queries import Prepared, given, utc_of
from db.engine.connection import writing
from db.journal import audit
from db.models.accounts import Account
from db.models.broadcasts import Broadcast, Part
from db.models.bulletins import Bulletin
from db.models.people import Member
from db.models.policy import DrillPerson, Planned
from db.people.members.listing import reachable_members
from rules.calendar import month_later
from rules.people import MACHINE
from rules.sentences import Sentence, stored_sentence

PlannedKind = Literal["drill", "bulletin"]
PlannedState = Literal["waiting", "done", "missed", "refused", "stopped"]
# Later than this it is not sent by itself any more: people expect it at its hour.
GRACE = timedelta(minutes=30)
_SHOWN = 50
_MISSED = Prepared(
    Planned.select()
    .where(Planned.state.in_(["missed", "refused"]), Planned.due_at > given("since"))
    .order_by(Planned.due_at.desc())
)
Source = Literal["member", "account"]
_LAST_DRILL = Prepared(
    Broadcast.select(Broadcast.created_at)
    .where(Broadcast.kind == "drill")
    .where(fn.EXISTS(Part.select().where(Part.broadcast == Broadcast.id, Part.sent_at.is_null(False))))
    .order_by(Broadcast.id.desc())
    .limit(1)
)
_WAITING = Planned.select().where(Planned.state == "waiting").order_by(Planned.due_at, Planned.id)
_ANY_DUE = Prepared(_WAITING.where(Planned.due_at <= given("now")).limit(1))


@dataclass(frozen=True, slots=True)
class DatedOrder:
    """A drill's `text` and `others` by language, or the draft `bulletin_id` as it was `seen`, for a date."""

    kind: PlannedKind
    due_at: datetime
    monthly: bool = False
    text: str = ""
    bulletin_id: int | None = None
    seen: str = ""
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCard(DatedOrder):
    """One date. `refusal` is why it was refused, empty otherwise."""

    id: int
    planned_by: str
    state: PlannedState
    ended_at: datetime | None
    broadcast_id: int | None
    refusal: Sentence


def keep_planned(dated: DatedOrder, by: str, now: datetime) -> int | None:
    """Store it; returns its id, None if its draft was deleted."""
    with writing():
        if dated.bulletin_id is not None:
            draft = Bulletin.get_or_none(Bulletin.id == dated.bulletin_id)
            if draft is None or draft.sent_at is not None:
                return None
        planned_id = _keep(dated, by, now)
        audit.record(now, by, "planned", str(planned_id), planned=dated.kind, monthly=dated.monthly)
    return planned_id


def _keep(dated: DatedOrder, by: str, now: datetime) -> int:
    values = {field.name: getattr(dated, field.name) for field in fields(DatedOrder)}
    values |= {"others": json.dumps(dict(dated.others)), "planned_by": by, "planned_at": now}
    return int(Planned.create(**values).id)


def planned() -> list[PlannedCard]:
    """Those that wait, by date, then the newest of the others."""
    rows = Planned.select().where(Planned.state != "waiting")
    over = rows.order_by(Planned.due_at.desc(), Planned.id.desc()).limit(_SHOWN)
    return [_card(row) for query in (_WAITING.clone(), over) for row in query]


def due(now: datetime) -> list[PlannedCard]:
    """Those that are due, oldest first."""
    return [_card(row) for row in _WAITING.where(Planned.due_at <= now)] if _ANY_DUE.first(now=now) else []


def missed(now: datetime) -> list[PlannedCard]:
    """Those of the last week that were not sent, by the machine's fault or a refusal."""
    return [_card(row) for row in _MISSED.results(since=now - timedelta(days=7))]


def mark_ended(
    card: PlannedCard,
    state: PlannedState,
    now: datetime,
    by: str = MACHINE,
    why: str = "",
    broadcast_id: int | None = None,
) -> bool:
    """End it; a monthly one is planned again unless a person stopped it. False if it had already ended."""
    with writing("planned"):
        ended = Planned.update(state=state, why=why, ended_at=now, broadcast=broadcast_id)
        if not ended.where(Planned.id == card.id, Planned.state == "waiting").execute():
            return False
        audit.record(now, by, f"planned_{state}", str(card.id), planned=card.kind)
        if card.monthly and state != "stopped":
            due_at = month_later(card.due_at)
            # The machine was off for months: one is missed, and the others are not shown one by one.
            while due_at <= now:
                due_at = month_later(due_at)
            _keep(replace(card, due_at=due_at), card.planned_by, now)
        return True


def planned_of(planned_id: int) -> PlannedCard | None:
    """The date of this id; None for an unknown one."""
    row = Planned.get_or_none(Planned.id == planned_id)
    return None if row is None else _card(row)


def _card(row: Planned) -> PlannedCard:
    return card_of(PlannedCard, row, refusal=stored_sentence(row.why), others=tuple(json.loads(row.others).items()))


@dataclass(frozen=True, slots=True)
class DrillPersonCard:
    """Somebody of the group. Without `mobile` a drill does not reach them at present."""

    id: int
    source: Source
    person_id: int
    name: str
    mobile: str | None


def drill_group() -> list[DrillPersonCard]:
    """The group, in the order in which people were added."""
    columns = (DrillPerson, Member, Account.id, Account.name, Account.mobile, Account.active)
    joined = DrillPerson.select(*columns).join(Member, JOIN.LEFT_OUTER)
    rows = list(joined.join_from(DrillPerson, Account, JOIN.LEFT_OUTER).order_by(DrillPerson.id))
    # By name of the few: joined, SQLite asks every consent of the zone whether it is of one of them.
    members = [row.member_id for row in rows if row.member_id is not None]
    reached = reachable_members().select(Member.id).where(Member.id.in_(members))
    reachable = {member_id for (member_id,) in tuples(reached)} if members else set[int]()
    group = []
    for row in rows:
        if (member := row.member) is not None:
            mobile = member.mobile if member.id in reachable else None
            group.append(DrillPersonCard(row.id, "member", member.id, member.full_name, mobile))
        elif (account := row.account) is not None:
            mobile = account.mobile if account.active else None
            group.append(DrillPersonCard(row.id, "account", account.id, account.name, mobile))
    return group


def mobile_of(source: Source, person_id: int) -> str | None:
    """The number by which a drill reaches this member or account; None where it reaches them at none."""
    if source == "member":
        return reachable_members().select(Member.mobile).where(Member.id == person_id).scalar() or None
    return Account.select(Account.mobile).where(Account.id == person_id, Account.active).scalar() or None


def add_drill_person(source: Source, person_id: int, by: str, now: datetime) -> None:
    """Add a member or an account. Inside the caller's transaction."""
    DrillPerson.create(**{source: person_id}, added_by=by, added_at=now)
    audit.record(now, by, "drill_group_changed", people=DrillPerson.select().count())


def remove_drill_person(entry_id: int, by: str, now: datetime) -> None:
    """Remove somebody from the group; does nothing when they are not in it. Inside the caller's transaction."""
    if DrillPerson.delete().where(DrillPerson.id == entry_id).execute():
        audit.record(now, by, "drill_group_changed", people=DrillPerson.select().count())


def last_drill_at() -> datetime | None:
    """Time of the last drill of which the network accepted at least one SMS; None before the first."""
    row = _LAST_DRILL.first()
    return utc_of(row[0]) if row is not None else None
