"""The table of members: searched, filtered, ordered, taken along as a file, changed together, two made one."""

import re
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.labels import count
from console.i18n.translate import said
from console.people.members.pages import blueprint
from console.web import form_fields
from console.web.acting import FORM, actor, as_file, attempted
from console.web.pages import Served
from db.engine.clock import utc_now
from db.people.member_groups import in_groups, member_groups
from db.people.members.cards import MemberCard
from db.people.members.listing import Filter, filtered_ids, member, neighbourhood_names
from db.people.members.listing import members as listed
from plp.services.people.exporting import Format, export_members
from plp.services.people.saving import change_together, merge_members, undo_cut_short
from rules.languages import LANGUAGE_WORDS
from rules.numbers import shown
from rules.people import MEMBER_ROLES
from rules.refusals import Refusal

_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
# The arguments of an address or a form that say whom the table shows.
NAMES = ("search", "neighbourhood", "group", "consent", "language", "role", "delivery", "since", "order")


@blueprint.get("", may="edit_members")
def members() -> Served:
    undo_cut_short(utc_now())
    chosen = form_fields.sought(NAMES)
    return render_template(
        "people/members/members.html",
        page=listed(_wanted(), form_fields.number("page", 1) or 1),
        chosen=chosen,
        narrowed=chosen.keys() - {"search", "neighbourhood", "order"},
        groups=member_groups(),
    )


def _rows() -> int:
    return listed(_wanted(), per_page=1).total


@blueprint.post("/export", may="export_members", proven=True, rows=_rows)
def export() -> Served:
    """The members that the table shows, all pages, as CSV or as a workbook."""
    kind: Format = "xlsx" if form_fields.line("format", 4) == "xlsx" else "csv"
    return as_file(export_members(_wanted(), kind, actor(), utc_now()), _TYPES[kind], f"membres.{kind}")


@blueprint.post("/together", may="edit_members")
def change_many() -> Served:
    """Change the ticked members, or all that the table shows."""
    column, _sep, value = form_fields.line("change", 40).partition(":")
    ids = filtered_ids(_wanted()) if form_fields.ticked("everyone") else form_fields.numbers("member")
    try:
        new = _value(column, value)
        if not ids:
            raise Refusal(_("Cochez d'abord des membres."))
        if column == "merge":
            if len(ids) != 2:
                raise Refusal(_("Pour fusionner, cochez exactement deux membres."))
            return redirect(url_for("members.merge", kept_id=min(ids), gone_id=max(ids)))
        changed, _act = change_together(ids, column, new, actor(), utc_now())
        sentence = ngettext("%(n)s membre modifié.", "%(n)s membres modifiés.", changed, n=count(changed))
        undo = _("Vous pouvez l'annuler pendant 24 heures, sur la page « Importer une liste ».")
        flash(f"{sentence} {undo}", "done")
    except Refusal as refusal:
        flash(said(refusal), "failed")
    address = {**form_fields.sought(NAMES), "page": form_fields.line("page", 9)}
    return redirect(f"{url_for('members.members')}?{urlencode(address)}")


@blueprint.route("/merge/<int:kept_id>/<int:gone_id>", methods=FORM, may="edit_members")
def merge(kept_id: int, gone_id: int) -> Served:
    """Merge two members, once the one to keep is chosen."""
    kept, gone = (member(one) or abort(404) for one in (kept_id, gone_id))
    if request.method == "POST":
        sentence = _("Fusionnés en un membre : %(name)s.", name=kept.name)
        deed = partial(merge_members, kept_id, gone_id, actor(), utc_now())
        return attempted(deed, sentence, "members.members", search=kept.last_name)
    return render_template(
        "confirm.html",
        title=_("Fusionner ces deux membres ?"),
        sentence=_(
            "Fiche conservée : %(kept)s. Fiche supprimée : %(gone)s ; ses données ne sont reprises que si "
            "elles manquent dans la fiche conservée.",
            kept=_shortly(kept),
            gone=_shortly(gone),
        ),
        label=_("Fusionner ces deux membres"),
        back=url_for("members.members"),
    )


def _shortly(card: MemberCard) -> str:
    number = shown(card.mobile) if card.mobile else card.email
    return ", ".join(filter(None, (card.name, number, card.street, card.neighbourhood)))


def _value(column: str, value: str) -> object:
    """The value to give, checked. Raises Refusal."""
    if column == "merge":
        return None
    if column == "neighbourhood" and value in map(str, neighbourhood_names()):
        return int(value)
    if (column == "language" and value in LANGUAGE_WORDS) or (column == "role" and value in MEMBER_ROLES):
        return value
    if column in ("sms", "mail_group") and value == "no":
        return False
    raise Refusal(_("Choisissez d'abord une modification."))


def _wanted() -> Filter:
    group_id, search = form_fields.number("group"), form_fields.line("search", 100)
    # A number as people write it, with spaces or dots, is one thing to look for; the rest are words.
    if re.fullmatch(r"[\d\s./()+-]*\d", search):
        search = re.sub(r"[^\d+]", "", search)
    wanted = Filter(
        search=search,
        neighbourhood_id=form_fields.number("neighbourhood"),
        consent=_one_of("consent", "sms", "mail_group", "none"),
        language=_one_of("language", *LANGUAGE_WORDS),
        role=_one_of("role", *MEMBER_ROLES),
        delivery=_one_of("delivery", "received", "not_received", "not_sent"),
        since=form_fields.midnight(form_fields.line("since", 10)),
        order=_one_of("order", "neighbourhood", "added") or "name",
    )
    return replace(wanted, among=in_groups([group_id])) if group_id else wanted


def _one_of(name: str, *known: str) -> str:
    value = form_fields.line(name, 20)
    return value if value in known else ""
