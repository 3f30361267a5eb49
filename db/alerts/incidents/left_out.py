"""People whom no SMS of an alert can reach, since they have no mobile; those with an address get it by mail."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import JOIN, SQL, Case, Field, Value, fn

from db.alerts.orders.chosen import chosen
from db.engine.base import tuples
from db.models.broadcasts import (
    AlertCall,
    Broadcast,
    BroadcastGroup,
    BroadcastPlace,
    BroadcastStreet,
    BroadcastText,
)
from db.models.mail import Mail
from db.models.people import Member, Neighbourhood
from db.people.audience import belonging
from rules.mail import ON_THEIR_WAY
from rules.states import Stage

# An alert that is older says nothing by mail any more that helps.
MAILED_WITHIN = timedelta(minutes=30)
_MAILED = ("alert", "correction", "end")
_MAILED_INSTEAD = Member.mobile.is_null() & (Member.email != "")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`numbers` are E.164, the landline first. `address` is empty for who gave none; `mail` is the state of the mail
    about this broadcast, empty for none; `called_at` is None until somebody ticked the call off.
    """

    member_id: int
    name: str
    neighbourhood: str
    language: str
    address: str
    mail: str
    mail_at: datetime | None
    numbers: tuple[str, ...]
    called_at: datetime | None
    called_by: str

    @property
    def by_phone(self) -> bool:
        """True where no mail goes to this person: somebody has to call."""
        return self.mail not in ON_THEIR_WAY


def mail_key(broadcast_id: int, member_id: int) -> str:
    """The idempotency key of the mail about this broadcast to this member."""
    return f"alert/{broadcast_id}/{member_id}"


def people_left_out(broadcast_id: int) -> list[LeftOut]:
    """Members without a mobile whom this broadcast, or the one that it corrects or ends, was for."""
    return _left_out(broadcast_id, Member.mobile.is_null())


def people_to_mail(broadcast_id: int) -> list[LeftOut]:
    """Those of them with an address to whom no mail about it was queued yet."""
    queued = Mail.select(Mail.id).where(_is_about(broadcast_id))
    return _left_out(broadcast_id, _MAILED_INSTEAD & ~fn.EXISTS(queued))


def members_for(broadcast_id: int) -> Any:
    """The query of members, with their neighbourhoods, whom this broadcast, or the one that it corrects or ends, was
    for; None where it was for single numbers.
    """
    row = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    whom = chosen(row.original_id or broadcast_id) if row else None
    if whom is None or whom.whom not in ("all", "places"):
        return None
    rows = Member.select(Member, Neighbourhood).join(Neighbourhood).where(Member.restricted_at.is_null())
    if whom.whom == "all":
        return rows
    return rows.where(belonging([number for number, _name in whom.places], dict(whom.groups), whom.streets))


def counts_left_out(broadcast_id: int) -> Counter[str]:
    """Numbers of the same people who get it by `mail`, were `called`, and are `to_call`."""
    rows = _with_what_was_done(broadcast_id)
    counts: Counter[str] = Counter()
    if rows is not None:
        done = Case(
            None, [(Mail.state.in_(ON_THEIR_WAY), "mail"), (AlertCall.called_at.is_null(False), "called")], "to_call"
        )
        counted = rows.select(done.alias("done"), fn.COUNT(Member.id)).where(Member.mobile.is_null())
        counts.update(dict(tuples(counted.group_by(SQL("done")))))
    return counts


def _with_what_was_done(broadcast_id: int) -> Any:
    """`members_for`, with the mail and the call about it."""
    rows = members_for(broadcast_id)
    if rows is None:
        return None
    called = (AlertCall.member == Member.id) & (AlertCall.broadcast == broadcast_id)
    mailed = rows.join_from(Member, Mail, JOIN.LEFT_OUTER, on=_is_about(broadcast_id))
    return mailed.join_from(Member, AlertCall, JOIN.LEFT_OUTER, on=called)


def _left_out(broadcast_id: int, which: Any) -> list[LeftOut]:
    rows = _with_what_was_done(broadcast_id)
    if rows is None:
        return []
    columns = (Member.id, Member.first_name, Member.last_name, Neighbourhood.name, Member.language, Member.email)
    about = (Mail.state, Mail.changed_at, AlertCall.called_at, AlertCall.called_by)
    order = (Neighbourhood.position, Neighbourhood.name, Member.last_name, Member.id)
    members = rows.select(*columns, *about, Member.landline, Member.second_number).where(which).order_by(*order)
    # Bare rows: of a large zone they are a thousand, and jobs and pages ask every few seconds.
    return [
        LeftOut(
            *(number, f"{first} {last}".strip(), place, language, email or "", str(mail or ""), mail_at),
            *(tuple(filter(None, phones)), called_at, called_by or ""),
        )
        for number, first, last, place, language, email, mail, mail_at, called_at, called_by, *phones in tuples(members)
    ]


def _is_about(broadcast: Any) -> Any:
    """Condition on mails: the one about this broadcast, an id or a column, to the member; the same as `mail_key`."""
    number = broadcast.cast("TEXT") if isinstance(broadcast, Field) else Value(str(broadcast))
    return Mail.key == Value("alert/").concat(number).concat("/").concat(Member.id.cast("TEXT"))


def mark_called(broadcast_id: int, member_id: int, called: bool, by: str, now: datetime) -> bool:
    """Tick the call to this member off, or take the tick away, inside the caller's transaction; False where it is so
    already.
    """
    this_call = (AlertCall.broadcast == broadcast_id) & (AlertCall.member == member_id)
    if called == AlertCall.select().where(this_call).exists():
        return False
    if called:
        AlertCall.create(broadcast=broadcast_id, member=member_id, called_at=now, called_by=by)
    else:
        AlertCall.delete().where(this_call).execute()
    return True


def broadcasts_to_mail(now: datetime) -> list[int]:
    """Recent alerts, corrections and ends that go out or went out, oldest first, about which somebody may lack a mail.

    Asked every two seconds, so in one query. Of groups and streets it may name one that lacks none.
    """
    rows = Broadcast.select(Broadcast.id).where(
        Broadcast.kind.in_(_MAILED),
        Broadcast.created_at > now - MAILED_WITHIN,
        Broadcast.stage.in_([Stage.QUEUED, Stage.FINISHED]),
        fn.EXISTS(_may_lack_it()),
    )
    return [int(row.id) for row in rows.order_by(Broadcast.id)]


def _may_lack_it() -> Any:
    """Members without a mobile, of the places that the broadcast or what it speaks of was for, without a mail of it."""
    first, about = fn.COALESCE(Broadcast.original, Broadcast.id), Broadcast.alias()
    places = BroadcastPlace.select(BroadcastPlace.neighbourhood).where(BroadcastPlace.broadcast == first)
    groups = BroadcastGroup.select().where(BroadcastGroup.broadcast == first)
    streets = BroadcastStreet.select().where(BroadcastStreet.broadcast == first)
    is_meant = Member.neighbourhood.in_(places) | fn.EXISTS(groups) | fn.EXISTS(streets)
    return (
        Member.select(Member.id)
        .join(about, on=(about.id == first))
        .where(
            _MAILED_INSTEAD, Member.restricted_at.is_null(), ~fn.EXISTS(Mail.select().where(_is_about(Broadcast.id)))
        )
        .where((about.whom == "all") | ((about.whom == "places") & is_meant))
    )


def texts_of(broadcast_id: int) -> dict[str, str]:
    """The texts by language, the main one first."""
    rows = BroadcastText.select(BroadcastText.language, BroadcastText.body).where(
        BroadcastText.broadcast == broadcast_id
    )
    return dict(tuples(rows.order_by(BroadcastText.id)))
