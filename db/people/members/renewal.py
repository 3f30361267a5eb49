"""The yearly question whether a member stays; nobody is removed automatically. A yes or a STOP by SMS counts for
everybody who shares the number; an answer by mail is known by the mail that it answers; an admin enters the others.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Literal

from peewee import Case, Value, fn

from db.engine.base import Page, card_of, grouped, page_of, tuples
from db.engine.connection import writing
from db.models.mail import InboundMail
from db.models.people import Member, Neighbourhood, Renewal, RenewalMember
from db.people.members.cards import is_quiet
from db.people.members.listing import agrees_to

Answer = Literal["yes", "no", ""]
Channel = Literal["sms", "mail"]


@dataclass(frozen=True, slots=True)
class RenewalCard:
    """The question under way, in people: `unasked` are in no queue yet, no question reaches the `unreachable`."""

    id: int
    asked_at: datetime
    asked_by: str
    until_at: datetime
    stay: int
    leave: int
    silent: int
    unasked: int
    unreachable: int

    @property
    def people(self) -> int:
        return self.stay + self.leave + self.silent


@dataclass(frozen=True, slots=True)
class DueQuestion:
    """A member to ask. `key` prevents asking twice; people who share a number have the same one."""

    id: int
    member_id: int
    name: str
    address: str
    language: str
    neighbourhood: str
    until_at: datetime
    key: str


def add_renewal(until_at: datetime, by: str, now: datetime) -> int:
    """A question, by SMS or else by mail, to all whose data may be used; returns its number. In a transaction."""
    row = Renewal.create(asked_at=now, asked_by=by, until_at=until_at)
    by_sms = Member.mobile.is_null(False) & agrees_to("sms")
    channel = Case(None, [(by_sms, "sms"), (Member.email.is_null(False), "mail")], "")
    people = Member.select(Value(row.id), Member.id, channel, Value(""), Value(""))
    people = people.where(Member.restricted_at.is_null()).order_by(Member.id)
    names = ("renewal", "member", "channel", "answer", "how")
    RenewalMember.insert_from(people, [getattr(RenewalMember, name) for name in names]).execute()
    return int(row.id)


def close_renewals(now: datetime) -> list[int]:
    """End every question that is open; returns their numbers. Inside the caller's transaction."""
    ids = [row.id for row in Renewal.select().where(Renewal.ended_at.is_null())]
    Renewal.update(ended_at=now).where(Renewal.id.in_(ids)).execute()
    return ids


def open_renewal() -> RenewalCard | None:
    """The question under way; None for none."""
    row = Renewal.select().where(Renewal.ended_at.is_null()).first()
    if row is None:
        return None
    theirs = RenewalMember.select(RenewalMember.answer, fn.COUNT(RenewalMember.id))
    counted: dict[str, int] = dict(tuples(theirs.where(RenewalMember.renewal == row.id).group_by(RenewalMember.answer)))
    unasked = RenewalMember.ordered_at.is_null() & (RenewalMember.answer == "")
    waiting = RenewalMember.select().where(RenewalMember.renewal == row.id, unasked)
    return card_of(
        RenewalCard,
        row,
        stay=counted.get("yes", 0),
        leave=counted.get("no", 0),
        silent=counted.get("", 0),
        unasked=waiting.where(RenewalMember.channel != "").count(),
        unreachable=waiting.where(RenewalMember.channel == "").count(),
    )


def asked_members(renewal_id: int, answer: Answer, page: int = 1, per_page: int = 50) -> Page[RenewalMember]:
    """Those who stay (yes), leave (no), or did not answer, by neighbourhood and name."""
    rows = (
        RenewalMember.select(RenewalMember, Member, Neighbourhood)
        .join(Member)
        .join(Neighbourhood)
        .where(RenewalMember.renewal == renewal_id, RenewalMember.answer == answer)
    )
    order = (Neighbourhood.position, Neighbourhood.name, Member.last_name, Member.first_name, Member.id)
    return page_of(rows.order_by(*order), rows.count(), page, per_page, list)


def leaving_members(renewal_id: int, now: datetime, limit: int) -> list[int]:
    """The members who said no and, after the last day, those who did not answer."""
    answers = ["no"] + ([""] if Renewal.get_by_id(renewal_id).until_at <= now else [])
    asked = RenewalMember.select(RenewalMember.member).where(RenewalMember.renewal == renewal_id)
    leaving = asked.where(RenewalMember.answer.in_(answers)).order_by(RenewalMember.id).limit(limit)
    return [row.member_id for row in leaving]


@dataclass(frozen=True, slots=True)
class Asked:
    """Members who still wait for the same question by SMS; `people` is their number, no part of who they are."""

    language: str
    neighbourhood_id: int
    neighbourhood: str
    until_at: datetime
    people: int = field(compare=False)


def asked_groups(now: datetime) -> list[Asked]:
    """All who still wait for the question by SMS, by what decides its words."""
    same = (Member.language, Member.neighbourhood, Neighbourhood.name, Renewal.until_at)
    rows = _due_rows("sms", now).select(*same, fn.COUNT(Member.id)).group_by(*same)
    return [Asked(*row) for row in tuples(rows)]


def due_questions(
    channel: Channel, now: datetime, limit: int = 50, groups: Collection[Asked] | None = None
) -> list[DueQuestion]:
    """Members who still wait for the question by this channel, while they can answer; no SMS in their quiet hours, and
    only to these `groups`.
    """
    by_sms = channel == "sms"
    rows = _due_rows(channel, now).order_by(RenewalMember.id).limit(limit)
    if by_sms:
        rows = rows.where(~is_quiet(now))
    if groups is not None:
        # One condition for each group would be as deep as a large zone has neighbourhoods, and no query.
        places = grouped((group.language, group.neighbourhood_id) for group in groups)
        same = ((Member.language == name) & Member.neighbourhood.in_(ids) for name, ids in places.items())
        rows = rows.where(reduce(or_, same, Value(1) == 0))
    return [_due(row, address) for row in rows if (address := row.member.mobile if by_sms else row.member.email)]


def _due_rows(channel: Channel, now: datetime) -> Any:
    return (
        RenewalMember.select(RenewalMember, Renewal, Member, Neighbourhood)
        .join_from(RenewalMember, Renewal)
        .join_from(RenewalMember, Member)
        .join(Neighbourhood)
        .where(Renewal.ended_at.is_null(), Renewal.until_at > now, RenewalMember.channel == channel)
        .where(RenewalMember.ordered_at.is_null(), RenewalMember.answer == "", Member.restricted_at.is_null())
    )


def _due(row: Any, address: str) -> DueQuestion:
    member, key = row.member, f"renewal:{row.renewal_id}:{address}"
    place, until_at = member.neighbourhood.name, row.renewal.until_at
    return DueQuestion(row.id, member.id, member.full_name, address, member.language, place, until_at, key)


def mark_asked(asked_id: int, now: datetime, broadcast: int | None = None, mail: int | None = None) -> None:
    """The question is in a queue; inside the caller's transaction if it has one."""
    with writing():
        asked = RenewalMember.update(ordered_at=now, broadcast=broadcast, mail=mail)
        asked.where(RenewalMember.id == asked_id).execute()


def mark_unreachable(asked_id: int) -> None:
    """They take no SMS by now: an admin asks them in another way."""
    with writing():
        RenewalMember.update(channel="").where(RenewalMember.id == asked_id).execute()


def answer_by_sms(mobile: str, answer: Answer, at: datetime, later_alert: int | None = None) -> bool:
    """Count the answer of the people with this number who got the question; True when there were any. Not where a
    `later_alert` (a broadcast) went to it since: then the yes answers that. The last word counts.
    """
    people = Member.select(Member.id).where(Member.mobile == mobile)
    condition = RenewalMember.broadcast.is_null(False) & RenewalMember.member.in_(people)
    if later_alert is not None:
        condition &= RenewalMember.broadcast > later_alert
    return _answer(condition, answer, "sms", at)


def unread_answers() -> list[tuple[int, str, datetime]]:
    """(question, text, time) of mails that answer an open question, as long as it has no answer."""
    rows = (
        RenewalMember.select(RenewalMember.id, InboundMail.text, InboundMail.received_at)
        .join_from(RenewalMember, Renewal)
        .join_from(RenewalMember, InboundMail, on=(InboundMail.answers_mail == RenewalMember.mail))
        .where(Renewal.ended_at.is_null(), RenewalMember.answer == "")
        .order_by(InboundMail.id)
    )
    return tuples(rows)


def answer_by_mail(asked_id: int, at: datetime) -> None:
    """The mail that answers this question is a yes."""
    _answer(RenewalMember.id == asked_id, "yes", "mail", at)


def answer_of_member(member_id: int, answer: Answer, at: datetime) -> bool:
    """The answer that a person gave by word of mouth, empty to take it back; False for whom nobody asks."""
    return _answer(RenewalMember.member == member_id, answer, "form", at)


def _answer(condition: Any, answer: Answer, how: str, at: datetime) -> bool:
    under_way = Renewal.select(Renewal.id).where(Renewal.ended_at.is_null())
    with writing():
        values = {"answer": answer, "how": how if answer else "", "answered_at": at if answer else None}
        changed = RenewalMember.update(values).where(condition, RenewalMember.renewal.in_(under_way))
        return bool(changed.execute())
