"""Drafts of bulletins: saved as they are typed, with their files, until they are sent or deleted."""

from dataclasses import replace
from datetime import datetime
from itertools import chain, count
from pathlib import PurePath

from db.alerts.progress.threads import kinds_of
from db.bulletins import drafts as stored
from db.bulletins.values import CATEGORIES, OF_AN_ALERT, BulletinDraft, Words
from db.engine.connection import writing
from db.journal import audit
from db.mail.values import Enclosure
from db.people.member_groups import member_groups
from db.people.members.listing import neighbourhood_names
from rules.languages import LANGUAGES
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
    if draft.category not in CATEGORIES:
        raise Refusal("Choisissez la catégorie du bulletin.")
    if not draft.texts:
        raise Refusal("Écrivez un titre et un texte.")
    languages = {words.language for words in draft.texts}
    if len(languages) != len(draft.texts) or not languages <= set(LANGUAGES):
        raise Refusal("Une langue figure deux fois ou est inconnue.")
    texts = tuple(_checked(words.language, words.title.strip(), words.body.strip()) for words in draft.texts)
    _check_readers(draft)
    with writing():
        begun = stored.begun_draft(bulletin_id, nonce)
        if begun is None and bulletin_id is not None:
            raise Refusal("Ce brouillon n'existe plus.")
        if begun is not None and begun.sent_at is not None:
            raise Refusal("Ce bulletin est déjà envoyé et ne peut plus être modifié. Rédigez-en un autre.")
        kept = replace(
            draft,
            texts=texts,
            everywhere=bool(draft.everywhere),
            neighbourhood_ids=() if draft.everywhere else draft.neighbourhood_ids,
            alert_id=draft.alert_id if draft.category in OF_AN_ALERT else None,
        )
        return stored.write_draft(begun.id if begun is not None else None, kept, nonce, by, now)


def delete_draft(bulletin_id: int, by: str, now: datetime) -> None:
    """Delete a draft. Raises Refusal if it was sent; does nothing if it was already deleted."""
    with writing():
        card = stored.bulletin(bulletin_id)
        if card is None:
            return
        if card.sent_at is not None:
            raise Refusal("Ce bulletin est déjà envoyé et ne peut plus être supprimé.")
        stored.remove_bulletin(bulletin_id)
        audit.record(now, by, "bulletin_deleted", str(bulletin_id))


def enclose(bulletin_id: int, file: Enclosure, now: datetime) -> None:
    """Add a cleaned file to a draft. Raises Refusal: too many, too large, or no draft any more."""
    with writing():
        _touch(bulletin_id, now)
        card = stored.bulletin(bulletin_id)
        enclosed = card.enclosures if card is not None else ()
        if len(enclosed) >= MOST_ENCLOSURES:
            raise Refusal("Maximum : {most} pièces jointes. Retirez-en une d'abord.", most=MOST_ENCLOSURES)
        if sum(other.size_bytes for other in enclosed) + len(file.content) > MOST_BYTES:
            raise Refusal(
                "Avec « {name} », les pièces jointes dépassent {most} Mo. Retirez-en une ou choisissez un "
                "fichier plus petit.",
                name=file.filename,
                most=MOST_BYTES // 1024 // 1024,
            )
        # A second `photo.jpg` becomes `photo-2.jpg`.
        path, taken = PurePath(file.filename), {other.filename for other in enclosed}
        names = chain([file.filename], (f"{path.stem}-{number}{path.suffix}" for number in count(2)))
        stored.add_enclosure(bulletin_id, replace(file, filename=next(name for name in names if name not in taken)))


def remove_enclosure(bulletin_id: int, enclosure_id: int, now: datetime) -> None:
    """Remove a file from a draft. Raises Refusal where it is no draft any more."""
    with writing():
        _touch(bulletin_id, now)
        stored.delete_enclosure(bulletin_id, enclosure_id)


def require_longer(alert_id: int | None) -> None:
    """Raise Refusal unless this alert may be followed by a longer version, which the zone sends and nobody sent yet."""
    if not stored.longer_wanted():
        raise Refusal("La zone n'envoie pas de version détaillée de ses alertes : un administrateur peut l'activer.")
    if alert_id is None or kinds_of([alert_id]).get(alert_id) != "alert":
        raise Refusal("Pour envoyer une version détaillée, ouvrez d'abord la page de l'alerte.")
    if not stored.has_reached(alert_id):
        raise Refusal("Cette alerte n'a encore atteint personne : aucune version détaillée ne peut être envoyée.")
    if stored.feedback_given(alert_id, LONGER):
        raise Refusal("La version détaillée de cette alerte est déjà envoyée.")


def _touch(bulletin_id: int, now: datetime) -> None:
    if not stored.touch_draft(bulletin_id, now):
        raise Refusal("Ce bulletin est déjà envoyé ou supprimé : ses pièces jointes ne peuvent plus être modifiées.")


def _checked(language: str, title: str, body: str) -> Words:
    if not title or not body:
        raise Refusal("Il manque le titre ou le texte ({language}).", language=language)
    if len(title) > LONGEST_TITLE or len(body) > LONGEST_BODY:
        raise Refusal(
            "Le titre a au plus {title} caractères et le texte {body} : raccourcissez-le ({language}).",
            title=LONGEST_TITLE,
            body=LONGEST_BODY,
            language=language,
        )
    if sum(bool(line.strip()) for line in body.splitlines()) > MOST_LINES:
        raise Refusal(
            "Le texte a au plus {most} lignes : raccourcissez-le ({language}).", most=MOST_LINES, language=language
        )
    return Words(language, title, body)


def _check_readers(draft: BulletinDraft) -> None:
    if draft.category == LONGER:
        require_longer(draft.alert_id)
    elif not (draft.everywhere or draft.neighbourhood_ids or draft.group_ids):
        raise Refusal("Choisissez les destinataires : tous les quartiers, ou au moins un quartier ou un groupe.")
    if not set(draft.neighbourhood_ids) <= neighbourhood_names().keys():
        raise Refusal("Un quartier choisi n'existe plus : vérifiez votre choix.")
    if draft.group_ids and not set(draft.group_ids) <= {group.id for group in member_groups()}:
        raise Refusal("Un groupe choisi n'existe plus : vérifiez votre choix.")
    if draft.alert_id is not None and not kinds_of([draft.alert_id]):
        raise Refusal("L'alerte {id} n'existe plus : ce feedback ne peut pas y être lié.", id=draft.alert_id)
