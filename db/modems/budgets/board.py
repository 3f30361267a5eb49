"""Every SIM with its budgets, for the technician: what is used, what is left, and how the month will end."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from peewee import SQL, fn

from db.engine.base import card_of
from db.engine.cached_queries import Prepared, given
from db.models.modem_records import SimBudget, SimRecipient
from db.models.zone import Modem
from db.modems.budgets.limits import limits_of, use_of
from rules.calendar import local_date
from rules.orders.budgets import WARN_AT, Kind, Limits

_PRESENT = Prepared(Modem.select(Modem.imsi).where(Modem.imsi.is_null(False)))
_SIMS = Prepared(SimBudget.select().order_by(SimBudget.host, SimBudget.modem, SimBudget.imsi))
_OTHER = SimRecipient.alias("other")
_ELSEWHERE = _OTHER.select(SQL("1")).where(
    _OTHER.msisdn == SimRecipient.msisdn, _OTHER.imsi != SimRecipient.imsi, _OTHER.month == given("month")
)
_SHARED = Prepared(
    SimRecipient.select(fn.COUNT(SimRecipient.id)).where(
        SimRecipient.imsi == given("imsi"), SimRecipient.month == given("month"), fn.EXISTS(_ELSEWHERE)
    )
)


@dataclass(frozen=True, slots=True)
class Meter:
    """One budget; `limit` 0 is none. `projected` is the month's end at its pace, `reached_on` the limit's day."""

    kind: Kind
    used: int
    limit: int
    projected: int | None = None
    reached_on: date | None = None

    @property
    def tone(self) -> str:
        """`over` at 100 %, `near` from 80 %, else `free`."""
        if not self.limit or self.used < WARN_AT * self.limit:
            return "free"
        return "over" if self.used >= self.limit else "near"


@dataclass(frozen=True, slots=True)
class SimCardBudget:
    """`present`: a modem has the card. `shared` are recipients of the month that another SIM also counts."""

    id: int
    imsi: str
    host: str
    modem: str
    present: bool
    limits: Limits
    configured: Limits
    changed: bool
    changed_by: str
    changed_at: datetime | None
    meters: tuple[Meter, ...]
    shared: int


def board(now: datetime) -> list[SimCardBudget]:
    """Every SIM that a daemon reported, by host and modem."""
    present = {imsi for (imsi,) in _PRESENT.rows()}
    return [_of(row, row.imsi in present, now) for row in _SIMS.results()]


def number_of(imsi: str) -> int | None:
    """The id of a SIM's budgets; None before a daemon reported the SIM."""
    row = SimBudget.get_or_none(SimBudget.imsi == imsi)
    return row.id if row is not None else None


def budget_of(number: int, now: datetime) -> SimCardBudget | None:
    """One of them, by its id."""
    return next((card for card in board(now) if card.id == number), None)


def _of(row: SimBudget, present: bool, now: datetime) -> SimCardBudget:
    limits, use, today = limits_of(row.imsi), use_of(row.imsi, now), local_date(now)
    return card_of(
        SimCardBudget,
        row,
        present=present,
        limits=limits,
        configured=Limits(row.configured_day, row.configured_month, row.configured_recipients),
        changed=any(own is not None for own in (row.day, row.month, row.recipients)),
        meters=(
            Meter("day", use.day, limits.day),
            _of_month("month", use.month, limits.month, today),
            _of_month("recipients", use.recipients, limits.recipients, today),
        ),
        shared=_SHARED.rows(imsi=row.imsi, month=today.isoformat()[:7])[0][0],
    )


def _of_month(kind: Kind, used: int, limit: int, today: date) -> Meter:
    days = monthrange(today.year, today.month)[1]
    reached_on = None
    if 0 < used < limit:
        at = -(-limit * today.day // used)
        reached_on = today.replace(day=at) if at <= days else None
    return Meter(kind, used, limit, round(used * days / today.day), reached_on)
