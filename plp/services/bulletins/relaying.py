"""Relaying: who passed a bulletin on, by any of the ways to report it; reminders; the deputy, who gets bulletins that a
neighbourhood's coordinators did not relay in time; and its Google Group, probed by a mail that comes back.
"""

from datetime import datetime, timedelta

from db.bulletins.correspondents import deputies
from db.bulletins.drafts import owe
from db.bulletins.groups import add_probe, group, last_probe, possible_deputies, put_relaying
from db.bulletins.owed import deputy_after_h, is_written_to, put_policy, unrelayed
from db.bulletins.relay import clear_relayed, number_in, owe_nudge, relay, set_relayed, signed
from db.bulletins.values import GroupCard, How, RelayCard
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Letter
from plp.letters.rendering import BULLETIN, note
from plp.settings.values import MailSettings
from rules.languages import known
from rules.members.columns import is_mail_address
from rules.refusals import FieldRefusal, Refusal

# Between two probes of one group: its people get them all.
PROBE_EVERY = timedelta(hours=1)

# What is older says nothing about today, and a mailbox that is read by others later must not speak for its owner.
TOKEN_DAYS = 30
# Between two reminders to the same reader.
NUDGE_EVERY = timedelta(hours=4)
LONGEST_AFTER_H = 14 * 24


def relay_of_token(token: str, now: datetime) -> RelayCard | None:
    """The relay that a token names; None for one that is forged, older than 30 days, or of a deleted bulletin."""
    relay_id = number_in("relay", token)
    card = relay(relay_id) if relay_id is not None else None
    return card if card is not None and now < card.sent_at + timedelta(days=TOKEN_DAYS) else None


def apply_relay(token: str, how: How, now: datetime) -> RelayCard | None:
    """Mark what the token names as relayed; the answer is as it was before. None: no such token."""
    card = relay_of_token(token, now)
    if card is not None:
        mark_relayed(card.id, how, "", now)
    return card


def mark_relayed(relay_id: int, how: How, by: str, now: datetime) -> None:
    """Mark it once; later marks change nothing. `by` is the officer who was told, or who is signed in."""
    with writing():
        if set_relayed(relay_id, how, by, now) and (card := relay(relay_id)) is not None:
            audit.record(now, by or "plp", "bulletin_relayed", str(card.bulletin_id), relay_how=how, place=card.place)


def unmark_relayed(relay_id: int, by: str, now: datetime) -> None:
    """Undo an officer's mistaken mark; a coordinator's own confirmation is kept."""
    with writing():
        if clear_relayed(relay_id, "officer") and (card := relay(relay_id)) is not None:
            audit.record(now, by, "bulletin_relay_unmarked", str(card.bulletin_id), place=card.place)


def nudge_free_at(card: RelayCard) -> datetime:
    """The moment from which this reader may be reminded."""
    return (card.nudged_at or card.created_at) + NUDGE_EVERY


def enqueue_nudge(relay_id: int, by: str, now: datetime) -> None:
    """Ask the jobs for a reminder. Raises Refusal: relayed already, reminded less than 4 hours ago, or no address."""
    with writing():
        card = relay(relay_id)
        if card is None:
            raise Refusal("Ce bulletin n'existe plus.")
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
        owe_nudge(relay_id, by, now)
        audit.record(now, by, "bulletin_nudged", str(card.bulletin_id), place=card.place)


def enqueue_deputies(now: datetime) -> int:
    """Have the bulletin written to deputies of neighbourhoods that did not relay it in time, or lost it; returns how
    many.
    """
    late = unrelayed(now, now - timedelta(hours=deputy_after_h()))
    stand_ins = deputies({neighbourhood_id for _, neighbourhood_id in late}) if late else {}
    if not stand_ins:
        return 0
    added = 0
    with writing():
        take_turn("bulletin deputies")
        for bulletin_id, neighbourhood_id in sorted(late):
            reader = stand_ins.get(neighbourhood_id)
            # A deputy may be a coordinator too; and another host may have been faster.
            if reader is not None and not is_written_to(bulletin_id, neighbourhood_id, reader.member_id):
                owe(bulletin_id, [reader], now)
                audit.record(now, "plp", "bulletin_to_deputy", str(bulletin_id), place=reader.place)
                added += 1
    return added


def save_policy(hours: int | None, longer: bool, by: str, now: datetime) -> None:
    """Save after how many hours without a relay the deputy gets a bulletin too, and whether an alert may be followed by
    a longer version. Raises Refusal.
    """
    if hours is None or not 1 <= hours <= LONGEST_AFTER_H:
        raise Refusal("Donnez un nombre d'heures de 1 à {most}.", most=LONGEST_AFTER_H)
    with writing():
        take_turn("bulletin policy")
        put_policy(hours, longer)
        audit.record(now, by, "bulletin_policy_changed", "", deputy_after_h=hours, longer_alerts=longer)


def save_relaying(neighbourhood_id: int, deputy_id: int | None, group_address: str, by: str, now: datetime) -> None:
    """Save the deputy and the group's address. Raises FieldRefusal."""
    address = group_address.strip().casefold()
    if address and not is_mail_address(address):
        raise FieldRefusal("group_address", "« {address} » n'est pas une adresse e-mail.", address=address[:60])
    with writing():
        take_turn("relaying")
        if group(neighbourhood_id) is None:
            raise Refusal("Ce quartier n'existe plus.")
        if deputy_id is not None and deputy_id not in dict(possible_deputies(neighbourhood_id)):
            raise FieldRefusal("deputy", "Choisissez un membre de ce quartier qui a une adresse e-mail.")
        put_relaying(neighbourhood_id, deputy_id, address)
        audit.record(now, by, "relaying_saved", str(neighbourhood_id))


def export_group(neighbourhood_id: int, by: str, now: datetime) -> GroupCard | None:
    """The group with its addresses, for somebody to take away, which the journal has; None where it is not there."""
    card = group(neighbourhood_id)
    if card is not None:
        audit.record(now, by, "group_exported", str(neighbourhood_id), addresses=len(card.addresses))
    return card


def probe_group(neighbourhood_id: int, language: str, by: str, settings: MailSettings, now: datetime) -> None:
    """Send a mail to the neighbourhood's Google Group, of which the zone's mailbox is a member: when it comes back,
    the group delivers. Raises Refusal: no mailbox is read, no address, or probed an hour ago.
    """
    if not mail_configured(settings) or not settings.imap_host:
        raise Refusal(
            "Aucun test n'a été envoyé : le serveur doit pouvoir envoyer des e-mails et lire la boîte de la zone."
        )
    words = BULLETIN[known(language)]
    with writing():
        take_turn("group probes")
        card = group(neighbourhood_id)
        if card is None or not card.group_address:
            raise Refusal("Ce quartier n'a pas d'adresse de Google Group : un administrateur l'ajoute d'abord.")
        last = last_probe(neighbourhood_id)
        if last is not None and now < last.asked_at + PROBE_EVERY:
            raise Refusal("Un test a déjà été envoyé à ce groupe il y a moins d'une heure : attendez.")
        probe_id = add_probe(neighbourhood_id, card.group_address, by, now)
        audit.record(now, by, "group_probed", str(neighbourhood_id))
        heading, text = (words[key].format(place=card.place) for key in ("probe_subject", "probe_text"))
        letter = Letter("bulletin", f"{heading} [PLP-P:{signed('probe', probe_id)}]")
        copy = note(f"probe/{probe_id}", card.group_address, card.place, language, heading, [text])
        enqueue_letter(letter, [copy], now)
