"""Tips: facts that people reported, and their outcomes. Writers, but `forget_tips`, join the caller's transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from db.engine.base import Page, card_of, page_of, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import change_in_chunks
from db.inbound.inbox.items import Ref, ids_of, ref_of
from db.models.broadcasts import AlertTemplate, Broadcast, BroadcastPlace
from db.models.bulletins import Bulletin, BulletinPlace
from db.models.people import Member, Neighbourhood
from db.models.tips import Tip
from rules.tips import ABOUT_ALERT_FOR, LATE_AFTER

# The values of a row that names nobody, and of one that is only counted.
NOBODY: Mapping[str, object] = {"member": None, "text": None, "mail": None}
_FORGOTTEN = {**NOBODY, "street": "", "words": "", "pv": ""}
_ALL = (
    Tip.select(Tip, Member, Neighbourhood, AlertTemplate)
    .join(Member, JOIN.LEFT_OUTER)
    .join_from(Tip, Neighbourhood, JOIN.LEFT_OUTER)
    .join_from(Tip, AlertTemplate, JOIN.LEFT_OUTER)
)
_LATE = Prepared(lambda: Tip.select(fn.COUNT(Tip.id)).where(_is_late(given("before"))))


@dataclass(frozen=True, slots=True)
class TipDraft:
    """The facts of a tip, as an officer writes them down; the names are those of the columns."""

    at: datetime
    told_by: str
    member_id: int | None = None
    neighbourhood_id: int | None = None
    street: str = ""
    kind_id: int | None = None
    words: str = ""
    pv: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipCard(TipDraft):
    """A tip as shown: `kind` is the title of the ready-made alert, `ref` the entry of the inbox that it comes from."""

    id: int
    teller: str
    ref: Ref | None
    neighbourhood: str
    kind: str
    alert_id: int | None
    added_at: datetime
    outcome: str
    outcome_by: str
    outcome_at: datetime | None


@dataclass(frozen=True, slots=True)
class TipFilter:
    """A filter of the list: `standing` is open, late, all or an outcome; the others None for any."""

    standing: str = "open"
    neighbourhood_id: int | None = None
    kind_id: int | None = None


def tip(tip_id: int) -> TipCard | None:
    """One of them."""
    return next(iter(_cards(_ALL.where(Tip.id == tip_id))), None)


def tip_of(refs: Iterable[Ref]) -> list[TipCard]:
    """The tips that were made from these entries of the inbox, oldest first."""
    wanted = list(refs)
    made_from = Tip.text.in_(ids_of(wanted, "sms")) | Tip.mail.in_(ids_of(wanted, "mail"))
    return _cards(_ALL.where(made_from).order_by(Tip.id))


def tips(chosen: TipFilter, now: datetime, page: int = 1, per_page: int = 50) -> Page[TipCard]:
    """A page of them, newest first."""
    wanted = _ALL.where(_standing(chosen.standing, now))
    for field, value in ((Tip.neighbourhood, chosen.neighbourhood_id), (Tip.kind, chosen.kind_id)):
        if value is not None:
            wanted = wanted.where(field == value)
    return page_of(wanted.order_by(Tip.at.desc(), Tip.id.desc()), wanted.count(), page, per_page, _cards)


def late_tips(now: datetime) -> int:
    """Tips without an outcome for so long that it is a task."""
    return int(_LATE.rows(before=now - LATE_AFTER)[0][0])


def tips_between(since: datetime, until: datetime) -> list[TipCard]:
    """The tips of a time, oldest first."""
    return _cards(_ALL.where(Tip.at >= since, Tip.at < until).order_by(Tip.at, Tip.id))


def count_tips() -> int:
    """All of them."""
    return int(Tip.select().count())


def tips_told_by(member_id: int) -> list[TipCard]:
    """The tips of this member, newest first."""
    return _cards(_ALL.where(Tip.member == member_id).order_by(Tip.id.desc()))


def tips_about(alert_id: int) -> list[TipCard]:
    """The tips about this alert, as officers confirmed, oldest first."""
    return _cards(_ALL.where(Tip.alert == alert_id).order_by(Tip.at, Tip.id))


def tips_fitting(alert_id: int) -> list[TipCard]:
    """Tips about no alert that may be about this one: within a day after it, of its places and kind, or of none."""
    alert = Broadcast.get_or_none(Broadcast.id == alert_id, Broadcast.kind == "alert")
    if alert is None:
        return []
    within = (Tip.at >= alert.created_at) & (Tip.at <= alert.created_at + ABOUT_ALERT_FOR)
    fitting = _ALL.where(Tip.alert.is_null(), within)
    places = BroadcastPlace.select(BroadcastPlace.neighbourhood).where(BroadcastPlace.broadcast == alert_id)
    if places.exists():
        fitting = fitting.where(Tip.neighbourhood.in_(places) | Tip.neighbourhood.is_null())
    if alert.template_id is not None:
        fitting = fitting.where(Tip.kind.is_null() | (Tip.kind == alert.template_id))
    return _cards(fitting.order_by(Tip.at, Tip.id))


def outcomes_to_tell(alert_id: int | None, place_ids: Iterable[int]) -> dict[str, int]:
    """Outcome → tips for the next feedback: those about its alert; without an alert those in these neighbourhoods (all
    for none) whose outcome is newer than the last feedback there."""
    if alert_id is not None:
        told = Tip.select(Tip.outcome, fn.COUNT(Tip.id)).where(Tip.alert == alert_id, Tip.outcome != "")
        return dict(tuples(told.group_by(Tip.outcome)))
    chosen = list(place_ids)
    known = Tip.select(Tip.outcome, Tip.neighbourhood, Tip.outcome_at).where(Tip.outcome != "")
    sent = (Bulletin.category == "feedback") & Bulletin.sent_at.is_null(False)
    rows = Bulletin.select(BulletinPlace.neighbourhood, Bulletin.created_at).join(BulletinPlace).where(sent)
    last_at: dict[int, datetime] = dict(tuples(rows.order_by(Bulletin.created_at)))
    everywhere = Bulletin.select(fn.MAX(Bulletin.created_at)).where(sent, Bulletin.everywhere)
    everywhere_at: datetime | None = everywhere.scalar()
    counts: Counter[str] = Counter()
    for outcome, place_id, outcome_at in tuples(known):
        here = not chosen or place_id in chosen
        last = max(filter(None, (last_at.get(place_id), everywhere_at)), default=None)
        if here and (last is None or outcome_at > last):
            counts[outcome] += 1
    return counts


def _standing(standing: str, now: datetime) -> Any:
    if standing == "late":
        return _is_late(now - LATE_AFTER)
    if standing == "all":
        return Tip.id.is_null(False)
    return Tip.outcome == ("" if standing == "open" else standing)


def _is_late(before: Any) -> Any:
    return (Tip.outcome == "") & (Tip.added_at <= before)


def _cards(rows: Iterable[Tip]) -> list[TipCard]:
    return [
        card_of(
            TipCard,
            row,
            teller=row.member.full_name if row.member is not None else "",
            ref=ref_of(row),
            neighbourhood=row.neighbourhood.name if row.neighbourhood is not None else "",
            kind=row.kind.title if row.kind is not None else "",
        )
        for row in rows
    ]


def enqueue_tip(key: str, draft: TipDraft, ref: Ref | None, by: str, now: datetime) -> tuple[int, bool]:
    """Add one; returns its id, and False where it was made from this entry or form before."""
    known = Tip.get_or_none(Tip.key == key)
    if known is not None:
        return int(known.id), False
    entry = {} if ref is None else {"mail" if ref.channel == "mail" else "text": ref.id}
    return int(Tip.create(key=key, added_by=by, added_at=now, **entry, **asdict(draft)).id), True


def put_tip(tip_id: int, draft: TipDraft) -> None:
    """Give it these facts."""
    Tip.update(asdict(draft)).where(Tip.id == tip_id).execute()


def mark_anonymous(tip_id: int) -> None:
    """Delete its link to the person who reported it, and to the entry of the inbox."""
    Tip.update(dict(NOBODY)).where(Tip.id == tip_id).execute()


def mark_outcome(tip_id: int, outcome: str, by: str, now: datetime) -> None:
    """This came of it."""
    Tip.update(outcome=outcome, outcome_by=by, outcome_at=now).where(Tip.id == tip_id).execute()


def mark_about(tip_ids: Iterable[int], alert_id: int | None) -> int:
    """These are about this alert, or about none; returns how many were about another one or none."""
    other = Tip.alert.is_null(False) if alert_id is None else Tip.alert.is_null()
    return int(Tip.update(alert=alert_id).where(Tip.id.in_(list(tip_ids)), other).execute())


def forget_tips(before: datetime) -> int:
    """Empty tips that were added `before`, but for what is counted; returns how many."""
    named = Tip.member.is_null(False) | Tip.text.is_null(False) | Tip.mail.is_null(False)
    kept = named | (Tip.street != "") | (Tip.words != "") | (Tip.pv != "")
    rows = Tip.select(Tip.id).where(Tip.added_at < before, kept)
    return change_in_chunks(rows, lambda ids: int(Tip.update(_FORGOTTEN).where(Tip.id.in_(ids)).execute()))
