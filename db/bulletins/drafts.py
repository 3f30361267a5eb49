"""Drafts: saved as they are typed, and sent only as the officer saw them; the readers are stored then, and the jobs
write a mail to each of them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from peewee import chunked, fn

from db.bulletins.correspondents import readers_of
from db.bulletins.feedback import require_longer
from db.bulletins.listing import bulletin
from db.bulletins.values import CATEGORIES, OF_AN_ALERT, BulletinCard, BulletinDraft, Correspondent, Readers, Words
from db.engine.base import Table
from db.engine.connection import locked, take_turn, writing
from db.journal import audit
from db.mail.values import Enclosure
from db.models.broadcasts import Broadcast
from db.models.bulletins import Bulletin, BulletinEnclosure, BulletinGroup, BulletinPlace, BulletinRelay, BulletinText
from db.models.people import MemberGroup, Neighbourhood
from rules.people import LANGUAGES
from rules.refusals import Refusal
from rules.states import LONGER

LONGEST_TITLE = 120
LONGEST_BODY = 12_000
# A mail of thousands of paragraphs of one letter is no bulletin, and as HTML fifty times as long.
MOST_LINES = 300
MOST_ENCLOSURES = 5
# Encoded for mail they grow by a third, and many mailboxes refuse more than 10 MB.
MOST_BYTES = 6 * 1024 * 1024


def save_draft(bulletin_id: int | None, draft: BulletinDraft, nonce: str, by: str, now: datetime) -> int:
    """Add a draft, or change the one that was begun with `nonce`; returns its id. Raises Refusal."""
    texts = _checked(draft)
    with writing():
        row = _row(bulletin_id, nonce)
        if row is not None and row.sent_at is not None:
            raise Refusal("Ce bulletin est déjà envoyé et ne peut plus être modifié. Rédigez-en un autre.")
        values = {
            "category": draft.category,
            "alert": draft.alert_id if draft.category in OF_AN_ALERT else None,
            "everywhere": bool(draft.everywhere),
            "changed_at": now,
        }
        if row is None:
            row = Bulletin.create(nonce=nonce, written_by=by, created_at=now, **values)
        else:
            Bulletin.update(version=Bulletin.version + 1, **values).where(Bulletin.id == row.id).execute()
        _write_texts(row.id, texts)
        _write_chosen(row.id, BulletinPlace, "neighbourhood", () if draft.everywhere else draft.neighbourhood_ids)
        _write_chosen(row.id, BulletinGroup, "group", draft.group_ids)
        return int(row.id)


def delete_draft(bulletin_id: int, by: str, now: datetime) -> None:
    """Delete a draft. Raises Refusal when it was sent; does nothing when there is none."""
    with writing():
        row = Bulletin.get_or_none(Bulletin.id == bulletin_id)
        if row is None:
            return
        if row.sent_at is not None:
            raise Refusal("Ce bulletin est déjà envoyé et ne peut plus être supprimé.")
        Bulletin.delete().where(Bulletin.id == bulletin_id).execute()
        audit.record(now, by, "bulletin_deleted", str(bulletin_id))


def enclose(bulletin_id: int, file: Enclosure, now: datetime) -> None:
    """Add a cleaned file to a draft. Raises Refusal: too many, too large, or no draft any more."""
    with writing():
        _touch(bulletin_id, now)
        there = BulletinEnclosure.select().where(BulletinEnclosure.bulletin == bulletin_id)
        if there.count() >= MOST_ENCLOSURES:
            raise Refusal("Maximum : {most} pièces jointes. Retirez-en une d'abord.", most=MOST_ENCLOSURES)
        total = BulletinEnclosure.select(fn.SUM(BulletinEnclosure.size_bytes)).where(
            BulletinEnclosure.bulletin == bulletin_id
        )
        if (total.scalar() or 0) + len(file.content) > MOST_BYTES:
            raise Refusal(
                "Avec « {name} », les pièces jointes dépassent {most} Mo. Retirez-en une ou choisissez un "
                "fichier plus petit.",
                name=file.filename,
                most=MOST_BYTES // 1024 // 1024,
            )
        BulletinEnclosure.create(
            bulletin=bulletin_id,
            filename=_free_name(bulletin_id, file.filename),
            media_type=file.media_type,
            size_bytes=len(file.content),
            content=file.content,
        )


def remove_enclosure(bulletin_id: int, enclosure_id: int, now: datetime) -> None:
    """Remove a file from a draft; does nothing when there is none."""
    with writing():
        _touch(bulletin_id, now)
        BulletinEnclosure.delete().where(
            BulletinEnclosure.bulletin == bulletin_id, BulletinEnclosure.id == enclosure_id
        ).execute()


def _row(bulletin_id: int | None, nonce: str) -> Bulletin | None:
    """The draft to change: by its id and the nonce that it was begun with, else the one that this form already made."""
    if bulletin_id is None:
        made: Bulletin | None = locked(Bulletin.select().where(Bulletin.nonce == nonce)).first()
        return made
    found: Bulletin | None = locked(Bulletin.select().where(Bulletin.id == bulletin_id)).first()
    if found is None or found.nonce != nonce:
        raise Refusal("Ce brouillon n'existe plus.")
    return found


def _touch(bulletin_id: int, now: datetime) -> None:
    changed = Bulletin.update(version=Bulletin.version + 1, changed_at=now)
    if not changed.where(Bulletin.id == bulletin_id, Bulletin.sent_at.is_null()).execute():
        raise Refusal("Ce bulletin est déjà envoyé ou supprimé : ses pièces jointes ne peuvent plus être modifiées.")


def _checked(draft: BulletinDraft) -> list[Words]:
    if draft.category not in CATEGORIES:
        raise Refusal("Choisissez la catégorie du bulletin.")
    texts = [Words(each.language, each.title.strip(), each.body.strip()) for each in draft.texts]
    if not texts:
        raise Refusal("Écrivez un titre et un texte.")
    if len({each.language for each in texts}) != len(texts) or any(each.language not in LANGUAGES for each in texts):
        raise Refusal("Une langue figure deux fois ou est inconnue.")
    for each in texts:
        if not each.title or not each.body:
            raise Refusal("Il manque le titre ou le texte ({language}).", language=each.language)
        if len(each.title) > LONGEST_TITLE or len(each.body) > LONGEST_BODY:
            raise Refusal(
                "Le titre a au plus {title} caractères et le texte {body} : raccourcissez-le ({language}).",
                title=LONGEST_TITLE,
                body=LONGEST_BODY,
                language=each.language,
            )
        if sum(map(bool, map(str.strip, each.body.splitlines()))) > MOST_LINES:
            raise Refusal(
                "Le texte a au plus {most} lignes : raccourcissez-le ({language}).",
                most=MOST_LINES,
                language=each.language,
            )
    _check_chosen(draft)
    if draft.alert_id is not None and not Broadcast.select().where(Broadcast.id == draft.alert_id).exists():
        raise Refusal("L'alerte {id} n'existe plus : ce feedback ne peut pas y être lié.", id=draft.alert_id)
    return texts


def _check_chosen(draft: BulletinDraft) -> None:
    if draft.category == LONGER:
        require_longer(draft.alert_id)
    elif not (draft.everywhere or draft.neighbourhood_ids or draft.group_ids):
        raise Refusal("Choisissez les destinataires : tous les quartiers, ou au moins un quartier ou un groupe.")
    if not _all_there(Neighbourhood, draft.neighbourhood_ids):
        raise Refusal("Un quartier choisi n'existe plus : vérifiez votre choix.")
    if not _all_there(MemberGroup, draft.group_ids):
        raise Refusal("Un groupe choisi n'existe plus : vérifiez votre choix.")


def _all_there(table: type[Table], ids: tuple[int, ...]) -> bool:
    return bool(table.select().where(table.id.in_(list(ids))).count() == len(set(ids)))


def _write_texts(bulletin_id: int, texts: list[Words]) -> None:
    BulletinText.delete().where(BulletinText.bulletin == bulletin_id).execute()
    rows = [
        {"bulletin": bulletin_id, "position": position, "language": w.language, "title": w.title, "body": w.body}
        for position, w in enumerate(texts)
    ]
    BulletinText.insert_many(rows).execute()


def _write_chosen(bulletin_id: int, table: Any, column: str, ids: tuple[int, ...]) -> None:
    table.delete().where(table.bulletin == bulletin_id).execute()
    rows = [{"bulletin": bulletin_id, column: each} for each in dict.fromkeys(ids)]
    if rows:
        table.insert_many(rows).execute()


def _free_name(bulletin_id: int, filename: str) -> str:
    """A file name that the draft does not have yet: a second `photo.jpg` becomes `photo-2.jpg`."""
    taken = {row.filename for row in BulletinEnclosure.select().where(BulletinEnclosure.bulletin == bulletin_id)}
    stem, dot, ending = filename.rpartition(".")
    number, free = 2, filename
    while free in taken:
        free = f"{stem or filename}-{number}{dot}{ending if dot else ''}"
        number += 1
    return free


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
            # Those that « all » means at the time of sending: later ones did not get the bulletin.
            everywhere = tuple(place.id for place in Neighbourhood.select(Neighbourhood.id))
            _write_chosen(bulletin_id, BulletinPlace, "neighbourhood", everywhere)
        owe(bulletin_id, readers.people, now)
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


def owe(bulletin_id: int, readers: Iterable[Correspondent], now: datetime) -> None:
    """Store readers to whom the jobs have to write, inside the caller's transaction."""
    for some in chunked((_reader_row(bulletin_id, reader, now) for reader in readers), _ROWS):
        BulletinRelay.insert_many(some).execute()


def _reader_row(bulletin_id: int, reader: Correspondent, now: datetime) -> dict[str, object]:
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
