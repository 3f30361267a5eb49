"""Approval by a second person: read the alert, then approve or refuse it; or record that nobody could be reached."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.alerts.blueprint import blueprint, found, sender
from console.alerts.writing.confirming import typed_count
from console.i18n.translate import said
from console.web import form_fields
from console.web.acting import actor, settings
from db.alerts.orders.approval import approval_of, approve_broadcast, approver_refusal, break_glass, refuse_broadcast
from db.engine.clock import utc_now
from db.modems.forecast import forecast
from db.operations.waking.summons import mark_opened
from plp.rules.refusals import Refusal


@blueprint.get("/<int:broadcast_id>/approve")
@sender
def approve(broadcast_id: int) -> ResponseReturnValue:
    """The page for the second person: all that the first one saw, and the number of people to type again."""
    return _page(broadcast_id)


@blueprint.post("/<int:broadcast_id>/approve")
@sender
def approve_now(broadcast_id: int) -> ResponseReturnValue:
    """Approve, or refuse with a reason. Of two people who press at once the second finds it decided."""
    found(broadcast_id)
    try:
        if request.form.get("do") == "refuse":
            refuse_broadcast(broadcast_id, actor(), form_fields.reason("reason"), utc_now())
        else:
            approve_broadcast(broadcast_id, actor(), typed_count(), settings().sending, utc_now())
    except Refusal as refusal:
        return _page(broadcast_id, said(refusal))
    return redirect(url_for("alerts.progress", broadcast_id=broadcast_id), 303)


@blueprint.get("/<int:broadcast_id>/alone")
@sender
def alone(broadcast_id: int) -> ResponseReturnValue:
    """Send without a second person, with the officer's reason why nobody can be reached."""
    return _alone(broadcast_id)


@blueprint.post("/<int:broadcast_id>/alone")
@sender
def alone_now(broadcast_id: int) -> ResponseReturnValue:
    found(broadcast_id)
    reason = form_fields.reason("alone_because")
    try:
        break_glass(broadcast_id, actor(), reason, settings().sending, utc_now())
    except Refusal as refusal:
        return _alone(broadcast_id, said(refusal), reason)
    return redirect(url_for("alerts.progress", broadcast_id=broadcast_id), 303)


def _waits(broadcast_id: int) -> bool:
    approval = approval_of(broadcast_id)
    return approval is not None and approval.outcome == "waiting" and approval.lapses_at > utc_now()


def _page(broadcast_id: int, sentence: str = "") -> ResponseReturnValue:
    shown, approval = found(broadcast_id), approval_of(broadcast_id)
    if approval is None or not _waits(broadcast_id):
        flash(sentence or _("La validation de cet envoi n'est plus attendue."), "failed" if sentence else "done")
        return redirect(url_for("alerts.progress", broadcast_id=broadcast_id), 303)
    refusal = approver_refusal(broadcast_id, actor(), utc_now())
    if refusal is None:
        mark_opened("approval", [str(broadcast_id)], actor(), utc_now())
    page = render_template(
        "alerts/approve.html",
        progress=shown,
        approval=approval,
        refusal=said(refusal) if refusal is not None else "",
        forecast=forecast(shown.parts, utc_now(), urgent=not shown.drill),
        sentence=sentence,
        reason=form_fields.reason("reason"),
    )
    return page, 409 if sentence else 200


def _alone(broadcast_id: int, sentence: str = "", reason: str = "") -> ResponseReturnValue:
    shown = found(broadcast_id)
    if not _waits(broadcast_id):
        return redirect(url_for("alerts.progress", broadcast_id=broadcast_id), 303)
    page = render_template("alerts/alone.html", progress=shown, sentence=sentence, reason=reason)
    return page, 409 if sentence else 200
