"""A SIM's use, counted with the receipt; what it may still send; and the members who know its number."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, Case, fn

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given
from db.models.budgets import SimBudget, SimDay, SimRecipient
from db.models.zone import Modem
from db.modems.budgets.limits import Limits
from db.modems.readiness import live_hosts
from plp.rules.calendar import day_of

# A modem that is reset or plugged in again is soon back: its members wait for it.
AWAY_AT_MOST = timedelta(minutes=5)
_SOON_BACK = ("ready", "starting", "absent", "not_registered", "paused")
_LIMITS = Prepared(
    lambda: SimBudget.select(
        fn.COALESCE(SimBudget.day, SimBudget.configured_day),
        fn.COALESCE(SimBudget.month, SimBudget.configured_month),
        fn.COALESCE(SimBudget.recipients, SimBudget.configured_recipients),
    ).where(SimBudget.imsi == given("imsi"))
)
# At most 31 rows, whatever the history.
_USE = Prepared(
    lambda: SimDay.select(
        fn.COALESCE(fn.SUM(Case(None, [(SimDay.day == given("day"), SimDay.messages)], 0)), 0),
        fn.COALESCE(fn.SUM(SimDay.messages), 0),
        fn.COALESCE(fn.SUM(SimDay.recipients), 0),
    ).where(SimDay.imsi == given("imsi"), SimDay.day >= given("first"), SimDay.day <= given("day"))
)
_MET = Prepared(
    lambda: (
        SimRecipient.insert(
            imsi=given("imsi"), month=given("month"), msisdn=given("msisdn"), messages=1, last_at=given("now")
        )
        .on_conflict(
            conflict_target=[SimRecipient.msisdn, SimRecipient.imsi, SimRecipient.month],
            update={SimRecipient.messages: SimRecipient.messages + 1, SimRecipient.last_at: given("now")},
        )
        .returning(SimRecipient.messages)
    )
)
_USED = Prepared(
    lambda: SimDay.insert(imsi=given("imsi"), day=given("day"), messages=1, recipients=given("recipients")).on_conflict(
        conflict_target=[SimDay.imsi, SimDay.day],
        update={
            SimDay.messages: SimDay.messages + 1,
            SimDay.recipients: SimDay.recipients + given("recipients"),
        },
    )
)
_KNOWN = Prepared(
    lambda: SimRecipient.select(SQL("1")).where(
        SimRecipient.msisdn == given("msisdn"), SimRecipient.imsi == given("imsi"), SimRecipient.month == given("month")
    )
)


@dataclass(frozen=True, slots=True)
class Use:
    """A SIM's count of today and this month."""

    day: int
    month: int
    recipients: int


@dataclass(frozen=True, slots=True)
class Room:
    """The rest of a SIM's budgets, below zero after an alert over it; None for no limit."""

    messages: int | None
    recipients: int | None

    @property
    def is_used_up(self) -> bool:
        """Nothing at all may start."""
        return self.messages is not None and self.messages <= 0


def limits_of(imsi: str) -> Limits:
    """The limits that hold for this card; none for one that no daemon told of."""
    row = _LIMITS.first(imsi=imsi)
    return Limits(*row) if row is not None else Limits()


def use_of(imsi: str, now: datetime) -> Use:
    """The card's use."""
    day = day_of(now)
    row = _USE.first(imsi=imsi, day=day, first=f"{day[:7]}-01")
    return Use(*(int(value) for value in row)) if row is not None else Use(0, 0, 0)


def room_of(imsi: str, now: datetime) -> Room | None:
    """The rest of this SIM's budgets; None when it has no limits, which costs one query."""
    limits = limits_of(imsi)
    if not limits:
        return None
    use = use_of(imsi, now)
    left = [limit - used for limit, used in ((limits.day, use.day), (limits.month, use.month)) if limit]
    return Room(min(left, default=None), limits.recipients - use.recipients if limits.recipients else None)


def has_met(imsi: str, msisdn: str, now: datetime) -> bool:
    """True when this number is already counted among the SIM's recipients of the month."""
    return _KNOWN.first(imsi=imsi, msisdn=msisdn, month=day_of(now)[:7]) is not None


def count_sent(imsi: str, msisdn: str, now: datetime) -> None:
    """One part went out through this SIM, or may have: the operator counts it. Inside the caller's transaction."""
    day = day_of(now)
    met = _MET.first(imsi=imsi, month=day[:7], msisdn=msisdn, now=now)
    _USED.change(imsi=imsi, day=day, recipients=1 if met is not None and met[0] == 1 else 0)


def home_of(msisdn: Any) -> Any:
    """A subquery: the IMSI that sent to this number last, null for nobody's."""
    return (
        SimRecipient.select(SimRecipient.imsi)
        .where(SimRecipient.msisdn == msisdn)
        .order_by(SimRecipient.last_at.desc())
        .limit(1)
    )


def keeping_sims(now: datetime) -> list[str]:
    """The SIMs that keep their members: they can send, or will in a moment, and their budget is not used up."""
    rows = Modem.select(Modem.imsi, Modem.host, Modem.state, Modem.changed_at)
    hosts = live_hosts(now)
    there = [
        imsi
        for imsi, host, state, changed_at in tuples(rows.where(Modem.imsi.is_null(False), Modem.state.in_(_SOON_BACK)))
        if (host in hosts and state == "ready") or now - changed_at < AWAY_AT_MOST
    ]
    return [imsi for imsi in there if (room := room_of(imsi, now)) is None or not room.is_used_up]
