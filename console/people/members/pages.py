"""One member: add, change; on a page, or in its row of the table."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import abort, flash, g, get_template_attribute, render_template, request
from flask_babel import gettext as _

from console.web import form_fields
from console.web.acting import Refused, actor, done
from console.web.pages import Pages, Served, refusal_now
from db.engine.clock import utc_now
from db.inbound.replies.leaving import left_by_text
from db.people.geography import street_neighbourhoods
from db.people.members.cards import MemberCard
from db.people.members.listing import cards_in_order, ids_with, member, neighbourhood_names, neighbourhoods
from plp.services.people.saving import change_one, draft_of, save_member
from rules.members import COLUMNS, MOST, MemberDraft, places_in, written_places
from rules.numbers import parse_mobile
from rules.refusals import Overtaken, Refusal

blueprint = Pages("members", "/members")

blueprint.add_app_template_global(neighbourhoods, "all_neighbourhoods")
# What a form showed as agreed to.
NOTHING = "nothing"
# A month: whoever looks less often finds it on the member's page and in the journal.
TOLD_FOR = timedelta(days=30)


def _values(card: MemberCard | None, draft: MemberDraft) -> dict[str, object]:
    """Values of both forms: the consent as the refused form showed it, or as this person agreed meanwhile."""
    overtaken, showed = isinstance(g.get("refusal"), Overtaken), ""
    if card and overtaken:
        draft = replace(draft, sms=card.sms, mail_group=card.mail_group)
    elif refusal_now():
        showed = form_fields.line("shown")
    agreed = " ".join(consent.channel for consent in card.consents if consent.given) if card else ""
    others = [other for other in twins(draft, refusal_now()) if card is None or other.id != card.id]
    return {"card": card, "draft": draft, "shown": showed or agreed or NOTHING, "twins": others}


def _typed() -> MemberDraft:
    typed = typed_member()
    place, role = typed.neighbourhood_id or of_street(typed.street), form_fields.line("role", 20) or "member"
    return replace(typed, neighbourhood_id=place, role=role)


def _page(member_id: int | None) -> str:
    card = _card(member_id) if member_id is not None else None
    if request.method == "POST":
        draft = _typed()
    elif card:
        draft = _with_place(draft_of(card))
    else:
        draft = MemberDraft("", "", "", "", "fr", form_fields.number("neighbourhood") or 0)
    return render_template(
        "people/members/member.html",
        **_values(card, draft),
        welcome=form_fields.ticked("welcome") or request.method != "POST",
    )


@blueprint.form("/add", _page, endpoint="add", defaults={"member_id": None}, may="edit_members")
@blueprint.form("/<int:member_id>", _page, may="edit_members")
def edit(member_id: int | None) -> Served:
    draft = _typed()
    save_member(
        member_id,
        draft,
        actor(),
        utc_now(),
        welcome=form_fields.ticked("welcome") and member_id is None,
        number_shared=form_fields.ticked("number_shared"),
        shown=_said_as_shown(),
    )
    if (listed := street_neighbourhoods(draft.street)) and draft.neighbourhood_id not in listed:
        flash(_("La liste des rues place %(street)s dans un autre quartier : vérifiez.", street=draft.street), "failed")
    sentence = _("%(name)s : membre enregistré.", name=draft.name)
    return done(sentence, "members.members", neighbourhood=draft.neighbourhood_id)


def _row(card: MemberCard, act: int | None = None) -> str:
    return str(get_template_attribute("people/members/row.html", "rows")([card], act, changed=True))


def _typed_row(card: MemberCard) -> MemberDraft:
    typed = typed_member()
    named = ("last_name", "first_name", "mobile", "language", "email", "neighbourhood_id", "sms", "mail_group")
    return replace(draft_of(card), **{name: getattr(typed, name) for name in named})


def _row_page(member_id: int) -> str:
    """The row as it reads, or with `?edit=yes` as a form."""
    card, posted = _card(member_id), request.method == "POST"
    if not posted and not form_fields.line("edit", 3):
        return _row(card)
    draft = _typed_row(card) if posted else draft_of(card)
    return render_template("people/members/row_form.html", **_values(card, draft))


@blueprint.form("/<int:member_id>/row", _row_page, may="edit_members")
def row(member_id: int) -> Served:
    """Save it as the member's page does; an act that can be undone for a day."""
    draft = _typed_row(_card(member_id))
    act = change_one(member_id, draft, actor(), utc_now(), form_fields.ticked("number_shared"), _said_as_shown())
    return _row(_card(member_id), act)


@blueprint.app_template_global()
def leavers() -> list[tuple[int, str, datetime]]:
    """(id, name, when) of every member who answered STOP in the last month and is still unsubscribed, newest first."""
    return left_by_text(utc_now() - TOLD_FOR)


def _card(member_id: int) -> MemberCard:
    return member(member_id) or abort(404)


def typed_member() -> MemberDraft:
    """The fields of a member's form as they came; the role is not among them."""
    lines: dict[str, Any] = {name: form_fields.line(name, COLUMNS[name].longest) for name in COLUMNS if name != "role"}
    lines["other_places"] = typed_places() or lines["other_places"]
    return MemberDraft(
        **lines,
        neighbourhood_id=form_fields.number("neighbourhood_id") or 0,
        sms=form_fields.ticked("sms"),
        mail_group=form_fields.ticked("mail_group"),
    )


def typed_places() -> str:
    """The further places of the form that was posted, as one text."""
    names = neighbourhood_names()
    ids = ((row, form_fields.number(f"place_{row}")) for row in range(MOST))
    return written_places((names[at], form_fields.line(f"place_street_{row}", 100)) for row, at in ids if at in names)


def _with_place(draft: MemberDraft) -> MemberDraft:
    """The draft with the place that the address names: for somebody who was entered a second time."""
    name = neighbourhood_names().get(form_fields.number("place") or 0)
    if name is None:
        return draft
    added = written_places([*places_in(draft.other_places), (name, form_fields.line("street", 100))])
    return replace(draft, other_places=added)


def twins(draft: MemberDraft, refusal: Refused) -> list[MemberCard]:
    """The people with the refused mobile: perhaps one of them is this person, at another place."""
    with suppress(Refusal):
        return cards_in_order(ids_with(parse_mobile(draft.mobile))) if refusal and refusal[0] == "mobile" else []
    return []


def of_street(street: str) -> int:
    """The only neighbourhood in which the zone's list has this street, else 0."""
    listed = street_neighbourhoods(street)
    return listed[0] if len(listed) == 1 else 0


def _said_as_shown() -> list[str]:
    """The channels that the posted form showed as agreed to; a form that does not say may have shown anything."""
    said = form_fields.line("shown")
    return [] if said == NOTHING else said.split() or ["unknown"]
