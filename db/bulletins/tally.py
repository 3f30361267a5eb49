"""Neighbourhoods that relayed a bulletin, how fast (« 9 sur 12 ont relayé, médiane 11 min »), or that had no reader."""

from collections.abc import Iterable
from datetime import datetime
from statistics import median

from db.bulletins.values import RelayTally
from db.engine.base import tuples
from db.models.bulletins import Bulletin, BulletinPlace, BulletinRelay
from db.models.people import Neighbourhood


def tallies(bulletin_ids: Iterable[int]) -> dict[int, RelayTally]:
    """Tally by bulletin id. A neighbourhood counts once, with its first relay, however many readers it has."""
    ids = list(bulletin_ids)
    rows = tuples(
        BulletinRelay.select(BulletinRelay.bulletin, BulletinRelay.place, BulletinRelay.relayed_at, Bulletin.sent_at)
        .join(Bulletin)
        .where(BulletinRelay.bulletin.in_(ids))
    )
    first: dict[int, dict[str, float | None]] = {each: {} for each in ids}
    for bulletin_id, place, relayed_at, sent_at in rows:
        places = first[bulletin_id]
        places[place] = _sooner(places.get(place), _seconds(sent_at, relayed_at))
    return {each: _tally(list(places.values())) for each, places in first.items()}


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


def _seconds(sent_at: datetime, relayed_at: datetime | None) -> float | None:
    return None if relayed_at is None else max(0.0, (relayed_at - sent_at).total_seconds())


def _sooner(one: float | None, other: float | None) -> float | None:
    known = [each for each in (one, other) if each is not None]
    return min(known) if known else None
