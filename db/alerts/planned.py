"""Drills and bulletins that are planned for a date: kept, done once, and never late without a word."""

import json
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from db.engine.base import card_of
from db.engine.cached_queries import Prepared, given
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.models.bulletins import Bulletin
from db.models.policy import Planned
from rules.calendar import month_later
from rules.people import MACHINE
from rules.refusals import Refusal
from rules.sentences import Sentence, stored_sentence

PlannedKind = Literal["drill", "bulletin"]
PlannedState = Literal["waiting", "done", "missed", "refused", "stopped"]
# Later than this it is not sent by itself any more: people were told another hour.
GRACE = timedelta(minutes=30)
FURTHEST = timedelta(days=400)
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """An officer's plan: a drill's `text` and `others` by language; or the draft `bulletin_id` as it was `seen`."""

    kind: PlannedKind
    due_at: datetime
    monthly: bool = False
    text: str = ""
    bulletin_id: int | None = None
    seen: str = ""
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCard(Plan):
    """One date. `told` is why it was refused, empty otherwise."""

    id: int
    planned_by: str
    state: PlannedState
    ended_at: datetime | None
    broadcast_id: int | None
    told: Sentence


def plan_for(plan: Plan, by: str, now: datetime) -> int:
    """Keep it; its id. Raises Refusal."""
    if plan.due_at <= now:
        raise Refusal("Cette date est passée : choisissez une date à venir.")
    if plan.due_at > now + FURTHEST:
        raise Refusal("Cette date est à plus d'un an : choisissez une date plus proche.")
    with writing():
        if plan.bulletin_id is not None:
            draft = Bulletin.get_or_none(Bulletin.id == plan.bulletin_id)
            if draft is None or draft.sent_at is not None:
                raise Refusal("Ce brouillon n'existe plus.")
        planned_id = _keep(plan, by, now)
        audit.record(now, by, "planned", str(planned_id), planned=plan.kind, monthly=plan.monthly)
    return planned_id


def _keep(plan: Plan, by: str, now: datetime) -> int:
    values = {each.name: getattr(plan, each.name) for each in fields(Plan)}
    values |= {"others": json.dumps(dict(plan.others)), "planned_by": by, "planned_at": now}
    return int(Planned.create(**values).id)


def planned() -> list[PlannedCard]:
    """Those that wait, by date, then the newest of the others."""
    rows = Planned.select().where(Planned.state != "waiting")
    over = rows.order_by(Planned.due_at.desc(), Planned.id.desc()).limit(_SHOWN)
    return [_card(row) for query in (_waiting(), over) for row in query]


def due(now: datetime) -> list[PlannedCard]:
    """Those whose moment has come, oldest first."""
    return [_card(row) for row in _waiting().where(Planned.due_at <= now)] if _ANY_DUE.first(now=now) else []


def missed(now: datetime) -> list[PlannedCard]:
    """Those of the last week that were not sent, by the machine's fault or a refusal."""
    return [_card(row) for row in _MISSED.found(since=now - timedelta(days=7))]


_MISSED = Prepared(
    Planned.select()
    .where(Planned.state.in_(["missed", "refused"]), Planned.due_at > given("since"))
    .order_by(Planned.due_at.desc())
)


def mark_ended(
    card: PlannedCard,
    state: PlannedState,
    now: datetime,
    by: str = MACHINE,
    why: str = "",
    broadcast_id: int | None = None,
) -> bool:
    """It is over, and a monthly one is planned anew unless a person stopped it; False when it was over before."""
    with writing():
        take_turn("planned")
        ended = Planned.update(state=state, why=why, ended_at=now, broadcast=broadcast_id)
        if not ended.where(Planned.id == card.id, Planned.state == "waiting").execute():
            return False
        audit.record(now, by, f"planned_{state}", str(card.id), planned=card.kind)
        if card.monthly and state != "stopped":
            _plan_again(card, now)
        return True


def stop_planned(planned_id: int, by: str, now: datetime) -> bool:
    """An officer takes it back; False when it was over."""
    row = Planned.get_or_none(Planned.id == planned_id)
    return row is not None and mark_ended(_card(row), "stopped", now, by)


def _plan_again(card: PlannedCard, now: datetime) -> None:
    """The next month's; of a machine that was off for months one is missed, and the others are not told one by one."""
    due_at = month_later(card.due_at)
    while due_at <= now:
        due_at = month_later(due_at)
    _keep(replace(card, due_at=due_at), card.planned_by, now)


def _waiting() -> Any:
    return Planned.select().where(Planned.state == "waiting").order_by(Planned.due_at, Planned.id)


_ANY_DUE = Prepared(_waiting().where(Planned.due_at <= given("now")).limit(1))


def _card(row: Planned) -> PlannedCard:
    return card_of(PlannedCard, row, told=stored_sentence(row.why), others=tuple(json.loads(row.others).items()))
