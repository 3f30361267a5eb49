"""Messages that nobody ordered: alarms, answers, codes, self-tests, and proofs of life (docs/proof-of-life.md)."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Literal

from base.settings.values import Settings
from db.alerts.orders.earlier import keys_since, writer_of
from db.alerts.queue.choosing import admits
from db.alerts.values import Order, Plan
from db.inbound.replies.judging import apply_own_numbers
from db.journal.audit import keyed
from db.modems import proof as stored
from db.modems.budgets import room_of
from db.modems.proof import Proof, newest_proofs, numbers_of_seats, seat_of
from db.modems.sims import accepted_since
from db.modems.status import ModemCard, modem_cards
from db.operations.monitoring import last_taken
from db.people.audience import Audience, Recipient
from modem.sms.composition import compose
from plp.services.modems import require_service
from plp.services.orders.placing import enqueue
from plp.services.orders.twins import placed_before
from rules.calendar import clock, last_hour
from rules.numbers import parse_mobile
from rules.orders.texts import MAIN_LANGUAGE, Composed
from rules.people import MACHINE
from rules.refusals import NotReady, OverBudget, Refusal, required
from rules.sentences import NOTHING, CodedRefusal, Sentence, coded
from rules.states import PartState

# Whoever is on duty reads it now or not at all.
ALARM_VALIDITY = timedelta(hours=4)
TEST_VALIDITY = timedelta(hours=1)  # docs/reference/modem-facts.md, "Validity, references, class"
CODE_VALIDITY = timedelta(minutes=30)
# Anybody may ask for a code, to any number: so many to one in a day, and to all in an hour and a day.
CODES_PER_NUMBER, CODES_PER_HOUR, CODES_PER_DAY = 3, 20, 60
# What a person took out of service, or has not accepted yet, has nothing to prove.
_EXEMPT = ("suspended", "quarantined")
# Together less than the quarter of an hour within which a missed hour must be reported.
TO_SEND, TO_COME = timedelta(minutes=9), timedelta(minutes=5)


class NoMoreCodes(Exception):
    """A number has had its codes of a day (`of_number`), or all have."""

    def __init__(self, of_number: bool) -> None:
        super().__init__()
        self.of_number = of_number


def place_alarm(
    number: str, composed: Composed, key: str, now: datetime, priority: Literal["normal", "call"] = "normal"
) -> int:
    """Order one SMS to the duty phone or to somebody on duty (`call`: before alerts); its id, one for a key."""
    if parse_mobile(number) != number or len(composed.segments) != 1:
        raise Refusal("Un SMS d'incident est envoyé à un seul GSM belge, en une partie.")
    order = Order(Audience(numbers=(number,)), "alarm", priority, MACHINE, idempotency_key=key)
    return _place(order, Recipient(number, None), composed, ALARM_VALIDITY, now)


def place_answer(
    inbound_id: int, composed: Composed, key: str, validity: timedelta, now: datetime, by: str = MACHINE
) -> int:
    """Queue the answer to the writer of the text, a member or not, whatever happened to it; its id, one per key."""
    person = writer_of(inbound_id) or Recipient("", None)
    order = Order(Audience(numbers=(person.msisdn,)), "answer", "normal", by, idempotency_key=key)
    if placed_before(key, "", now, automatic=True) is None:
        if not person.msisdn:
            raise CodedRefusal("reply_gone")
        if parse_mobile(person.msisdn) != person.msisdn:
            raise CodedRefusal("reply_not_mobile")
    return _place(order, person, composed, validity, now)


def place_code(number: str, composed: Composed, now: datetime) -> int:
    """Queue a registration's code to the number typed; its broadcast's id. Raises NoMoreCodes, NotReady."""
    key = f"{_codes_of(number)}{secrets.token_hex(8)}"
    order = Order(Audience(numbers=(number,)), "answer", "normal", MACHINE, idempotency_key=key)
    plan = Plan(order, [Recipient(number, None)], {MAIN_LANGUAGE: composed}, CODE_VALIDITY)
    return enqueue(plan, now, also=lambda: _refuse_codes(number, now))


def place_selftest(
    number: str,
    imsi: str,
    composed: Composed,
    by: str,
    now: datetime,
    seat: str | None = None,
    kind: Literal["selftest", "proof"] = "selftest",
    key: str | None = None,
) -> int:
    """Order one SMS from this SIM in the modem `seat`; its broadcast's id, one per key. Raises NotReady, Refusal."""
    if parse_mobile(number) != number or len(composed.segments) != 1:
        raise Refusal("Un SMS de test est envoyé à un seul GSM belge, en une partie.")
    order = Order(Audience(numbers=(number,)), kind, "normal", by, idempotency_key=key, imsi=imsi, seat=seat)
    return _place(order, Recipient(number, None), composed, TEST_VALIDITY, now)


def _place(order: Order, person: Recipient, composed: Composed, validity: timedelta, now: datetime) -> int:
    plan = Plan(order, [person], {MAIN_LANGUAGE: composed}, validity)
    return placed_before(order.idempotency_key, "", now, automatic=True) or enqueue(plan, now)


def _codes_of(number: str) -> str:
    return f"code:{keyed('code', number)[:32]}:"


def _refuse_codes(number: str, now: datetime) -> None:
    lately = keys_since("code:", now - timedelta(days=1))
    this_hour = sum(at > now - timedelta(hours=1) for _key, at in lately)
    if len(lately) >= CODES_PER_DAY or this_hour >= CODES_PER_HOUR:
        raise NoMoreCodes(of_number=False)
    if sum(key.startswith(_codes_of(number)) for key, _at in lately) >= CODES_PER_NUMBER:
        raise NoMoreCodes(of_number=True)


def send_test(card: ModemCard, duty_phone: str | None, by: str, now: datetime, to_itself: bool = False) -> int:
    """Queue a proof now, as at its hour, or one to this modem itself; its broadcast's id. Raises Refusal."""
    require_service(card)
    if card.state != "ready":
        raise NotReady("Le modem {name} n'est pas prêt : {why}", name=card.name, why=card.told or card.state)
    under_way = Refusal("Un test de ce modem est déjà en cours : vérifiez dans un instant.")
    if any(proof.state in (PartState.QUEUED, PartState.SENDING) for proof in newest_proofs(card)):
        raise under_way
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
    return required(place_proof(card, now, to, number, by, now, "selftest"), under_way)


def send_selftest(card: ModemCard, settings: Settings, by: str, now: datetime) -> int:
    """Queue a proof to this modem itself, else to the duty phone; the SIMs' own numbers are stored without the jobs."""
    apply_own_numbers(settings.host, {modem.name: modem.number for modem in settings.modems if modem.number})
    return send_test(card, settings.sending.duty_phone, by, now, to_itself=True)


def receiver(
    card: ModemCard, cards: Sequence[ModemCard], numbers: dict[str, str], duty_phone: str | None
) -> tuple[ModemCard | None, str | None]:
    """The next ready modem with a known number, perhaps itself, and its number; else None and the duty phone's."""
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
    """Queue the proof of the hour `slot_at`; its id, None if it is queued. Normal work delays no `selftest`."""
    text = f"plp-alerte : preuve du modem {card.name}, {clock(slot_at)}, {secrets.token_hex(4)}. Rien à faire."
    begun = stored.begin_proof(card, slot_at, to, text, now)
    if begun.broadcast_id is not None or begun.to_seat != (seat_of(to) if to else ""):
        return None
    key = f"proof:{seat_of(card)}:{card.imsi}:{slot_at.isoformat()}"
    try:
        placed = place_selftest(number, card.imsi or "", compose(begun.text), by, now, seat_of(card), kind, key)
    except NotReady:  # a process died while it wrote the same one
        return None
    stored.mark_placed(begun.id, placed)
    return placed


def send_proofs(settings: Settings, now: datetime) -> bool:
    """Queue the proofs that are due, once; True when some were."""
    if not settings.proof.at:
        return False
    cards, numbers = modem_cards(now), numbers_of_seats()
    placed = 0
    for card in cards:
        slot_at = _hour(card, settings.proof.at, now)
        if slot_at is None or card.state != "ready" or _begun_since(slot_at, card):
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
        missed = now - slot_at >= TO_SEND and not _begun_since(slot_at, card)
        why = _why_missed(card, cards, numbers, settings, now) if missed else _why_lost(card, now)
        if why:
            since = stored.last_proof(card).proven_at
            code, value = ("proof_never", {}) if since is None else ("proof_since", {"since": clock(since)})
            yield card, coded(code, name=card.name, host=card.host, why=why, **value), not missed


def _hour(card: ModemCard, hours: Sequence[time], now: datetime) -> datetime | None:
    """The hour that this card had last; None before its first one."""
    if not card.is_modem or card.imei is None or card.imsi is None or card.state in _EXEMPT:
        return None
    since, hour = accepted_since(card.imei, card.imsi), last_hour(hours, card.imsi, now)
    return hour if since is not None and hour is not None and since < hour else None


def _begun_since(slot_at: datetime, card: ModemCard) -> bool:
    return any(proof.placed_at >= slot_at for proof in newest_proofs(card))


def _why_missed(
    card: ModemCard, cards: Sequence[ModemCard], numbers: dict[str, str], settings: Settings, now: datetime
) -> Sentence:
    if card.state != "ready":
        return coded("proof_not_ready", why=card.told or coded("modem_not_ready", state=card.state))
    _to_whom, number = receiver(card, cards, numbers, settings.sending.duty_phone)
    if number is None:
        return coded("proof_no_number", name=card.name)
    return coded("proof_not_placed" if has_room(card, number, now) else "proof_budget")


def _why_lost(card: ModemCard, now: datetime) -> Sentence:
    """The trouble that the newest proofs which can be judged show, of sending first; NOTHING where all is well."""
    sent = (sending_trouble(proof, now) for proof in newest_proofs(card))
    received = (_of_receiving(proof, now) for proof in stored.newest_proofs_to(card))
    sending, receiving = (next((why for why in whys if why is not None), NOTHING) for whys in (sent, received))
    return sending or receiving


def sending_trouble(proof: Proof, now: datetime) -> Sentence | None:
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


def _of_receiving(proof: Proof, now: datetime) -> Sentence | None:
    """The same for the modem that should receive it: a failure only if the network reported the delivery."""
    if proof.arrived_at is not None:
        return NOTHING
    if proof.is_to_itself or proof.state is not PartState.DELIVERED or now - proof.changed_at < TO_COME:
        return None
    return coded("proof_not_heard", sender=proof.modem)


def _to(proof: Proof) -> Sentence:
    if not proof.to_seat:
        return coded("proof_duty")
    if proof.is_to_itself:
        return coded("proof_itself")
    return coded("proof_to_modem", name=proof.to_seat.partition("/")[2])
