"""Approval by a second person: read the alert, then approve or refuse it; or record that nobody could be reached."""

from flask import flash, render_template, request
from flask_babel import gettext as _

from console.alerts.blueprint import blueprint, broadcast_at, to_progress
from console.alerts.writing.draft import draft_of_filled, empty_draft, text_to_read
from console.i18n.translate import said
from console.second_factor import proof
from console.web import form_fields
from console.web.acting import FORM, actor, request_now
from console.web.pages import Served
from db.alerts.incidents.left_out import without_mobile_of
from db.alerts.orders.approval import ApprovalCard, approval_of
from db.alerts.orders.chosen import filled_by
from db.engine.clock import utc_now
from db.modems.forecast import forecast
from plp.services.orders.approving import approve_broadcast, break_glass, open_approval, refuse_broadcast
from rules.orders.agreement import ProofWanted
from rules.refusals import Refusal


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
        text_to_read=text_to_read(made, [text.language for text in shown.texts]),
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
