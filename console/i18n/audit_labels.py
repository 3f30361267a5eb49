"""What the audit recorded, in words: every action that exists, and what stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from console.i18n.bulletin_labels import CATEGORIES as BULLETIN_CATEGORIES
from console.i18n.bulletin_labels import HOW as RELAYED_HOW
from console.i18n.formats import count
from console.i18n.state_labels import KINDS, ROLE_WORDS
from console.i18n.text_guard_labels import GUARD_WORDS
from db.journal.audit import Entry

# What stands after the colon is the entry's subject.
ACTIONS: dict[str, LazyString] = {
    "access_refused": _l("accès refusé :"),
    "account_added": _l("utilisateur ajouté :"),
    "account_closed": _l("compte fermé :"),
    "account_confirmed": _l("mot de passe confirmé, utilisateur"),
    "account_deleted": _l("utilisateur effacé :"),
    "account_email_changed": _l("adresse e-mail changée, utilisateur"),
    "account_mobile_changed": _l("gsm changé, utilisateur"),
    "account_opened": _l("compte rouvert :"),
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
    "bulletin_deleted": _l("brouillon de bulletin effacé : n°"),
    "bulletin_nudged": _l("rappel au coordinateur : bulletin n°"),
    "bulletin_policy_changed": _l("délai avant le suppléant changé"),
    "bulletin_relay_unmarked": _l("relais repris : bulletin n°"),
    "bulletin_relayed": _l("bulletin relayé : n°"),
    "bulletin_sent": _l("bulletin envoyé : n°"),
    "bulletin_to_deputy": _l("bulletin envoyé au suppléant : n°"),
    "clock_jumped": _l("horloge de la machine réglée"),
    "consent_changed": _l("accord changé : membre n°"),
    "drill_group_changed": _l("groupe d'exercice changé"),
    "directory_deleted": _l("annuaire : ligne effacée, n°"),
    "directory_saved": _l("annuaire : ligne enregistrée, n°"),
    "factor_added": _l("deuxième facteur réglé :"),
    "factor_refused": _l("code refusé :"),
    "factor_removed": _l("deuxième facteur enlevé :"),
    "first_admin": _l("premier administrateur créé"),
    "inbox_answered": _l("message reçu, réponse écrite :"),
    "inbox_handled": _l("message reçu traité :"),
    "inbox_reopened": _l("message reçu, à revoir :"),
    "inbox_taken": _l("quelqu'un s'occupe d'un message reçu :"),
    "group_exported": _l("liste pour le Google Group prise : quartier n°"),
    "database_restored": _l("base de données plus ancienne que les envois, ou état inconnu"),
    "journal_cut": _l("début du journal oublié à son échéance"),
    "journal_details_erased": _l("détails effacés du journal"),
    "journal_signed": _l("journal signé, entrées d'avant comprises"),
    "journal_damaged": _l("base de données abîmée au démarrage, les derniers instants manquent"),
    "link_issued": _l("lien pour choisir un mot de passe, utilisateur"),
    "link_used": _l("lien utilisé, utilisateur"),
    "mail_cancelled": _l("mail arrêté : n°"),
    "mail_retried": _l("mail essayé de nouveau : n°"),
    "member_added": _l("membre ajouté : n°"),
    "member_changed": _l("membre changé : n°"),
    "member_deleted": _l("membre effacé : n°"),
    "members_imported": _l("liste de membres importée"),
    "modem_out_of_service": _l("modem mis hors service :"),
    "modem_quarantined": _l("modem arrêté, carte SIM à accepter :"),
    "modem_restart": _l("redémarrage demandé, modem"),
    "modem_resume": _l("remise en service demandée, modem"),
    "modem_suspend": _l("mise hors service demandée, modem"),
    "modem_suspended": _l("modem suspendu, carte SIM refusée par le réseau :"),
    "neighbourhood_deleted": _l("quartier effacé : n°"),
    "neighbourhood_merged": _l("quartiers réunis dans le n°"),
    "neighbourhood_moved": _l("ordre des quartiers changé : n°"),
    "neighbourhood_saved": _l("quartier enregistré : n°"),
    "outlines_deleted": _l("contours des quartiers effacés"),
    "outlines_imported": _l("contours des quartiers importés"),
    "password_set": _l("mot de passe choisi par"),
    "plan_b_taken": _l("plan B téléchargé :"),
    "policy_asked": _l("règles de la zone, changement demandé"),
    "policy_changed": _l("règles de la zone changées"),
    "policy_dropped": _l("règles de la zone, changement écarté"),
    "queued_parts_cancelled": _l("SMS en attente annulés"),
    "roles_changed": _l("rôles changés :"),
    "recovery_code_used": _l("code de secours utilisé :"),
    "recovery_codes_made": _l("nouveaux codes de secours :"),
    "relaying_saved": _l("suppléant ou groupe changé : quartier n°"),
    "sent_without_code": _l("alerte confirmée sans code : n°"),
    "session_ended": _l("fin d'une session :"),
    "sign_in": _l("connexion"),
    "sign_in_refused": _l("connexion refusée"),
    "sim_accepted": _l("carte SIM acceptée, modem"),
    "sim_limits_changed": _l("plafonds de carte SIM changés, modem"),
    "sim_quarantined": _l("carte SIM inconnue, à accepter, modem"),
    "stops_applied": _l("désinscriptions retenues, faites"),
    "stops_rejected": _l("désinscriptions retenues, écartées"),
    "template_deleted": _l("modèle d'alerte effacé : n°"),
    "template_saved": _l("modèle d'alerte enregistré : n°"),
    "token_added": _l("jeton d'accès ajouté :"),
    "token_revoked": _l("jeton d'accès révoqué :"),
    "wording_saved": _l("début et fin des alertes enregistrés"),
    "zone_changed": _l("données de la zone changées :"),
}

DETAILS: dict[str, LazyString] = {
    "added": _l("ajoutés"),
    "address": _l("depuis"),
    "addresses": _l("adresses"),
    "answer": _l("réponse"),
    "approval": _l("confirmation"),
    "category": _l("catégorie"),
    "cause": _l("cause"),
    "channel": _l("canal"),
    "day": _l("SMS par jour"),
    "days": _l("jours"),
    "entries": _l("entrées"),
    "faults": _l("défauts"),
    "deputy_after_h": _l("heures"),
    "ending": _l("parce que"),
    "factor": _l("moyen"),
    "given": _l("accord"),
    "gone": _l("envois absents"),
    "guard": _l("signalé et envoyé quand même"),
    "guard_reason": _l("bien que le texte parle d'un exercice, parce que"),
    "head": _l("tête"),
    "held": _l("envois bloqués"),
    "how": _l("par"),
    "stops": _l("demandes"),
    "issued_by": _l("fait par"),
    "kind": _l("genre"),
    "late": _l("SMS bien que ce soit passé, parce que"),
    "lost": _l("rôles perdus"),
    "mail_group": _l("groupe e-mail"),
    "messages": _l("messages"),
    "month": _l("SMS par mois"),
    "month_recipients": _l("destinataires par mois"),
    "night_from_hour": _l("nuit à partir de"),
    "night_to_hour": _l("nuit jusqu'à"),
    "one_language": _l("en français à tous"),
    "only": _l("seulement"),
    "override": _l("plafond dépassé parce que"),
    "owner": _l("à"),
    "parts": _l("SMS"),
    "people": _l("personnes"),
    "place": _l("quartier"),
    "readers": _l("coordinateurs"),
    "reason": _l("raison"),
    "recipients": _l("personnes"),
    "refused": _l("refusés"),
    "relay_how": _l("comment"),
    "wait_s": _l("secondes d'attente avant le prochain essai"),
    "without_mobile": _l("sans gsm"),
    "role": _l("rôle"),
    "roles": _l("rôles"),
    "request": _l("demande"),
    "second_factor": _l("deuxième facteur"),
    "seconds": _l("secondes"),
    "sms": _l("SMS"),
    "sms_price_millieuros": _l("prix d'un SMS en millièmes d'euro"),
    "undo_grows": _l("délai d'annulation qui grandit"),
    "updated": _l("mis à jour"),
    "without_reader": _l("quartiers sans lecteur"),
}

# Values that are codes, by the name that they stand beside.
VALUES: dict[str, Mapping[str, LazyString]] = {
    "approval": {
        "none": _l("aucune"),
        "typed": _l("nombre de personnes à taper"),
        "second": _l("deuxième personne"),
    },
    "answer": {"letter": _l("par e-mail"), "station": _l("commissariat de proximité")},
    "cause": {
        "restored": _l("copie plus ancienne"),
        "unknown": _l("envois non notés"),
        "damaged": _l("base de données abîmée"),
    },
    "channel": {"sms": _l("SMS"), "mail_group": _l("groupe e-mail")},
    "ending": {
        "admin": _l("terminée par un administrateur"),
        "closed": _l("compte fermé"),
        "idle": _l("30 minutes sans rien faire"),
        "logout": _l("déconnexion"),
        "longest": _l("12 heures en tout"),
        "owner": _l("terminée par l'utilisateur, depuis une autre session"),
        "password": _l("nouveau mot de passe"),
        "replaced": _l("nouvelle connexion dans le même navigateur"),
    },
    "factor": {"app": _l("application"), "key": _l("clé de sécurité"), "all": _l("tous")},
    "guard": {kind: title for kind, (title, _advice) in GUARD_WORDS.items()},
    "how": {"form": _l("formulaire"), "import": _l("import"), "inbound": _l("SMS reçu"), "demo": _l("démonstration")},
    "kind": {kind: words for kind, (words, _tone) in KINDS.items()},
    "only": {
        "failed": _l("refusés"),
        "unconfirmed": _l("non confirmés"),
        "incomplete": _l("incomplets"),
        "nothing": _l("ceux qui n'ont rien reçu"),
    },
    "role": ROLE_WORDS,
    "roles": ROLE_WORDS,
    "lost": ROLE_WORDS,
    "issued_by": {"plp": _l("la machine")},
    "category": BULLETIN_CATEGORIES,
    "relay_how": RELAYED_HOW,
}

ACTORS: dict[str, LazyString] = {"anonymous": _l("inconnu"), "job": _l("la machine")}


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
        _("%(why)s : %(words)s", why=DETAILS.get(name, name), words=_shown(name, value))
        for name, value in entry.detail.items()
        if value is not None
    ]
    return Deed(
        at=entry.at,
        actor=str(ACTORS.get(entry.actor.kind, entry.actor)),
        action=str(ACTIONS.get(entry.action, entry.action)),
        subject=entry.subject,
        detail=str(_("détail effacé")) if entry.erased else " · ".join(detail),
    )


def _shown(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(_("oui") if value else _("non"))
    if isinstance(value, int):
        return count(value)
    if isinstance(value, list):
        return ", ".join(_shown(name, each) for each in value)
    return str(VALUES.get(name, {}).get(str(value), value))
