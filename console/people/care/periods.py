"""Periods for which each kind of personal data is kept, in words."""

from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.formats import count
from db.settings.values import RetentionSettings


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
