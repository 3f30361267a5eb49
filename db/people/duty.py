"""The duty roster that the admin keeps, week by week, and the people called when nobody is on duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from db.engine.base import card_of, grouped, tuples
from db.engine.connection import writing
from db.journal import audit
from db.models.accounts import Account, AccountRole
from db.models.policy import DutyShift
from rules.calendar import LOCAL
from rules.refusals import Refusal

DAY_MINUTES = 24 * 60
MOST_TURNS = 9


@dataclass(frozen=True, slots=True)
class DutyDraft:
    """A shift as the admin wrote it: `days` are ISO weekdays (1 is Monday), times as minutes from midnight in Belgium.
    `until_minute` not after `from_minute` is of the next day. Dates are of the first and last day that begin a shift.
    """

    account_id: int
    days: frozenset[int]
    from_minute: int
    until_minute: int
    first_day: date | None = None
    last_day: date | None = None
    turn: int = 1


@dataclass(frozen=True, slots=True)
class Callee:
    """Somebody who can be called. `email` is empty for nobody to write to."""

    account_id: int
    name: str
    mobile: str
    email: str
    language: str
    roles: frozenset[str]


def roster() -> list[DutyShift]:
    """The shifts with their accounts, in the order in which their people are called."""
    rows = DutyShift.select(DutyShift, Account.id, Account.name, Account.mobile, Account.active).join(Account)
    return list(rows.order_by(DutyShift.turn, DutyShift.id))


def on_duty(now: datetime) -> list[Callee]:
    """The people on duty now who can be called, in the order of the roster, each once."""
    there = list(dict.fromkeys(shift.account.id for shift in roster() if _covers(shift, now)))
    people = _callees(Account.id.in_(there or [0]))
    return sorted(people, key=lambda each: there.index(each.account_id))


def stand_ins(roles: Sequence[str]) -> list[Callee]:
    """Those who can be called when nobody is on duty: who has the first of these roles, then the next; by name."""
    holds = AccountRole.role.in_(list(roles)) & AccountRole.holds_from_at.is_null()
    people = _callees(Account.id.in_(AccountRole.select(AccountRole.account).where(holds)))
    return sorted(people, key=lambda each: next(n for n, role in enumerate(roles) if role in each.roles))


def save_shift(draft: DutyDraft, by: str, now: datetime) -> int:
    """Add a shift; its id. Raises Refusal."""
    if not draft.days or not draft.days <= set(range(1, 8)):
        raise Refusal("Choisissez au moins un jour de la semaine.")
    if not (0 <= draft.from_minute < DAY_MINUTES and 0 <= draft.until_minute <= DAY_MINUTES):
        raise Refusal("Donnez l'heure de début et l'heure de fin, par exemple 18:00 et 08:00.")
    if draft.first_day and draft.last_day and draft.last_day < draft.first_day:
        raise Refusal("Le dernier jour est avant le premier : corrigez l'un des deux.")
    values = {
        "days": "".join(str(day) for day in sorted(draft.days)),
        "from_minute": draft.from_minute,
        "until_minute": draft.until_minute,
        "first_day": draft.first_day.isoformat() if draft.first_day else "",
        "last_day": draft.last_day.isoformat() if draft.last_day else "",
        "turn": min(max(draft.turn, 1), MOST_TURNS),
    }
    with writing():
        account = Account.get_or_none(Account.id == draft.account_id, Account.active)
        if account is None:
            raise Refusal("Cet utilisateur n'existe plus.")
        if not account.mobile:
            raise Refusal(
                "{name} n'a pas de numéro de GSM : ajoutez-le dans Utilisateurs, puis recommencez.", name=account.name
            )
        made = DutyShift.create(account=account, **values)
        audit.record(now, by, "duty_saved", account.name)
    return int(made.id)


def delete_shift(shift_id: int, by: str, now: datetime) -> None:
    """Remove a shift; harmless when it is gone already."""
    with writing():
        row = DutyShift.select(DutyShift, Account.name).join(Account).where(DutyShift.id == shift_id).first()
        if row is not None:
            DutyShift.delete().where(DutyShift.id == shift_id).execute()
            audit.record(now, by, "duty_deleted", row.account.name)


def _covers(shift: DutyShift, now: datetime) -> bool:
    """True while the shift lasts, on the wall clock in Belgium."""
    local = now.astimezone(LOCAL)
    minute = local.hour * 60 + local.minute
    if shift.until_minute > shift.from_minute:
        return _begins(shift, local.date()) and shift.from_minute <= minute < shift.until_minute
    began_today = _begins(shift, local.date()) and minute >= shift.from_minute
    return began_today or (_begins(shift, local.date() - timedelta(days=1)) and minute < shift.until_minute)


def _begins(shift: DutyShift, day: date) -> bool:
    within = (shift.first_day or "0") <= day.isoformat() <= (shift.last_day or "9")
    return within and str(day.isoweekday()) in shift.days


def _callees(which: Any) -> list[Callee]:
    rows = list(
        Account.select(Account.id, Account.name, Account.mobile, Account.email, Account.language)
        .where(which, Account.active, Account.mobile.is_null(False))
        .order_by(Account.name)
    )
    given = AccountRole.select(AccountRole.account, AccountRole.role).where(
        AccountRole.account.in_([row.id for row in rows] or [0]), AccountRole.holds_from_at.is_null()
    )
    roles: dict[int, list[str]] = grouped(tuples(given))
    return [
        card_of(Callee, row, account_id=row.id, email=row.email or "", roles=frozenset(roles.get(row.id, ())))
        for row in rows
    ]
