"""Neighbourhoods, and the address at which each coordinator is reached."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console import typed
from console.roles import roles
from console.session import actor
from db.clock import utc_now
from db.members import FieldRefusal, NeighbourhoodCard, delete_neighbourhood, save_neighbourhood
from db.members import neighbourhoods as all_neighbourhoods
from db.refusals import Refusal

blueprint = Blueprint("neighbourhoods", __name__, url_prefix="/neighbourhoods")


@blueprint.get("")
@roles("admin")
def neighbourhoods() -> ResponseReturnValue:
    return render_template("neighbourhoods/neighbourhoods.html", places=all_neighbourhoods())


@blueprint.get("/add")
@roles("admin")
def add() -> ResponseReturnValue:
    return _form(None, "", "")


@blueprint.post("/add")
@roles("admin")
def add_now() -> ResponseReturnValue:
    return _save(None)


@blueprint.get("/<int:neighbourhood_id>")
@roles("admin")
def edit(neighbourhood_id: int) -> ResponseReturnValue:
    card = _card(neighbourhood_id)
    return _form(card, card.name, card.reference_address)


@blueprint.post("/<int:neighbourhood_id>")
@roles("admin")
def edit_now(neighbourhood_id: int) -> ResponseReturnValue:
    return _save(_card(neighbourhood_id))


@blueprint.get("/<int:neighbourhood_id>/delete")
@roles("admin")
def delete(neighbourhood_id: int) -> ResponseReturnValue:
    card = _card(neighbourhood_id)
    return render_template(
        "confirm.html",
        title=_("Effacer le quartier %(name)s ?", name=card.name),
        sentence=_("Aucun membre n'y habite plus. Les alertes déjà envoyées restent dans l'historique."),
        label=_("Effacer le quartier %(name)s", name=card.name),
        back=url_for("neighbourhoods.edit", neighbourhood_id=neighbourhood_id),
    )


@blueprint.post("/<int:neighbourhood_id>/delete")
@roles("admin")
def delete_now(neighbourhood_id: int) -> ResponseReturnValue:
    card = _card(neighbourhood_id)
    try:
        delete_neighbourhood(neighbourhood_id, actor(), utc_now())
    except Refusal as refusal:
        flash(str(refusal), "failed")
        return redirect(url_for("neighbourhoods.edit", neighbourhood_id=neighbourhood_id))
    flash(_("Le quartier %(name)s est effacé.", name=card.name), "done")
    return redirect(url_for("neighbourhoods.neighbourhoods"))


def _card(neighbourhood_id: int) -> NeighbourhoodCard:
    found = next((place for place in all_neighbourhoods() if place.id == neighbourhood_id), None)
    if found is None:
        abort(404)
    return found


def _save(card: NeighbourhoodCard | None) -> ResponseReturnValue:
    name, address = typed.line("name", 100), typed.line("reference_address", 300)
    try:
        save_neighbourhood(card.id if card else None, name, address, actor(), utc_now())
    except Refusal as refusal:
        field = refusal.field if isinstance(refusal, FieldRefusal) else ""
        return _form(card, name, address, (field, str(refusal))), 400
    flash(_("Le quartier %(name)s est enregistré.", name=name), "done")
    return redirect(url_for("neighbourhoods.neighbourhoods"))


def _form(card: NeighbourhoodCard | None, name: str, address: str, refusal: tuple[str, str] | None = None) -> str:
    return render_template("neighbourhoods/neighbourhood.html", card=card, name=name, address=address, refusal=refusal)
