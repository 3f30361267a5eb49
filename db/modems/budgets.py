"""A SIM's limits, kept by IMSI: config.ini's, unless a person changed them; its use, counted with the receipt; the
members who know its number; how its month will end; and an urgent order's share of it, estimated before it is taken.
"""

import json
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from math import inf
from typing import Any

from peewee import SQL, Case, chunked, fn

from db.engine.base import put, tuples
from db.engine.cached_queries import Prepared, given, utc_of
from db.engine.connection import writing
from db.journal import audit
from db.models.broadcasts import Broadcast, BroadcastText, Part
from db.models.modem_records import SimBudget, SimDay, SimRecipient
from db.models.zone import Modem
from db.modems.readiness import filtered_sims, live_hosts, ready_sims
from rules.calendar import day_of, local_date
from rules.orders import budgets
from rules.orders.budgets import WARN_AT, Kind, Limits, Passed, Share, Use, messages_left, passed_budgets, shared_out
from rules.states import ENQUEUE_AT_MOST, LANE_NORMAL, PartState, Stage

# A modem that is reset or plugged in again is soon back: its members wait for it.
AWAY_AT_MOST = timedelta(minutes=5)
_SOON_BACK = ("ready", "starting", "absent", "not_registered", "paused")
_SOON_HERE = Prepared(
    Modem.select(Modem.imsi, Modem.host, Modem.state, Modem.changed_at).where(
        Modem.imsi.is_null(False), Modem.state.in_(_SOON_BACK)
    )
)
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
_CHUNK = 500
_WILL_GO = (Stage.AWAITING_APPROVAL, Stage.SCHEDULED, Stage.QUEUED, Stage.PAUSED)


def apply_configured(imsi: str, host: str, modem: str, limits: Limits) -> None:
    """Store config.ini's limits of the modem that this card is in; limits set by a person are kept."""
    configured = {f"configured_{name}": value for name, value in asdict(limits).items()}
    values = {"host": host, "modem": modem, **configured}
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
    return Use(*map(int, _USE.rows(imsi=imsi, day=day, first=f"{day[:7]}-01")[0]))


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
    """The SIMs that keep their members: they send now or soon, have room in their budget, and are reported on."""
    hosts = live_hosts(now)
    present = [
        imsi
        for imsi, host, state, changed_at in _SOON_HERE.rows()
        if (host in hosts and state == "ready") or now - utc_of(changed_at) < AWAY_AT_MOST
    ]
    useful = [imsi for imsi in present if (room := room_of(imsi, now)) is None or room.has_messages(1)]
    filtered = filtered_sims()
    return [imsi for imsi in useful if imsi not in filtered]


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


def board(now: datetime) -> list[SimBudget]:
    """Every SIM that a daemon reported, by host and modem, with its meters."""
    present = {imsi for (imsi,) in _PRESENT.rows()}
    rows: list[SimBudget] = _SIMS.results()
    today = local_date(now)
    for row in rows:
        use, row.present, row.limits = use_of(row.imsi, now), row.imsi in present, limits_of(row.imsi)
        row.shared = _SHARED.rows(imsi=row.imsi, month=today.isoformat()[:7])[0][0]
        row.meters = (
            Meter("day", use.day, row.limits.day),
            _of_month("month", use.month, row.limits.month, today),
            _of_month("recipients", use.recipients, row.limits.recipients, today),
        )
    return rows


def number_of(imsi: str) -> int | None:
    """The id of a SIM's budgets; None before a daemon reported the SIM."""
    return SimBudget.select(SimBudget.id).where(SimBudget.imsi == imsi).scalar() or None


def budget_of(number: int, now: datetime) -> SimBudget | None:
    """One of them, by its id."""
    return next((card for card in board(now) if card.id == number), None)


def _of_month(kind: Kind, used: int, limit: int, today: date) -> Meter:
    days = monthrange(today.year, today.month)[1]
    reached_on = None
    if 0 < used < limit:
        at = -(-limit * today.day // used)
        reached_on = today.replace(day=at) if at <= days else None
    return Meter(kind, used, limit, round(used * days / today.day), reached_on)


def shares_of(numbers: Sequence[str], parts: int | Mapping[str, int], now: datetime) -> list[Share]:
    """The estimated shares of an order, of so many parts a number or by number, on the SIMs that can send. Outside
    transactions: a hundred thousand people take their time."""
    ready, filtered = ready_sims(now), filtered_sims()
    useful = [sim for sim in ready if sim[0] not in filtered] or ready
    shares = [Share(imsi, seat.partition("/")[2], limits_of(imsi)) for imsi, seat in useful]
    if not any(share.limits for share in shares):
        return shares
    homes, met = _known(numbers, now)
    by_number = {number: parts if isinstance(parts, int) else parts[number] for number in numbers}
    return shared_out(shares, _uses(shares, now), by_number, homes, met, _urgent_parts(now))


def passed(shares: Sequence[Share], now: datetime) -> list[Passed]:
    """Budgets at 80 % or more after the order, passed ones first. Short, for inside the transaction."""
    if not any(share.limits for share in shares):
        return []
    return passed_budgets(shares, _uses(shares, now), _urgent_parts(now))


def times_left(shares: Sequence[Share], now: datetime) -> int | None:
    """The number of times that the same order can go out again this month; None without a limit of the month."""
    return budgets.times_left(shares, _uses(shares, now))


def _uses(shares: Sequence[Share], now: datetime) -> dict[str, Use]:
    return {share.imsi: use_of(share.imsi, now) for share in shares}


def _urgent_parts(now: datetime) -> int:
    """Parts that earlier alerts will still use, also one that is paused, waits for its second person, or is being
    written: of that the most that they can be.
    """
    fresh = (Broadcast.stage == Stage.PREPARING) & (Broadcast.created_at > now - ENQUEUE_AT_MOST)
    texts = BroadcastText.select(Broadcast.id, Broadcast.recipients, BroadcastText.segments).join(Broadcast)
    # Read first and left out below, as one that is whole between the two queries would else be counted in neither.
    to_come: dict[int, int] = {}
    for number, people, segments in tuples(texts.where(fresh, Broadcast.lane < LANE_NORMAL)):
        to_come[number] = max(to_come.get(number, 0), people * len(json.loads(segments)))
    waiting = Part.select().join(Broadcast, on=(Part.broadcast == Broadcast.id)).where(Part.state == PartState.QUEUED)
    written = waiting.where(Broadcast.stage.in_(_WILL_GO), Broadcast.id.not_in([*to_come, 0]))
    return int(written.where(Broadcast.lane < LANE_NORMAL).count()) + sum(to_come.values())


def _known(numbers: Sequence[str], now: datetime) -> tuple[dict[str, str], dict[str, set[str]]]:
    """By number the SIM that sent to it last, and by SIM those numbers that it met this month."""
    homes: dict[str, str] = {}
    met: dict[str, set[str]] = {}
    month = day_of(now)[:7]
    columns = SimRecipient.select(SimRecipient.msisdn, SimRecipient.imsi, SimRecipient.month)
    for chunk in chunked(numbers, _CHUNK):
        rows = columns.where(SimRecipient.msisdn.in_(list(chunk))).order_by(SimRecipient.last_at)
        for number, imsi, met_in in tuples(rows):
            homes[number] = imsi
            if met_in == month:
                met.setdefault(imsi, set()).add(number)
    return homes, met
