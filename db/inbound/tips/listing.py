"""Readers of tips: the list, one of them, those about an alert, and plain rows for counting."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN

from db.engine.base import Page, card_of, page_of, tuples
from db.inbound.inbox.items import Ref
from db.models.broadcasts import AlertTemplate, Broadcast, BroadcastPlace
from db.models.bulletins import Bulletin, BulletinPlace
from db.models.people import Member, Neighbourhood
from db.models.tips import Tip
from rules.tips import ABOUT_ALERT_FOR, LATE_AFTER


@dataclass(frozen=True, slots=True)
class TipCard:
    """A tip as its page shows it; `teller` is a member's name, `ref` the entry of the inbox that it was made from."""

    id: int
    at: datetime
    told_by: str
    member_id: int | None
    teller: str
    ref: Ref | None
    neighbourhood_id: int | None
    neighbourhood: str
    street: str
    kind_id: int | None
    kind: str
    words: str
    pv: str
    alert_id: int | None
    added_by: str
    added_at: datetime
    outcome: str
    outcome_by: str
    outcome_at: datetime | None


@dataclass(frozen=True, slots=True)
class TipRow:
    """A tip as it is counted: nothing of a person. `kind` is the title of the ready-made alert, or empty."""

    at: datetime
    neighbourhood_id: int | None
    kind: str
    told_by: str
    outcome: str
    outcome_at: datetime | None
    alert_id: int | None


@dataclass(frozen=True, slots=True)
class TipFilter:
    """A filter of the list: `standing` is open, late, all or an outcome; the others None for any."""

    standing: str = "open"
    neighbourhood_id: int | None = None
    kind_id: int | None = None


def tip(tip_id: int) -> TipCard | None:
    """One of them."""
    return next(iter(_cards(_all().where(Tip.id == tip_id))), None)


def tip_of(refs: Iterable[Ref]) -> list[TipCard]:
    """The tips that were made from these entries of the inbox, oldest first."""
    wanted = list(refs)
    texts, mails = ([ref.id for ref in wanted if ref.channel == channel] for channel in ("sms", "mail"))
    return _cards(_all().where(Tip.text.in_(texts) | Tip.mail.in_(mails)).order_by(Tip.id))


def tips(chosen: TipFilter, now: datetime, page: int = 1, per_page: int = 50) -> Page[TipCard]:
    """A page of them, newest first."""
    conditions = _standing(chosen.standing, now)
    for field, value in ((Tip.neighbourhood, chosen.neighbourhood_id), (Tip.kind, chosen.kind_id)):
        if value is not None:
            conditions.append(field == value)
    wanted = _all().where(*conditions) if conditions else _all()
    return page_of(wanted.order_by(Tip.at.desc(), Tip.id.desc()), wanted.count(), page, per_page, _cards)


def late_tips(now: datetime) -> int:
    """Tips without an outcome for so long that it is a task."""
    return int(Tip.select().where(*_standing("late", now)).count())


def tips_between(since: datetime, until: datetime) -> list[TipRow]:
    """The tips of a time, oldest first, for counting."""
    rows = Tip.select(Tip, AlertTemplate.title).join(AlertTemplate, JOIN.LEFT_OUTER)
    rows = rows.where(Tip.at >= since, Tip.at < until).order_by(Tip.at, Tip.id)
    return [card_of(TipRow, row, kind=_title(row)) for row in rows]


def count_tips() -> int:
    """All of them."""
    return int(Tip.select().count())


def tips_told_by(member_id: int) -> list[TipCard]:
    """The tips of this member, newest first."""
    return _cards(_all().where(Tip.member == member_id).order_by(Tip.id.desc()))


def tips_about(alert_id: int) -> list[TipCard]:
    """The tips about this alert, as officers confirmed, oldest first."""
    return _cards(_all().where(Tip.alert == alert_id).order_by(Tip.at, Tip.id))


def tips_fitting(alert_id: int) -> list[TipCard]:
    """Tips that may be about this alert, and are about none: within a day after it, of its places or none, of its kind
    or none."""
    alert = Broadcast.get_or_none(Broadcast.id == alert_id, Broadcast.kind == "alert")
    if alert is None:
        return []
    within = (Tip.at >= alert.created_at) & (Tip.at <= alert.created_at + ABOUT_ALERT_FOR)
    fitting = _all().where(Tip.alert.is_null(), within)
    places = BroadcastPlace.select(BroadcastPlace.neighbourhood).where(BroadcastPlace.broadcast == alert_id)
    if places.exists():
        fitting = fitting.where(Tip.neighbourhood.in_(places) | Tip.neighbourhood.is_null())
    if alert.template_id is not None:
        fitting = fitting.where(Tip.kind.is_null() | (Tip.kind == alert.template_id))
    return _cards(fitting.order_by(Tip.at, Tip.id))


def outcomes_to_tell(alert_id: int | None, place_ids: Iterable[int]) -> dict[str, int]:
    """Outcome → tips for the next feedback: those about its alert, and in these neighbourhoods (all for none) those
    decided since the last feedback."""
    chosen = list(place_ids)
    known = Tip.select(Tip.outcome, Tip.neighbourhood, Tip.outcome_at, Tip.alert).where(Tip.outcome != "")
    told_at, everywhere_at = _last_feedback()
    counts: dict[str, int] = {}
    for outcome, place_id, outcome_at, about in tuples(known):
        here = not chosen or place_id in chosen
        last = max(filter(None, (told_at.get(place_id), everywhere_at)), default=None)
        if (alert_id is not None and about == alert_id) or (here and (last is None or outcome_at > last)):
            counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def _last_feedback() -> tuple[dict[int, datetime], datetime | None]:
    """Time at which the last feedback that was sent was written: by neighbourhood, and to all of them."""
    sent = (Bulletin.category == "feedback") & Bulletin.sent_at.is_null(False)
    rows = Bulletin.select(BulletinPlace.neighbourhood, Bulletin.created_at).join(BulletinPlace).where(sent)
    told: dict[int, datetime] = {}
    for place_id, at in tuples(rows.order_by(Bulletin.created_at)):
        told[place_id] = at
    last = Bulletin.select().where(sent, Bulletin.everywhere).order_by(Bulletin.created_at.desc()).first()
    return told, last.created_at if last is not None else None


def _standing(standing: str, now: datetime) -> list[Any]:
    if standing == "late":
        return [Tip.outcome == "", Tip.added_at <= now - LATE_AFTER]
    if standing == "all":
        return []
    return [Tip.outcome == ("" if standing == "open" else standing)]


def _all() -> Any:
    rows = Tip.select(Tip, Member, Neighbourhood, AlertTemplate).join(Member, JOIN.LEFT_OUTER)
    return rows.join_from(Tip, Neighbourhood, JOIN.LEFT_OUTER).join_from(Tip, AlertTemplate, JOIN.LEFT_OUTER)


def _cards(rows: Iterable[Tip]) -> list[TipCard]:
    return [
        card_of(
            TipCard,
            row,
            teller=row.member.full_name if row.member is not None else "",
            ref=_ref(row),
            neighbourhood=row.neighbourhood.name if row.neighbourhood is not None else "",
            kind=_title(row),
        )
        for row in rows
    ]


def _title(row: Tip) -> str:
    return row.kind.title if row.kind is not None else ""


def _ref(row: Tip) -> Ref | None:
    if row.text_id is not None:
        return Ref("sms", row.text_id)
    return Ref("mail", row.mail_id) if row.mail_id is not None else None
