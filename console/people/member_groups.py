"""Groups of members across neighbourhoods: make, rename, delete; put people in and out; a member's own groups."""

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, to_user_timezone

from console.web import form_fields
from console.web.acting import actor, attempt, attempted, done
from console.web.pages import Pages, Served
from db.engine.base import Page
from db.engine.clock import utc_now
from db.people.member_groups import MemberGroup, Rule, groups_of, member_group, member_groups, people_of_group
from db.people.members.cards import MemberCard
from db.people.members.listing import Filter, filtered_ids, member, members
from plp.services.people.groups import delete_group, numbered, put_into_group, save_group, take_out_of_group
from plp.services.people.neighbourhoods import street_typed
from rules.refusals import FieldRefusal

blueprint = Pages("member_groups", "/member-groups")
blueprint.add_app_template_global(groups_of)

LONGEST_PASTED = 200_000
_MATCHES_SHOWN = 200
_UNKNOWN_SHOWN = 10


@blueprint.get("", may="edit_members")
def groups() -> Served:
    return render_template("people/member_groups/groups.html", groups=member_groups())


@blueprint.get("/<int:group_id>", may="edit_members")
def group(group_id: int) -> Served:
    """Its people, and those whom a search finds."""
    card, search = _card(group_id), form_fields.line("search", 100)
    matches = members(Filter(search), per_page=_MATCHES_SHOWN) if search and card.rule is None else None
    return _page(card, search=search, matches=matches)


@blueprint.post("/<int:group_id>/people", may="edit_members")
def people_now(group_id: int) -> Served:
    """Put ticked members in, or all that a search finds (`do` is all), or take them out."""
    search, do = form_fields.line("search", 100), request.form.get("do")
    ticked = filtered_ids(Filter(search)) if do == "all" and search else form_fields.numbers("member")
    out = do == "out"
    moved = attempt(lambda: (take_out_of_group if out else put_into_group)(group_id, ticked, actor(), utc_now()))
    if moved is not None:
        flash(_moved(moved, out), "done")
    return redirect(url_for("member_groups.group", group_id=group_id))


@blueprint.post("/<int:group_id>/numbers", may="edit_members")
def numbers_now(group_id: int) -> Served:
    """Add the people who have one of the pasted numbers; the other numbers stay in the form, to be corrected."""
    card = _card(group_id)
    known, unknown = numbered(form_fields.text("numbers")[:LONGEST_PASTED])
    if (moved := attempt(lambda: put_into_group(group_id, known, actor(), utc_now()))) is not None:
        flash(_moved(moved, out=False), "done")
    return _page(card, unknown=unknown) if unknown else redirect(url_for("member_groups.group", group_id=group_id))


def _edit_page(group_id: int | None) -> str:
    """Of a rule that was refused, its streets, neighbourhoods and date as they were typed."""
    posted, card = request.method == "POST", _card(group_id) if group_id is not None else None
    rule = card.rule if card else None
    if card is None and form_fields.line("rule"):
        rule = Rule()
    lived_in = rule or Rule()
    since = to_user_timezone(lived_in.since_at).date().isoformat() if lived_in.since_at else ""
    return render_template(
        "people/member_groups/group_form.html",
        card=card,
        name=form_fields.line("name", 60) if posted or card is None else card.name,
        rule=rule,
        streets=form_fields.text("streets") if posted else "\n".join(map(str, lived_in.streets)),
        since=form_fields.line("since", 10) if posted else since,
        ticked=form_fields.numbers("neighbourhood") if posted else lived_in.neighbourhood_ids,
    )


@blueprint.form("/add", _edit_page, endpoint="add", defaults={"group_id": None}, may="edit_members")
@blueprint.form("/<int:group_id>/edit", _edit_page, may="edit_members")
def edit(group_id: int | None) -> Served:
    """A group whose people are put in, or one with a rule (a new one: `rule` is yes)."""
    by_rule = bool(form_fields.line("rule")) if group_id is None else _card(group_id).rule is not None
    name = form_fields.line("name", 60)
    saved = save_group(group_id, name, _typed_rule() if by_rule else None, actor(), utc_now())
    return done(_("Le groupe %(name)s est enregistré.", name=name), "member_groups.group", group_id=saved)


@blueprint.post("/<int:group_id>/delete", may="edit_members")
def delete(group_id: int) -> Served:
    sentence = _("Le groupe %(name)s est supprimé.", name=_card(group_id).name)
    return attempted(lambda: delete_group(group_id, actor(), utc_now()), sentence, "member_groups.groups")


@blueprint.post("/of-member/<int:member_id>", may="edit_members")
def of_member_now(member_id: int) -> Served:
    """The groups that were ticked in a member's record; those by rule are no choice."""
    if member(member_id) is None:
        abort(404)
    wanted = set(form_fields.numbers("group"))
    for group_id, _name, by_rule, inside in groups_of(member_id):
        if not by_rule and inside != (group_id in wanted):
            change = take_out_of_group if inside else put_into_group
            attempt(lambda: change(group_id, [member_id], actor(), utc_now()))  # noqa: B023 - called at once
    return done(_("Les groupes sont enregistrés."), "members.edit", member_id=member_id)


def _card(group_id: int) -> MemberGroup:
    return member_group(group_id) or abort(404)


def _moved(people: int, out: bool) -> str:
    if out:
        return str(ngettext("%(num)s membre retiré.", "%(num)s membres retirés.", people))
    return str(ngettext("%(num)s membre ajouté.", "%(num)s membres ajoutés.", people))


def _typed_rule() -> Rule:
    """The rule in the form that was posted. Raises Refusal for a street that the zone does not have, or for no date."""
    lines = (line for line in form_fields.text("streets")[:LONGEST_PASTED].splitlines() if line.strip())
    streets = tuple(map(street_typed, lines))
    since = form_fields.line("since", 10)
    since_at = form_fields.midnight(since)
    if since and since_at is None:
        raise FieldRefusal("since", "Donnez une date, par exemple 31/01/2026.")
    return Rule(
        everywhere=form_fields.line("where") == "all",
        neighbourhood_ids=tuple(form_fields.numbers("neighbourhood")),
        streets=streets,
        language=form_fields.line("language", 10),
        role=form_fields.line("role", 20),
        since_at=since_at,
    )


def _page(
    card: MemberGroup, search: str = "", matches: Page[MemberCard] | None = None, unknown: Sequence[str] = ()
) -> str:
    return render_template(
        "people/member_groups/group.html",
        card=card,
        people=people_of_group(card.id, form_fields.number("page", 1) or 1),
        search=search,
        matches=matches,
        unknown=unknown,
        unknown_shown=_UNKNOWN_SHOWN,
    )
