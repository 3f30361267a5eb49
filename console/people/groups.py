"""A neighbourhood's Google Group: its list for Google, its address, and the deputy coordinator."""

import csv
import io
from datetime import datetime, timedelta

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from console.i18n.translate import reader_language
from console.web import form_fields
from console.web.acting import actor, as_file, attempt, done, settings
from console.web.pages import Pages, Served
from db.bulletins.groups import group, last_probe, possible_deputies
from db.bulletins.values import GroupCard
from db.engine.clock import utc_now
from plp.services.bulletins.relaying import export_group, probe_group, save_relaying
from rules.refusals import FieldRefusal

# The servers on its way may hold a mail back for so long.
PROBE_LASTS = timedelta(minutes=15)

blueprint = Pages("groups", "/groups")

# docs/mail.md: the columns that the upload of Google Admin wants, letter for letter.
COLUMNS = ("Group Email [Required]", "Member Email", "Member Type", "Member Role")


@blueprint.app_template_global()
def is_awaited(asked_at: datetime) -> bool:
    """True while a probe sent at that time may still come back."""
    return utc_now() < asked_at + PROBE_LASTS


@blueprint.get("/<int:neighbourhood_id>", may="export_mail_groups")
def relaying(neighbourhood_id: int) -> str:
    card, posted = _card(neighbourhood_id), "deputy" in request.form
    return render_template(
        "people/groups/relaying.html",
        card=card,
        deputy=form_fields.number("deputy") if posted else card.deputy_id,
        address=form_fields.line("group_address", 300) if posted else card.group_address,
        probe=last_probe(card.neighbourhood_id),
        possible=possible_deputies(card.neighbourhood_id),
    )


@blueprint.form("/<int:neighbourhood_id>", relaying, may="edit_neighbourhoods", methods=["POST"])
def relaying_now(neighbourhood_id: int) -> Served:
    deputy, address = form_fields.number("deputy"), form_fields.line("group_address", 300)
    save_relaying(neighbourhood_id, deputy, address, actor(), utc_now())
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


@blueprint.post("/<int:neighbourhood_id>/probe", may="export_mail_groups")
def probe(neighbourhood_id: int) -> Served:
    probe_now(_card(neighbourhood_id))
    return redirect(url_for("groups.relaying", neighbourhood_id=neighbourhood_id))


def probe_now(card: GroupCard) -> None:
    """Send it, or flash the reason why not."""
    attempt(
        lambda: probe_group(card.neighbourhood_id, reader_language(), actor(), settings().mail, utc_now()),
        _("E-mail de test envoyé au groupe. Le résultat s'affichera sur cette page."),
    )


def _card(neighbourhood_id: int) -> GroupCard:
    return group(neighbourhood_id) or abort(404)
