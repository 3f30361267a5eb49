"""The menu: what exists and what this person may open, in the order of the work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.routing import IntegerConverter, Map

from console.i18n.labels import TABLES
from console.i18n.translate import lazily as _l
from console.web.roles import may_open

# The largest that both databases take for a row's number.
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the menu. Pages of the same blueprint light it up, unless another entry names them as its own.

    `under`: entries of which the first that this person may open is the upper one; it is shown while that one, or
    another entry under it, is open. Without any it stands at the top.
    """

    endpoint: str
    label: LazyString
    icon: str
    own: tuple[str, ...] = ()
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one small title; an empty group is not shown."""

    title: LazyString
    places: tuple[MenuEntry, ...]


def _entry(endpoint: str, words: str, icon: str, own: Sequence[str] = (), under: Sequence[str] = ()) -> MenuEntry:
    return MenuEntry(endpoint, _l(words), icon, tuple(own), tuple(under))


def _group(title: str, entries: dict[str, Any]) -> Group:
    return Group(_l(title), tuple(_entry(endpoint, **told) for endpoint, told in entries.items()))


MENU = tuple(_group(told["title"], told["entries"]) for told in TABLES["menu"].values())


def menu() -> list[Group]:
    """MENU without what does not exist, is not for this person, or is under an entry that is not open."""
    open_now = here()
    current = next((place for group in MENU for place in group.places if place.endpoint == open_now), None)
    uppers = ("", open_now, _upper(current)) if current else ("",)
    groups = (
        Group(group.title, tuple(each for each in group.places if may_open(each.endpoint) and _upper(each) in uppers))
        for group in MENU
    )
    return [group for group in groups if group.places]


def _upper(place: MenuEntry) -> str:
    return next((endpoint for endpoint in place.under if may_open(endpoint)), "")


def here() -> str:
    """The endpoint of the menu entry that the current page belongs to, empty for none."""
    current = request.endpoint or ""
    places = [place for group in MENU for place in group.places]
    owner = next((place for place in places if current in (place.endpoint, *place.own)), None)
    if owner is not None:
        return owner.endpoint
    blueprint = current.split(".")[0]
    return next((place.endpoint for place in reversed(places) if place.endpoint.split(".")[0] == blueprint), "")


def link(endpoint: str, **values: object) -> str | None:
    """The address of `endpoint`, or None where this person cannot go there."""
    if endpoint not in current_app.view_functions or not may_open(endpoint):
        return None
    return url_for(endpoint, **values)  # type: ignore[arg-type]


class RowNumber(IntegerConverter):
    """`<int:…>`: no row has a number beyond what a database can be asked for, so that page does not exist."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = None) -> None:
        super().__init__(map, fixed_digits, min, max if max is not None else LARGEST_ID)


def init_navigation(app: Flask) -> None:
    """Give the templates `menu()`, `here()` and `link()`, and addresses their numbers, before a page is registered."""
    app.url_map.converters["int"] = RowNumber
    app.jinja_env.globals.update(menu=menu, here=here, link=link, upper_entry=_upper)
