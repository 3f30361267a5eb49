"""The figures of a year by neighbourhood and local month, as every door counts them. No row says who."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from peewee import fn

from db.alerts.incidents.reach import Reach, reach_by_place, summed
from db.alerts.progress.counts import Tally, tallies
from db.alerts.progress.report import times
from db.bulletins.drafts import feedback_given
from db.bulletins.relay import first_relays
from db.engine.base import tuples
from db.inbound.tips import tips_between
from db.models.broadcasts import Broadcast
from db.models.bulletins import Bulletin
from db.models.partnership import PeopleCount
from db.models.people import Member, Neighbourhood
from rules.calendar import LOCAL
from rules.partnership import FEW, FEWEST, FIGURES, STATES, Figure, guarded, middle, share
from rules.states import LONGER, PartState, Stage

# A month and a neighbourhood; 0: the whole year, the whole zone.
Key = tuple[int, int]


@dataclass(slots=True)
class Cell:
    """The counts of a month in a neighbourhood. Times are seconds, one for an alert, a feedback or a relay."""

    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    last_phone: list[float] = field(default_factory=list)
    feedback: list[float] = field(default_factory=list)
    relay: list[float] = field(default_factory=list)

    def values(self) -> dict[str, Figure]:
        """The figures by the names of `rules.partnership.FIGURES`, in their order."""
        others: dict[str, Figure] = {
            "share": share(self.counts["received"], self.counts["people"]),
            "last_phone": middle(self.last_phone),
            "feedbacks": len(self.feedback),
            "feedback": middle(self.feedback),
            "forwarded": len(self.relay),
            "forwarding": middle(self.relay),
        }
        return {name: others[name] if name in others else self.counts[name] for name in FIGURES}


_Cells = dict[Key, Cell]


@dataclass(frozen=True, slots=True)
class Year:
    """A year's cells and its alerts, oldest first. `few`: neighbourhoods of too few members to have figures."""

    year: int
    cells: dict[Key, Cell]
    places: dict[int, str]
    few: frozenset[int]
    alerts: list["Sent"]

    @property
    def simulated(self) -> int:
        """The number of its alerts that went through the simulator."""
        return sum(sent.simulated for sent in self.alerts)

    def cell(self, month: int, place: int) -> Cell:
        """A month (0: the year) of a neighbourhood (0: the zone)."""
        return self.cells.get((month, place)) or Cell()

    def figures(self, month: int, place: int) -> dict[str, Figure]:
        """The figures of a cell that may be shown, by the names of `rules.partnership.FIGURES`."""
        if place in self.few:
            return dict.fromkeys(FIGURES, FEW)
        values = self.cell(month, place).values()
        return values if place == 0 else guarded(values)

    def tips(self, month: int, place: int) -> tuple[dict[str, int], dict[str, int]]:
        """The tips of a cell that may be shown, by the title of their kind and by their outcome; empty for none yet."""
        cell = Cell() if place in self.few else self.cell(month, place)
        return dict(cell.kinds.most_common()), dict(cell.outcomes.most_common())


def year_of(year: int, now: datetime) -> Year:
    """All of a year; its last month may not be over."""
    since, until = bounds(year)
    cells: _Cells = {}
    alerts = sent_between(since, until, "alert", now)
    _count_alerts(cells, alerts)
    _count_bulletins(cells, since, until)
    for tip in tips_between(since, until):
        for cell in _at(cells, tip.at, 0, tip.neighbourhood_id):
            cell.counts["tips"] += 1
            cell.kinds[tip.kind] += 1
            cell.outcomes[tip.outcome] += 1
    moved = PeopleCount.select(PeopleCount.at, PeopleCount.neighbourhood, PeopleCount.kind, PeopleCount.number)
    for when, place, kind, number in tuples(moved.where(PeopleCount.at >= since, PeopleCount.at < until)):
        for cell in _at(cells, when, 0, place):
            cell.counts[kind] += number
    rows = Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)
    names, members = {row.id: row.name for row in rows}, members_by_place()
    few = frozenset(place for place in names if members.get(place, 0) < FEWEST)
    return Year(year, cells, names, few, alerts)


def bounds(year: int) -> tuple[datetime, datetime]:
    """The first moment of a year of the local calendar, and that of the next."""
    first, last = (datetime(number, 1, 1, tzinfo=LOCAL).astimezone(UTC) for number in (year, year + 1))
    return first, last


def _at(cells: _Cells, when: datetime, *places: int | None) -> Iterator[Cell]:
    """The cells of a moment, of its month and of the year, in these neighbourhoods; None is one that is gone."""
    for place in places:
        if place is not None:
            for month in (when.astimezone(LOCAL).month, 0):
                yield cells.setdefault((month, place), Cell())


def _count_alerts(cells: _Cells, alerts: list["Sent"]) -> None:
    for sent in alerts:
        row = sent.row
        for cell in _at(cells, row.created_at, 0, *sent.places):
            cell.counts["alerts"] += 1
            cell.last_phone += [(sent.last_at - row.created_at).total_seconds()] if sent.last_at else []
            cell.feedback += [(sent.feedback_at - row.created_at).total_seconds()] if sent.feedback_at else []
        for place, reach in sent.places.items():
            for cell in _at(cells, row.created_at, 0, place):
                cell.counts.update({name: getattr(reach, name) for name in ("people", *STATES)})


def _count_bulletins(cells: _Cells, since: datetime, until: datetime) -> None:
    sent = {card.id: card.sent_at for card in bulletins_between(since, until)}
    for at in sent.values():
        for cell in _at(cells, at, 0):
            cell.counts["bulletins"] += 1
    for bulletin_id, place, relayed_s in first_relays(sent):
        for cell in _at(cells, sent[bulletin_id], place):
            cell.counts["bulletins"] += 1
        for cell in _at(cells, sent[bulletin_id], 0, place):
            cell.relay += [relayed_s] if relayed_s is not None else []


def bulletins_between(since: datetime, until: datetime) -> list[Bulletin]:
    """The bulletins sent to coordinators in this time, oldest first."""
    sent = (Bulletin.sent_at >= since) & (Bulletin.sent_at < until) & (Bulletin.category != LONGER)
    return list(Bulletin.select().where(sent).order_by(Bulletin.sent_at, Bulletin.id))


def members_by_place() -> dict[int, int]:
    """Members by the neighbourhood where they live."""
    rows = Member.select(Member.neighbourhood, fn.COUNT(Member.id)).group_by(Member.neighbourhood)
    return dict(tuples(rows))


@dataclass(frozen=True, slots=True)
class Sent:
    """An alert or a drill of which an SMS was sent, with its people by neighbourhood. `last_at`: its last SMS, None
    while people wait for theirs; `feedback_at`: its first feedback."""

    row: Broadcast
    text: str
    places: dict[int | None, Reach]
    simulated: bool
    last_at: datetime | None
    feedback_at: datetime | None

    @property
    def reach(self) -> Reach:
        return summed(self.places.values())


def sent_between(since: datetime, until: datetime, kind: str, now: datetime) -> list[Sent]:
    """Those of this time and kind, oldest first."""
    within = (Broadcast.created_at >= since) & (Broadcast.created_at < until) & (Broadcast.kind == kind)
    rows = list(Broadcast.select().where(within, Broadcast.stage != Stage.PREPARING).order_by(Broadcast.id))
    counted = tallies(rows)
    return [
        Sent(
            row,
            text=tally.text.body,
            places={place.id: place.reach for place in reach_by_place(row.id, now)},
            simulated=tally.went_through_simulator,
            last_at=None if _waits(tally) else times(row.id).last_sent_at,
            feedback_at=given[1] if (given := feedback_given(row.id)) else None,
        )
        for row in rows
        if (tally := counted[row.id]).taken
    ]


def _waits(tally: Tally) -> bool:
    return any(tally.parts.get(state) for state in (PartState.QUEUED, PartState.SENDING))
