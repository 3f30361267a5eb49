"""Queries of bulletins and their files."""

import json
from collections.abc import Iterable

from db.bulletins.values import BulletinCard, Words
from db.engine.base import Page, card_of, grouped, page_of, tuples
from db.mail.values import Enclosure
from db.models.bulletins import Bulletin, BulletinEnclosure, BulletinGroup, BulletinPlace
from db.models.people import Neighbourhood

# Bulletins on a coordinator's page.
_OWN = 50


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
    theirs = BulletinPlace.select(BulletinPlace.bulletin).where(BulletinPlace.neighbourhood.in_([*neighbourhood_ids]))
    rows = Bulletin.select().where(Bulletin.sent_at.is_null(False), Bulletin.id.in_(theirs))
    return _cards(rows.order_by(Bulletin.sent_at.desc()).limit(_OWN))


def enclosure(bulletin_id: int, enclosure_id: int) -> Enclosure | None:
    """One file of a bulletin."""
    row = BulletinEnclosure.get_or_none(BulletinEnclosure.bulletin == bulletin_id, BulletinEnclosure.id == enclosure_id)
    return None if row is None else Enclosure(row.filename, row.media_type, bytes(row.content))


def enclosures(bulletin_id: int) -> list[Enclosure]:
    """All its files, in the order in which they were added."""
    rows = BulletinEnclosure.select().where(BulletinEnclosure.bulletin == bulletin_id).order_by(BulletinEnclosure.id)
    return [Enclosure(row.filename, row.media_type, bytes(row.content)) for row in rows]


def cards_by_id(bulletin_ids: Iterable[int]) -> dict[int, BulletinCard]:
    """Several bulletins, by their ids."""
    return {card.id: card for card in _cards(Bulletin.select().where(Bulletin.id.in_(list(bulletin_ids))))}


def _cards(rows: Iterable[Bulletin]) -> list[BulletinCard]:
    """The rows as values, with their texts, places and files, in one query per table; a file without its content."""
    listed = list(rows)
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
