"""The yearly renewal: begin it, read its three lists, and erase the people who leave, which only an admin can do."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.translate import said
from console.people.care.pages import blueprint
from console.second_factor.proof import prove_first
from console.web import form_fields
from console.web.acting import FORM, actor, done, form_page
from console.web.roles import may
from db.engine.clock import utc_now
from db.people.members.renewal import Answer, asked_members, leaving_members, open_renewal
from plp.services.forgetting import forget_member
from plp.services.people.care import answer_by_hand, begin_renewal, end_renewal
from rules.calendar import local_date
from rules.refusals import Refusal

# A press takes a few seconds for so many; the page says how many are left.
AT_ONCE = 100
PROPOSED = timedelta(days=30)
_LISTS: dict[str, Answer] = {"silent": "", "stay": "yes", "leave": "no"}


@blueprint.route("/renewal", methods=FORM)
@may("edit_members")
@prove_first
def renewal() -> ResponseReturnValue:
    def begin() -> ResponseReturnValue:
        until = form_fields.midnight(form_fields.line("until", 10))
        if until is None:
            raise Refusal("Choisissez une date dans le futur.")
        begin_renewal(until, actor(), utc_now())
        return done(_("Renouvellement commencé. Les questions sont envoyées progressivement."), "care.renewal")

    return form_page(_page, begin)


@blueprint.post("/renewal/answer")
@may("edit_members")
def answer_now() -> ResponseReturnValue:
    """An answer given to an admin: `stay` or `leave`, or `silent` to withdraw it."""
    try:
        answer_by_hand(
            form_fields.number("member") or 0, _LISTS.get(form_fields.line("answer"), ""), actor(), utc_now()
        )
    except Refusal as refusal:
        return _page(said(refusal)), 409
    return redirect(url_for("care.renewal", list=form_fields.line("list"), page=form_fields.number("page")))


@blueprint.post("/renewal/leave")
@may("edit_members")
@prove_first
def leave_now() -> ResponseReturnValue:
    """Erase some of the people who leave, as many as the page stated."""
    card, now = open_renewal(), utc_now()
    if card is None:
        return redirect(url_for("care.renewal"))
    gone, kept = 0, 0
    for member_id in leaving_members(card.id, now, AT_ONCE):
        try:
            forget_member(member_id, actor(), now, requester="zone")
            gone += 1
        except Refusal:  # a call for help of theirs is open
            kept += 1
    flash(ngettext("%(n)s personne supprimée.", "%(n)s personnes supprimées.", gone, n=gone), "done")
    if kept:
        flash(_("Non supprimées (message urgent à traiter) : %(n)s.", n=kept), "failed")
    return redirect(url_for("care.renewal"))


@blueprint.post("/renewal/end")
@may("edit_members")
def end_now() -> ResponseReturnValue:
    end_renewal(actor(), utc_now())
    return done(_("Renouvellement terminé."), "care.renewal")


def _page(sentence: str) -> str:
    card, now = open_renewal(), utc_now()
    shown = form_fields.line("list")
    shown = shown if shown in _LISTS else "silent"
    return render_template(
        "people/care/renewal.html",
        card=card,
        shown=shown,
        found=asked_members(card.id, _LISTS[shown], form_fields.number("page", 1) or 1) if card else None,
        leaving=len(leaving_members(card.id, now, AT_ONCE)) if card else 0,
        is_over=card is not None and card.until_at <= now,
        sentence=sentence,
        proposed=local_date(now + PROPOSED).isoformat(),
    )
