"""The plan of an order as the confirm page shows it: people, time of the last phone, cost, objections."""

from datetime import datetime
from typing import Any

from flask_babel import to_user_timezone

from console.i18n.translate import said
from console.people.arrival import aimed_at
from console.web.acting import settings
from db.alerts.orders.earlier import REPEAT_WINDOW
from db.alerts.progress.history import newest
from db.alerts.progress.progress import BroadcastCard
from db.mail.enqueue import mail_configured
from db.people.audience import AudienceSize, mailed_beside, order_of_sending, size
from db.people.zone import policy
from plp.services.orders.planning import Plan
from rules.orders.texts import most_parts

MILLIEUROS = 1000


def outlook(plan: Plan, now: datetime) -> dict[str, Any]:
    """Values of the confirm page, of a plan.

    `texts` are (language, composition, readers), `parts` those of the longest; `order` are the neighbourhoods in the
    order of sending. Of the people without a mobile, `instead` get a mail; while no modem can send, `mails` people get
    one at once and `calls` are to be called. `repeat` is the same text a few minutes ago; `budgets` are those that
    would be at 80 % or more afterwards, and `times_left` what those of the month leave then; `over_budget` and
    `over_ceiling` (in words): a reason will be required. `cost_euros` is None if the zone entered no price. `second`:
    another person must agree.
    """
    audience, readers, rules, budgets = plan.order.audience, plan.readers, policy(), plan.budgets(now)
    over = plan.over_ceiling(now)
    price, among = rules.sms_price_millieuros, size(audience, plan.people)
    instead, beside = _by_mail(plan, among)
    return {
        "texts": [(language, text, readers[language]) for language, text in plan.texts.items()],
        "parts": most_parts(plan.texts),
        "total_parts": plan.parts,
        "size": among,
        "mails": instead + beside,
        "calls": max(0, among.people + among.without_mobile - instead - beside),
        "instead": instead,
        "order": order_of_sending(audience),
        "aimed": aimed_at(plan.people),
        "forecast": plan.forecast(now),
        "undo_seconds": plan.undo_s,
        "repeat": _same_text(next(iter(plan.texts.values())).text, now),
        "quiet": plan.quiet,
        "spares_quiet": plan.order.spares_quiet,
        "night": rules.is_night(to_user_timezone(now).hour),
        "senders": [modem.number for modem in settings().modems if modem.number],
        "budgets": budgets,
        "times_left": plan.times_left(now) if budgets else None,
        "over_ceiling": said(over) if over is not None else "",
        "over_budget": any(budget.excess for budget in budgets),
        "cost_euros": None if price is None else price * plan.parts / MILLIEUROS,
        "typed": rules.approval != "none",
        "second": bool(plan.order.agreement),
        "now": now,
    }


def _by_mail(plan: Plan, among: AudienceSize) -> tuple[int, int]:
    """Number of people without a mobile and of recipients who are mailed while no modem can send."""
    if plan.order.drill or not mail_configured(settings().mail):
        return 0, 0
    return among.mailed_instead, mailed_beside(plan.order.audience, plan.people)


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
