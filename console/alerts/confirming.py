"""Confirm: everything that matters before the red button, and the one place where a page sends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import to_user_timezone

from console import typed
from console.alerts.composing import compose_page
from console.alerts.draft import Draft, typed_draft
from console.alerts.space import blueprint, sender, sending_settings
from console.ordering import place
from console.session import actor
from db.audience import AudienceSize, recipients, size
from db.budgets import Passed, planned
from db.clock import utc_now
from db.forecast import Forecast, forecast
from db.outbox import Order
from db.progress import BroadcastCard, broadcasts
from db.refusals import Duplicate, NotReady, OverLimit, Refusal
from modem.sms import Composition

REPEAT_WINDOW = timedelta(minutes=10)
NIGHT_FROM_HOUR, NIGHT_TO_HOUR = 22, 7
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will happen when the button is pressed. `repeat` is the same text a few minutes ago.

    `budgets` are those that would stand at 80 % or more afterwards.
    """

    composition: Composition
    size: AudienceSize
    forecast: Forecast
    undo_seconds: int
    repeat: BroadcastCard | None
    night: bool
    senders: tuple[str, ...]
    budgets: tuple[Passed, ...]
    now: datetime

    @property
    def over_budget(self) -> bool:
        """True when a reason will be asked for."""
        return any(budget.excess for budget in self.budgets)


@blueprint.get("/confirm")
@blueprint.get("/send")
@sender
def confirm_needs_a_text() -> ResponseReturnValue:
    return redirect(url_for("alerts.compose"))


@blueprint.post("/confirm")
@sender
def confirm() -> ResponseReturnValue:
    draft = typed_draft()
    try:
        return _confirm_page(draft)
    except Refusal as refusal:
        return compose_page(draft, str(refusal)), 400


@blueprint.post("/send")
@sender
def send() -> ResponseReturnValue:
    """Send, when the number typed is the number of people. The same form twice leads to the same alert."""
    draft, now = typed_draft(), utc_now()
    try:
        people = size(draft.audience).people
        if _typed_count() != people:
            return _confirm_page(draft, _wrong_count(people)), 400
        placed = place(draft.text, _order(draft), sending_settings(), now)
    except (Duplicate, OverLimit) as refusal:
        return _confirm_page(draft, str(refusal), ask=type(refusal).__name__), 409
    except Refusal as refusal:
        return _refused(draft, refusal)
    return redirect(url_for("alerts.progress", broadcast_id=placed.id), 303)


def _refused(draft: Draft, refusal: Refusal) -> ResponseReturnValue:
    # The page itself says why, in words for officers.
    sentence = _("Rien n'est parti.") if isinstance(refusal, NotReady) else str(refusal)
    try:
        return _confirm_page(draft, sentence), 409
    except Refusal as deeper:
        return compose_page(draft, str(deeper)), 400


def _confirm_page(draft: Draft, sentence: str = "", ask: str = "") -> str:
    """Raises Refusal when the text or the people are not possible. `ask` names a Duplicate, an OverLimit
    or an OverBudget that may be overridden.
    """
    again, reason = request.form.get("again") == "yes", typed.line("reason", LONGEST_REASON)
    outlook = _outlook(draft, utc_now())
    return render_template(
        "alerts/confirm.html",
        draft=draft,
        outlook=outlook,
        sentence=sentence,
        ask_again=again or ask == "Duplicate",
        again=again,
        ask_reason=bool(reason) or ask in ("OverLimit", "OverBudget") or outlook.over_budget,
        reason=reason,
    )


def _outlook(draft: Draft, now: datetime) -> Outlook:
    composition = draft.composition()
    people = size(draft.audience)
    if not people.people:
        raise Refusal(_("Il n'y a personne à qui l'envoyer : personne, dans ce choix, n'a de gsm avec accord."))
    starts_at = now + timedelta(seconds=sending_settings().undo_seconds)
    hour = to_user_timezone(now).hour
    return Outlook(
        composition=composition,
        size=people,
        forecast=forecast(people.people * len(composition.segments), now, starts_at, urgent=not draft.drill),
        undo_seconds=sending_settings().undo_seconds,
        repeat=_same_text(composition.text, now),
        night=hour >= NIGHT_FROM_HOUR or hour < NIGHT_TO_HOUR,
        senders=tuple(modem.number for modem in current_app.config["PLP_SETTINGS"].modems if modem.number),
        budgets=tuple(planned([one.msisdn for one in recipients(draft.audience)], len(composition.segments), now)),
        now=now,
    )


def _same_text(text: str, now: datetime) -> BroadcastCard | None:
    return next(
        (
            card
            for card in broadcasts(now, limit=20)
            if card.text == text and now - card.created_at < REPEAT_WINDOW and card.state != "cancelled"
        ),
        None,
    )


def _order(draft: Draft) -> Order:
    return Order(
        audience=draft.audience,
        kind="drill" if draft.drill else "alert",
        priority="urgent",
        by=actor(),
        idempotency_key=draft.key,
        again=request.form.get("again") == "yes",
        override_reason=typed.line("reason", LONGEST_REASON) or None,
    )


def _typed_count() -> int | None:
    text = "".join(request.form.get("typed", "").split())
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _wrong_count(people: int) -> str:
    if not request.form.get("typed", "").strip():
        return str(_("Rien n'est parti. Tapez le nombre de personnes, %(people)s, pour confirmer.", people=people))
    return str(_("Rien n'est parti : le nombre tapé n'est pas le nombre de personnes, %(people)s.", people=people))
