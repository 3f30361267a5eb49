"""One row of the table of members, changed where it stands; without scripts its link leads to the member's page."""

from dataclasses import replace

from flask import abort, get_template_attribute, render_template
from flask.typing import ResponseReturnValue

from console.people.members.blueprint import blueprint
from console.people.members.pages import NOTHING, draft_of
from console.web import form_fields
from console.web.acting import actor, refused_field
from console.web.roles import roles
from db.engine.clock import utc_now
from db.people.members.acts import change_one
from db.people.members.cards import MemberCard
from db.people.members.listing import member, neighbourhoods
from db.people.members.saving import MemberDraft, Overtaken
from plp.rules.refusals import Refusal


@blueprint.get("/<int:member_id>/row")
@roles("admin")
def row(member_id: int) -> ResponseReturnValue:
    """The row as it reads, or with `?edit=yes` as a form."""
    card = _card(member_id)
    return _form(card, draft_of(card)) if form_fields.line("edit", 3) else _row(card)


@blueprint.post("/<int:member_id>/row")
@roles("admin")
def change_row(member_id: int) -> ResponseReturnValue:
    """Save it as the member's page does; an act that can be undone for a day."""
    card = _card(member_id)
    draft = replace(
        draft_of(card),
        **{name: form_fields.line(name, 100) for name in ("last_name", "first_name", "mobile", "language")},
        email=form_fields.line("email", 300),
        neighbourhood_id=form_fields.number("neighbourhood_id") or 0,
        sms=form_fields.ticked("sms"),
        mail_group=form_fields.ticked("mail_group"),
    )
    shown = [] if form_fields.line("shown") == NOTHING else form_fields.line("shown").split() or ["unknown"]
    try:
        act = change_one(member_id, draft, actor(), utc_now(), form_fields.ticked("number_shared"), shown)
    except Overtaken as refusal:
        card = _card(member_id)
        return _form(card, replace(draft, sms=card.sms, mail_group=card.mail_group), refused_field(refusal)), 409
    except Refusal as refusal:
        return _form(card, draft, refused_field(refusal), form_fields.line("shown")), 400
    return _row(_card(member_id), act)


def _card(member_id: int) -> MemberCard:
    return member(member_id) or abort(404)


def _row(card: MemberCard, act: int | None = None) -> str:
    return str(get_template_attribute("people/members/row.html", "rows")([card], act, changed=True))


def _form(card: MemberCard, draft: MemberDraft, refusal: tuple[str, str] | None = None, shown: str = "") -> str:
    agreed = " ".join(each.channel for each in card.consents if each.given) or NOTHING
    values = {"refusal": refusal, "shown": shown or agreed, "places": neighbourhoods()}
    return render_template("people/members/row_form.html", card=card, draft=draft, **values)
