"""The people meant by a broadcast, each in one of four states: every door that counts people of an alert asks here
(docs/adr/0202-four-states-that-add-up.md)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from db.alerts.incidents.left_out import is_about_to_mail
from db.alerts.incidents.meant import counted_unnumbered, members_for, unnumbered_by_place
from db.alerts.progress.counts import are_about, being_mailed, having_told, with_corrected, worst_parts
from db.alerts.progress.progress import BroadcastCard
from db.alerts.progress.report import states_by_place
from db.alerts.progress.threads import corrected_beside, row_of
from db.engine.base import tuples
from db.models.broadcasts import AlertCall, Broadcast, Message
from db.models.mail import Mail
from db.models.people import Member
from db.people.members.listing import neighbourhood_names
from rules.mail import ON_THEIR_WAY, MailState
from rules.states import WORST_FIRST, PartState

# Best first: of several ways to one person the best counts, and no other.
Standing = Literal["sms", "mail", "called", "sent", "waiting", "unconfirmed", "missing"]
_BEST_FIRST: tuple[Standing, ...] = get_args(Standing)
_OF_MESSAGE: dict[PartState, Standing] = {
    PartState.DELIVERED: "sms",
    PartState.SENT: "sent",
    PartState.SENDING: "waiting",
    PartState.QUEUED: "waiting",
    PartState.UNCONFIRMED: "unconfirmed",
}
# After so long nobody is about to be mailed, however long a second person took to agree.
_MAILS_BEGIN_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """Numbers of people in the order of `Standing`, a shared number once. `sms`: by the telephone's report; `sent`:
    with the network, without one; `unconfirmed` may have it, and nobody knows; `missing` have nothing."""

    sms: int = 0
    mail: int = 0
    called: int = 0
    sent: int = 0
    waiting: int = 0
    unconfirmed: int = 0
    missing: int = 0

    @property
    def received(self) -> int:
        return self.sms + self.mail + self.called

    @property
    def otherwise(self) -> int:
        """People to be told by another way."""
        return self.unconfirmed + self.missing

    @property
    def people(self) -> int:
        return self.received + self.sent + self.waiting + self.otherwise


class PlaceReach(NamedTuple):
    """A neighbourhood (None and empty: of none) with its people by state."""

    id: int | None
    name: str
    reach: Reach


class _Person(NamedTuple):
    """A member whom a mail or a call reaches; `mobile` is None without one."""

    member_id: int
    mobile: str | None
    home: int
    standing: Standing


def reach(shown: BroadcastCard, now: datetime) -> Reach:
    """The people of a broadcast by state."""
    return reach_of([shown], now)[shown.id]


def reach_of(shown: Sequence[BroadcastCard], now: datetime) -> dict[int, Reach]:
    """The same of several, by broadcast. Where SMS are the only way so far, from what their cards count."""
    ids = [card.id for card in shown]
    others = having_told(ids) | being_mailed(ids) | corrected_beside(ids)
    others |= {card.id for card in shown if card.id not in others and _may_mail_yet(card, now)}
    numbers = unnumbered_by_place([number for number in ids if number not in others])
    by_broadcast = {}
    for card in shown:
        if card.id in others:
            by_broadcast[card.id] = summed(_by_place(card.id, now).values())
        else:
            counts: Counter[Standing] = Counter()
            counts["missing"] = sum(numbers[card.id].values())
            for state, number in card.counts.items():
                counts[standing_of(PartState(state))] += number
            by_broadcast[card.id] = _in_states(counts)
    return by_broadcast


def reach_by_place(broadcast_id: int, now: datetime) -> list[PlaceReach]:
    """The same by the neighbourhood where people lived when it was ordered, in the neighbourhoods' order."""
    counted = _by_place(broadcast_id, now)
    places = [(None, ""), *neighbourhood_names().items()]
    return [PlaceReach(place, name, counted[place]) for place, name in places if place in counted]


def standings(broadcast_id: int) -> tuple[dict[str, Standing], dict[int, Standing]]:
    """The best that a mail, a call or a corrected alert did for people, by mobile, and by member without one."""
    family = with_corrected(broadcast_id)
    people = _mailed_or_called(family, members_for(broadcast_id))
    without = {one.member_id: one.standing for one in people if one.mobile is None}
    return _best_by_number(people, family[1:]), without


def standing_of(state: PartState, otherwise: Standing | None = None) -> Standing:
    """The state of a person whose message is in this state, and for whom something else did this."""
    return _better(_OF_MESSAGE.get(state, "missing"), otherwise)


def _by_place(broadcast_id: int, now: datetime) -> dict[int | None, Reach]:
    row = row_of(broadcast_id)
    family, members = with_corrected(row.id), members_for(row.id)
    people = _mailed_or_called(family, members)
    by_number = _best_by_number(people, family[1:])
    counts: dict[int | None, Counter[Standing]] = defaultdict(Counter)
    for place, standing, number in _of_messages(row, by_number):
        counts[place][standing] += number
    unnumbered = Counter[int | None](counted_unnumbered(members) if members is not None else {})
    for one in people:
        if one.mobile is None:
            counts[one.home][one.standing] += 1
            unnumbered[one.home] -= 1
    for place, number in _about_to_be_mailed(family, members, now):
        counts[place]["waiting"] += number
        unnumbered[place] -= number
    for place, number in unnumbered.items():
        counts[place]["missing"] += number
    return {place: _in_states(counted) for place, counted in counts.items() if counted.total()}


def summed(places: Iterable[Reach]) -> Reach:
    """All of these together."""
    totals = Counter[Standing]()
    for one in places:
        totals.update({standing: getattr(one, standing) for standing in _BEST_FIRST})
    return _in_states(totals)


def _in_states(counts: Counter[Standing]) -> Reach:
    return Reach(*(counts[standing] for standing in _BEST_FIRST))


def _may_mail_yet(card: BroadcastCard, now: datetime) -> bool:
    return now - card.created_at < _MAILS_BEGIN_WITHIN and is_about_to_mail(card.id, now)


def _mailed_or_called(family: Sequence[int], members: Any) -> list[_Person]:
    """Of these members (a query, None for nobody), those whom a mail or a call about one of the family reaches."""
    if members is None:
        return []
    standings: dict[int, Standing] = {}
    for member, state in tuples(
        Mail.select(Mail.member, Mail.state).where(are_about(family), Mail.state.in_(ON_THEIR_WAY))
    ):
        standings[member] = _better("mail" if state == MailState.ACCEPTED else "waiting", standings.get(member))
    called = AlertCall.select(AlertCall.member).where(AlertCall.broadcast.in_(family))
    for (member,) in tuples(called):
        standings[member] = _better("called", standings.get(member))
    if not standings:
        return []
    mailed = Mail.select(Mail.member).where(are_about(family), Mail.state.in_(ON_THEIR_WAY))
    told = members.select(Member.id, Member.mobile, Member.neighbourhood).where(Member.id.in_(mailed | called))
    return [_Person(member, mobile, home, standings[member]) for member, mobile, home in tuples(told)]


def _best_by_number(people: Sequence[_Person], corrected: Sequence[int]) -> dict[str, Standing]:
    """By mobile, the best of what mails, calls and the corrected alerts did."""
    best: dict[str, Standing] = {}
    for one in people:
        if one.mobile is not None:
            best[one.mobile] = _better(one.standing, best.get(one.mobile))
    for number in corrected:
        for msisdn, _place, standing in _messages(number):
            best[msisdn] = _better(standing, best.get(msisdn))
    return best


def _of_messages(row: Broadcast, by_number: Mapping[str, Standing]) -> Iterator[tuple[int | None, Standing, int]]:
    """Neighbourhood, state and number of its recipients; those whose message is not written yet wait."""
    written = 0
    if by_number:
        for msisdn, place, standing in _messages(row.id):
            written += 1
            yield place, _better(standing, by_number.get(msisdn)), 1
    else:
        for place, states in states_by_place(row.id).items():
            written += states.total()
            yield from ((place, standing_of(state), number) for state, number in states.items())
    if written < row.recipients:
        yield None, "waiting", row.recipients - written


def _messages(broadcast_id: int) -> Iterator[tuple[str, int | None, Standing]]:
    """Number, neighbourhood and state of every message."""
    worst = worst_parts([broadcast_id])
    messages = Message.select(Message.msisdn, Message.neighbourhood, worst.c.rank)
    for msisdn, place, rank in tuples(messages.join(worst, on=(worst.c.message_id == Message.id))):
        yield msisdn, place, standing_of(WORST_FIRST[rank])


def _about_to_be_mailed(family: Sequence[int], members: Any, now: datetime) -> Iterator[tuple[int | None, int]]:
    """By neighbourhood, the number of people without a mobile to whom a mail is about to be queued."""
    about = [number for number in family if members is not None and is_about_to_mail(number, now)]
    if about:
        # What is queued of the one that is about to, and what reached or will reach them of any.
        queued = Mail.select(Mail.member).where(are_about(about), Mail.member.is_null(False))
        others = are_about(family) & Mail.member.is_null(False) & Mail.state.in_(ON_THEIR_WAY)
        called = AlertCall.select(AlertCall.member).where(AlertCall.broadcast.in_(family))
        theirs = Member.id.in_(queued) | Member.id.in_(Mail.select(Mail.member).where(others)) | Member.id.in_(called)
        yield from counted_unnumbered(members.where(Member.email != "", ~theirs)).items()


def _better(one: Standing, other: Standing | None) -> Standing:
    return min(one, other or one, key=_BEST_FIRST.index)
