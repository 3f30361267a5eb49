"""Proofs of life: the SMS of a modem to the next one, at its hour or when a technician asks for it."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from db.alerts.queue.choosing import admits
from db.inbound.replies.senders import apply_own_numbers
from db.modems.budgets.limits import room_of
from db.modems.proof import begin_proof, mark_placed, newest_proofs, numbers_of_seats, seat_of
from db.modems.status import ModemCard, modem_cards
from modem.sms.composition import compose
from plp.services.modems import require_service
from plp.services.orders.automatic import place_selftest
from plp.settings.values import Settings
from rules.calendar import clock
from rules.refusals import NotReady, OverBudget, Refusal
from rules.states import PartState


def send_test(card: ModemCard, duty_phone: str | None, by: str, now: datetime, to_itself: bool = False) -> int:
    """Queue a proof now, as at its hour, or one to this modem itself; its broadcast's id. Raises Refusal."""
    require_service(card)
    if card.state != "ready":
        raise NotReady("Le modem {name} n'est pas prêt : {why}", name=card.name, why=card.told or card.state)
    if any(proof.state in (PartState.QUEUED, PartState.SENDING) for proof in newest_proofs(card)):
        raise Refusal("Un test de ce modem est déjà en cours : vérifiez dans un instant.")
    cards, numbers = modem_cards(now), numbers_of_seats()
    card = next((now_so for now_so in cards if seat_of(now_so) == seat_of(card)), card)
    to, number = receiver(card, [card] if to_itself else cards, numbers, duty_phone)
    if number is None:
        raise Refusal(
            "Destinataire du test manquant. Indiquez le numéro de la carte SIM (number, dans "
            "[modem:{name}]) ou un GSM de garde (duty_phone, dans [sending]).",
            name=card.name,
        )
    if not has_room(card, number, now):
        raise OverBudget(
            "Aucun SMS n'a été envoyé : le plafond de la carte du modem {name} est atteint.", name=card.name
        )
    placed = place_proof(card, now, to, number, by, now, "selftest")
    if placed is None:
        raise Refusal("Un test de ce modem est déjà en cours : vérifiez dans un instant.")
    return placed


def send_selftest(card: ModemCard, settings: Settings, by: str, now: datetime) -> int:
    """Queue a proof to this modem itself now, else to the duty phone; its broadcast's id. The jobs store the SIMs' own
    numbers as well, and need not run for this. Raises Refusal.
    """
    apply_own_numbers(settings.host, {modem.name: modem.number for modem in settings.modems if modem.number})
    return send_test(card, settings.sending.duty_phone, by, now, to_itself=True)


def receiver(
    card: ModemCard, cards: Sequence[ModemCard], numbers: dict[str, str], duty_phone: str | None
) -> tuple[ModemCard | None, str | None]:
    """The next ready modem whose number is known, itself without another, and its number; where no number is
    known, None and the duty phone's.
    """
    place = cards.index(card)
    ring = [*cards[place + 1 :], *cards[: place + 1]]
    able = (near for near in ring if near.state == "ready" and near.imsi and near.simulated == card.simulated)
    to = next((near for near in able if seat_of(near) in numbers), None)
    return to, numbers[seat_of(to)] if to else duty_phone


def has_room(card: ModemCard, number: str, now: datetime) -> bool:
    """True when the budget of its card allows one more message to this number."""
    imsi = card.imsi or ""
    return admits(room_of(imsi, now), imsi, number, 1, now)


def place_proof(
    card: ModemCard,
    slot_at: datetime,
    to: ModemCard | None,
    number: str,
    by: str,
    now: datetime,
    kind: Literal["selftest", "proof"] = "proof",
) -> int | None:
    """Queue the proof of the hour `slot_at`; its broadcast's id, None where it is queued already. Normal work does not
    keep a `selftest` waiting, as a person waits for it.
    """
    text = f"plp-alerte : preuve du modem {card.name}, {clock(slot_at)}, {secrets.token_hex(4)}. Rien à faire."
    begun = begin_proof(card, slot_at, to, text, now)
    if begun.broadcast_id is not None or begun.to_seat != (seat_of(to) if to else ""):
        return None
    key = f"proof:{seat_of(card)}:{card.imsi}:{slot_at.isoformat()}"
    try:
        placed = place_selftest(number, card.imsi or "", compose(begun.text), by, now, seat_of(card), kind, key)
    except NotReady:  # a process died while it wrote the same one
        return None
    mark_placed(begun.id, placed)
    return placed
