"""People of an alert by the way that reached them: every door that shows such numbers or names uses this."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from peewee import SQL, Case, Value, fn

from db.alerts.incidents.left_out import (
    LeftOut,
    is_untaken,
    reached_otherwise,
    with_what_was_done,
    without_sms,
)
from db.alerts.incidents.meant import counted_unnumbered, members_for, unnumbered_by_place
from db.alerts.progress.counts import having_told, taken_messages
from db.alerts.progress.progress import BroadcastCard, RecipientRow, recipients
from db.alerts.progress.report import PlaceCount, by_neighbourhood
from db.engine.base import grouped, tuples
from db.models.broadcasts import AlertCall, Message
from db.models.mail import Mail
from db.models.people import Member
from db.people.members.listing import neighbourhood_names
from rules.mail import MailState

Way = Literal["sms", "mail", "called", ""]
# A mobile that belongs to one person or more, or "" for people without one; their way; how many; their neighbourhood.
_Others: TypeAlias = tuple[str, str, int, int | None]
_EVERYBODY = 100_000
_WITHOUT = Member.mobile.is_null()
# What reached somebody without an SMS: a mail that the server took, then a call.
_WAY = Case(
    None, [(Mail.state == MailState.ACCEPTED, "mail"), (AlertCall.called_at.is_null(False), "called")], SQL("''")
)


@dataclass(frozen=True, slots=True)
class Roads:
    """People, a shared number once, by what reached them: an SMS that the network took, a mail, a call, or nothing."""

    sms: int
    mail: int
    called: int
    not_reached: int

    @property
    def people(self) -> int:
        return self.sms + self.mail + self.called + self.not_reached


@dataclass(frozen=True, slots=True)
class PlaceRoads:
    """A neighbourhood: what is known of its SMS, and all its people by the way that reached them."""

    counted: PlaceCount
    roads: Roads


@dataclass(frozen=True, slots=True)
class Reached:
    """One person: by which `way`, empty for none yet, and since when. `state` is of the mail where one reached them,
    else of the message, empty for neither; `called_by` noted the call; `message` is None without a mobile."""

    name: str
    number: str
    neighbourhood: str
    way: Way
    state: str
    at: datetime | None
    called_by: str = ""
    message: RecipientRow | None = None
    member_id: int = 0

    @property
    def key(self) -> str:
        """Name of the row in a page, without the number of the person."""
        return str(self.message.message_id) if self.message else f"without-{self.member_id}"


def roads(shown: BroadcastCard) -> Roads:
    """The numbers of a broadcast as it is shown: its recipients, and its people without a mobile."""
    return roads_of([shown])[shown.id]


def roads_of(shown: Sequence[BroadcastCard]) -> dict[int, Roads]:
    """The same of several, by broadcast: a list of alerts asks the database for all of them at once."""
    others = _others([card.id for card in shown])
    by_broadcast: dict[int, Roads] = {}
    for card in shown:
        reached, unreached = others[card.id]
        by_broadcast[card.id] = _summed(card.recipients, card.taken, reached, unreached.total())
    return by_broadcast


def roads_by_place(broadcast_id: int, *, only_sms: bool) -> list[PlaceRoads]:
    """`roads` by the neighbourhood where people lived when it was ordered. `only_sms`: as of a drill."""
    reached, unreached = ([], Counter[int | None]()) if only_sms else _others([broadcast_id])[broadcast_id]
    messages = Message.select(Message.msisdn, Message.neighbourhood).where(Message.broadcast == broadcast_id)
    # Read once and whole, where some of them have a mobile: looked up one by one, it was read for every one.
    homes = dict(tuples(messages)) if any(mobile for mobile, *_rest in reached) else {}
    # Of an erased recipient the message names no number: nobody without a mobile lived where that person did.
    others = grouped((homes.get(other[0], other[-1]) if other[0] else other[-1], other) for other in reached)
    counted = by_neighbourhood(broadcast_id)
    without_sms = {*others, *unreached} - {place.id for place in counted}
    for place_id, name in neighbourhood_names().items():
        if place_id in without_sms:
            counted.append(PlaceCount(place_id, name, people=0, taken=0, delivered=0, waiting=0, uncertain=0))
    return [
        PlaceRoads(place, _summed(place.people, place.taken, others.get(place.id, []), unreached[place.id]))
        for place in counted
    ]


def _others(broadcast_ids: Sequence[int]) -> dict[int, tuple[list[_Others], Counter[int | None]]]:
    """By broadcast: the people whom something else than an SMS reached, a shared mobile once and by its best way; and
    the number of people without a mobile whom nothing reached, by neighbourhood.
    """
    # From the mails and the calls, often none: looked up for each member, they were most of the page's time.
    otherwise = having_told(broadcast_ids)
    numbers = unnumbered_by_place([number for number in broadcast_ids if number not in otherwise])
    return {
        number: _reached_otherwise(number) if number in otherwise else ([], Counter[int | None](numbers[number]))
        for number in broadcast_ids
    }


def _reached_otherwise(broadcast_id: int) -> tuple[list[_Others], Counter[int | None]]:
    people, others = members_for(broadcast_id), list[_Others]()
    if people is None:
        return others, Counter()
    # Mails and calls are subtracted from what is counted now, never from what was kept of a moment before.
    unreached = Counter[int | None](counted_unnumbered(people))
    home = Member.neighbourhood
    reached = with_what_was_done(people, broadcast_id).where(Member.id.in_(reached_otherwise(broadcast_id)))
    counted = reached.select(Value(""), _WAY, fn.COUNT(Member.id), home).where(_WITHOUT)
    others += tuples(counted.group_by(SQL("2"), SQL("4")))
    for _mobile, _way, number, place in others:
        unreached[place] -= number
    named = reached.select(Member.mobile, fn.MAX(_WAY), Value(1), fn.MAX(home))
    others += tuples(named.where(is_untaken(broadcast_id)).group_by(SQL("1")))
    return others, unreached


def _summed(recipients: int, taken: int, others: list[_Others], unreached: int) -> Roads:
    """`others` without a mobile and the `unreached` have no message: they are not among the `recipients`."""
    ways = Counter[str]()
    for _mobile, way, people, _home in others:
        ways[way] += people
    unnumbered = unreached + sum(people for mobile, _way, people, _home in others if not mobile)
    reached = taken + ways["mail"] + ways["called"]
    return Roads(taken, ways["mail"], ways["called"], recipients + unnumbered - reached)


def people_by_road(shown: BroadcastCard) -> Iterator[Reached]:
    """Each of them by name, in the order of sending, then those without a mobile; they add up to `roads`."""
    others: dict[str, LeftOut] = {}
    for one in sorted(without_sms(shown.id), key=lambda one: one.way, reverse=True):
        others.setdefault(one.mobile or str(one.member_id), one)
    taken = taken_messages(shown.id)
    for row in recipients(shown.id, per_page=_EVERYBODY, steady=True).rows:
        other, state = others.pop(row.msisdn, None), row.state
        way: Way = "sms" if row.message_id in taken else other.way if other else ""
        if other is None or way in ("sms", ""):
            yield Reached(row.name, row.msisdn, row.neighbourhood, way, state, row.changed_at, message=row)
            continue
        state = other.mail if way == "mail" else state
        yield Reached(row.name, row.msisdn, row.neighbourhood, way, state, _at(other), other.called_by, row)
    for key, one in others.items():
        if key != one.mobile:
            number = next(iter(one.numbers), "")
            yield Reached(
                one.name, number, one.neighbourhood, one.way, one.mail, _at(one), one.called_by, None, one.member_id
            )


def _at(one: LeftOut) -> datetime | None:
    return one.mail_at if one.way == "mail" else one.called_at or one.mail_at
