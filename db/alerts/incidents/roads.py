"""People of an alert by the way that reached them: every door that shows such numbers or names uses this."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from peewee import SQL, Case, Value, fn

from db.alerts.incidents.left_out import (
    LeftOut,
    is_untaken,
    people_told_otherwise,
    reached_otherwise,
    with_what_was_done,
)
from db.alerts.incidents.meant import counted_unnumbered, members_for, unnumbered_by_place
from db.alerts.incidents.reach import Standing, standing_of, standings
from db.alerts.progress.counts import having_told
from db.alerts.progress.progress import BroadcastCard, RecipientRow, recipients
from db.engine.base import tuples
from db.models.broadcasts import AlertCall
from db.models.mail import Mail
from db.models.people import Member
from rules.mail import MailState
from rules.states import PartState

Way = Literal["sms", "mail", "called", ""]
# A mobile that belongs to one person or more, or "" for people without one; their way; how many.
_Others: TypeAlias = tuple[str, str, int]
_WAYS: dict[Standing, Way] = {"sms": "sms", "sent": "sms", "mail": "mail", "called": "called"}
# A mail that has not left.
_LEAVING = (MailState.QUEUED, MailState.SENDING)
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
class Reached:
    """One person: by which `way`, empty for none yet, in which of the states of `Reach`, and since when. `state` is of
    the mail where one reached them, else of the message, empty for neither; `called_by` noted the call; `message` is
    None without a mobile."""

    name: str
    number: str
    neighbourhood: str
    way: Way
    standing: Standing
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
    """The numbers of a broadcast as programs read them: its recipients, and its people without a mobile."""
    reached, unreached = _others(shown.id)
    return _summed(shown.recipients, shown.taken, reached, unreached)


def _others(broadcast_id: int) -> tuple[list[_Others], int]:
    """The people whom something else than an SMS reached, a shared mobile once and by its best way; and the number of
    people without a mobile whom nothing reached.
    """
    # From the mails and the calls, often none: looked up for each member, they were most of the page's time.
    if not having_told([broadcast_id]):
        return [], sum(unnumbered_by_place([broadcast_id])[broadcast_id].values())
    people, others = members_for(broadcast_id), list[_Others]()
    if people is None:
        return others, 0
    # Mails and calls are subtracted from what is counted now, never from what was kept of a moment before.
    unreached = sum(counted_unnumbered(people).values())
    reached = with_what_was_done(people, broadcast_id).where(Member.id.in_(reached_otherwise(broadcast_id)))
    counted = reached.select(Value(""), _WAY, fn.COUNT(Member.id)).where(_WITHOUT)
    others += tuples(counted.group_by(SQL("2")))
    unreached -= sum(number for _mobile, _way, number in others)
    named = reached.select(Member.mobile, fn.MAX(_WAY), Value(1))
    others += tuples(named.where(is_untaken(broadcast_id)).group_by(SQL("1")))
    return others, unreached


def _summed(recipients: int, taken: int, others: list[_Others], unreached: int) -> Roads:
    """`others` without a mobile and the `unreached` have no message: they are not among the `recipients`."""
    ways = Counter[str]()
    for _mobile, way, people in others:
        ways[way] += people
    unnumbered = unreached + sum(people for mobile, _way, people in others if not mobile)
    reached = taken + ways["mail"] + ways["called"]
    return Roads(taken, ways["mail"], ways["called"], recipients + unnumbered - reached)


def people_by_road(shown: BroadcastCard, now: datetime) -> Iterator[Reached]:
    """Each of them by name, in the order of sending, then those without a mobile; they add up to their `Reach`."""
    by_number, by_member = standings(shown.id)
    others: dict[str, LeftOut] = {}
    for one in sorted(people_told_otherwise(shown.id, now), key=lambda one: one.way, reverse=True):
        others.setdefault(one.mobile or str(one.member_id), one)
    for row in recipients(shown.id, per_page=_EVERYBODY, steady=True).rows:
        standing = standing_of(PartState(row.state), by_number.get(row.msisdn))
        other = others.pop(row.msisdn, None)
        way, state = _WAYS.get(standing, ""), row.state
        if other is None or way not in ("mail", "called") or other.way != way:
            yield Reached(row.name, row.msisdn, row.neighbourhood, way, standing, state, row.changed_at, message=row)
            continue
        state = other.mail if way == "mail" else state
        yield Reached(row.name, row.msisdn, row.neighbourhood, way, standing, state, _at(other), other.called_by, row)
    for key, one in others.items():
        if key != one.mobile:
            number = next(iter(one.numbers), "")
            waits: Standing = "waiting" if one.mail in _LEAVING else "missing"
            standing = by_member.get(one.member_id, waits)
            yield Reached(
                one.name,
                number,
                one.neighbourhood,
                _WAYS.get(standing, ""),
                standing,
                one.mail,
                _at(one),
                one.called_by,
                None,
                one.member_id,
            )


def _at(one: LeftOut) -> datetime | None:
    return one.mail_at if one.way == "mail" else one.called_at or one.mail_at
