"""People whom an alert reaches by another way than SMS: by mail where they gave an address, else by a call."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import JOIN, Case, fn

from db.alerts.incidents.meant import has_message, is_told_before, members_for
from db.alerts.progress.counts import are_about, is_about, is_told, with_corrected
from db.alerts.progress.threads import corrected_with, row_of, standing_follow_up
from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import locked_by_id, writing
from db.mail.enqueue import writes_mail
from db.models.broadcasts import (
    AlertCall,
    Broadcast,
    BroadcastGroup,
    BroadcastPlace,
    BroadcastStreet,
    BroadcastText,
    Message,
    Part,
)
from db.models.mail import Mail
from db.models.people import Member, Neighbourhood
from db.people.members.cards import lives_at
from db.people.members.listing import agrees_to
from rules.mail import ON_THEIR_WAY, MailState
from rules.states import CORRECTED, FOLLOW_UPS, Cause, PartState, Stage, sources

# An alert that is older says nothing by mail any more that helps.
MAILED_WITHIN = timedelta(minutes=30)
# The jobs queue the mails of an alert within seconds; later none comes by itself.
MAIL_COMES_WITHIN = timedelta(seconds=30)
# A modem that is plugged in again at once is no reason to write to everybody.
PATIENCE = timedelta(seconds=30)
_MAILED = ("alert", *FOLLOW_UPS, CORRECTED)
_MAILED_INSTEAD = Member.mobile.is_null() & (Member.email != "")
Reason = Literal["no_mobile", "no_sms", "beside", "earlier"]
# By what `by_mail` of a broadcast says.
_WITH_MOBILE: dict[str, Reason] = {"failing": "no_sms", "always": "beside"}
_PARTS = Part.select().where(Part.broadcast == Broadcast.id)
_TO_MAIL = Prepared(lambda: _broadcasts_to_mail(given("since")))
_STANDING_STILL = Prepared(
    Broadcast.select(Broadcast.id).where(
        Broadcast.kind.in_(_MAILED),
        Broadcast.stage == Stage.QUEUED,
        Broadcast.created_at.between(given("since"), given("patient")),
        Broadcast.by_mail == "",
        fn.EXISTS(_PARTS.where(Part.state == PartState.QUEUED)),
        ~fn.EXISTS(_PARTS.where(Part.changed_at > given("patient"))),
    )
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`numbers` are E.164, the landline first; `mobile` takes SMS. `address` may be empty; `mail` is the state of the
    mail about this broadcast, empty for none; `called_at`: somebody ticked off the call; `has_sms`: it left since
    somebody looks at the list."""

    member_id: int
    name: str
    neighbourhood: str
    language: str
    address: str
    mail: str
    mail_at: datetime | None
    numbers: tuple[str, ...]
    mobile: str
    called_at: datetime | None
    called_by: str
    is_coordinator: bool
    has_sms: bool = False

    @property
    def way(self) -> Literal["mail", "called", ""]:
        """The way that reached this person: a server has the mail, else somebody called."""
        if self.mail == MailState.ACCEPTED:
            return "mail"
        return "called" if self.called_at else ""

    @property
    def by_phone(self) -> bool:
        """True where no mail goes to this person: somebody has to call."""
        return self.mail not in ON_THEIR_WAY


def people_left_out(broadcast_id: int, now: datetime | None = None, since: datetime | None = None) -> list[LeftOut]:
    """Members whom this broadcast was for and no SMS reaches: without a mobile and, if SMS fail, those whose SMS the
    network did not accept. With `now`, people about to get a mail count as mailed. With `since`, those whose SMS left
    since then keep their place (`has_sms`): no row moves under the pointer that calls."""
    if not sms_fail(broadcast_id):
        people = _left_out(broadcast_id, Member.mobile.is_null())
    elif since is None:
        people = _left_out(broadcast_id, has_no_sms(broadcast_id))
    else:
        messages = Part.select(Message.msisdn).join(Message).where(Part.broadcast == broadcast_id)
        untaken = {msisdn for (msisdn,) in tuples(messages.where(Part.sent_at.is_null()))}
        left_since = Member.mobile.in_(messages.where(Part.sent_at >= since))
        people = _left_out(broadcast_id, has_no_sms(broadcast_id) | left_since)
        people = [replace(one, has_sms=bool(one.mobile) and one.mobile not in untaken) for one in people]
    return _with_mails_to_come(broadcast_id, people, now)


def people_told_otherwise(broadcast_id: int, now: datetime) -> list[LeftOut]:
    """Members whom it was for, without a mobile, or whom a mail or a call reached."""
    which = Member.mobile.is_null() | Member.id.in_(reached_otherwise(broadcast_id))
    return _with_mails_to_come(broadcast_id, _left_out(broadcast_id, which), now)


def _with_mails_to_come(broadcast_id: int, people: list[LeftOut], now: datetime | None) -> list[LeftOut]:
    if now is None or not is_about_to_mail(broadcast_id, now):
        return people
    return [replace(one, mail=MailState.QUEUED.value) if one.address and not one.mail else one for one in people]


def has_no_sms(broadcast_id: int) -> Any:
    """Condition on members: without a mobile, or a part of their SMS was not taken by the network."""
    return Member.mobile.is_null() | is_untaken(broadcast_id)


def is_about_to_mail(broadcast_id: int, now: datetime) -> bool:
    """True while the jobs are about to queue its mails, or will be once it begins."""
    row = row_of(broadcast_id)
    if not writes_mail() or row.kind not in _MAILED or standing_follow_up(broadcast_id) is not None:
        return False
    if row.stage in (Stage.PREPARING, Stage.AWAITING_APPROVAL, Stage.SCHEDULED):
        return True
    return row.stage in (Stage.QUEUED, Stage.FINISHED) and now - (row.release_at or row.created_at) < MAIL_COMES_WITHIN


def people_to_mail(broadcast_id: int) -> list[LeftOut]:
    """Members with an address to whom no mail about it was queued yet, except those who refused the SMS."""
    row = row_of(broadcast_id)
    readers = Member.mobile.is_null()
    if row.by_mail == "always":
        readers |= has_message(row.id) & agrees_to("sms")
    elif row.by_mail == "failing":
        readers |= is_untaken(row.id) & agrees_to("sms")
    if row.kind in FOLLOW_UPS:  # whoever read the alert in a mail reads in one that it is corrected or over
        readers |= is_told_before(row)
    # Of a correction and the corrected alert beside it each reader gets one, whatever became of the mail before.
    pair = [row.id, *corrected_with(row)]
    queued = Mail.select(Mail.id).where(are_about(pair), Mail.member == Member.id)
    return _left_out(row.id, readers & (Member.email != "") & ~fn.EXISTS(queued))


def mailed_because(broadcast_id: int, readers: Iterable[LeftOut]) -> list[Reason]:
    """The reason why each reader is mailed; `earlier`: a correction or an end, for who had the alert by mail."""
    with_mobile = _WITH_MOBILE.get(row_of(broadcast_id).by_mail, "earlier")
    return [with_mobile if reader.mobile else "no_mobile" for reader in readers]


def sms_fail(broadcast_id: int) -> bool:
    """True where everybody whom no SMS of it reached is mailed or called."""
    return bool(row_of(broadcast_id).by_mail == "failing")


def is_untaken(broadcast_id: int) -> Any:
    """Condition on members: a part of their SMS was not taken by the network."""
    untaken = Part.select(Message.msisdn).join(Message).where(Part.broadcast == broadcast_id, Part.sent_at.is_null())
    return Member.mobile.in_(untaken)


def standing_still(now: datetime) -> list[int]:
    """Recent alerts with SMS that wait, of which no part changed for a while; nobody with a mobile is mailed."""
    return [int(number) for (number,) in _STANDING_STILL.rows(since=now - MAILED_WITHIN, patient=now - PATIENCE)]


def mark_failing(broadcast_ids: list[int]) -> None:
    """Let mails go to everybody whom no SMS of these reached."""
    with writing():
        Broadcast.update(by_mail="failing").where(Broadcast.id.in_(broadcast_ids)).execute()


def without_mobile_of(broadcast_id: int, *, informed: bool | None) -> list[str]:
    """The languages of its people without a mobile: who were informed by mail or by a call, who were not, or of all."""
    rows = members_for(broadcast_id)
    if rows is None:
        return []
    had_it = is_told(with_corrected(broadcast_id))
    people = rows.select(Member.language).where(Member.mobile.is_null())
    if informed is not None:
        people = people.where(had_it if informed else ~had_it)
    return [language for (language,) in tuples(people)]


def skippable(broadcast_id: int) -> int:
    """Number of messages that `skip_reached` would cancel."""
    return int(Part.select(Part.message).where(_is_skippable(broadcast_id)).distinct().count())


def skip_reached(broadcast_id: int, now: datetime) -> int:
    """Cancel what waits for people who had the text otherwise, in the caller's transaction; how many messages."""
    cancelled = Part.update(state=PartState.CANCELLED, changed_at=now, reason="otherwise").returning(Part.message)
    return len({row.message_id for row in cancelled.where(locked_by_id(Part, _is_skippable(broadcast_id))).execute()})


def _is_skippable(broadcast_id: int) -> Any:
    """Condition on parts: of a message that has not begun, to people who had the text by mail or by a call."""
    begun = Part.alias()
    is_begun = begun.select().where(begun.message == Message.id, begun.state != PartState.QUEUED)
    mails = Mail.select().where(is_about(broadcast_id), Mail.state == MailState.ACCEPTED)
    calls = AlertCall.select().where(AlertCall.broadcast == broadcast_id, AlertCall.member == Member.id)
    # Two who share a number: the SMS is skipped when both had it.
    unreached = Member.select().where(Member.mobile == Message.msisdn, ~fn.EXISTS(mails), ~fn.EXISTS(calls))
    readers = Member.select().where(Member.mobile == Message.msisdn)
    all_reached = ~fn.EXISTS(is_begun) & fn.EXISTS(readers) & ~fn.EXISTS(unreached)
    messages = Message.select(Message.id).where(Message.broadcast == broadcast_id, all_reached)
    return Part.message.in_(messages) & Part.state.in_(sources(PartState.CANCELLED, Cause.PERSON))


def with_what_was_done(members: Any, broadcast_id: int) -> Any:
    """The query `members_for` this broadcast, with the mail and the call about it."""
    called = (AlertCall.member == Member.id) & (AlertCall.broadcast == broadcast_id)
    mailed = members.join_from(Member, Mail, JOIN.LEFT_OUTER, on=is_about(broadcast_id))
    return mailed.join_from(Member, AlertCall, JOIN.LEFT_OUTER, on=called)


def reached_otherwise(broadcast: Any) -> Any:
    """The query of the members who were called, or with whose server the mail about it is."""
    mailed = Mail.select(Mail.member).where(Mail.broadcast == broadcast, Mail.state == MailState.ACCEPTED)
    return mailed | AlertCall.select(AlertCall.member).where(AlertCall.broadcast == broadcast)


def _left_out(broadcast_id: int, which: Any) -> list[LeftOut]:
    members = members_for(broadcast_id)
    if members is None:
        return []
    columns = (Member.id, Member.first_name, Member.last_name, Neighbourhood.name, Member.language, Member.email)
    about = (Mail.state, Mail.changed_at, AlertCall.called_at, AlertCall.called_by)
    first = Case(None, [(Member.role == "coordinator", 0)], 1)
    order = (Neighbourhood.position, Neighbourhood.name, first, Member.last_name, Member.id)
    numbers = (Member.mobile, Member.landline, Member.mobile, Member.second_number)
    rows = with_what_was_done(members, broadcast_id)
    people = rows.select(*columns, *about, Member.role, *numbers).where(which).order_by(*order)
    # Bare rows: of a large zone they are a thousand, and jobs and pages ask every few seconds.
    return [_person(*row) for row in tuples(people)]


def _person(
    number: int, first: str, last: str, place: str, language: str, email: str | None, mail: MailState | None, *rest: Any
) -> LeftOut:
    mail_at, called_at, called_by, role, mobile, *numbers = rest
    known = (tuple(filter(None, numbers)), mobile or "", called_at, called_by or "", role == "coordinator")
    return LeftOut(number, f"{first} {last}".strip(), place, language, email or "", str(mail or ""), mail_at, *known)


def mark_called(broadcast_id: int, member_id: int, called: bool, by: str, now: datetime) -> bool:
    """Tick the call to this member off, or untick it, in the caller's transaction; False where it is so already."""
    this_call = (AlertCall.broadcast == broadcast_id) & (AlertCall.member == member_id)
    if called == AlertCall.select().where(this_call).exists():
        return False
    if called:
        AlertCall.create(broadcast=broadcast_id, member=member_id, called_at=now, called_by=by)
    else:
        AlertCall.delete().where(this_call).execute()
    return True


def broadcasts_to_mail(now: datetime) -> list[int]:
    """Recent alerts, corrections and ends that go out or went out, oldest first, about which somebody may lack a mail:
    one query, as the jobs run it every two seconds. It may name one that lacks none."""
    return [int(number) for (number,) in _TO_MAIL.rows(since=now - MAILED_WITHIN)]


def _broadcasts_to_mail(since: Any) -> Any:
    places = BroadcastPlace.select(BroadcastPlace.neighbourhood).where(BroadcastPlace.broadcast == Broadcast.id)
    is_meant = lives_at(places)
    for table in (BroadcastGroup, BroadcastStreet):
        is_meant |= fn.EXISTS(table.select().where(table.broadcast == Broadcast.id))
    may_lack_it = Member.select(Member.id).where(
        _MAILED_INSTEAD,
        Member.restricted_at.is_null(),
        ~fn.EXISTS(Mail.select().where(is_about(Broadcast.id))),
        (Broadcast.whom == "all") | ((Broadcast.whom == "places") & is_meant),
    )
    rows = Broadcast.select(Broadcast.id).where(
        Broadcast.kind.in_(_MAILED),
        Broadcast.created_at > since,
        Broadcast.stage.in_([Stage.QUEUED, Stage.FINISHED]),
        (Broadcast.by_mail != "") | (Broadcast.kind != "alert") | fn.EXISTS(may_lack_it),
    )
    return rows.order_by(Broadcast.id)


def texts_of(broadcast_id: int) -> dict[str, str]:
    """The texts by language, the main one first."""
    texts = BroadcastText.select(BroadcastText.language, BroadcastText.body).order_by(BroadcastText.id)
    return dict(tuples(texts.where(BroadcastText.broadcast == broadcast_id)))
