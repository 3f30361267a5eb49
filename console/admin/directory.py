"""Useful numbers: everyone reads them, the admin keeps them."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.translate import said
from console.web import form_fields
from console.web.roles import roles
from console.web.session import actor
from db.engine.clock import utc_now
from db.people.zone import DirectoryCard, delete_directory_entry, save_directory_entry
from db.people.zone import directory as entries
from plp.rules.people import ROLES
from plp.rules.refusals import Refusal

blueprint = Blueprint("directory", __name__, url_prefix="/directory")


@blueprint.get("")
@roles(*ROLES)
def directory() -> ResponseReturnValue:
    return render_template("admin/directory/directory.html", entries=entries())


@blueprint.get("/add")
@roles("admin")
def add() -> ResponseReturnValue:
    return _form(None, "", "", "")


@blueprint.post("/add")
@roles("admin")
def add_now() -> ResponseReturnValue:
    return _save(None)


@blueprint.get("/<int:entry_id>")
@roles("admin")
def edit(entry_id: int) -> ResponseReturnValue:
    card = _card(entry_id)
    return _form(card, card.service, card.purpose, card.contact)


@blueprint.post("/<int:entry_id>")
@roles("admin")
def edit_now(entry_id: int) -> ResponseReturnValue:
    return _save(_card(entry_id))


@blueprint.get("/<int:entry_id>/delete")
@roles("admin")
def delete(entry_id: int) -> ResponseReturnValue:
    card = _card(entry_id)
    return render_template(
        "confirm.html",
        title=_("Supprimer ce numéro utile ?"),
        sentence=f"{card.service} : {card.contact}",
        label=_("Supprimer ce numéro utile"),
        back=url_for("directory.edit", entry_id=entry_id),
    )


@blueprint.post("/<int:entry_id>/delete")
@roles("admin")
def delete_now(entry_id: int) -> ResponseReturnValue:
    card = _card(entry_id)
    delete_directory_entry(entry_id, actor(), utc_now())
    flash(_("« %(service)s » est supprimé des numéros utiles.", service=card.service), "done")
    return redirect(url_for("directory.directory"))


def _card(entry_id: int) -> DirectoryCard:
    return next((entry for entry in entries() if entry.id == entry_id), None) or abort(404)


def _save(card: DirectoryCard | None) -> ResponseReturnValue:
    service, purpose, contact = (
        form_fields.line("service"),
        form_fields.line("purpose", 300),
        form_fields.line("contact"),
    )
    try:
        save_directory_entry(card.id if card else None, service, purpose, contact, actor(), utc_now())
    except Refusal as refusal:
        return _form(card, service, purpose, contact, said(refusal)), 400
    flash(_("« %(service)s » est enregistré.", service=service), "done")
    return redirect(url_for("directory.directory"))


def _form(card: DirectoryCard | None, service: str, purpose: str, contact: str, sentence: str = "") -> str:
    return render_template(
        "admin/directory/entry.html", card=card, service=service, purpose=purpose, contact=contact, sentence=sentence
    )
