"""Categories, states of a reader and ways of relaying, in the words that people use."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

CATEGORIES: dict[str, LazyString] = {
    "feedback": _l("Retour après une alerte"),
    "tactical": _l("Mode opératoire (tactique)"),
    "strategic": _l("Analyse de la criminalité (stratégique)"),
    "operational": _l("Signalement de personnes ou de véhicules (opérationnel)"),
    "prevention": _l("Prévention"),
}

CATEGORY_HINTS: dict[str, LazyString] = {
    "feedback": _l("Ce qui s'est passé depuis, ce qui a aidé. Dû après chaque alerte."),
    "tactical": _l("Comment des auteurs s'y prennent en ce moment, et comment s'en protéger."),
    "strategic": _l("Où, quand et combien : ce que montrent les chiffres d'une période."),
    "operational": _l("Qui ou quoi l'on cherche : des faits, sans nom et sans origine."),
    "prevention": _l("Conseils contre le vol, l'arnaque, l'intrusion."),
}

# tone: the class of plp.css. A mail that a server took is not proven to be read: nothing is green but a relay.
READER_STATES: dict[str, tuple[LazyString, str]] = {
    "relayed": (_l("relayé"), "proven"),
    "owed": (_l("mail en préparation"), "waiting"),
    "queued": (_l("mail en attente"), "waiting"),
    "sending": (_l("mail en cours d'envoi"), "working"),
    "accepted": (_l("mail envoyé"), "working"),
    "refused": (_l("mail refusé"), "failed"),
    "expired": (_l("mail jamais pris"), "failed"),
    "bounced": (_l("mail revenu"), "failed"),
    "cancelled": (_l("mail arrêté"), "doubt"),
    "unreachable": (_l("plus d'adresse"), "failed"),
}

HOW: dict[str, LazyString] = {
    "link": _l("par le lien du mail"),
    "mail": _l("par un mail de réponse"),
    "officer": _l("dit au téléphone"),
}
