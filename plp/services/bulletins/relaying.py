"""Relaying: who passed a bulletin on, by whichever door they say so; reminders; and the deputy, who gets what a
neighbourhood's coordinators did not relay in time.
"""

from datetime import datetime, timedelta

from db.bulletins.correspondents import deputies
from db.bulletins.drafts import owe
from db.bulletins.owed import deputy_after_h, is_written_to, put_policy, unrelayed
from db.bulletins.relay import clear_relayed, number_in, owe_nudge, relay, set_relayed
from db.bulletins.values import How, RelayCard
from db.engine.connection import take_turn, writing
from db.journal import audit
from rules.refusals import Refusal

# What is older says nothing about today, and a mailbox that is read by others later must not speak for its owner.
TOKEN_DAYS = 30
# Between two reminders to the same reader.
NUDGE_EVERY = timedelta(hours=4)
LONGEST_AFTER_H = 14 * 24


def relay_of_token(token: str, now: datetime) -> RelayCard | None:
    """The relay that a token names; None for one that is forged, older than 30 days, or of a bulletin that is gone."""
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
    """Mark it once; later marks change nothing. `by` is the officer who heard it, or who is signed in."""
    with writing():
        if set_relayed(relay_id, how, by, now) and (card := relay(relay_id)) is not None:
            audit.record(now, by or "plp", "bulletin_relayed", str(card.bulletin_id), relay_how=how, place=card.place)


def unmark_relayed(relay_id: int, by: str, now: datetime) -> None:
    """Take back what an officer marked by mistake; what a coordinator said themselves stays."""
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
