"""Reason codes of messages in words; the code is shown beside them for support."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

# The codes of 3GPP TS 24.011 and 27.005 § 3.2.5 as read in docs/reference/modem-facts.md,
# "Error codes and what to do", and the daemon's own words.
_UNKNOWN_NUMBER = _l("numéro qui n'existe pas")
_BUSY = _l("réseau encombré")
_SWITCHED_OFF = _l("téléphone hors service")
_NETWORK_DOWN = _l("réseau en panne, ou numéro mort")
_MODEM = _l("le modem n'a pas pu l'envoyer")
_NO_NETWORK = _l("le modem n'avait pas de réseau")
_SIM_MISSING = _l("carte SIM absente ou bloquée")

REASONS: dict[str, LazyString] = {
    **dict.fromkeys(("CMS 1", "CMS 30", "CMS 195"), _UNKNOWN_NUMBER),
    **dict.fromkeys(("CMS 17", "CMS 22", "CMS 42", "CMS 47", "CMS 192", "CMS 194"), _BUSY),
    "CMS 27": _SWITCHED_OFF,
    **dict.fromkeys(("CMS 38", "CMS 41"), _NETWORK_DOWN),
    "CMS 196": _l("numéro bloqué par l'opérateur"),
    **dict.fromkeys(("CMS 300", "CMS 304", "CMS 305", "CMS 314", "CMS 500", "ERROR"), _MODEM),
    **dict.fromkeys(("CMS 331", "CMS 332"), _NO_NETWORK),
    **dict.fromkeys(("CMS 310", "CMS 311", "CMS 312", "CMS 313", "CMS 315", "CMS 316"), _SIM_MISSING),
    "opted_out": _l("ne veut plus de SMS"),
    "stopped": _l("arrêté par une personne"),
    "not_approved": _l("refusé par la deuxième personne"),
    "approval_lapsed": _l("personne ne l'a approuvé à temps"),
    "lapsed": _l("trop vieux, laissé tomber par une personne"),
    "deadline": _l("trop tard : le délai est passé"),
    "perhaps_sent": _l("peut-être déjà envoyé"),
    "restart": _l("la machine s'est arrêtée pendant l'envoi"),
    "no_answer": _l("le modem n'a pas répondu : parti ou non, on ne sait pas"),
    "defect": _l("le programme s'est interrompu pendant l'envoi"),
    "guard": _l("ce numéro n'est jamais appelé d'ici"),
    "codec": _l("ce texte ne peut pas être transmis"),
    "followed_up": _l("arrêté par une correction ou une fin d'alerte"),
    "not_reached": _l("n'a pas reçu l'alerte : rien à corriger"),
    "sibling_failed": _l("une autre partie du message a été refusée"),
}


def reason_words(code: str) -> str:
    """The reason in words, empty when there is none to tell."""
    if code in REASONS:
        return str(REASONS[code])
    if code.startswith("CMS "):
        return str(_l("refusé par le réseau"))
    if code.startswith(("CME ", "ERROR")):
        return str(_MODEM)
    if code.startswith("st:"):
        return str(_l("le réseau n'a pas pu le remettre"))
    return ""
