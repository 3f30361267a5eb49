"""Proof of life: at set hours every SIM sends a message to the next one, and a missing message is a fault. The
reasons, and the requirements of EN 50136-1: docs/proof-of-life.md.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from db.modems.proof import ProofCard, last_proof, newest_proofs, newest_proofs_to, numbers_of_seats
from db.modems.sims import accepted_since
from db.modems.status import ModemCard, modem_cards
from db.operations.monitoring import last_taken
from plp.services.orders.automatic import has_room, place_proof, receiver
from plp.settings.values import Settings
from rules.calendar import clock, last_hour
from rules.people import MACHINE
from rules.sentences import NOTHING, Sentence, coded
from rules.states import PartState

# What a person took out of service, or has not accepted yet, has nothing to prove.
_EXEMPT = ("suspended", "quarantined")
# Together less than the quarter of an hour within which a missed hour must be reported.
TO_SEND = timedelta(minutes=9)
TO_COME = timedelta(minutes=5)


def send_proofs(settings: Settings, now: datetime) -> bool:
    """Queue the proofs that are due, once; True when there were some."""
    if not settings.proof.at:
        return False
    cards, numbers = modem_cards(now), numbers_of_seats()
    placed = 0
    for card in cards:
        slot_at = _hour(card, settings.proof.at, now)
        if slot_at is None or card.state != "ready" or _begun_since(slot_at, newest_proofs(card)):
            continue
        to, number = receiver(card, cards, numbers, settings.sending.duty_phone)
        if number is not None and has_room(card, number, now):
            placed += place_proof(card, slot_at, to, number, MACHINE, now) is not None
    return placed > 0


def proof_troubles(settings: Settings, now: datetime) -> Iterator[tuple[ModemCard, Sentence, bool]]:
    """Modems that are not proven, why, and whether their message was sent at all."""
    if not settings.proof.at:
        return
    cards, numbers = modem_cards(now), numbers_of_seats()
    for card in cards:
        slot_at = _hour(card, settings.proof.at, now)
        if slot_at is None:
            continue
        own = newest_proofs(card)
        missed = now - slot_at >= TO_SEND and not _begun_since(slot_at, own)
        why = _why_missed(card, cards, numbers, settings, now) if missed else _why_lost(card, own, now)
        if why:
            yield card, _told(card, why), not missed


def _hour(card: ModemCard, hours: Sequence[time], now: datetime) -> datetime | None:
    """The hour that this card had last; None before its first one."""
    if not card.is_modem or card.imei is None or card.imsi is None or card.state in _EXEMPT:
        return None
    since, hour = accepted_since(card.imei, card.imsi), last_hour(hours, card.imsi, now)
    return hour if since is not None and hour is not None and since < hour else None


def _begun_since(slot_at: datetime, proofs: Sequence[ProofCard]) -> bool:
    return any(proof.placed_at >= slot_at for proof in proofs)


def _why_missed(
    card: ModemCard, cards: Sequence[ModemCard], numbers: dict[str, str], settings: Settings, now: datetime
) -> Sentence:
    if card.state != "ready":
        return coded("proof_not_ready", why=card.told or coded("modem_not_ready", state=card.state))
    _to_whom, number = receiver(card, cards, numbers, settings.sending.duty_phone)
    if number is None:
        return coded("proof_no_number", name=card.name)
    return coded("proof_not_placed" if has_room(card, number, now) else "proof_budget")


def _why_lost(card: ModemCard, own: Sequence[ProofCard], now: datetime) -> Sentence:
    """The trouble that the newest proofs which can be judged show, of sending first; NOTHING where all is well."""
    sending = next((why for proof in own if (why := sending_trouble(proof, now)) is not None), NOTHING)
    return sending or next(
        (why for proof in newest_proofs_to(card) if (why := _of_receiving(proof, now)) is not None), NOTHING
    )


def sending_trouble(proof: ProofCard, now: datetime) -> Sentence | None:
    """The trouble of sending that it shows: NOTHING if it was sent well, None if it shows nothing yet or gave way."""
    if proof.shows_sending:
        return NOTHING
    to = _to(proof)
    if proof.state is PartState.CANCELLED:
        return None
    if proof.state is PartState.FAILED:
        return coded("proof_refused", error=proof.reason)
    if proof.state is PartState.UNDELIVERED or (proof.state is PartState.EXPIRED and proof.sent_at is not None):
        return coded("proof_undelivered", to=to, error=proof.reason)
    if proof.state in (PartState.QUEUED, PartState.SENDING, PartState.EXPIRED):
        taken_at = last_taken(proof.host, proof.modem)
        gave_way = taken_at is not None and taken_at > proof.placed_at
        return None if gave_way or now - proof.placed_at < TO_SEND else coded("proof_waits")
    if now - (proof.sent_at or proof.changed_at) < TO_COME:
        return None
    if proof.state is PartState.DELIVERED:
        return coded("proof_not_back")
    if proof.arrived_at is not None:
        return coded("proof_no_report")
    if proof.state is PartState.UNCONFIRMED:
        return coded("proof_unconfirmed")
    return coded("proof_nothing", to=to) if proof.to_seat else coded("proof_no_report_duty")


def _of_receiving(proof: ProofCard, now: datetime) -> Sentence | None:
    """The same for the modem that should receive it: a failure only if the network reported the delivery."""
    if proof.arrived_at is not None:
        return NOTHING
    own = proof.to_seat == f"{proof.host}/{proof.modem}"
    if own or proof.state is not PartState.DELIVERED or now - proof.changed_at < TO_COME:
        return None
    return coded("proof_not_heard", sender=proof.modem)


def _to(proof: ProofCard) -> Sentence:
    if not proof.to_seat:
        return coded("proof_duty")
    if proof.to_seat == f"{proof.host}/{proof.modem}":
        return coded("proof_itself")
    return coded("proof_to_modem", name=proof.to_seat.partition("/")[2])


def _told(card: ModemCard, why: Sentence) -> Sentence:
    since = last_proof(card).proven_at
    if since is None:
        return coded("proof_never", name=card.name, host=card.host, why=why)
    return coded("proof_since", name=card.name, host=card.host, since=clock(since), why=why)
