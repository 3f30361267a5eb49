"""What a modem's state means for a person: what to do, how strong the signal is, how long the network will last."""

from datetime import timedelta

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

# Beside the daemon's own sentence, which says what is wrong: what to do, or that nothing need be done.
ADVICE: dict[str, LazyString] = {
    "starting": _l("Attendez une minute au plus : il s'initialise."),
    "not_registered": _l("Il réessaie tout seul. Si cela dure : déplacez l'antenne, ou essayez la carte dans un gsm."),
    "no_sim": _l("Contacts vers le modem, coin coupé comme sur le dessin ; puis rebranchez-le."),
    "pin": _l("Ou ôtez le code de la carte avec un gsm. Il n'est essayé qu'une fois : la carte ne sera pas bloquée."),
    "quarantined": _l("Est-ce bien la vôtre ? Acceptez-la, ou remettez l'ancienne."),
    "paused": _l("Il reprend tout seul après un essai. « Remettre en service » essaie tout de suite."),
    "suspended": _l(
        "Il réessaie tout seul. Crédit rechargé, carte débloquée ? « Remettre en service » essaie tout de suite."
    ),
    "absent": _l("Vérifiez aussi le câble et l'alimentation du hub USB. Il revient tout seul."),
    "faulty": _l("Si cela ne suffit pas, « plp modem doctor » cherche plus loin."),
    "out_of_service": _l("Il ne servira plus sans vous. Une fois réparé : « Remettre en service »."),
}
STATE_ICONS: dict[str, str] = {
    "ready": "circle-check",
    "starting": "hourglass",
    "not_registered": "antenna-bars-off",
    "no_sim": "device-sim",
    "pin": "lock",
    "quarantined": "device-sim",
    "paused": "player-pause",
    "suspended": "player-pause",
    "absent": "plug-connected-x",
    "faulty": "alert-triangle",
    "out_of_service": "circle-x",
}
# What was asked of the daemon and it has not done yet.
ASKED: dict[str, LazyString] = {
    "resume": _l("Remise en service demandée…"),
    "restart": _l("Redémarrage demandé…"),
    "suspend": _l("Mise hors service demandée : rien ne part par ce modem."),
    "transcript": _l("Relevé AT demandé…"),
}
NETWORKS: dict[str, LazyString] = {
    "4G": _l("4G"),
    "3G": _l("3G"),
    "2G": _l("2G"),
    "other": _l("réseau, sans plus"),
    "none": _l("sans réseau"),
    "unknown": _l("pas mesuré"),
}
# 3GPP TS 27.005 § 3.1: whose places these are.
STORAGE_NAMES: dict[str, LazyString] = {
    "SM": _l("Carte SIM"),
    "ME": _l("Mémoire du modem"),
    "MT": _l("Modem et carte SIM"),
    "SR": _l("Accusés de réception"),
    "BM": _l("Diffusion cellulaire"),
    "TA": _l("Adaptateur"),
}
# 3GPP TS 27.007 § 8.5 maps dBm to 0–31; these steps are the ones that phones draw.
BAR_STEPS_DBM = (-105, -95, -85, -75)


def bars(signal_dbm: int | None) -> int:
    """0 to 4 bars."""
    return 0 if signal_dbm is None else sum(signal_dbm >= step for step in BAR_STEPS_DBM)


def seconds(value: float) -> str:
    """1,8"""
    return str(format_decimal(round(value, 1)))


def lasting(span: timedelta) -> str:
    """1 h 05, 40 min; less than a minute is said as such."""
    minutes = round(span.total_seconds() / 60)
    if minutes >= 60:
        return str(_("%(hours)s h %(minutes)02d", hours=minutes // 60, minutes=minutes % 60))
    return str(_("%(minutes)s min", minutes=minutes)) if minutes else str(_("moins d'une minute"))


def technology_warning(technology: str | None) -> str:
    """Networks that end, so that nobody is surprised; empty for the others."""
    if technology == "2G":
        return str(_("La 2G s'arrête en Belgique entre 2027 et 2030 : prévoyez un modem 4G."))
    if technology == "3G":
        return str(_("La 3G est arrêtée en Belgique : ce modem peut perdre le réseau à tout moment."))
    return ""
