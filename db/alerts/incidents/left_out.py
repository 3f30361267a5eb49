"""People whom no SMS of an alert can reach, since they have no mobile; those with an address get it by mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.alerts.orders.chosen import chosen
from db.engine.base import tuples
from db.models.broadcasts import Broadcast, BroadcastText, BroadcastThread
from db.models.mail import Mail
from db.models.people import Member, Neighbourhood
from db.people.audience import belonging
from plp.rules.states import Stage

# An alert that is older says nothing by mail any more that helps.
MAILED_WITHIN = timedelta(minutes=30)
_MAILED = ("alert", "correction", "end")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`address` is empty for who gave none; `mail` is the state of the mail about this broadcast, empty for none."""

    member_id: int
    name: str
    neighbourhood: str
    language: str
    address: str
    mail: str


def mail_key(broadcast_id: int, member_id: int) -> str:
    """The idempotency key of the mail about this broadcast to this member."""
    return f"alert/{broadcast_id}/{member_id}"


def people_left_out(broadcast_id: int) -> list[LeftOut]:
    """Members without a mobile whom this broadcast, or the one that it corrects or ends, was for."""
    thread = BroadcastThread.get_or_none(BroadcastThread.broadcast == broadcast_id)
    whom = chosen(thread.original_id if thread else broadcast_id)
    if whom is None or whom.whom not in ("all", "places"):
        return []
    rows = (
        Member.select(Member, Neighbourhood)
        .join(Neighbourhood)
        .where(Member.mobile.is_null(), Member.restricted_at.is_null())
    )
    if whom.whom == "places":
        rows = rows.where(belonging([number for number, _name in whom.places], dict(whom.groups), whom.streets))
    found = list(rows.order_by(Neighbourhood.position, Neighbourhood.name, Member.last_name, Member.id))
    mails = Mail.select(Mail.key, Mail.state).where(Mail.key.in_([mail_key(broadcast_id, row.id) for row in found]))
    state = {key: str(state) for key, state in tuples(mails)} if found else {}
    return [
        LeftOut(
            row.id,
            row.full_name,
            row.neighbourhood.name,
            row.language,
            row.email or "",
            state.get(mail_key(broadcast_id, row.id), ""),
        )
        for row in found
    ]


def broadcasts_to_mail(now: datetime) -> list[int]:
    """Recent alerts, corrections and ends that go out or went out, oldest first."""
    rows = Broadcast.select(Broadcast.id).where(
        Broadcast.kind.in_(_MAILED),
        Broadcast.created_at > now - MAILED_WITHIN,
        Broadcast.stage.in_([Stage.QUEUED, Stage.FINISHED]),
    )
    return [int(row.id) for row in rows.order_by(Broadcast.id)]


def texts_of(broadcast_id: int) -> dict[str, str]:
    """The texts by language, the main one first."""
    rows = BroadcastText.select(BroadcastText.language, BroadcastText.body).where(
        BroadcastText.broadcast == broadcast_id
    )
    return dict(tuples(rows.order_by(BroadcastText.id)))
