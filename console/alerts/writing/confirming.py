"""The confirm page before the red button, a try on one's own phone, and the sending: the only one from a page. Its form
as an order serves alerts and drills.
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from console.alerts.blueprint import blueprint, to_progress
from console.alerts.writing.composing import compose_page, just_alerted
from console.alerts.writing.counter import language_name, measured
from console.alerts.writing.draft import Draft, typed_draft
from console.alerts.writing.preview import outlook
from console.i18n.formats import mobile
from console.i18n.labels import GUARD_WORDS
from console.i18n.translate import said
from console.second_factor import proof
from console.web import form_fields
from console.web.acting import actor, settings
from console.web.roles import may
from db.alerts.orders.orders import fresh_key, placed_before
from db.alerts.templates.kept import template
from db.alerts.values import Order
from db.engine.clock import utc_now
from db.people.accounts.accounts import accounts
from db.people.audience import Audience
from plp.services.approving import goes_alone
from plp.services.orders import Answers, all_composed, checked, place
from rules.agreement import ProofWanted, WrongCount
from rules.refusals import Duplicate, NotReady, OverLimit, Refusal
from rules.text_guard import FindingsRefused, TextFinding


def order_of(draft: Draft, remarks: tuple[tuple[str, object], ...] = ()) -> Order:
    """The draft as an order of the officer who pressed, with the answers of the form that was posted."""
    return Order(
        audience=draft.audience,
        kind=draft.kind,
        priority="urgent",
        by=actor(),
        idempotency_key=draft.key,
        again=request.form.get("again") == "yes",
        override_reason=form_fields.reason("reason") or None,
        remarks=remarks,
        happened=draft.when,
        late_because=draft.late_because if draft.when == "earlier" else "",
        alone_because=form_fields.reason("alone_because") if request.form.get("do") == "alone" else None,
        filled=draft.filled,
    )


def overrides(over_budget: bool, ask: str) -> dict[str, object]:
    """The limits that the confirm page lets the officer override; `ask`: the Duplicate, OverLimit or OverBudget met."""
    again, reason = request.form.get("again") == "yes", form_fields.reason("reason")
    return {
        "ask_again": again or ask == "Duplicate",
        "again": again,
        "ask_reason": bool(reason) or ask in ("OverLimit", "OverBudget") or over_budget,
        "reason": reason,
    }


def first_look(
    draft: Draft, confirm_page: Callable[[Draft, str], str], compose_page: Callable[[Draft, str], str]
) -> ResponseReturnValue:
    """The confirm page of what was typed, or the form with why it is not possible."""
    try:
        return confirm_page(draft, "")
    except StaleTexts as refusal:
        return compose_page(replace(draft, kept=draft.stale), said(refusal)), 400
    except Refusal as refusal:
        return compose_page(draft, said(refusal)), 400


def refused(
    draft: Draft, refusal: Refusal, confirm_page: Callable[[Draft, str], str], compose_page: Callable[[Draft, str], str]
) -> ResponseReturnValue:
    """Show a refusal (nothing went out) on the confirm page, or on the form where that page cannot be shown."""
    # The page itself says why, in words for officers.
    sentence = _("Aucun SMS n'a été envoyé.") if isinstance(refusal, NotReady) else said(refusal)
    try:
        return confirm_page(draft, sentence), 409
    except Refusal as deeper:
        return compose_page(draft, said(deeper)), 400


class StaleTexts(Refusal):
    """One language's text was changed and another's was not."""


def outgoing(draft: Draft) -> tuple[dict[str, str], tuple[TextFinding, ...]]:
    """The texts by language, and findings of the guard that the officer may accept. Raises Refusal as `checked` does,
    and for a missing answer: of a ready-made alert, when it happened, why an SMS about something over.
    """
    require_filled(draft)
    return checked(draft.texts, draft.audience, draft.drill, draft.one_language)


def require_filled(draft: Draft) -> None:
    """Raise Refusal while the form wants an answer that no program is asked for."""
    if not draft.drill:
        _require_urgent(draft)
    require_whole(draft, draft.texts)


def require_whole(draft: Draft, read: Collection[str]) -> None:
    """Raise Refusal for a text in one of the languages that are `read` that was left behind, or an empty field."""
    if stale := [each for each in draft.stale if each in read and each not in draft.kept]:
        raise StaleTexts(
            "Vous avez modifié un texte, mais pas celui-ci : {languages}. Modifiez-le aussi, ou appuyez encore une "
            "fois pour le garder tel quel.",
            languages=", ".join(language_name(each) for each in stale),
        )
    if draft.unfilled:
        raise Refusal("Remplissez d'abord : {fields}.", fields=", ".join(draft.unfilled))


def _require_urgent(draft: Draft) -> None:
    if not draft.when:
        raise Refusal(_("L'heure du texte date de plus de 15 minutes : indiquez si les faits sont en cours."))
    if draft.when == "earlier" and not draft.late_because:
        raise Refusal(_("Faits de plus de 15 minutes : envoyez un bulletin ou motivez le SMS."))


@blueprint.get("/confirm")
@blueprint.get("/send")
@may("send_alerts")
def confirm_needs_a_text() -> ResponseReturnValue:
    return redirect(url_for("alerts.compose"))


@blueprint.post("/confirm")
@may("send_alerts")
def confirm() -> ResponseReturnValue:
    return first_look(typed_draft(), _confirm_page, compose_page)


@blueprint.post("/try")
@may("send_alerts")
def try_on_my_phone() -> ResponseReturnValue:
    """Send one message per language to the account's number, then show the confirm page again."""
    draft, now = typed_draft(), utc_now()
    try:
        number = _own_mobile()
        if number is None:
            raise Refusal(_("Votre compte n'a pas de GSM : un administrateur peut l'ajouter sous Utilisateurs."))
        texts, _found = outgoing(draft)
        for language, text in texts.items():
            digest = hashlib.sha256(f"{language}\n{text}".encode()).hexdigest()[:32]
            # A double press sends it once; pressed after a failure, it is another try.
            key = fresh_key(f"try/{draft.nonce}/{digest}", now)
            order = Order(Audience(numbers=(number,)), "test", "urgent", actor(), key)
            place({language: text}, order, settings().sending, now)
        flash(_("SMS de test envoyé au %(number)s uniquement.", number=mobile(number)))
    except Refusal as refusal:
        flash(said(refusal), "failed")
    return confirm()


@blueprint.post("/send")
@may("send_alerts")
def send() -> ResponseReturnValue:
    """Send, when the number typed is the number of people. The same form twice leads to the same alert."""
    draft = typed_draft()
    try:
        order = order_of(draft, (("late", draft.late_because),) if draft.when == "earlier" else ())
        before = placed_before(order, utc_now())
        if before is None:
            require_filled(draft)
        elif not goes_alone(before, order.alone_because):
            # What was taken is shown, whatever has changed since: to say that nothing went out would be false.
            return to_progress(before.id)
        answers = Answers(form_fields.ticked("guarded"), form_fields.reason("guard_reason"), draft.one_language)
        hand = proof.hand()
        return to_progress(place(draft.texts, order, settings().sending, utc_now(), answers, hand).id)
    except ProofWanted as refusal:
        return _confirm_page(draft, said(refusal)), 401
    except (WrongCount, FindingsRefused) as refusal:
        return _confirm_page(draft, said(refusal)), 400
    except (Duplicate, OverLimit) as refusal:
        return _confirm_page(draft, said(refusal), ask=type(refusal).__name__), 409
    except Refusal as refusal:
        return refused(draft, refusal, _confirm_page, compose_page)


def _confirm_page(draft: Draft, sentence: str = "", ask: str = "") -> str:
    """The confirm page; `ask` names the Duplicate, OverLimit or OverBudget that may be overridden. Raises Refusal."""
    texts, found = outgoing(draft)
    now = utc_now()
    card = template(draft.template) if draft.template is not None else None
    ahead = outlook(all_composed(texts, drill=False), draft.audience, False, now)
    return render_template(
        "alerts/confirm.html",
        draft=draft,
        outlook=ahead,
        measure=measured(draft, now),
        similar=[each for each, same in just_alerted(draft, card, now) if same],
        findings=found,
        GUARD_WORDS=GUARD_WORDS,
        guarded=form_fields.ticked("guarded"),
        guard_reason=form_fields.reason("guard_reason"),
        sentence=sentence,
        **overrides(ahead["over_budget"], ask),
        alone=request.form.get("do") == "alone",
        alone_because=form_fields.reason("alone_because"),
        asks_code=proof.is_due_for(ahead["size"].people),
        without_code=form_fields.reason("without_code"),
        own_mobile=_own_mobile(),
    )


def _own_mobile() -> str | None:
    """The number of whoever is signed in, None where the account has none."""
    return next((card.mobile for card in accounts() if card.id == current_user.identity.id), None)
