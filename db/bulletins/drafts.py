"""Drafts as they are stored, and their state once sent. All functions run inside the caller's transaction."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from peewee import chunked

from db.bulletins.values import BulletinCard, BulletinDraft, Correspondent
from db.engine.connection import locked
from db.mail.values import Enclosure
from db.models.bulletins import Bulletin, BulletinEnclosure, BulletinGroup, BulletinPlace, BulletinRelay
from db.models.people import Neighbourhood

# Rows of one statement: SQLite takes no more values at once.
_ROWS = 500


def lock_bulletin(bulletin_id: int) -> None:
    """Let nobody else change this bulletin before the end of the transaction."""
    locked(Bulletin.select().where(Bulletin.id == bulletin_id)).first()


def begun_draft(bulletin_id: int | None, nonce: str) -> Bulletin | None:
    """The bulletin that the form with this nonce began, locked; None where it began none, or one with another id."""
    rows = Bulletin.select().where(Bulletin.nonce == nonce)
    if bulletin_id is not None:
        rows = rows.where(Bulletin.id == bulletin_id)
    row: Bulletin | None = locked(rows).first()
    return row


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
    BulletinEnclosure.create(
        bulletin=bulletin_id,
        filename=file.filename,
        media_type=file.media_type,
        size_bytes=len(file.content),
        content=file.content,
    )


def delete_enclosure(bulletin_id: int, enclosure_id: int) -> None:
    """Delete a file of a bulletin; nothing happens where the bulletin has no such file."""
    BulletinEnclosure.delete().where(
        BulletinEnclosure.bulletin == bulletin_id, BulletinEnclosure.id == enclosure_id
    ).execute()


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
