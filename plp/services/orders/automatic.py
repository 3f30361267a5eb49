"""Messages that nobody ordered: an alarm to the duty phone, an answer to a text, the code of a registration, a modem's
self-test or proof. Proofs of life: the SMS of a modem to the next one, at its hour or when a technician asks for it.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from db.alerts.orders.earlier import keys_since, writer_of
from db.alerts.queue.choosing import admits
from db.alerts.values import Order
from db.inbound.replies.judging import apply_own_numbers
from db.journal.audit import keyed
from db.modems.budgets import room_of
from db.modems.proof import begin_proof, mark_placed, newest_proofs, numbers_of_seats, seat_of
from db.modems.status import ModemCard, modem_cards
from db.people.audience import Audience, Recipient
from modem.sms.composition import compose
from plp.services.modems import require_service
from plp.services.orders.placing import enqueue, placed_before
from plp.services.orders.planning import Plan
from plp.settings.values import Settings
from rules.calendar import clock
from rules.numbers import parse_mobile
from rules.orders.texts import MAIN_LANGUAGE, Composed
from rules.people import MACHINE
from rules.refusals import NotReady, OverBudget, Refusal
from rules.sentences import CodedRefusal
from rules.states import PartState

# Whoever is on duty reads it now or not at all.
ALARM_VALIDITY = timedelta(hours=4)
TEST_VALIDITY = timedelta(hours=1)  # docs/reference/modem-facts.md, "Validity, references, class"
CODE_VALIDITY = timedelta(minutes=30)
# Anybody may ask for a code, to any number: so many to one in a day, and to all in an hour and a day.
CODES_PER_NUMBER, CODES_PER_HOUR, CODES_PER_DAY = 3, 20, 60


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

    def refuse_gone() -> None:
        if not person.msisdn:
            raise CodedRefusal("reply_gone")
        if parse_mobile(person.msisdn) != person.msisdn:
            raise CodedRefusal("reply_not_mobile")

    return _place(order, person, composed, validity, now, first=refuse_gone)


def place_code(number: str, composed: Composed, now: datetime) -> int:
    """Queue a registration's code to the number typed; its broadcast's id. Raises NoMoreCodes, NotReady."""
    key = f"{_codes_of(number)}{secrets.token_hex(8)}"
    order = Order(Audience(numbers=(number,)), "answer", "normal", MACHINE, idempotency_key=key)
    return _place(order, Recipient(number, None), composed, CODE_VALIDITY, now, also=lambda: _refuse_codes(number, now))


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
    """Order one SMS from the SIM `imsi` in the modem `seat`; returns its broadcast's id, one per key. `number` comes
    from config.ini. Raises NotReady, Refusal.
    """
    if parse_mobile(number) != number or len(composed.segments) != 1:
        raise Refusal("Un SMS de test est envoyé à un seul GSM belge, en une partie.")
    order = Order(Audience(numbers=(number,)), kind, "normal", by, idempotency_key=key, imsi=imsi, seat=seat)
    return _place(order, Recipient(number, None), composed, TEST_VALIDITY, now)


def _place(
    order: Order,
    person: Recipient,
    composed: Composed,
    validity: timedelta,
    now: datetime,
    first: Callable[[], None] = lambda: None,
    also: Callable[[], None] = lambda: None,
) -> int:
    before = placed_before(order, now)
    if before is None:
        first()
        before = enqueue(Plan(order, [person], {MAIN_LANGUAGE: composed}, validity), now, also)
    return before.id


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
