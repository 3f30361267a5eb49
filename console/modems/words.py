"""What a modem's state means for a person: what to do, how strong the signal is, how long the network will last."""

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

ADVICE: dict[str, LazyString] = {
    "ready": _l("Rien à faire."),
    "starting": _l("Attendez quelques secondes : il s'initialise."),
    "not_registered": _l("Vérifiez l'antenne et la couverture ; il réessaie tout seul."),
    "no_sim": _l("Insérez une carte SIM, contacts vers le modem, puis rebranchez-le."),
    "pin": _l("Donnez le code PIN dans un fichier (pin_file, config.ini), ou ôtez-le de la carte avec un téléphone."),
    "quarantined": _l("Une autre carte SIM a été insérée : acceptez-la ou remettez l'ancienne."),
    "paused": _l("Trop d'échecs de suite : il reprend tout seul après un essai."),
    "suspended": _l("Suspendu par une personne : reprenez-le quand il est prêt."),
    "absent": _l("Branchez-le, ou vérifiez le câble et l'alimentation du hub USB."),
    "faulty": _l("Débranchez-le dix secondes, puis rebranchez-le."),
    "out_of_service": _l("Il ne servira plus sans vous : vérifiez la carte SIM et le contrat, puis rebranchez-le."),
}
# 3GPP TS 27.007 § 8.5 maps dBm to 0–31; these steps are the ones that phones draw.
BAR_STEPS_DBM = (-105, -95, -85, -75)


def bars(signal_dbm: int | None) -> int:
    """0 to 4 bars."""
    return 0 if signal_dbm is None else sum(signal_dbm >= step for step in BAR_STEPS_DBM)


def seconds(value: float) -> str:
    """1,8"""
    return str(format_decimal(round(value, 1)))


def half_masked(identity: str | None) -> str:
    """An IMEI or IMSI with its middle hidden: enough to tell two sticks apart, not enough to clone one."""
    if not identity:
        return "–"
    return f"{identity[:2]}•••••{identity[-4:]}" if len(identity) > 8 else "••••"


def technology_warning(technology: str | None) -> str:
    """Networks that end, so that nobody is surprised; empty for the others."""
    if technology == "2G":
        return str(_("La 2G s'arrête en Belgique entre 2027 et 2030 : prévoyez un modem 4G."))
    if technology == "3G":
        return str(_("La 3G est arrêtée en Belgique : ce modem peut perdre le réseau à tout moment."))
    return ""
