"""A bulletin is sent as the officer saw it, to the readers of that moment, and the jobs write the mails. Relaying: who
passed it on, reminders, and the neighbourhood's Google Group. Whether members know the number that alerts come from.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from db.bulletins import relay as stored
from db.bulletins.drafts import bulletin, lock_bulletin, mark_bulletin_sent
from db.bulletins.groups import group, put_group_address, readers_of
from db.bulletins.values import BulletinCard, BulletinDraft, GroupCard, How, RelayCard, Words
from db.engine.connection import writing
from db.inbound.replies.judging import mark_numbers_told, untold_numbers
from db.journal import audit
from db.mail.enqueue import writes_mail
from db.people.zone import ZoneCard, zone
from modem.sms.composition import compose, one_part
from plp.letters.rendering import KNOWN_NUMBER, SMS, to_call
from plp.services.bulletins.drafts import save_draft
from plp.services.texts import NO_ANSWERS, Answers, judged
from rules.languages import LANGUAGES
from rules.members import is_mail_address
from rules.numbers import shown
from rules.refusals import SHORTEST_REASON, FieldRefusal, Refusal, required
from rules.text_guard import FindingsRefused, TextFinding, kinds_of, require_meant

# What is older says nothing about today, and a mailbox that is read by others later must not speak for its owner.
TOKEN_DAYS = 30
# Between two reminders to the same reader.
NUDGE_EVERY = timedelta(hours=4)
# How the zone works, not a case: what coordinators learn of tactics and wanted persons has other readers.
CATEGORY = "strategic"


def relay_of_token(token: str, now: datetime) -> RelayCard | None:
    """The relay that a token names; None for one that is forged, older than 30 days, or of a deleted bulletin."""
    relay_id = stored.relay_id_in(token)
    card = stored.relay(relay_id) if relay_id is not None else None
    return card if card is not None and now < card.sent_at + timedelta(days=TOKEN_DAYS) else None


def apply_relay(token: str, how: How, now: datetime) -> RelayCard | None:
    """Mark what the token names as relayed; the answer is as it was before. None: no such token."""
    if card := relay_of_token(token, now):
        mark_relayed(card.id, how, "", now)
    return card


def mark_relayed(relay_id: int, how: How, by: str, now: datetime) -> None:
    """Mark it once; later marks change nothing. `by` is the officer who learnt it."""
    with writing():
        if stored.set_relayed(relay_id, how, by, now) and (card := stored.relay(relay_id)) is not None:
            audit.record(now, by or "plp", "bulletin_relayed", str(card.bulletin_id), relay_how=how, place=card.place)


def unmark_relayed(relay_id: int, by: str, now: datetime) -> None:
    """Undo an officer's mistaken mark; a coordinator's own confirmation is kept."""
    with writing():
        if stored.clear_relayed(relay_id, "officer") and (card := stored.relay(relay_id)) is not None:
            audit.record(now, by, "bulletin_relay_unmarked", str(card.bulletin_id), place=card.place)


def nudge_free_at(card: RelayCard) -> datetime:
    """The moment from which this reader may be reminded."""
    return (card.nudged_at or card.created_at) + NUDGE_EVERY


def enqueue_nudge(relay_id: int, by: str, now: datetime) -> None:
    """Ask the jobs for a reminder. Raises Refusal: relayed already, reminded less than 4 hours ago, or no address."""
    with writing():
        card = required(stored.relay(relay_id), Refusal("Ce bulletin n'existe plus."))
        if card.relayed_at is not None:
            raise Refusal("Bulletin déjà relayé : rappel inutile.")
        if not card.reachable:
            raise Refusal(
                "Cette personne n'a plus d'adresse, ou ne doit plus recevoir cet e-mail. Mettez sa fiche à "
                "jour, puis réessayez."
            )
        if now < nudge_free_at(card):
            raise Refusal(
                "Un e-mail a été envoyé il y a moins de {hours} heures. Téléphonez plutôt.",
                hours=int(NUDGE_EVERY.total_seconds() // 3600),
            )
        stored.owe_nudge(relay_id, by, now)
        audit.record(now, by, "bulletin_nudged", str(card.bulletin_id), place=card.place)


def save_group_address(neighbourhood_id: int, typed: str, by: str, now: datetime) -> None:
    """Save the address of the neighbourhood's group. Raises FieldRefusal."""
    address = typed.strip().casefold()
    if address and not is_mail_address(address):
        raise FieldRefusal("group_address", "« {address} » n'est pas une adresse e-mail.", address=address[:60])
    with writing():
        if not put_group_address(neighbourhood_id, address):
            raise Refusal("Ce quartier n'existe plus.")
        audit.record(now, by, "relaying_saved", str(neighbourhood_id))


def export_group(neighbourhood_id: int, by: str, now: datetime) -> GroupCard | None:
    """The group with its addresses, for somebody to take away, which the journal has; None where it is gone."""
    if card := group(neighbourhood_id):
        audit.record(now, by, "group_exported", str(neighbourhood_id), addresses=len(card.addresses))
    return card


def known_number_words(language: str, zone_card: ZoneCard, numbers: Sequence[str]) -> dict[str, str]:
    """The words of the page to print and of the bulletin in this language, with the zone's own and these numbers."""
    own = {"zone": zone_card.name, "call": to_call(zone_card, language), "numbers": ", ".join(map(shown, numbers))}
    return {name: text.format(**own).strip() for name, text in KNOWN_NUMBER[language].items()}


def new_number_texts(numbers: Sequence[str]) -> dict[str, str]:
    """The SMS about these numbers that an officer may send, by language; a long name of the zone gives way."""
    card, texts = zone(), dict[str, str]()
    for language in LANGUAGES:
        words, named = SMS[language], ", ".join(map(shown, numbers))
        possible = [
            words["new_number"].format(zone=name, number=named, emergency=card.emergency)
            for name in (card.name, words["zone"])
        ]
        texts[language] = (one_part(possible) or compose(possible[-1])).text
    return texts


def draft_new_number_bulletin(nonce: str, by: str, now: datetime) -> int:
    """Write a draft to all coordinators about the numbers not announced yet; returns its id."""
    card, numbers = zone(), untold_numbers()
    words = {language: known_number_words(language, card, numbers) for language in LANGUAGES}
    texts = tuple(Words(language, own["bulletin_title"], own["bulletin"]) for language, own in words.items())
    return save_draft(None, BulletinDraft(CATEGORY, texts, everywhere=True), nonce, by, now)


def tell_numbers(by: str, now: datetime) -> None:
    """Record that the members know all numbers, whoever informed them and how."""
    with writing():
        numbers = untold_numbers()
        mark_numbers_told(numbers)
        if numbers:
            audit.record(now, by, "alert_numbers_told", "", numbers=len(numbers))


def send_bulletin(bulletin_id: int, seen: str, by: str, now: datetime, answers: Answers = NO_ANSWERS) -> bool:
    """Send a draft as it was `seen` (`BulletinCard.seen`); False where it was sent already. Raises FindingsRefused for
    unconfirmed findings, and Refusal.
    """
    card = _draft_as_seen(bulletin_id, seen)
    if card is None:
        return False
    if not writes_mail():
        raise Refusal("Aucun e-mail n'a été envoyé : l'envoi d'e-mails n'est pas configuré. Prévenez le technicien.")
    findings = bulletin_findings(card)
    require_meant(findings, answers.accepted)
    if findings and len(answers.reason.strip()) < SHORTEST_REASON:
        raise FindingsRefused("Aucun e-mail n'a été envoyé. Indiquez le motif : il reste dans l'historique.", findings)
    with writing("bulletin"):
        lock_bulletin(bulletin_id)
        card = _draft_as_seen(bulletin_id, seen)
        if card is None:
            return False
        readers = readers_of(card)
        if not readers.people:
            raise Refusal(
                "Aucun e-mail n'a été envoyé : aucun coordinateur de ces quartiers n'a d'adresse e-mail. Un"
                " administrateur peut en ajouter."
            )
        mark_bulletin_sent(card, readers.people, by, now)
        guarded = {"guard": kinds_of(findings), "guard_reason": answers.reason} if findings else {}
        audit.record(
            now, by, "bulletin_sent", str(bulletin_id),
            category=card.category, readers=len(readers.people), without_reader=len(readers.gaps), **guarded,
        )  # fmt: skip
    return True


def bulletin_findings(card: BulletinCard) -> tuple[TextFinding, ...]:
    """Findings that somebody answers for. A bulletin need not name a place or a time."""
    findings = judged({words.language: f"{words.title}\n{words.body}" for words in card.texts}, drill=False)
    return tuple(finding for finding in findings if finding.asks)


def _draft_as_seen(bulletin_id: int, seen: str) -> BulletinCard | None:
    """The draft as it was seen; None if it was already sent. Raises Refusal if it was changed since, or deleted."""
    card = required(bulletin(bulletin_id), Refusal("Ce brouillon n'existe plus."))
    if card.sent_at is None and card.seen != seen:
        raise Refusal(
            "Aucun e-mail n'a été envoyé : le bulletin a été modifié depuis l'ouverture de cette page. Vérifiez-le."
        )
    return card if card.sent_at is None else None
