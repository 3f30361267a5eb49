"""Useful numbers: everyone reads them, the admin keeps them."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.web import form_fields
from console.web.acting import FORM, actor, done, form_page
from console.web.roles import may
from db.engine.clock import utc_now
from db.people.zone import DirectoryEntry
from db.people.zone import directory as entries
from plp.services.zone import delete_directory_entry, save_directory_entry

blueprint = Blueprint("directory", __name__, url_prefix="/directory")


@blueprint.get("")
@may("see_overview")
def directory() -> ResponseReturnValue:
    return render_template("admin/directory/directory.html", entries=entries())


@blueprint.route("/add", methods=FORM, endpoint="add", defaults={"entry_id": None})
@blueprint.route("/<int:entry_id>", methods=FORM)
@may("edit_directory")
def edit(entry_id: int | None) -> ResponseReturnValue:
    card = _card(entry_id) if entry_id is not None else None
    service, purpose, contact = (
        form_fields.line("service"),
        form_fields.line("purpose", 300),
        form_fields.line("contact"),
    )

    def show(sentence: str) -> str:
        entry = {"service": service, "purpose": purpose, "contact": contact} if sentence else card
        return render_template("admin/directory/entry.html", card=card, entry=entry, sentence=sentence)

    def save() -> ResponseReturnValue:
        save_directory_entry(entry_id, service, purpose, contact, actor(), utc_now())
        return done(_("« %(service)s » est enregistré.", service=service), "directory.directory")

    return form_page(show, save)


@blueprint.route("/<int:entry_id>/delete", methods=FORM)
@may("edit_directory")
def delete(entry_id: int) -> ResponseReturnValue:
    card = _card(entry_id)
    if request.method == "POST":
        delete_directory_entry(entry_id, actor(), utc_now())
        return done(_("« %(service)s » est supprimé des numéros utiles.", service=card.service), "directory.directory")
    return render_template(
        "confirm.html",
        title=_("Supprimer ce numéro utile ?"),
        sentence=f"{card.service} : {card.contact}",
        label=_("Supprimer ce numéro utile"),
        back=url_for("directory.edit", entry_id=entry_id),
    )


def _card(entry_id: int) -> DirectoryEntry:
    return next((entry for entry in entries() if entry.id == entry_id), None) or abort(404)
