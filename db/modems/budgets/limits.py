"""A SIM's limits: config.ini's where it is plugged in, unless a person changed them, kept by IMSI; its use, counted
with the receipt, and what it may still send; and the members who know its number.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

from peewee import SQL, Case, fn

from db.engine.base import put, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.journal import audit
from db.models.modem_records import SimBudget, SimDay, SimRecipient
from db.models.zone import Modem
from db.modems.readiness import live_hosts
from db.modems.reporting import filtered_sims
from rules.calendar import day_of
from rules.orders.budgets import Limits, Use, messages_left

# A modem that is reset or plugged in again is soon back: its members wait for it.
AWAY_AT_MOST = timedelta(minutes=5)
_SOON_BACK = ("ready", "starting", "absent", "not_registered", "paused")
_LIMITS = Prepared(
    SimBudget.select(
        fn.COALESCE(SimBudget.day, SimBudget.configured_day),
        fn.COALESCE(SimBudget.month, SimBudget.configured_month),
        fn.COALESCE(SimBudget.recipients, SimBudget.configured_recipients),
    ).where(SimBudget.imsi == given("imsi"))
)
# At most 31 rows, whatever the history.
_USE = Prepared(
    SimDay.select(
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
    SimRecipient.select(SQL("1")).where(
        SimRecipient.msisdn == given("msisdn"), SimRecipient.imsi == given("imsi"), SimRecipient.month == given("month")
    )
)


def apply_configured(imsi: str, host: str, modem: str, limits: Limits) -> None:
    """Store config.ini's limits of the modem that this card is in; limits set by a person are kept."""
    values = {
        "host": host,
        "modem": modem,
        "configured_day": limits.day,
        "configured_month": limits.month,
        "configured_recipients": limits.recipients,
    }
    row = SimBudget.get_or_none(SimBudget.imsi == imsi)
    if row is not None and all(getattr(row, name) == value for name, value in values.items()):
        return
    with writing():
        put(SimBudget, {"imsi": imsi}, **values)


def apply_limits(imsi: str, limits: Limits | None, by: str, now: datetime) -> bool:
    """A person's limits for this card, instead of config.ini's; None: config.ini's again. False for an unknown card."""
    wanted = dict.fromkeys(("day", "month", "recipients")) if limits is None else asdict(limits)
    with writing():
        row = SimBudget.get_or_none(SimBudget.imsi == imsi)
        if row is None:
            return False
        SimBudget.update(**wanted, changed_by=by, changed_at=now).where(SimBudget.imsi == imsi).execute()
        changed = audit.changes(row.__data__, wanted, wanted)
        audit.record(now, by, "sim_limits_changed", f"{row.host}/{row.modem}", changed=changed)
    return True


@dataclass(frozen=True, slots=True)
class Room:
    """The rest of a SIM's budgets, below zero after an alert over it; None for no limit."""

    messages: int | None
    recipients: int | None

    @property
    def is_used_up(self) -> bool:
        """True when no message may start."""
        return not self.has_messages(1)

    def has_messages(self, parts: int) -> bool:
        return self.messages is None or self.messages >= parts

    def fits_anybody(self, parts: int) -> bool:
        """A message of so many may begin to whatever number."""
        return self.has_messages(parts) and (self.recipients is None or self.recipients > 0)


def limits_of(imsi: str) -> Limits:
    """The limits that hold for this card; none for one that no daemon reported."""
    row = _LIMITS.first(imsi=imsi)
    return Limits(*row) if row is not None else Limits()


def use_of(imsi: str, now: datetime) -> Use:
    """The card's use."""
    day = day_of(now)
    row = _USE.first(imsi=imsi, day=day, first=f"{day[:7]}-01")
    return Use(*(int(value) for value in row)) if row is not None else Use(0, 0, 0)


def room_of(imsi: str, now: datetime) -> Room | None:
    """The rest of this SIM's budgets; None if it has no limits, which takes one query."""
    limits = limits_of(imsi)
    if not limits:
        return None
    use = use_of(imsi, now)
    left = messages_left(limits, use)
    recipients = limits.recipients - use.recipients if limits.recipients else None
    return Room(None if left == inf else int(left), recipients)


def has_met(imsi: str, msisdn: str, now: datetime) -> bool:
    """True when this number is already counted among the SIM's recipients of the month."""
    return _KNOWN.first(imsi=imsi, msisdn=msisdn, month=day_of(now)[:7]) is not None


def count_sent(imsi: str, msisdn: str, now: datetime) -> None:
    """One part went out through this SIM, or may have: the operator counts it. Inside the caller's transaction."""
    day = day_of(now)
    met = _MET.first(imsi=imsi, month=day[:7], msisdn=msisdn, now=now)
    _USED.change(imsi=imsi, day=day, recipients=1 if met is not None and met[0] == 1 else 0)


def home_of(msisdn: Any) -> Any:
    """A subquery: the IMSI that sent to this number last, null if none did."""
    return (
        SimRecipient.select(SimRecipient.imsi)
        .where(SimRecipient.msisdn == msisdn)
        .order_by(SimRecipient.last_at.desc())
        .limit(1)
    )


def keeping_sims(now: datetime) -> list[str]:
    """The SIMs that keep their members: they can send, or will in a moment, their budget is not used up, and what they
    send is reported on.
    """
    rows = Modem.select(Modem.imsi, Modem.host, Modem.state, Modem.changed_at)
    hosts = live_hosts(now)
    present = [
        imsi
        for imsi, host, state, changed_at in tuples(rows.where(Modem.imsi.is_null(False), Modem.state.in_(_SOON_BACK)))
        if (host in hosts and state == "ready") or now - changed_at < AWAY_AT_MOST
    ]
    useful = [imsi for imsi in present if (room := room_of(imsi, now)) is None or not room.is_used_up]
    filtered = filtered_sims()
    return [imsi for imsi in useful if imsi not in filtered]
