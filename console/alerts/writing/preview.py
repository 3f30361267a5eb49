"""Preview of an order: people, time of the last phone, cost, and what speaks against it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import to_user_timezone

from console.web.acting import settings
from db.alerts.orders.approval import needs_second
from db.alerts.orders.orders import REPEAT_WINDOW
from db.alerts.orders.texts import language_for, parts_per_person, total_parts
from db.alerts.progress.history import newest
from db.alerts.progress.progress import BroadcastCard
from db.modems.budgets.planning import planned
from db.modems.forecast import forecast
from db.people.audience import Audience, order_of_sending, recipients, size
from db.people.policy import Policy, policy
from modem.sms.composition import Composition
from rules.refusals import Refusal

MILLIEUROS = 1000


def outlook(texts: Mapping[str, Composition], audience: Audience, drill: bool, now: datetime) -> dict[str, Any]:
    """The preview of one text per language, the main one first. Raises Refusal when there is nobody to send to.

    `texts` are (language, composition, readers), `parts` those of the longest; `order` are the neighbourhoods as they
    will be served. `repeat` is the same text a few minutes ago; `budgets` are those that would stand at 80 % or more
    afterwards, `over_budget`: a reason will be asked for. `cost_euros` is None where the zone gave no price. `second`:
    another person will be asked.
    """
    found = recipients(audience)
    people = size(audience, found)
    if not people.people:
        raise Refusal(_("Aucun destinataire : GSM et consentement requis."))
    rules = policy()
    readers = Counter(language_for(texts, one.language) for one in found)
    parts = total_parts(texts, found)
    undo_seconds = rules.undo_seconds(settings().sending.undo_seconds, people.people)
    budgets = planned([one.msisdn for one in found], parts_per_person(texts, found), now)
    return {
        "texts": [(language, text, readers[language]) for language, text in texts.items()],
        "parts": max(len(text.segments) for text in texts.values()),
        "total_parts": parts,
        "size": people,
        "order": order_of_sending(audience),
        "forecast": forecast(parts, now, now + timedelta(seconds=undo_seconds), urgent=not drill),
        "undo_seconds": undo_seconds,
        "repeat": _same_text(next(iter(texts.values())).text, now),
        "night": rules.is_night(to_user_timezone(now).hour),
        "senders": [modem.number for modem in settings().modems if modem.number],
        "budgets": budgets,
        "over_budget": any(budget.excess for budget in budgets),
        "cost_euros": _cost(rules, parts),
        "typed": rules.approval != "none",
        "second": needs_second("drill" if drill else "alert", people.people),
        "now": now,
    }


def _cost(rules: Policy, parts: int) -> float | None:
    price = rules.sms_price_millieuros
    return None if price is None else price * parts / MILLIEUROS


def _same_text(text: str, now: datetime) -> BroadcastCard | None:
    return next(
        (
            card
            for card in newest(20, now)
            if card.text == text
            and now - card.created_at < REPEAT_WINDOW
            and (card.state != "cancelled" or card.went_out)
        ),
        None,
    )
