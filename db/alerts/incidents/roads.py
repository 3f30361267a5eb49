"""People of an alert by the way that reached them: every door that shows such numbers, or names people, uses this."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from peewee import SQL, Case, fn

from db.alerts.incidents.left_out import LeftOut, has_no_sms, with_what_was_done, without_sms
from db.alerts.progress.counts import taken_messages
from db.alerts.progress.progress import BroadcastCard, recipients
from db.engine.base import tuples
from db.models.broadcasts import AlertCall
from db.models.mail import Mail
from db.models.people import Member
from rules.mail import MailState

Way = Literal["sms", "mail", "called", ""]
_EVERYBODY = 100_000
# What reached somebody without an SMS: a mail that the server took, then a call.
_WAY = Case(
    None, [(Mail.state == MailState.ACCEPTED, "mail"), (AlertCall.called_at.is_null(False), "called")], SQL("''")
)
# One person for each number that takes SMS, as its message is one; a member without a mobile is one, too.
_PERSON = fn.COALESCE(Member.mobile, Member.id.cast("TEXT"))


@dataclass(frozen=True, slots=True)
class Roads:
    """Numbers of people by the way that reached them: the network accepted their SMS, a server accepted their mail,
    somebody called them; or none of these. A shared number counts once.
    """

    sms: int
    mail: int
    called: int
    not_reached: int

    @property
    def people(self) -> int:
        return self.sms + self.mail + self.called + self.not_reached


@dataclass(frozen=True, slots=True)
class Reached:
    """One person: by which `way`, empty for none yet, and since when. `state` is of the message where they have one and
    no mail reached them, else of the mail, empty for neither; `called_by` noted the call.
    """

    name: str
    number: str
    neighbourhood: str
    way: Way
    state: str
    at: datetime | None
    called_by: str = ""
    has_message: bool = False


def roads(shown: BroadcastCard) -> Roads:
    """The numbers of a broadcast as it is shown: its recipients, and its people without a mobile."""
    rows = with_what_was_done(shown.id)
    if rows is None:
        return Roads(shown.taken, 0, 0, shown.recipients - shown.taken)
    # Of people with a mobile only those whom something else reached: of a large zone the others are all that wait.
    others = rows.where(has_no_sms(shown.id), Member.mobile.is_null() | (_WAY != ""))
    best = others.select(_PERSON, fn.MAX(_WAY), fn.MAX(Case(None, [(Member.mobile.is_null(), 1)], 0)))
    people = tuples(best.group_by(SQL("1")))
    ways = Counter(way for _person, way, _without in people)
    without = sum(without for _person, _way, without in people)
    told = ways["mail"] + ways["called"]
    return Roads(shown.taken, ways["mail"], ways["called"], shown.recipients + without - shown.taken - told)


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
            yield Reached(row.name, row.msisdn, row.neighbourhood, way, state, row.changed_at, has_message=True)
            continue
        state = other.mail if way == "mail" else state
        yield Reached(row.name, row.msisdn, row.neighbourhood, way, state, _at(other), other.called_by, True)
    for key, one in others.items():
        if key != one.mobile:
            number = next(iter(one.numbers), "")
            yield Reached(one.name, number, one.neighbourhood, one.way, one.mail, _at(one), one.called_by)


def _at(one: LeftOut) -> datetime | None:
    return one.mail_at if one.way == "mail" else one.called_at or one.mail_at
