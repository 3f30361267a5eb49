"""Preview of an order: people, time of the last phone, cost, and what speaks against it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import to_user_timezone

from console.web.acting import settings
from db.alerts.orders.approval import needs_second
from db.alerts.orders.orders import REPEAT_WINDOW
from db.alerts.orders.texts import MAIN_LANGUAGE, language_for, parts_per_person, total_parts
from db.alerts.progress.progress import BroadcastCard, broadcasts
from db.modems.budgets.planning import Passed, planned
from db.modems.forecast import Forecast, forecast
from db.people.audience import Audience, AudienceSize, order_of_sending, recipients, size
from db.people.policy import Policy, policy
from modem.sms.composition import Composition
from plp.rules.refusals import Refusal

MILLIEUROS = 1000


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """One language's text as it will arrive, and how many people get it."""

    language: str
    composition: Composition
    people: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """`repeat` is the same text a few minutes ago; `budgets` are those that would stand at 80 % or more afterwards;
    `order` are the neighbourhoods as they will be served. `cost_euros` is None where the zone gave no price. `second`:
    another person will be asked.
    """

    texts: tuple[OutgoingText, ...]
    total_parts: int
    size: AudienceSize
    order: tuple[str, ...]
    forecast: Forecast
    undo_seconds: int
    repeat: BroadcastCard | None
    night: bool
    senders: tuple[str, ...]
    budgets: tuple[Passed, ...]
    cost_euros: float | None
    typed: bool
    second: bool
    now: datetime

    @property
    def composition(self) -> Composition:
        """The main text."""
        return self.texts[0].composition

    @property
    def parts(self) -> int:
        """Parts of the longest text."""
        return max(len(text.composition.segments) for text in self.texts)

    @property
    def over_budget(self) -> bool:
        """True when a reason will be asked for."""
        return any(budget.excess for budget in self.budgets)


def outlook(
    composed: Composition | Mapping[str, Composition], audience: Audience, drill: bool, now: datetime
) -> Outlook:
    """The preview for one text, or for one per language. Raises Refusal when there is nobody to send to."""
    found = recipients(audience)
    people = size(audience, found)
    if not people.people:
        raise Refusal(_("Aucun destinataire : GSM et consentement requis."))
    texts = composed if isinstance(composed, Mapping) else {MAIN_LANGUAGE: composed}
    rules = policy()
    readers = Counter(language_for(texts, one.language) for one in found)
    parts = total_parts(texts, found)
    undo_seconds = rules.undo_seconds(settings().sending.undo_seconds, people.people)
    starts_at = now + timedelta(seconds=undo_seconds)
    return Outlook(
        texts=tuple(OutgoingText(language, text, readers[language]) for language, text in texts.items()),
        total_parts=parts,
        size=people,
        order=tuple(order_of_sending(audience)),
        forecast=forecast(parts, now, starts_at, urgent=not drill),
        undo_seconds=undo_seconds,
        repeat=_same_text(next(iter(texts.values())).text, now),
        night=rules.is_night(to_user_timezone(now).hour),
        senders=tuple(modem.number for modem in settings().modems if modem.number),
        budgets=tuple(planned([one.msisdn for one in found], parts_per_person(texts, found), now)),
        cost_euros=_cost(rules, parts),
        typed=rules.approval != "none",
        second=needs_second("drill" if drill else "alert", people.people),
        now=now,
    )


def _cost(rules: Policy, parts: int) -> float | None:
    price = rules.sms_price_millieuros
    return None if price is None else price * parts / MILLIEUROS


def _same_text(text: str, now: datetime) -> BroadcastCard | None:
    return next(
        (
            card
            for card in broadcasts(now, limit=20)
            if card.text == text
            and now - card.created_at < REPEAT_WINDOW
            and (card.state != "cancelled" or card.went_out)
        ),
        None,
    )
