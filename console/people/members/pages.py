"""One member: add, change."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.translate import said
from console.people.members.blueprint import blueprint
from console.web import form_fields
from console.web.acting import actor, refused_field
from console.web.roles import roles
from db.engine.clock import utc_now
from db.inbound.replies.leaving import left_by_text
from db.people.members.cards import MemberCard
from db.people.members.listing import member, neighbourhoods
from db.people.members.saving import MemberDraft, Overtaken, save_member
from db.people.streets import street_neighbourhoods
from plp.rules.numbers import shown
from plp.rules.refusals import Refusal

# What a form showed as agreed to.
NOTHING = "nothing"


@blueprint.get("/add")
@roles("admin")
def add() -> ResponseReturnValue:
    blank = MemberDraft("", "", "", "", "fr", form_fields.number("neighbourhood") or 0)
    return _form(None, blank)


@blueprint.post("/add")
@roles("admin")
def add_now() -> ResponseReturnValue:
    return _save(None)


@blueprint.get("/<int:member_id>")
@roles("admin")
def edit(member_id: int) -> ResponseReturnValue:
    card = _card(member_id)
    return _form(card, draft_of(card))


@blueprint.post("/<int:member_id>")
@roles("admin")
def edit_now(member_id: int) -> ResponseReturnValue:
    return _save(_card(member_id))


def _card(member_id: int) -> MemberCard:
    return member(member_id) or abort(404)


def draft_of(card: MemberCard) -> MemberDraft:
    """The member as a form begins with."""
    return MemberDraft(
        first_name=card.first_name,
        last_name=card.last_name,
        mobile=card.mobile or "",
        email=card.email or "",
        language=card.language,
        neighbourhood_id=card.neighbourhood_id,
        role=card.role,
        sms=card.sms,
        mail_group=card.mail_group,
        landline=_typable(card.landline),
        second_number=_typable(card.second_number),
        street=card.street,
        house_number=card.house_number,
        postal_code=card.postal_code,
    )


def _typable(number: str) -> str:
    return shown(number) if number else ""


def _typed_draft() -> MemberDraft:
    return MemberDraft(
        first_name=form_fields.line("first_name"),
        last_name=form_fields.line("last_name"),
        mobile=form_fields.line("mobile", 60),
        email=form_fields.line("email", 300),
        language=form_fields.line("language", 10),
        neighbourhood_id=form_fields.number("neighbourhood_id") or of_street(form_fields.line("street", 100)),
        role=form_fields.line("role", 20) or "member",
        sms=form_fields.ticked("sms"),
        mail_group=form_fields.ticked("mail_group"),
        landline=form_fields.line("landline", 60),
        second_number=form_fields.line("second_number", 60),
        street=form_fields.line("street"),
        house_number=form_fields.line("house_number", 20),
        postal_code=form_fields.line("postal_code", 20),
    )


def of_street(street: str) -> int:
    """The only neighbourhood in which the zone's list has this street, else 0."""
    listed = street_neighbourhoods(street)
    return listed[0] if len(listed) == 1 else 0


def _save(card: MemberCard | None) -> ResponseReturnValue:
    draft = _typed_draft()
    try:
        save_member(
            card.id if card else None,
            draft,
            actor(),
            utc_now(),
            welcome=form_fields.ticked("welcome") and card is None,
            number_shared=form_fields.ticked("number_shared"),
            # A form that does not say what it showed may have shown anything.
            shown=[] if form_fields.line("shown") == NOTHING else form_fields.line("shown").split() or ["unknown"],
        )
    except Overtaken as refusal:
        return _form_anew(card, draft, said(refusal)), 409
    except Refusal as refusal:
        return _form(card, draft, refused_field(refusal), form_fields.line("shown")), 400
    name = f"{draft.first_name} {draft.last_name}".strip()
    flash(_("%(name)s : membre enregistré.", name=name), "done")
    listed = street_neighbourhoods(draft.street)
    if listed and draft.neighbourhood_id not in listed:
        flash(_("La liste des rues place %(street)s dans un autre quartier : vérifiez.", street=draft.street), "failed")
    return redirect(url_for("members.members", neighbourhood=draft.neighbourhood_id))


def _form_anew(card: MemberCard | None, draft: MemberDraft, sentence: str) -> str:
    """The form as it was typed, with the boxes as this person agreed by now."""
    if card is not None:
        card = _card(card.id)
        draft = replace(draft, sms=card.sms, mail_group=card.mail_group)
    return _form(card, draft, ("", sentence))


def _form(
    card: MemberCard | None, draft: MemberDraft, refusal: tuple[str, str] | None = None, shown: str | None = None
) -> str:
    if shown is None:
        shown = " ".join(consent.channel for consent in card.consents if consent.given) if card else ""
        shown = shown or NOTHING
    return render_template(
        "people/members/member.html",
        card=card,
        draft=draft,
        refusal=refusal,
        shown=shown,
        places=neighbourhoods(),
        welcome=form_fields.ticked("welcome") if refusal else True,
        number_shared=form_fields.ticked("number_shared"),
    )


# A month: whoever looks less often finds it on the member's page and in the journal.
TOLD_FOR = timedelta(days=30)


@blueprint.app_template_global()
def leavers() -> list[tuple[int, str, datetime]]:
    """(id, name, when) of each member who answered STOP in the last month and is still out, newest first."""
    return left_by_text(utc_now() - TOLD_FOR)
