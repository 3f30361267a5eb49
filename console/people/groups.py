"""A neighbourhood's Google Group: its list for Google, and its address."""

import csv
import io

from flask import abort, render_template, request
from flask_babel import gettext as _

from console.web import form_fields
from console.web.acting import actor, as_file, done
from console.web.pages import Pages, Served
from db.bulletins.groups import group
from db.bulletins.values import GroupCard
from db.engine.clock import utc_now
from plp.services.bulletins.relaying import export_group, save_group_address
from rules.refusals import FieldRefusal

blueprint = Pages("groups", "/groups")

# docs/google-groups.md: the columns that the upload of Google Admin wants, letter for letter.
COLUMNS = ("Group Email [Required]", "Member Email", "Member Type", "Member Role")


@blueprint.get("/<int:neighbourhood_id>", may="export_mail_groups")
def relaying(neighbourhood_id: int) -> str:
    card = _card(neighbourhood_id)
    typed = form_fields.line("group_address", 300) if "group_address" in request.form else card.group_address
    return render_template("people/groups/relaying.html", card=card, address=typed)


@blueprint.form("/<int:neighbourhood_id>", relaying, may="edit_neighbourhoods", methods=["POST"])
def relaying_now(neighbourhood_id: int) -> Served:
    _card(neighbourhood_id)
    save_group_address(neighbourhood_id, form_fields.line("group_address", 300), actor(), utc_now())
    return done(_("Modifications enregistrées."), "groups.relaying", neighbourhood_id=neighbourhood_id)


@blueprint.post("/<int:neighbourhood_id>/addresses", may="export_mail_groups", proven=True)
def addresses(neighbourhood_id: int) -> Served:
    """The addresses to paste, shown on demand: the journal records who copied them."""
    card = export_group(neighbourhood_id, actor(), utc_now()) or abort(404)
    return render_template("people/groups/addresses.html", card=card)


@blueprint.form(
    "/<int:neighbourhood_id>/members.csv", relaying, may="export_mail_groups", methods=["POST"], proven=True
)
def members_csv(neighbourhood_id: int) -> Served:
    if not _card(neighbourhood_id).group_address:
        raise FieldRefusal("group_address", "Indiquez d'abord l'adresse du groupe : Google l'exige dans chaque ligne.")
    card = export_group(neighbourhood_id, actor(), utc_now()) or abort(404)
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    rows.writerows((card.group_address, address, "USER", "MEMBER") for address in card.addresses)
    return as_file(written.getvalue(), "text/csv", f"groupe-{neighbourhood_id}.csv")


def _card(neighbourhood_id: int) -> GroupCard:
    return group(neighbourhood_id) or abort(404)
