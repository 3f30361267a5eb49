"""The menu: what exists and what this person may open, in the order of the work."""

from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.routing import IntegerConverter, Map

from console.i18n.labels import TABLES
from console.i18n.translate import lazily
from console.web.roles import may_open

# The largest that both databases take for a row's number.
LARGEST_ID = 2**31 - 1


# Titles of groups, each with its entries. Pages of the same blueprint light an entry up, unless another one names them
# as its `own`. `under`: entries of which the first that this person may open is the upper one; it is shown while that
# one, or another entry under it, is open. Without any it stands at the top. `unless`: for who cannot open that one.
MENU: tuple[tuple[LazyString, tuple[dict[str, Any], ...]], ...] = tuple(
    (
        lazily(group["title"]),
        tuple(
            dict(entry, endpoint=endpoint, label=lazily(entry["words"])) for endpoint, entry in group["entries"].items()
        ),
    )
    for group in TABLES["menu"].values()
)
ENTRIES = [entry for _title, entries in MENU for entry in entries]


def menu() -> list[tuple[LazyString, list[dict[str, Any]]]]:
    """MENU without what does not exist, is not for this person, or is under an entry that is not open."""
    open_now = here()
    current = next((entry for entry in ENTRIES if entry["endpoint"] == open_now), None)
    uppers = ("", open_now, _upper(current)) if current else ("",)
    groups = (
        (title, [entry for entry in entries if _is_meant(entry) and _upper(entry) in uppers]) for title, entries in MENU
    )
    return [(title, entries) for title, entries in groups if entries]


def _is_meant(entry: dict[str, Any]) -> bool:
    return may_open(entry["endpoint"]) and not may_open(entry.get("unless", ""))


def _upper(entry: dict[str, Any]) -> str:
    return next((endpoint for endpoint in entry.get("under", ()) if may_open(endpoint)), "")


def here() -> str:
    """The endpoint of the menu entry that the current page belongs to, empty for none."""
    current = request.endpoint or ""
    entries = [entry for entry in ENTRIES if _is_meant(entry)]
    for entry in entries:
        if current == entry["endpoint"] or current in entry.get("own", ()):
            return str(entry["endpoint"])
    blueprint = current.split(".")[0]
    same = (entry["endpoint"] for entry in reversed(entries) if entry["endpoint"].split(".")[0] == blueprint)
    return next(same, "")


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
