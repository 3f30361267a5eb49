"""What the audit recorded, in words: every action that exists, and what stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from console.formats import count
from console.words import KINDS, ROLE_WORDS
from db.audit import Entry

# What stands after the colon is the entry's subject.
ACTIONS: dict[str, LazyString] = {
    "account_added": _l("utilisateur ajouté :"),
    "alarm_taken": _l("SMS urgent pris en charge : n°"),
    "account_email_changed": _l("adresse e-mail changée, utilisateur"),
    "approval_alone": _l("sans deuxième personne : envoi n°"),
    "approval_lapsed": _l("personne n'a approuvé à temps : envoi n°"),
    "approval_refused": _l("envoi refusé par la deuxième personne : n°"),
    "broadcast_approved": _l("envoi approuvé : n°"),
    "broadcast_cancelled": _l("envoi arrêté : n°"),
    "broadcast_expired": _l("envoi abandonné : n°"),
    "broadcast_held": _l("envoi retenu : n°"),
    "broadcast_ordered": _l("envoi ordonné : n°"),
    "broadcast_paused": _l("envoi mis en pause : n°"),
    "broadcast_released": _l("envoi relâché : n°"),
    "broadcast_resent": _l("nouvel essai : envoi n°"),
    "broadcast_resumed": _l("envoi repris après une pause : n°"),
    "clock_jumped": _l("horloge de la machine réglée"),
    "consent_changed": _l("accord changé : membre n°"),
    "drill_group_changed": _l("groupe d'exercice changé"),
    "directory_deleted": _l("annuaire : ligne effacée, n°"),
    "directory_saved": _l("annuaire : ligne enregistrée, n°"),
    "first_admin": _l("premier administrateur créé"),
    "inbox_answered": _l("message reçu, réponse écrite :"),
    "inbox_handled": _l("message reçu traité :"),
    "inbox_reopened": _l("message reçu, à revoir :"),
    "inbox_taken": _l("quelqu'un s'occupe d'un message reçu :"),
    "journal_damaged": _l("base de données abîmée au démarrage, les derniers instants manquent"),
    "member_added": _l("membre ajouté : n°"),
    "member_changed": _l("membre changé : n°"),
    "member_deleted": _l("membre effacé : n°"),
    "members_imported": _l("liste de membres importée"),
    "modem_out_of_service": _l("modem mis hors service :"),
    "modem_quarantined": _l("modem arrêté, carte SIM à accepter :"),
    "modem_restart": _l("redémarrage demandé, modem"),
    "modem_resume": _l("remise en service demandée, modem"),
    "modem_suspended": _l("modem suspendu, carte SIM refusée par le réseau :"),
    "neighbourhood_deleted": _l("quartier effacé : n°"),
    "neighbourhood_merged": _l("quartiers réunis dans le n°"),
    "neighbourhood_moved": _l("ordre des quartiers changé : n°"),
    "neighbourhood_saved": _l("quartier enregistré : n°"),
    "outlines_deleted": _l("contours des quartiers effacés"),
    "outlines_imported": _l("contours des quartiers importés"),
    "password_set": _l("mot de passe choisi par"),
    "policy_changed": _l("règles de la zone changées"),
    "queued_parts_cancelled": _l("SMS en attente annulés"),
    "roles_changed": _l("rôles changés :"),
    "sign_in": _l("connexion"),
    "sign_in_refused": _l("connexion refusée"),
    "sim_accepted": _l("carte SIM acceptée, modem"),
    "sim_limits_changed": _l("plafonds de carte SIM changés, modem"),
    "sim_quarantined": _l("carte SIM inconnue, à accepter, modem"),
    "token_added": _l("jeton d'accès ajouté :"),
    "zone_changed": _l("données de la zone changées :"),
}

DETAILS: dict[str, LazyString] = {
    "added": _l("ajoutés"),
    "approval": _l("confirmation"),
    "answer": _l("réponse"),
    "channel": _l("canal"),
    "day": _l("SMS par jour"),
    "given": _l("accord"),
    "how": _l("par"),
    "kind": _l("genre"),
    "mail_group": _l("groupe e-mail"),
    "messages": _l("messages"),
    "month": _l("SMS par mois"),
    "month_recipients": _l("destinataires par mois"),
    "only": _l("seulement"),
    "override": _l("plafond dépassé parce que"),
    "night_from_hour": _l("nuit à partir de"),
    "night_to_hour": _l("nuit jusqu'à"),
    "parts": _l("SMS"),
    "people": _l("personnes"),
    "reason": _l("raison"),
    "recipients": _l("personnes"),
    "refused": _l("refusés"),
    "role": _l("rôle"),
    "roles": _l("rôles"),
    "seconds": _l("secondes"),
    "sms": _l("SMS"),
    "sms_price_millieuros": _l("prix d'un SMS en millièmes d'euro"),
    "undo_grows": _l("délai d'annulation qui grandit"),
    "updated": _l("mis à jour"),
}

# Values that are codes, by the name that they stand beside.
VALUES: dict[str, Mapping[str, LazyString]] = {
    "approval": {
        "none": _l("aucune"),
        "typed": _l("nombre de personnes à taper"),
        "second": _l("deuxième personne"),
    },
    "answer": {"letter": _l("par e-mail"), "station": _l("commissariat de proximité")},
    "channel": {"sms": _l("SMS"), "mail_group": _l("groupe e-mail")},
    "how": {"form": _l("formulaire"), "import": _l("import"), "inbound": _l("SMS reçu"), "demo": _l("démonstration")},
    "kind": {kind: words for kind, (words, _tone) in KINDS.items()},
    "only": {"failed": _l("refusés"), "unconfirmed": _l("non confirmés"), "incomplete": _l("incomplets")},
    "role": ROLE_WORDS,
    "roles": ROLE_WORDS,
}

ACTORS: dict[str, LazyString] = {"anonymous": _l("inconnu"), "plp": _l("la machine")}


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the journal, in words. `subject` is a number, a name, or `host/modem`."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


def deed(entry: Entry) -> Deed:
    """The entry in words; a code of a version that is not this one is shown as it is stored."""
    detail = [
        f"{DETAILS.get(name, name)} : {_shown(name, value)}"
        for name, value in entry.detail.items()
        if value is not None
    ]
    return Deed(
        at=entry.at,
        actor=str(ACTORS.get(entry.actor, entry.actor)),
        action=str(ACTIONS.get(entry.action, entry.action)),
        subject=entry.subject,
        detail=" · ".join(detail),
    )


def _shown(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(_("oui") if value else _("non"))
    if isinstance(value, int):
        return count(value)
    if isinstance(value, list):
        return ", ".join(_shown(name, each) for each in value)
    return str(VALUES.get(name, {}).get(str(value), value))
