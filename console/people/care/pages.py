"""Members cared for: numbers that get no alerts, the documents that the law asks for, and how long data is kept."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.formats import count
from console.web import acting
from console.web.acting import actor
from console.web.roles import roles
from db.engine.clock import utc_now
from db.operations.personal_data.dossier import register as facts
from db.people.members.dead_numbers import dead_numbers, dismiss_dead_number, places_of
from db.settings.values import RetentionSettings

blueprint = Blueprint("care", __name__, url_prefix="/members")


def periods(kept: RetentionSettings) -> list[tuple[str, str]]:
    """(kind, period) as config.ini says it."""
    return [
        (_("Fiche du membre"), _("jusqu'à sa suppression")),
        (_("Destinataires des SMS"), _period(kept.messages_months, kept.messages_days)),
        (_("Textes des alertes"), _days(kept.alert_texts_days) if kept.alert_texts_days else _("sans limite")),
        (_("SMS reçus"), _period(kept.inbound_months, kept.inbound_days)),
        (_("E-mails envoyés et reçus"), _period(kept.mail_months, kept.mail_days)),
        (_("Journal"), _period(kept.audit_months, 0)),
    ]


def _period(months: int, days: int) -> str:
    return _days(days) if days else str(ngettext("%(n)s mois", "%(n)s mois", months, n=months))


def _days(days: int) -> str:
    if days % 365 == 0:
        return str(ngettext("%(n)s an", "%(n)s ans", days // 365, n=days // 365))
    return str(ngettext("%(n)s jour", "%(n)s jours", days, n=count(days)))


@blueprint.get("/dead-numbers")
@roles("admin")
def numbers() -> ResponseReturnValue:
    return render_template("people/care/numbers.html", places=list(places_of(dead_numbers()).values()))


@blueprint.post("/<int:member_id>/number-is-right")
@roles("admin")
def number_is_right(member_id: int) -> ResponseReturnValue:
    dismiss_dead_number(member_id, actor(), utc_now())
    return redirect(url_for("care.numbers"))


@blueprint.get("/register")
@roles("admin")
def register() -> ResponseReturnValue:
    return _document("people/care/register.html")


@blueprint.get("/breach")
@roles("admin")
def breach() -> ResponseReturnValue:
    return _document("people/care/breach.html")


def _document(template: str) -> str:
    settings = acting.settings()
    return render_template(template, facts=facts(settings), kept=periods(settings.retention), now=utc_now())
