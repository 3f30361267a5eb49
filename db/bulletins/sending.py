"""Sending of a draft: its readers are stored, and the jobs write a mail to each of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from peewee import chunked

from db.bulletins.correspondents import readers_of
from db.bulletins.listing import bulletin
from db.bulletins.longer import require_longer
from db.bulletins.values import BulletinCard, Correspondent, Readers
from db.engine.connection import locked, take_turn, writing
from db.journal import audit
from db.models.bulletins import Bulletin, BulletinPlace, BulletinRelay
from db.models.people import Neighbourhood
from plp.rules.broadcasts import LONGER
from plp.rules.refusals import Refusal

# Rows of one statement: SQLite takes no more values at once.
_ROWS = 500


def enqueue_bulletin(
    bulletin_id: int, seen: str, by: str, now: datetime, remarks: Mapping[str, object] = MappingProxyType({})
) -> bool:
    """Send a draft as it was `seen` (`BulletinCard.seen`); False where it was sent already. Raises Refusal.

    `remarks` stand beside it in the journal.
    """
    with writing():
        take_turn("bulletin")
        row = locked(Bulletin.select().where(Bulletin.id == bulletin_id)).first()
        card = bulletin(bulletin_id)
        if row is None or card is None:
            raise Refusal("Ce brouillon n'existe plus.")
        if row.sent_at is not None:
            return False
        if card.seen != seen:
            raise Refusal(
                "Aucun e-mail n'a été envoyé : le bulletin a été modifié depuis l'ouverture de cette page. Vérifiez-le."
            )
        readers = _readers(card)
        Bulletin.update(sent_at=now, sent_by=by).where(Bulletin.id == bulletin_id).execute()
        if card.everywhere:
            _keep_places(bulletin_id)
        _owe_all(bulletin_id, readers.people, now)
        audit.record(
            now,
            by,
            "bulletin_sent",
            str(bulletin_id),
            category=card.category,
            readers=len(readers.people),
            without_reader=len(readers.gaps),
            **remarks,
        )
    return True


def _readers(card: BulletinCard) -> Readers:
    """Its readers of now. Raises Refusal where there is nobody, or a longer version may not be sent."""
    if card.category == LONGER:
        require_longer(card.alert_id)
    readers = readers_of(card)
    if not readers.people and card.category == LONGER:
        raise Refusal("Aucun e-mail n'a été envoyé : aucune personne de l'alerte n'a d'adresse e-mail.")
    if not readers.people:
        raise Refusal(
            "Aucun e-mail n'a été envoyé : aucun coordinateur de ces quartiers n'a d'adresse e-mail. Un"
            " administrateur peut en ajouter."
        )
    return readers


def owe(bulletin_id: int, reader: Correspondent, now: datetime) -> None:
    """Store a reader to whom the jobs have to write, inside the caller's transaction."""
    BulletinRelay.create(**_row(bulletin_id, reader, now))


def _owe_all(bulletin_id: int, readers: Iterable[Correspondent], now: datetime) -> None:
    for some in chunked((_row(bulletin_id, reader, now) for reader in readers), _ROWS):
        BulletinRelay.insert_many(some).execute()


def _row(bulletin_id: int, reader: Correspondent, now: datetime) -> dict[str, object]:
    return {
        "bulletin": bulletin_id,
        "neighbourhood": reader.neighbourhood_id,
        "place": reader.place,
        "member": reader.member_id,
        "deputy": reader.deputy,
        "group_id": reader.group_id,
        "at_reference": reader.member_id is None,
        "created_at": now,
    }


def _keep_places(bulletin_id: int) -> None:
    """Store the neighbourhoods that « all » means at the time of sending: later ones did not get the bulletin."""
    BulletinPlace.delete().where(BulletinPlace.bulletin == bulletin_id).execute()
    rows = [{"bulletin": bulletin_id, "neighbourhood": each.id} for each in Neighbourhood.select(Neighbourhood.id)]
    if rows:
        BulletinPlace.insert_many(rows).execute()
