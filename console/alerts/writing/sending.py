"""The confirm page's form as an order, for alerts and drills: overrides, refusals, and the page that follows."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeVar

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.alerts.writing.counter import language_name
from console.alerts.writing.draft import Draft
from console.alerts.writing.preview import Outlook
from console.i18n.translate import said
from console.web import form_fields
from console.web.session import actor
from db.alerts.values import Order, Placed
from plp.rules.refusals import NotReady, Refusal
from plp.rules.text_guard import TextFinding
from plp.services.texts import checked

D = TypeVar("D", bound=Draft)


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


def to_progress(placed: Placed) -> ResponseReturnValue:
    """Redirect to the broadcast's page, which may be reloaded without sending again."""
    return redirect(url_for("alerts.progress", broadcast_id=placed.id), 303)


def overrides(outlook: Outlook, ask: str) -> dict[str, object]:
    """The limits that the confirm page lets the officer override; `ask`: the Duplicate, OverLimit or OverBudget met."""
    again, reason = request.form.get("again") == "yes", form_fields.reason("reason")
    return {
        "ask_again": again or ask == "Duplicate",
        "again": again,
        "ask_reason": bool(reason) or ask in ("OverLimit", "OverBudget") or outlook.over_budget,
        "reason": reason,
    }


def first_look(
    draft: D, confirm_page: Callable[[D, str], str], compose_page: Callable[[D, str], str]
) -> ResponseReturnValue:
    """The confirm page of what was typed, or the form with why it is not possible."""
    try:
        return confirm_page(draft, "")
    except StaleTexts as refusal:
        return compose_page(replace(draft, kept=draft.stale), said(refusal)), 400
    except Refusal as refusal:
        return compose_page(draft, said(refusal)), 400


def refused(
    draft: D, refusal: Refusal, confirm_page: Callable[[D, str], str], compose_page: Callable[[D, str], str]
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
