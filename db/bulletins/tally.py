"""Neighbourhoods that relayed a bulletin, how fast (« 9 sur 12 ont relayé, médiane 11 min »), or that had no reader."""

from collections.abc import Iterable
from statistics import median

from peewee import fn

from db.bulletins.values import RelayTally
from db.engine.base import tuples
from db.models.bulletins import Bulletin, BulletinPlace, BulletinRelay
from db.models.people import Neighbourhood


def tallies(bulletin_ids: Iterable[int]) -> dict[int, RelayTally]:
    """Tally by bulletin id. A neighbourhood counts once, with its first relay, however many readers it has."""
    ids = list(bulletin_ids)
    first = fn.MIN(BulletinRelay.relayed_at)
    rows = BulletinRelay.select(BulletinRelay.bulletin, first, Bulletin.sent_at).join(Bulletin)
    seconds: dict[int, list[float | None]] = {each: [] for each in ids}
    places = rows.where(BulletinRelay.bulletin.in_(ids)).group_by(
        BulletinRelay.bulletin, BulletinRelay.place, Bulletin.sent_at
    )
    for bulletin_id, relayed_at, sent_at in tuples(places):
        seconds[bulletin_id].append(max(0.0, (relayed_at - sent_at).total_seconds()) if relayed_at else None)
    return {each: _tally(firsts) for each, firsts in seconds.items()}


def left_out(bulletin_id: int) -> list[str]:
    """Names of a bulletin's neighbourhoods that have no reader."""
    written = BulletinRelay.select(BulletinRelay.neighbourhood).where(
        BulletinRelay.bulletin == bulletin_id, BulletinRelay.neighbourhood.is_null(False)
    )
    rows = (
        Neighbourhood.select(Neighbourhood.name)
        .join(BulletinPlace)
        .where(BulletinPlace.bulletin == bulletin_id, Neighbourhood.id.not_in(written))
        .order_by(Neighbourhood.position, Neighbourhood.name)
    )
    return [row.name for row in rows]


def _tally(firsts: list[float | None]) -> RelayTally:
    seconds = [each for each in firsts if each is not None]
    return RelayTally(len(firsts), len(seconds), median(seconds) if seconds else None)
