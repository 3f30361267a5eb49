"""Bulletins as they are stored, and their readers; the feedback that an alert is owed, and its longer version."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from peewee import chunked, fn

from db.alerts.incidents.meant import members_for
from db.alerts.progress.counts import has_told
from db.alerts.progress.threads import somebody_has_it
from db.bulletins.values import BulletinCard, BulletinDraft, Correspondent, OwedFeedback, Words
from db.engine.base import Page, card_of, grouped, page_of, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import locked
from db.mail.values import Enclosure
from db.models.broadcasts import Broadcast, BroadcastText, Part
from db.models.bulletins import Bulletin, BulletinEnclosure, BulletinGroup, BulletinPlace, BulletinRelay
from db.models.people import Member, Neighbourhood
from db.people.members.listing import agrees_to
from db.people.zone import policy_row
from rules.states import PartState, Stage

# Rows of one statement: SQLite takes no more values at once.
_ROWS = 500
# Bulletins on a coordinator's page.
_OWN = 50
# Older alerts are history: nobody is reminded of what happened last winter.
OWED_FOR = timedelta(days=30)
_OVER = (Stage.FINISHED, Stage.CANCELLED)
_TAKEN = (PartState.SENT, PartState.DELIVERED, PartState.UNCONFIRMED, PartState.UNDELIVERED)
_ARRIVED = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(_TAKEN))


def lock_bulletin(bulletin_id: int) -> None:
    """Let nobody else change this bulletin before the end of the transaction."""
    locked(Bulletin.select().where(Bulletin.id == bulletin_id)).first()


def begun_draft(bulletin_id: int | None, nonce: str) -> Bulletin | None:
    """The bulletin that the form with this nonce began, locked; None where it began none, or one with another id."""
    rows = Bulletin.select().where(Bulletin.nonce == nonce)
    return locked(rows if bulletin_id is None else rows.where(Bulletin.id == bulletin_id)).first() or None


def write_draft(bulletin_id: int | None, draft: BulletinDraft, nonce: str, by: str, now: datetime) -> int:
    """Write a draft: a new one where `bulletin_id` is None, else over the present one; returns its id."""
    values = {"category": draft.category, "alert": draft.alert_id, "everywhere": draft.everywhere, "changed_at": now}
    values["texts"] = json.dumps([asdict(words) for words in draft.texts], ensure_ascii=False)
    if bulletin_id is None:
        bulletin_id = int(Bulletin.create(nonce=nonce, written_by=by, created_at=now, **values).id)
    else:
        Bulletin.update(version=Bulletin.version + 1, **values).where(Bulletin.id == bulletin_id).execute()
    _rewrite(BulletinPlace, bulletin_id, [{"neighbourhood": place} for place in dict.fromkeys(draft.neighbourhood_ids)])
    _rewrite(BulletinGroup, bulletin_id, [{"group": group} for group in dict.fromkeys(draft.group_ids)])
    return bulletin_id


def _rewrite(table: Any, bulletin_id: int, rows: list[dict[str, object]]) -> None:
    table.delete().where(table.bulletin == bulletin_id).execute()
    if rows:
        table.insert_many([{"bulletin": bulletin_id, **row} for row in rows]).execute()


def remove_bulletin(bulletin_id: int) -> None:
    """Remove a bulletin with all that hangs on it."""
    Bulletin.delete().where(Bulletin.id == bulletin_id).execute()


def touch_draft(bulletin_id: int, now: datetime) -> bool:
    """Count a change of a draft's files; False where it was sent or removed."""
    changed = Bulletin.update(version=Bulletin.version + 1, changed_at=now)
    return bool(changed.where(Bulletin.id == bulletin_id, Bulletin.sent_at.is_null()).execute())


def add_enclosure(bulletin_id: int, file: Enclosure) -> None:
    """Add a file to a bulletin."""
    BulletinEnclosure.create(bulletin=bulletin_id, size_bytes=len(file.content), **asdict(file))


def delete_enclosure(bulletin_id: int, enclosure_id: int) -> None:
    """Delete a file of a bulletin; nothing happens where the bulletin has no such file."""
    this = (BulletinEnclosure.bulletin == bulletin_id) & (BulletinEnclosure.id == enclosure_id)
    BulletinEnclosure.delete().where(this).execute()


def mark_bulletin_sent(card: BulletinCard, readers: Iterable[Correspondent], by: str, now: datetime) -> None:
    """Mark the draft as sent to these readers, permanently."""
    Bulletin.update(sent_at=now, sent_by=by).where(Bulletin.id == card.id).execute()
    if card.everywhere:
        # Those that « all » means at the time of sending: later ones did not get the bulletin.
        _rewrite(BulletinPlace, card.id, [{"neighbourhood": place.id} for place in Neighbourhood.select()])
    owe(card.id, readers, now)


def owe(bulletin_id: int, readers: Iterable[Correspondent], now: datetime) -> None:
    """Store readers to whom the jobs have to write."""
    rows = (
        {
            "bulletin": bulletin_id,
            "neighbourhood": reader.neighbourhood_id,
            "place": reader.place,
            "member": reader.member_id,
            "deputy": reader.deputy,
            "group_id": reader.group_id,
            "at_reference": reader.member_id is None,
            "created_at": now,
        }
        for reader in readers
    )
    for some in chunked(rows, _ROWS):
        BulletinRelay.insert_many(some).execute()


def bulletin(bulletin_id: int) -> BulletinCard | None:
    """One bulletin, draft or sent."""
    return next(iter(_cards(Bulletin.select().where(Bulletin.id == bulletin_id))), None)


def drafts() -> list[BulletinCard]:
    """Bulletins that are not sent, newest first."""
    return _cards(Bulletin.select().where(Bulletin.sent_at.is_null()).order_by(Bulletin.changed_at.desc()))


def sent_bulletins(page: int = 1, per_page: int = 20) -> Page[BulletinCard]:
    """The sent bulletins, newest first."""
    sent = Bulletin.select().where(Bulletin.sent_at.is_null(False))
    return page_of(sent.order_by(Bulletin.sent_at.desc(), Bulletin.id.desc()), sent.count(), page, per_page, _cards)


def bulletins_of(neighbourhood_ids: Iterable[int]) -> list[BulletinCard]:
    """The sent bulletins for these neighbourhoods, newest first."""
    return _cards(_newest_of(neighbourhood_ids))


def bulletin_of(bulletin_id: int, neighbourhood_ids: Iterable[int]) -> BulletinCard | None:
    """The bulletin of this id, if it is among those that `bulletins_of` gives."""
    theirs = _newest_of(neighbourhood_ids, Bulletin.id)
    return next(iter(_cards(Bulletin.select().where(Bulletin.id == bulletin_id, Bulletin.id.in_(theirs)))), None)


def _newest_of(neighbourhood_ids: Iterable[int], *columns: Any) -> Any:
    theirs = BulletinPlace.select(BulletinPlace.bulletin).where(BulletinPlace.neighbourhood.in_([*neighbourhood_ids]))
    rows = Bulletin.select(*columns).where(Bulletin.sent_at.is_null(False), Bulletin.id.in_(theirs))
    return rows.order_by(Bulletin.sent_at.desc()).limit(_OWN)


def enclosure(bulletin_id: int, enclosure_id: int) -> Enclosure | None:
    """One file of a bulletin."""
    return next(iter(enclosures(bulletin_id, BulletinEnclosure.id == enclosure_id)), None)


def enclosures(bulletin_id: int, *which: Any) -> list[Enclosure]:
    """Its files, all or those `which` these conditions hold of, in the order in which they were added."""
    rows = BulletinEnclosure.select().where(BulletinEnclosure.bulletin == bulletin_id, *which)
    return [card_of(Enclosure, row, content=bytes(row.content)) for row in rows.order_by(BulletinEnclosure.id)]


def cards_by_id(bulletin_ids: Iterable[int]) -> dict[int, BulletinCard]:
    """Several bulletins, by their ids."""
    return {card.id: card for card in _cards(Bulletin.select().where(Bulletin.id.in_(list(bulletin_ids))))}


def _cards(rows: Iterable[Bulletin]) -> list[BulletinCard]:
    """The rows as values, with their texts, places and files, in one query per table; a file without its content."""
    listed = list(rows)
    if not listed:
        return []
    ids = [row.id for row in listed]
    chosen = BulletinPlace.select(BulletinPlace, Neighbourhood).join(Neighbourhood)
    in_order = chosen.where(BulletinPlace.bulletin.in_(ids)).order_by(Neighbourhood.position, Neighbourhood.name)
    places = grouped((row.bulletin_id, (row.neighbourhood_id, row.neighbourhood.name)) for row in in_order)
    of_groups = BulletinGroup.select(BulletinGroup.bulletin, BulletinGroup.group).order_by(BulletinGroup.id)
    groups: dict[int, list[int]] = grouped(tuples(of_groups.where(BulletinGroup.bulletin.in_(ids))))
    described = [column for column in BulletinEnclosure._meta.sorted_fields if column.name != "content"]
    enclosed = BulletinEnclosure.select(*described).order_by(BulletinEnclosure.id)
    files = grouped((file.bulletin_id, file) for file in enclosed.where(BulletinEnclosure.bulletin.in_(ids)))
    return [
        card_of(
            BulletinCard,
            row,
            texts=tuple(Words(**words) for words in json.loads(row.texts)),
            neighbourhood_ids=tuple(place for place, _ in places.get(row.id, ())),
            places=tuple(name for _, name in places.get(row.id, ())),
            enclosures=tuple(files.get(row.id, ())),
            group_ids=tuple(groups.get(row.id, ())),
        )
        for row in listed
    ]


_OWED = Prepared(
    lambda: (
        Broadcast.select(Broadcast.id, BroadcastText.body, Broadcast.created_at)
        .join(BroadcastText)
        .where(Broadcast.kind == "alert", Broadcast.created_at > given("since"), Broadcast.stage.in_(_OVER))
        .where(fn.EXISTS(_ARRIVED) | has_told(Broadcast.id))
        .where(Broadcast.id.not_in(_given("feedback").select(Bulletin.alert)))
        .order_by(Broadcast.created_at, Broadcast.id, BroadcastText.id)
        .tuples()
    )
)


def feedback_given(broadcast_id: int, category: str = "feedback") -> tuple[int, datetime] | None:
    """Id and time of the first feedback (or longer version) on this alert; None where none was sent yet."""
    row = _given(category).where(Bulletin.alert == broadcast_id).order_by(Bulletin.sent_at).first()
    return None if row is None else (int(row.id), row.sent_at)


def feedback_owed(now: datetime) -> list[OwedFeedback]:
    """Alerts of the last 30 days that are over, reached somebody, and have no feedback yet; the oldest first."""
    # Of an alert in several languages the first text stands for all.
    owed: dict[int, OwedFeedback] = {}
    for broadcast_id, text, created_at in _OWED.results(since=now - OWED_FOR):
        owed.setdefault(broadcast_id, OwedFeedback(broadcast_id, text, created_at))
    return list(owed.values())


def _given(category: str) -> Any:
    about_alerts = (Bulletin.category == category) & Bulletin.alert.is_null(False)
    return Bulletin.select().where(about_alerts, Bulletin.sent_at.is_null(False))


def longer_wanted() -> bool:
    """True where the zone sends longer versions of its alerts."""
    return bool(policy_row().longer_alerts)


def has_reached(broadcast_id: int) -> bool:
    """True when somebody may have it, by any road."""
    return bool(Broadcast.select().where(Broadcast.id == broadcast_id, somebody_has_it()).exists())


def people_of(alert_id: int) -> tuple[Correspondent, ...]:
    """The people of the alert who gave an address and did not refuse alerts, every address once, by language."""
    rows = members_for(alert_id)
    if rows is None:
        return ()
    willing = Member.mobile.is_null() | agrees_to("sms") | agrees_to("mail_group")
    first_of_address: dict[str, Member] = {}
    for row in rows.where(Member.email != "", willing).order_by(Member.language, Member.id):
        first_of_address.setdefault(str(row.email).casefold(), row)
    rows = first_of_address.values()
    return tuple(
        Correspondent(None, row.neighbourhood.name, row.id, row.full_name, str(row.email), row.language) for row in rows
    )
