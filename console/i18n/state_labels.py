"""The states in the words that people use, with the colour that carries the meaning: one table for every page."""

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from console.i18n.formats import count as shown

# tone: the class of plp.css. Green is kept for what is proven: only "delivered" has it.
MESSAGE_STATES: dict[str, tuple[LazyString, str]] = {
    "queued": (_l("en attente"), "waiting"),
    "sending": (_l("en cours d'envoi"), "working"),
    "sent": (_l("pris, pas encore remis"), "working"),
    "delivered": (_l("remis"), "proven"),
    "undelivered": (_l("non remis"), "failed"),
    "failed": (_l("refusé"), "failed"),
    "unconfirmed": (_l("non confirmé"), "doubt"),
    "expired": (_l("expiré"), "failed"),
    "cancelled": (_l("annulé"), "waiting"),
}

BROADCAST_STATES: dict[str, tuple[LazyString, str]] = {
    "preparing": (_l("en préparation"), "waiting"),
    "awaiting_approval": (_l("attend une deuxième personne"), "doubt"),
    "scheduled": (_l("part dans un instant"), "working"),
    "queued": (_l("en attente d'un modem"), "waiting"),
    "paused": (_l("en pause"), "doubt"),
    "held": (_l("retenu : à vous de décider"), "doubt"),
    "standing": (_l("envoi à l'arrêt"), "doubt"),
    "sending": (_l("envoi en cours"), "live"),
    "finished": (_l("envoi terminé"), "waiting"),
    "cancelled": (_l("arrêté"), "waiting"),
}

# What came of an alert afterwards. That its texts have all gone out says nothing of what they warn of.
FOLLOWED: dict[str, tuple[LazyString, str]] = {
    "correction": (_l("corrigée"), "waiting"),
    "end": (_l("alerte finie"), "waiting"),
    "drill_correction": (_l("corrigé"), "waiting"),
    "drill_end": (_l("exercice fini"), "waiting"),
}

MEMBER_STATES: dict[str, tuple[LazyString, str]] = {
    "active": (_l("reçoit les SMS"), "waiting"),
    "opted_out": (_l("ne veut pas de SMS"), "doubt"),
    "no_number": (_l("sans gsm"), "doubt"),
}

MODEM_STATES: dict[str, tuple[LazyString, str]] = {
    "ready": (_l("prêt"), "proven"),
    "starting": (_l("démarre"), "working"),
    "not_registered": (_l("cherche le réseau"), "doubt"),
    "no_sim": (_l("sans carte SIM"), "failed"),
    "pin": (_l("code PIN demandé"), "failed"),
    "quarantined": (_l("carte SIM à accepter"), "doubt"),
    "paused": (_l("en pause"), "doubt"),
    "suspended": (_l("suspendu"), "doubt"),
    "absent": (_l("débranché"), "failed"),
    "faulty": (_l("en panne"), "failed"),
    "out_of_service": (_l("hors service"), "failed"),
}

KINDS: dict[str, tuple[LazyString, str]] = {
    "alert": (_l("Alerte"), "live"),
    "correction": (_l("Correction"), "live"),
    "corrected": (_l("Alerte corrigée"), "live"),
    "end": (_l("Fin d'alerte"), "live"),
    "drill": (_l("Exercice"), "drill"),
    "welcome": (_l("Bienvenue"), "waiting"),
    "selftest": (_l("Essai d'un modem"), "waiting"),
    "proof": (_l("Preuve de fonctionnement d'un modem"), "waiting"),
    "test": (_l("Essai sur mon téléphone"), "waiting"),
    "answer": (_l("Réponse à un SMS reçu"), "waiting"),
    "alarm": (_l("Alarme au téléphone de garde"), "waiting"),
}

ROLE_WORDS: dict[str, LazyString] = {
    "officer": _l("Policier"),
    "technician": _l("Technicien"),
    "admin": _l("Administrateur"),
    "coordinator": _l("Coordinateur"),
}

ROLE_DUTIES: dict[str, LazyString] = {
    "officer": _l("rédige et envoie les alertes"),
    "technician": _l("veille sur les modems et la file d'attente"),
    "admin": _l("gère les membres, les quartiers, l'annuaire et les utilisateurs"),
    "coordinator": _l("bénévole d'un quartier : consulte l'annuaire, n'envoie rien"),
}

LANGUAGE_WORDS: dict[str, str] = {"fr": "français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}


def paused_words(waiting: int) -> str:
    """« En pause : 14 attendent »"""
    return str(ngettext("En pause : %(n)s attend", "En pause : %(n)s attendent", waiting, n=shown(waiting)))


def init_words(app: Flask) -> None:
    """Give the templates the tables."""
    app.jinja_env.filters["paused_words"] = paused_words
    app.jinja_env.globals.update(
        MESSAGE_STATES=MESSAGE_STATES,
        BROADCAST_STATES=BROADCAST_STATES,
        FOLLOWED=FOLLOWED,
        MEMBER_STATES=MEMBER_STATES,
        MODEM_STATES=MODEM_STATES,
        KINDS=KINDS,
        ROLE_WORDS=ROLE_WORDS,
        ROLE_DUTIES=ROLE_DUTIES,
        LANGUAGE_WORDS=LANGUAGE_WORDS,
    )
