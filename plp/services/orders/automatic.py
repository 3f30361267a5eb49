"""Messages that nobody ordered: an alarm to the duty phone, an answer to a text, the code of a registration, a modem's
self-test or proof.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from db.alerts.orders.earlier import keys_since, writer_of
from db.alerts.values import Order
from db.journal.audit import keyed
from db.people.audience import Audience, Recipient
from plp.services.orders.placing import enqueue, placed_before
from plp.services.orders.planning import Plan
from rules.numbers import parse_mobile
from rules.orders.texts import MAIN_LANGUAGE, Composed
from rules.people import MACHINE
from rules.refusals import Refusal
from rules.sentences import CodedRefusal

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
    """Order one SMS to the duty phone, or to somebody on duty (`call`: before alerts); its id, one for a key. Raises
    Refusal.
    """
    if parse_mobile(number) != number or len(composed.segments) != 1:
        raise Refusal("Un SMS d'incident est envoyé à un seul GSM belge, en une partie.")
    order = Order(Audience(numbers=(number,)), "alarm", priority, MACHINE, idempotency_key=key)
    return _place(order, Recipient(number, None), composed, ALARM_VALIDITY, now)


def place_answer(
    inbound_id: int, composed: Composed, key: str, validity: timedelta, now: datetime, by: str = MACHINE
) -> int:
    """Queue the answer to the writer of the text, a member or not; returns its id, one per key, whatever happened to
    the text. Raises Refusal.
    """
    person = writer_of(inbound_id) or Recipient("", None)
    order = Order(Audience(numbers=(person.msisdn,)), "answer", "normal", by, idempotency_key=key)

    def refuse_gone() -> None:
        if not person.msisdn:
            raise CodedRefusal("reply_gone")
        if parse_mobile(person.msisdn) != person.msisdn:
            raise CodedRefusal("reply_not_mobile")

    return _place(order, person, composed, validity, now, first=refuse_gone)


def place_code(number: str, composed: Composed, now: datetime) -> int:
    """Queue the code of a registration to the number that somebody typed; its broadcast's id. Raises NoMoreCodes, or
    NotReady while no modem can send.
    """
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
