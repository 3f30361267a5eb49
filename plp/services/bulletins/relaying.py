"""Bulletins as they are sent, relayed or left to deputies; Google Groups; and the numbers that alerts come from
(docs/adr/0018)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from base.settings.values import MailSettings
from db.alerts.planned import DatedOrder
from db.bulletins import relay as stored
from db.bulletins.drafts import bulletin, lock_bulletin, mark_bulletin_sent, owe
from db.bulletins.groups import add_probe, deputies, group, last_probe, possible_deputies, put_relaying, readers_of
from db.bulletins.values import BulletinCard, BulletinDraft, GroupCard, How, Readers, Words
from db.engine.connection import writing
from db.inbound.replies.judging import mark_numbers_told, untold_numbers
from db.journal import audit
from db.mail.enqueue import enqueue_letter, mail_configured, writes_mail
from db.mail.values import Letter
from db.people.zone import ZoneCard, policy, put_policy, zone
from modem.sms.composition import compose, one_part
from plp.letters.rendering import BULLETIN, KNOWN_NUMBER, SMS, note, to_call
from plp.services.accounts.telling import tell_others
from plp.services.bulletins.drafts import require_longer, save_draft
from plp.services.drills import plan_for
from plp.services.texts import NO_ANSWERS, Answers, judged
from rules.languages import LANGUAGES, known
from rules.members import is_mail_address
from rules.numbers import shown
from rules.orders.agreement import SHARED_PEOPLE
from rules.refusals import SHORTEST_REASON, FieldRefusal, Refusal, required
from rules.states import LONGER
from rules.text_guard import FindingsRefused, TextFinding, kinds_of, require_meant

# Between two probes of one group: its people get them all.
PROBE_EVERY = timedelta(hours=1)
# What is older says nothing about today, and a mailbox that is read by others later must not speak for its owner.
TOKEN_DAYS = 30
NUDGE_EVERY = timedelta(hours=4)
LONGEST_AFTER_H = 14 * 24
# How the zone works, not a case: what coordinators learn of tactics and wanted persons has other readers.
CATEGORY = "strategic"


def relay_of_token(token: str, now: datetime) -> stored.BulletinRelay | None:
    """The relay that a token names; None for one that is forged, older than 30 days, or of a deleted bulletin."""
    relay_id = stored.number_in("relay", token)
    card = stored.relay(relay_id) if relay_id is not None else None
    return card if card is not None and now < card.sent_at + timedelta(days=TOKEN_DAYS) else None


def apply_relay(token: str, how: How, now: datetime) -> stored.BulletinRelay | None:
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


def nudge_free_at(card: stored.BulletinRelay) -> datetime:
    """The moment from which this reader may be reminded."""
    latest: datetime = card.nudged_at or card.created_at
    return latest + NUDGE_EVERY


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


def enqueue_deputies(now: datetime) -> int:
    """Have the bulletin written to deputies of neighbourhoods that did not relay it in time; returns how many."""
    added, late = 0, stored.unrelayed(now, now - timedelta(hours=stored.deputy_after_h()))
    stand_ins = deputies({neighbourhood_id for _, neighbourhood_id in late}) if late else {}
    if not stand_ins:
        return 0
    with writing("bulletin deputies"):
        for bulletin_id, neighbourhood_id in sorted(late):
            reader = stand_ins.get(neighbourhood_id)
            # A deputy may be a coordinator too; and another host may have been faster.
            if reader is not None and not stored.is_written_to(bulletin_id, neighbourhood_id, reader.member_id):
                owe(bulletin_id, [reader], now)
                audit.record(now, "plp", "bulletin_to_deputy", str(bulletin_id), place=reader.place)
                added += 1
    return added


def save_policy(hours: int | None, longer: bool, by: str, now: datetime) -> None:
    """Save after how many hours without a relay a deputy is written to, and whether alerts get longer versions."""
    if hours is None or not 1 <= hours <= LONGEST_AFTER_H:
        raise FieldRefusal("hours", "Donnez un nombre d'heures de 1 à {most}.", most=LONGEST_AFTER_H)
    with writing("bulletin policy"):
        put_policy(deputy_after_h=hours, longer_alerts=longer)
        audit.record(now, by, "bulletin_policy_changed", "", deputy_after_h=hours, longer_alerts=longer)


def save_relaying(neighbourhood_id: int, deputy_id: int | None, group_address: str, by: str, now: datetime) -> None:
    """Save the deputy and the group's address. Raises FieldRefusal."""
    address = group_address.strip().casefold()
    if address and not is_mail_address(address):
        raise FieldRefusal("group_address", "« {address} » n'est pas une adresse e-mail.", address=address[:60])
    with writing("relaying"):
        required(group(neighbourhood_id), Refusal("Ce quartier n'existe plus."))
        if deputy_id is not None and deputy_id not in dict(possible_deputies(neighbourhood_id)):
            raise FieldRefusal("deputy", "Choisissez un membre de ce quartier qui a une adresse e-mail.")
        put_relaying(neighbourhood_id, deputy_id, address)
        audit.record(now, by, "relaying_saved", str(neighbourhood_id))


def export_group(neighbourhood_id: int, by: str, now: datetime) -> GroupCard | None:
    """The group with its addresses, for somebody to take away, which the journal has; None where it is gone."""
    if card := group(neighbourhood_id):
        audit.record(now, by, "group_exported", str(neighbourhood_id), addresses=len(card.addresses))
    return card


def probe_group(neighbourhood_id: int, language: str, by: str, settings: MailSettings, now: datetime) -> None:
    """Send a mail to the neighbourhood's Google Group, which delivers when it comes back to the zone's own mailbox."""
    if not mail_configured(settings) or not settings.imap_host:
        raise Refusal(
            "Aucun test n'a été envoyé : le serveur doit pouvoir envoyer des e-mails et lire la boîte de la zone."
        )
    words = BULLETIN[known(language)]
    with writing("group probes"):
        card = group(neighbourhood_id)
        if card is None or not card.group_address:
            raise Refusal("Ce quartier n'a pas d'adresse de Google Group. Demandez à un administrateur de l'ajouter.")
        last = last_probe(neighbourhood_id)
        if last is not None and now < last.asked_at + PROBE_EVERY:
            raise Refusal("Un test a déjà été envoyé à ce groupe il y a moins d'une heure : attendez.")
        probe_id = add_probe(neighbourhood_id, card.group_address, by, now)
        audit.record(now, by, "group_probed", str(neighbourhood_id))
        heading, text = (words[key].format(place=card.place) for key in ("probe_subject", "probe_text"))
        letter = Letter("bulletin", f"{heading} [PLP-P:{stored.signed('probe', probe_id)}]")
        copy = note(f"probe/{probe_id}", card.group_address, card.place, language, heading, [text])
        enqueue_letter(letter, [copy], now)


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


def send_bulletin(
    bulletin_id: int, seen: str, by: str, now: datetime, answers: Answers = NO_ANSWERS, people: int | None = None
) -> bool:
    """Send a draft as it was `seen` (`BulletinCard.seen`); False where it was sent already. `people` is the number of
    readers that somebody confirms, for a longer version of an alert. Raises Refusal, FindingsRefused.
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
        readers = _present_readers(card, people)
        mark_bulletin_sent(card, readers.people, by, now)
        guarded = {"guard": kinds_of(findings), "guard_reason": answers.reason} if findings else {}
        audit.record(
            now, by, "bulletin_sent", str(bulletin_id),
            category=card.category, readers=len(readers.people), without_reader=len(readers.gaps), **guarded,
        )  # fmt: skip
        _tell_of_many(card, len(readers.people), by, now)
    return True


def _tell_of_many(card: BulletinCard, people: int, by: str, now: datetime) -> None:
    """Tell the others of a mail to many members themselves, where the zone wants two people for a text to many."""
    if policy().approval == "second" and (card.group_ids or card.category == LONGER) and people > SHARED_PEOPLE:
        lines = [f"{by} a envoyé un bulletin à {people} personnes. Son texte est dans la console : « Bulletins »."]
        tell_others(f"bulletin:{card.id}:{now.isoformat()}", "Bulletin envoyé à de nombreux membres", lines, by, now)


def plan_bulletin(bulletin_id: int, seen: str, due_at: datetime, by: str, now: datetime) -> int:
    """Keep a draft, as it was `seen`, for its date; its id. Raises Refusal where somebody has to answer for it then."""
    card = required(_draft_as_seen(bulletin_id, seen), Refusal("Ce brouillon n'existe plus."))
    if card.category == LONGER or bulletin_findings(card):
        raise Refusal("Ce bulletin contient des points à confirmer et ne peut pas être planifié. Envoyez-le vous-même.")
    return plan_for(DatedOrder("bulletin", due_at, bulletin_id=bulletin_id, seen=seen), by, now)


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


def _present_readers(card: BulletinCard, people: int | None) -> Readers:
    """Its present readers. Raises Refusal if it has none, or a longer version may not be sent."""
    readers = readers_of(card)
    if card.category == LONGER:
        require_longer(card.alert_id)
        if not readers.people:
            raise Refusal("Aucun e-mail n'a été envoyé : aucune personne de l'alerte n'a d'adresse e-mail.")
        if people != len(readers.people):
            raise Refusal("Aucun e-mail n'a été envoyé. Tapez le nombre de destinataires pour confirmer.")
    if not readers.people:
        raise Refusal(
            "Aucun e-mail n'a été envoyé : aucun coordinateur de ces quartiers n'a d'adresse e-mail. Un"
            " administrateur peut en ajouter."
        )
    return readers
