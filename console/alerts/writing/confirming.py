"""Confirmation page, test SMS to the officer's phone, sending, and approval by a colleague: only here a page sends."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from console.alerts.blueprint import blueprint, broadcast_at, to_progress
from console.alerts.writing.composing import compose_page, just_alerted
from console.alerts.writing.counter import language_name, measured
from console.alerts.writing.draft import Draft, draft_of_filled, empty_draft, typed_draft
from console.alerts.writing.preview import outlook
from console.i18n.labels import mobile
from console.i18n.translate import said
from console.second_factor import proof
from console.web import form_fields
from console.web.acting import FORM, actor, request_now, settings
from console.web.pages import Served
from db.alerts.incidents.left_out import without_mobile_of
from db.alerts.orders.approval import ApprovalCard, approval_of
from db.alerts.orders.chosen import filled_by
from db.alerts.orders.earlier import fresh_key, newest_order
from db.alerts.values import Order, Plan
from db.engine.clock import utc_now
from db.modems.forecast import forecast
from db.modems.readiness import readiness
from db.people.accounts.accounts import find_account
from db.people.audience import Audience
from plp.services.orders.approving import approve_broadcast, break_glass, go_alone, open_approval, refuse_broadcast
from plp.services.orders.placing import place
from plp.services.orders.planning import plan_order
from plp.services.texts import Answers, written
from rules.orders.agreement import ProofWanted, WrongCount
from rules.refusals import AllQuiet, Duplicate, NotReady, OverLimit, Overtaken, Refusal
from rules.text_guard import FindingsRefused


def order_of(draft: Draft) -> Order:
    """The draft as an order of the officer who pressed, with the answers of the form that was posted."""
    return Order(
        audience=draft.audience,
        kind=draft.kind,
        priority="urgent",
        by=actor(),
        idempotency_key=draft.key,
        again=request.form.get("again") == "yes",
        override_reason=form_fields.reason("reason") or None,
        remarks=(("late", draft.late_because),) if draft.when == "earlier" else (),
        happened=draft.when,
        late_because=draft.late_because if draft.when == "earlier" else "",
        alone_because=form_fields.reason("alone_because") if request.form.get("do") == "alone" else None,
        filled=draft.filled,
        seen=form_fields.number("seen"),
        quiet=draft.quiet,
    )


def first_look(draft: Draft, confirm_page: Callable[[Draft], str], compose_page: Callable[[Draft, str], str]) -> Served:
    """The confirm page of what was typed, or the form with why it is not possible."""
    try:
        return confirm_page(draft)
    except StaleTexts as refusal:
        return compose_page(replace(draft, kept=draft.stale), said(refusal)), 400
    except Refusal as refusal:
        return compose_page(draft, said(refusal)), 400


def send_draft(
    draft: Draft, confirm_page: Callable[[Draft, str, str], str], compose_page: Callable[[Draft, str], str]
) -> Served:
    """Send what was confirmed, once; a refusal (nothing went out) is shown on the confirm page, else on the form."""
    reason = form_fields.reason("guard_reason")
    answers = Answers(form_fields.ticked("guarded"), reason, draft.one_language, unanswered(draft))
    try:
        if not draft.drill and request.form.get("no_sms") != "yes" and not readiness(utc_now()).can_take_urgent:
            raise NotReady("Aucun SMS n'est envoyé maintenant.")  # which the page did not show
        order, hand = order_of(draft), proof.hand()
        number = place(draft.texts, order, settings().sending, utc_now(), answers, hand)
        if order.alone_because is not None:  # one that waits since an earlier press
            go_alone(number, hand, order.alone_because, request_now())
        return to_progress(number)
    except Refusal as refusal:
        # The page itself says why nothing can be sent, in words for officers.
        sentence = _("Aucun SMS n'a été envoyé.") if isinstance(refusal, NotReady) else said(refusal)
        ask = type(refusal).__name__ if isinstance(refusal, Duplicate | OverLimit | Overtaken) else ""
        status = 400 if isinstance(refusal, WrongCount | FindingsRefused) else 409
        status = 401 if isinstance(refusal, ProofWanted) else status
    try:
        return confirm_page(draft, sentence, ask), status
    except Refusal as deeper:
        return compose_page(draft, said(deeper)), 400


def confirm_values(draft: Draft, sentence: str, ask: str) -> dict[str, Any]:
    """Values of the confirm page; `ask` names the Duplicate, OverLimit or OverBudget that may be overridden, or the
    Overtaken that is read now. Raises Refusal when the text or the people are not possible, or when a drill's text
    denies being one.
    """
    # Before anything that the page shows is read: what comes meanwhile is not taken for seen.
    newest, seen = newest_order(), None if ask == "Overtaken" else form_fields.number("seen")
    try:
        plan = plan_of(draft)
    except AllQuiet as refusal:  # the page that asks about them needs somebody to show
        draft, sentence = replace(draft, quiet="ring"), said(refusal)
        plan = plan_of(draft)
    now = utc_now()
    ahead, again, reason = outlook(plan, now), request.form.get("again") == "yes", form_fields.reason("reason")
    return {
        "draft": draft,
        "outlook": ahead,
        "measure": measured(draft, now),
        "findings": plan.findings,
        "text_to_read": _text_to_read(draft.texts, plan.texts),
        "sentence": sentence,
        "ask_again": again or ask == "Duplicate",
        "again": again,
        "ask_reason": bool(
            reason or ask in ("OverLimit", "OverBudget") or ahead["over_budget"] or ahead["over_ceiling"]
        ),
        "reason": reason,
        "seen": newest if seen is None else seen,
    }


class StaleTexts(Refusal):
    """One language's text was changed and another's was not."""


def plan_of(draft: Draft) -> Plan:
    """The plan of what was typed. Raises Refusal as `plan_order` does, and for what is `unanswered`."""
    if (refusal := unanswered(draft)) is not None:
        raise refusal
    texts = written(draft.texts, drill=draft.drill, one_language=draft.one_language)
    return plan_order(order_of(draft), texts, settings().sending, utc_now())


def unanswered(draft: Draft) -> Refusal | None:
    """The refusal while an answer is missing that only a person can give: a field, the time, why it is sent late."""
    if not draft.drill and not draft.when:
        return Refusal(
            _("L'heure indiquée dans le texte remonte à plus de 15 minutes : indiquez si les faits sont en cours.")
        )
    if not draft.drill and draft.when == "earlier" and not draft.late_because:
        return Refusal(_("Faits de plus de 15 minutes : envoyez un bulletin ou motivez le SMS."))
    try:
        require_whole(draft, draft.texts)
    except Refusal as refusal:
        return refusal
    return None


def require_whole(draft: Draft, read: Collection[str]) -> None:
    """Raise Refusal if a text in a language that recipients read was not updated, or if a field is empty."""
    if stale := [language for language in draft.stale if language in read and language not in draft.kept]:
        raise StaleTexts(
            "Vous avez modifié un texte, mais pas celui-ci : {languages}. Modifiez-le aussi, ou cliquez encore une "
            "fois pour le garder tel quel.",
            languages=", ".join(map(language_name, stale)),
        )
    if draft.unfilled:
        raise Refusal("Remplissez d'abord : {fields}.", fields=", ".join(draft.unfilled))


@blueprint.get("/confirm", may="send_alerts")
@blueprint.get("/send", may="send_alerts")
def confirm_needs_a_text() -> Served:
    return redirect(url_for("alerts.compose"))


@blueprint.post("/confirm", may="send_alerts")
def confirm() -> Served:
    return first_look(typed_draft(), _confirm_page, compose_page)


@blueprint.post("/try", may="send_alerts")
def try_on_my_phone() -> Served:
    """Send one message per language to the account's number, then show the confirm page again."""
    draft, now = typed_draft(), utc_now()
    try:
        number = _own_mobile()
        if number is None:
            raise Refusal(
                _("Votre compte n'a pas de GSM : un administrateur peut l'ajouter sur la page « Utilisateurs ».")
            )
        for language in plan_of(draft).texts:
            text = draft.texts[language]
            digest = hashlib.sha256(f"{language}\n{text}".encode()).hexdigest()[:32]
            # A double press sends it once; pressed after a failure, it is another try.
            key = fresh_key(f"try/{draft.nonce}/{digest}", now)
            order = Order(Audience(numbers=(number,)), "test", "urgent", actor(), key)
            place({language: text}, order, settings().sending, now)
        flash(_("SMS de test envoyé au %(number)s uniquement.", number=mobile(number)))
    except Refusal as refusal:
        flash(said(refusal), "failed")
    return confirm()


@blueprint.post("/send", may="send_alerts")
def send() -> Served:
    """Send, when the number typed is the number of people. The same form twice leads to the same alert."""
    return send_draft(typed_draft(), _confirm_page, compose_page)


def _confirm_page(draft: Draft, sentence: str = "", ask: str = "") -> str:
    values = confirm_values(draft, sentence, ask)
    return render_template(
        "alerts/confirm.html",
        **values,
        just_alerted=just_alerted(draft, utc_now()),
        asks_code=proof.is_due_for(values["outlook"]["size"].people),
        own_mobile=_own_mobile(),
    )


def _own_mobile() -> str | None:
    """The number of the signed-in person, None if the account has none."""
    card = find_account(current_user.identity.id)
    return card.mobile if card is not None else None


@blueprint.route("/<int:broadcast_id>/approve", methods=FORM, may="send_alerts")
def approve(broadcast_id: int) -> Served:
    """Everything that the first person saw, and the number of people to type again; approve, or refuse it."""
    shown, sentence, status = broadcast_at(broadcast_id), "", 200
    if request.method == "POST":
        try:
            if request.form.get("do") == "refuse":
                refuse_broadcast(broadcast_id, actor(), form_fields.reason("reason"), utc_now())
            else:
                approve_broadcast(broadcast_id, proof.hand(), request_now())
            return to_progress(broadcast_id)
        except Refusal as refusal:
            sentence, status = said(refusal), _status(refusal)
    approval = approval_of(broadcast_id)
    if approval is None or not _waits(approval):
        flash(sentence or _("Cet envoi n'est plus en attente de validation."), "failed" if sentence else "done")
        return to_progress(broadcast_id)
    filled = filled_by([broadcast_id]).get(broadcast_id)
    made = draft_of_filled(filled, empty_draft()).texts if filled else {}
    not_them = open_approval(broadcast_id, actor(), utc_now())
    page = render_template(
        "alerts/approve.html",
        progress=shown,
        approval=approval,
        text_to_read=_text_to_read(made, [text.language for text in shown.texts]),
        without=len(without_mobile_of(broadcast_id, informed=None)),
        refusal=said(not_them) if not_them is not None else "",
        forecast=forecast(shown.parts, utc_now(), urgent=not shown.drill),
        sentence=sentence,
        **proof.hand_fields(shown.recipients, drill=shown.drill),
    )
    return page, status


@blueprint.route("/<int:broadcast_id>/alone", methods=FORM, may="send_alerts")
def alone(broadcast_id: int) -> Served:
    """Send without a second person, with the officer's reason why nobody can be reached."""
    shown, sentence, status = broadcast_at(broadcast_id), "", 200
    if request.method == "POST":
        try:
            break_glass(broadcast_id, proof.hand(), form_fields.reason("alone_because"), request_now())
        except Refusal as refusal:
            sentence, status = said(refusal), _status(refusal)
    approval = approval_of(broadcast_id)
    if approval is None or not _waits(approval):
        return to_progress(broadcast_id)
    fields = proof.hand_fields(shown.recipients, drill=shown.drill)
    return render_template("alerts/alone.html", progress=shown, sentence=sentence, **fields), status


def _status(refusal: Refusal) -> int:
    return 401 if isinstance(refusal, ProofWanted) else 409


def _waits(approval: ApprovalCard) -> bool:
    return approval.outcome == "waiting" and approval.lapses_at > utc_now()


def _text_to_read(texts: Mapping[str, str], sent: Collection[str]) -> str:
    """The text in the reader's own language where nobody gets that one: who decides knows what is said."""
    language = str(get_locale().language)
    return "" if language in sent else texts.get(language, "")
