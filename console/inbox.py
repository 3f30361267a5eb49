"""What people wrote to the zone's SIMs: for the officer alone, because it is theirs to judge."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from console import typed
from console.roles import roles
from db.inbox import InboxRow, inbox

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

PER_PAGE = 50


@blueprint.get("")
@roles("officer")
def messages() -> ResponseReturnValue:
    return _render("inbox/inbox.html")


@blueprint.get("/live")
@roles("officer")
def live() -> ResponseReturnValue:
    """The list alone."""
    return _render("inbox/list.html")


def missing_words(row: InboxRow) -> str:
    """Which parts are missing and whether they may still come; empty for a whole text."""
    if not row.missing:
        return ""
    which = _enumeration([str(seq) for seq in row.missing])
    said = ngettext(
        "Il manque la partie %(which)s sur %(total)s",
        "Il manque les parties %(which)s sur %(total)s",
        len(row.missing),
        which=which,
        total=row.card.total,
    )
    fate = _("elle n'est pas venue en un jour") if row.card.given_up_at else _("elle peut encore arriver")
    several = _("elles ne sont pas venues en un jour") if row.card.given_up_at else _("elles peuvent encore arriver")
    return f"{said} ; {fate if len(row.missing) == 1 else several}."


def _enumeration(words: list[str]) -> str:
    """2 · 2 et 3 · 2, 3 et 4"""
    return words[0] if len(words) == 1 else _("%(first)s et %(last)s", first=", ".join(words[:-1]), last=words[-1])


def _render(template: str) -> str:
    return render_template(template, inbox=inbox(typed.number("page", 1) or 1, PER_PAGE), missing_words=missing_words)
