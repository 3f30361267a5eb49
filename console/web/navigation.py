"""The menu: what exists and what this person may open, in the order of the work."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from console.web.roles import may_open


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the menu. Pages of the same blueprint light it up, unless another entry names them as its own."""

    endpoint: str
    label: LazyString
    icon: str
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one small title; an empty group is not shown."""

    title: LazyString
    places: tuple[MenuEntry, ...]


MENU = (
    Group(
        _l("Alerter"),
        (
            MenuEntry("home.home", _l("Accueil"), "home"),
            MenuEntry(
                "alerts.compose",
                _l("Rédiger une alerte"),
                "speakerphone",
                own=("alerts.compose_again", "alerts.confirm", "alerts.send"),
            ),
            MenuEntry("bulletins.bulletins", _l("Bulletins"), "mail-forward"),
            MenuEntry("inbox.messages", _l("Messages reçus"), "messages"),
            MenuEntry("alerts.history", _l("Historique"), "history"),
            MenuEntry("drills.drills", _l("Exercices"), "barrier-block"),
            MenuEntry("plan_b.plan_b", _l("Plan B"), "phone"),
        ),
    ),
    Group(
        _l("Matériel"),
        (
            MenuEntry("modems.modems", _l("Modems"), "antenna-bars-5"),
            MenuEntry("queue.parts", _l("File d'attente"), "list"),
            MenuEntry("sims.sims", _l("Cartes SIM"), "device-sim"),
            MenuEntry("post.queue", _l("Courrier"), "mail"),
            MenuEntry("incidents.all_incidents", _l("Incidents"), "alert-octagon"),
        ),
    ),
    Group(
        _l("Partenariat"),
        (
            MenuEntry("members.members", _l("Membres"), "users"),
            MenuEntry("neighbourhoods.neighbourhoods", _l("Quartiers"), "map-pin"),
            MenuEntry("my_neighbourhood.bulletins", _l("Mon quartier"), "mail-forward"),
            MenuEntry("directory.directory", _l("Annuaire"), "address-book"),
        ),
    ),
    Group(
        _l("Administration"),
        (
            MenuEntry("accounts.accounts", _l("Utilisateurs"), "user-shield"),
            MenuEntry("journal.journal", _l("Journal"), "clipboard-list"),
            MenuEntry("ready_made.ready_made", _l("Modèles d'alerte"), "template"),
            MenuEntry("settings.settings", _l("Paramètres"), "settings"),
            MenuEntry("first_steps.first_steps", _l("Mise en service"), "circle-check"),
        ),
    ),
)


def menu() -> list[Group]:
    """MENU without what does not exist or is not for this person."""
    groups = (Group(group.title, tuple(p for p in group.places if may_open(p.endpoint))) for group in MENU)
    return [group for group in groups if group.places]


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


def init_navigation(app: Flask) -> None:
    """Give the templates `menu()`, `here()` and `link()`."""
    app.jinja_env.globals.update(menu=menu, here=here, link=link)
