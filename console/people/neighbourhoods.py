"""Neighbourhoods: their addresses, the order of sending, two that become one, and their outlines, from a file, drawn or
typed; the zone's list of streets; and the zone's map as SVG, drawn by the server: no tiles, nothing from outside.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from console.web import form_fields
from console.web.acting import actor, attempted, done
from console.web.pages import Pages, Served, refusal_now
from db.engine.clock import utc_now
from db.journal.reading import until_journaled
from db.people.geography import Outline, outlines, streets
from db.people.members.cards import NeighbourhoodCard
from db.people.members.listing import neighbourhood as stored_neighbourhood
from db.people.members.listing import neighbourhoods as all_neighbourhoods
from db.people.neighbourhoods import NeighbourhoodValues, neighbourhood_values
from db.people.zone import directory
from plp.services.people import neighbourhoods as services
from plp.services.people.reading import MAXIMUM_BYTES as LARGEST_LIST_BYTES
from rules.geometry import MAXIMUM_BYTES, Point, Ring
from rules.refusals import Refusal

WIDTH = 1000
MARGIN = 12
TALLEST = 1400
blueprint = Pages("neighbourhoods", "/neighbourhoods")
# Room beside the zone for a neighbourhood that is not on its map yet.
AROUND = 0.3
LONGEST = 100_000
street_pages = Pages("streets", "/streets")
SHOWN_ROWS = 200


@until_journaled  # of two hundred neighbourhoods it takes ten milliseconds
def zone_map() -> dict[str, Any] | None:
    """The map of the zone; None until outlines were imported."""
    return drawn(outlines())


def drawn(cards: Sequence[Outline], around: float = 0.0) -> dict[str, Any] | None:
    """Equirectangular, shrunk by the cosine of the middle latitude, so that a square on the ground is one here.

    `around` is the room on all sides, as a share of the zone. `shapes` are (id of the neighbourhood, name, path in
    the map's units, filled by the even-odd rule, x and y of the name). `scale` of the map's units are a degree of
    latitude, `shrink` times as many one of longitude; `west` and `north` are degrees, MARGIN units from the edges.
    """
    if not cards:
        return None
    points = [point for card in cards for ring in card.rings for point in ring]
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    aside, above = (east - west) * around, (north - south) * around
    west, east, south, north = west - aside, east + aside, south - above, north + above
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / high)

    def place(x: float, y: float) -> tuple[int, int]:
        return round(MARGIN + (x - west) * shrink * scale), round(MARGIN + (north - y) * scale)

    def path(rings: Sequence[Ring]) -> str:
        return "".join("M" + "L".join("{},{}".format(*place(x, y)) for x, y in ring[:-1]) + "Z" for ring in rings)

    return {
        "width": round(wide * scale) + 2 * MARGIN,
        "height": round(high * scale) + 2 * MARGIN,
        "shapes": [
            (card.neighbourhood_id, card.neighbourhood.name, path(card.rings), *place(card.longitude, card.latitude))
            for card in cards
        ],
        "west": west,
        "north": north,
        "scale": scale,
        "shrink": shrink,
        "margin": MARGIN,
    }


@blueprint.get("", may="see_neighbourhoods")
def neighbourhoods() -> Served:
    return render_template("people/neighbourhoods/neighbourhoods.html", places=all_neighbourhoods())


@blueprint.post("/<int:neighbourhood_id>/move", may="edit_neighbourhoods")
def move(neighbourhood_id: int) -> Served:
    """One place up or down in the order of sending."""
    deed = partial(services.move_neighbourhood, neighbourhood_id, request.form.get("to") == "down", actor(), utc_now())
    return attempted(deed, "", "neighbourhoods.neighbourhoods", _anchor=f"place-{neighbourhood_id}")


def _map_page() -> str:
    zone = zone_map()
    drawn_ids = {shape[0] for shape in zone["shapes"]} if zone else set()
    return render_template(
        "people/neighbourhoods/map.html",
        map=zone,
        missing=[place.name for place in all_neighbourhoods() if place.id not in drawn_ids],
        property=form_fields.line("property", 60),
    )


@blueprint.form("/map", _map_page, may="see_neighbourhoods", change="edit_neighbourhoods")
def outline() -> Served:
    """The map and its outlines: import those of a GeoJSON file, or delete them all."""
    if request.form.get("do") == "delete":
        services.delete_outlines(actor(), utc_now())
        return done(_("Limites supprimées. Les quartiers restent."), "neighbourhoods.outline")
    content, name = form_fields.upload(MAXIMUM_BYTES)[1], form_fields.line("property", 60)
    report = services.import_outlines(content, name, actor(), utc_now())
    sentence = ngettext(
        "Limites de %(num)s quartier enregistrées.", "Limites de %(num)s quartiers enregistrées.", report.saved
    )
    if report.ignored:
        names = ", ".join(report.ignored[:10])
        sentence += " " + _("Présents dans le fichier, absents des quartiers : %(names)s.", names=names)
    return done(sentence, "neighbourhoods.outline")


def _typed() -> NeighbourhoodValues:
    chosen = {name: form_fields.number(name, 0) or None for name in ("station", "officer")}
    return NeighbourhoodValues(form_fields.line("name", 100), form_fields.line("reference_address", 300), **chosen)


def _edit_page(neighbourhood_id: int | None) -> str:
    card = _card(neighbourhood_id) if neighbourhood_id is not None else None
    stored = neighbourhood_values(card.id) if card else None
    return render_template(
        "people/neighbourhoods/neighbourhood.html",
        card=card,
        place=_typed() if refusal_now() else stored or NeighbourhoodValues("", ""),
        entries=[(entry.id, f"{entry.service} · {entry.contact}") for entry in directory()],
    )


@blueprint.form("/add", _edit_page, endpoint="add", defaults={"neighbourhood_id": None}, may="edit_neighbourhoods")
@blueprint.form("/<int:neighbourhood_id>", _edit_page, may="edit_neighbourhoods")
def edit(neighbourhood_id: int | None) -> Served:
    services.save_neighbourhood(neighbourhood_id, **asdict(_typed()), by=actor(), now=utc_now())
    name = form_fields.line("name", 100)
    return done(_("Quartier %(name)s enregistré.", name=name), "neighbourhoods.neighbourhoods")


@blueprint.post("/<int:neighbourhood_id>/delete", may="edit_neighbourhoods")
def delete(neighbourhood_id: int) -> Served:
    sentence = _("Quartier %(name)s supprimé.", name=_card(neighbourhood_id).name)
    deed = partial(services.delete_neighbourhood, neighbourhood_id, actor(), utc_now())
    return attempted(deed, sentence, "neighbourhoods.neighbourhoods")


def _merge_page(neighbourhood_id: int) -> str:
    """Into which one, and what that means."""
    card = _card(neighbourhood_id)
    others = [place for place in all_neighbourhoods() if place.id != card.id]
    return render_template("people/neighbourhoods/merge.html", card=card, others=others)


@blueprint.form("/<int:neighbourhood_id>/merge", _merge_page, may="edit_neighbourhoods")
def merge(neighbourhood_id: int) -> Served:
    name = _card(neighbourhood_id).name
    people = services.merge_neighbourhoods(neighbourhood_id, form_fields.number("into", 0) or 0, actor(), utc_now())
    sentence = ngettext(
        "Quartier %(name)s fusionné : %(num)s membre déplacé.",
        "Quartier %(name)s fusionné : %(num)s membres déplacés.",
        people,
        name=name,
    )
    return done(sentence, "neighbourhoods.neighbourhoods")


def _draw_page(neighbourhood_id: int) -> str:
    card, cards = _card(neighbourhood_id), outlines()
    own = next((card.rings[0] for card in cards if card.neighbourhood_id == neighbourhood_id), [])
    return render_template(
        "people/neighbourhoods/draw.html",
        neighbourhood_id=neighbourhood_id,
        name=card.name,
        map=drawn(cards, AROUND),
        points=form_fields.text("points") if refusal_now() else "\n".join(f"{x:.6f}, {y:.6f}" for x, y in own[:-1]),
    )


@blueprint.form("/<int:neighbourhood_id>/outline", _draw_page, may="edit_neighbourhoods")
def draw(neighbourhood_id: int) -> Served:
    """Its corners, drawn or typed, one a line: longitude, latitude."""
    points: list[Point] = []
    for number, line in enumerate(form_fields.text("points")[:LONGEST].splitlines(), 1):
        if line.strip():
            try:
                x, y = (float(degrees) for degrees in line.split(","))
            except ValueError:
                raise Refusal(
                    "Ligne {line} : écrivez « longitude, latitude », par exemple 5.493000, 50.537000.", line=number
                ) from None
            points.append((x, y))
    services.save_outline(neighbourhood_id, points, actor(), utc_now())
    return done(_("Les limites sont enregistrées."), "neighbourhoods.outline")


def _card(neighbourhood_id: int) -> NeighbourhoodCard:
    return stored_neighbourhood(neighbourhood_id) or abort(404)


def _streets_page(**more: object) -> str:
    whole, search = streets(), form_fields.line("search", 100).casefold()
    shown = [card for card in whole if search in str(card).casefold()] if search else whole
    return render_template(
        "people/streets.html",
        total=len(whole),
        streets=shown[:SHOWN_ROWS],
        search=search,
        most=SHOWN_ROWS,
        **more,
    )


@street_pages.form("", _streets_page, may="see_neighbourhoods", change="edit_neighbourhoods")
def listing() -> Served:
    """The list, with a search; or import one from a file: with one bad row, the list stays unchanged."""
    name, content = form_fields.upload(LARGEST_LIST_BYTES)
    report = services.import_streets(content, name, actor(), utc_now())
    if report.refused or not report.saved:
        sentence = _("Aucune rue n'a été enregistrée. Corrigez le fichier, puis importez-le de nouveau.")
        return _streets_page(sentence=sentence, lines=report.refused), 400
    sentence = ngettext("%(num)s rue enregistrée.", "%(num)s rues enregistrées.", report.saved)
    return done(sentence, "streets.listing")
