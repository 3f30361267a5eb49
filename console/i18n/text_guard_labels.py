"""What the text guard finds, in words, by its kinds: for the pages, and for the journal."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

# What was found, and what to do about it.
GUARD_WORDS: dict[str, tuple[LazyString, LazyString]] = {
    "drill_words": (
        _l("Des mots d'exercice dans une vraie alerte"),
        _l("Si c'est un exercice, dites-le ci-dessous ; sinon enlevez ces mots, ou donnez un motif avant l'envoi."),
    ),
    "live_words": (
        _l("Un exercice qui dit que c'est réel"),
        _l("Enlevez ces mots : un exercice ne doit faire peur à personne."),
    ),
    "plate": (
        _l("Une plaque d'immatriculation"),
        _l("Elle désigne une personne, et peut être volée. Donnez plutôt la marque et la couleur."),
    ),
    "phone": (
        _l("Un numéro de téléphone qui n'est pas celui de la zone"),
        _l("Donnez le 101 ou un numéro de l'annuaire."),
    ),
    "email": (_l("Une adresse e-mail"), _l("Un SMS ne sert pas à écrire : donnez le 101 ou un numéro de l'annuaire.")),
    "link": (_l("Un lien"), _l("Les fraudeurs envoient des liens par SMS : mieux vaut n'en mettre aucun.")),
    "person": (_l("Le nom d'une personne"), _l("Des faits, pas de noms : enlevez-le, sauf si la justice l'a permis.")),
    "ethnic": (
        _l("L'origine ou la couleur de peau d'une personne"),
        _l("Décrivez plutôt les vêtements, la taille, la direction de la fuite."),
    ),
    "no_place": (_l("Aucun lieu reconnu"), _l("Où ? Une rue ou un quartier aide chacun à savoir s'il est concerné.")),
    "no_time": (_l("Aucune heure reconnue"), _l("Quand ? Le SMS peut arriver vingt minutes plus tard.")),
}
