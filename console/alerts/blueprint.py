"""The blueprint that the alert pages share, and how they name a person."""

from flask import abort, redirect, url_for
from flask_babel import ngettext

from console.i18n.labels import count, reason_words
from console.web.pages import Pages, Served
from console.web.roles import can
from db.alerts.progress.progress import Progress, RecipientRow, progress
from db.engine.clock import utc_now
from db.inbound.replies.thread import Reply
from rules.numbers import masked, shown

blueprint = Pages("alerts", "/alerts")


def numbers_shown() -> bool:
    """True when this person may read members' names and numbers; technicians see masked numbers."""
    return can("see_names")


def person(row: RecipientRow | Reply) -> str:
    """A member's name, or the number of somebody else; for a technician the masked number."""
    return (row.name or shown(row.msisdn)) if numbers_shown() else masked(row.msisdn)


def others_before(number: int) -> str:
    """The SMS of others that the modems send meanwhile, in words; empty for none."""
    words = ngettext(
        "%(n)s SMS d'un autre envoi passe avant le dernier SMS de cette alerte",
        "%(n)s SMS d'autres envois passent avant le dernier SMS de cette alerte",
        number,
        n=count(number),
    )
    return str(words) if number else ""


for _known in (others_before, numbers_shown, person, reason_words):
    blueprint.add_app_template_global(_known)
blueprint.add_app_template_filter(masked)


def broadcast_at(broadcast_id: int) -> Progress:
    """The broadcast of an address, or 404."""
    return progress(broadcast_id, utc_now()) or abort(404)


def to_progress(broadcast_id: int) -> Served:
    """To the broadcast's page, which may be reloaded without sending again."""
    return redirect(url_for("alerts.progress", broadcast_id=broadcast_id), 303)
