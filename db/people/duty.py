"""The duty roster that the admin keeps, week by week, and the people called when nobody is on duty."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from db.engine.cached_queries import Prepared
from db.models.accounts import Account
from db.models.policy import DutyShift
from db.people.accounts.accounts import Contact, contacts, has_role
from rules.calendar import LOCAL

_ROSTER = Prepared(
    DutyShift.select(DutyShift, Account.id, Account.name, Account.mobile, Account.active)
    .join(Account)
    .order_by(DutyShift.turn, DutyShift.id)
)

_SHIFTS = Prepared(
    DutyShift.select(DutyShift, Account.id, Account.mobile, Account.active)
    .join(Account)
    .order_by(DutyShift.turn, DutyShift.id)
)


def roster() -> list[DutyShift]:
    """The shifts with their accounts, in the order in which their people are called."""
    return _ROSTER.results()


def on_duty(now: datetime) -> list[Contact]:
    """The people on duty now who can be called, in the order of the roster, each once."""
    in_turn = list(dict.fromkeys(shift.account.id for shift in roster() if _covers(shift, now)))
    if not in_turn:
        return []
    people = contacts(Account.id.in_(in_turn) & Account.mobile.is_null(False))
    return sorted(people, key=lambda person: in_turn.index(person.account_id))


def stand_ins(roles: Sequence[str]) -> list[Contact]:
    """Those who can be called when nobody is on duty, by name: with the first of these roles, then with the next."""
    people = contacts(has_role(*roles) & Account.mobile.is_null(False))
    return sorted(people, key=lambda person: next(n for n, role in enumerate(roles) if role in person.roles))


def mobiles_on_duty(roles: Sequence[str], now: datetime) -> list[str]:
    """The mobiles of those on duty now, in their order, else of those with the first of these roles, then with the
    next. It reads of an account what the modems' process may.
    """
    in_turn = [shift.account for shift in _SHIFTS.results() if _covers(shift, now)]
    if not in_turn:
        holders = (Account.select(Account.id, Account.mobile, Account.active).where(has_role(role)) for role in roles)
        in_turn = [account for those in holders for account in those.order_by(Account.id)]
    return list(dict.fromkeys(account.mobile for account in in_turn if account.active and account.mobile))


def create_shift(account_id: int, **values: object) -> int:
    """A new shift; its id."""
    return int(DutyShift.create(account=account_id, **values).id)


def delete_shift(shift_id: int) -> str | None:
    """Remove a shift; returns its person's name, None if it was already deleted."""
    name = DutyShift.select(Account.name).join(Account).where(DutyShift.id == shift_id).scalar()
    DutyShift.delete().where(DutyShift.id == shift_id).execute()
    return name or None


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
