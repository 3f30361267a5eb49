"""The text guard with this zone's own numbers, sites and places, and its findings in words."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from console.alerts.draft import Draft
from console.alerts.guard import Finding, Kind, Known, findings, numbers_in, sites_in
from db.members import neighbourhoods
from db.zone import directory, zone

# What was found, and what to do about it.
GUARD_WORDS: dict[Kind, tuple[LazyString, LazyString]] = {
    "drill_words": (
        _l("Des mots d'exercice dans une vraie alerte"),
        _l("Si c'est un exercice, dites-le ci-dessous ; sinon enlevez ce mot : personne n'y croirait."),
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


def known() -> Known:
    """What is the zone's own: its numbers and sites, as the directory gives them, and its neighbourhoods."""
    owner = zone()
    contacts = " ; ".join([owner.phone, *(entry.contact for entry in directory())])
    return Known(numbers_in(contacts), sites_in(contacts), tuple(place.name for place in neighbourhoods()))


def found_in(draft: Draft, texts: dict[str, str] | None = None) -> tuple[Finding, ...]:
    """What the guard says of the draft, or of those of its texts that go out."""
    return judged(draft.texts if texts is None else texts, draft.drill)


def judged(texts: dict[str, str], drill: bool) -> tuple[Finding, ...]:
    """What the guard says of texts by language, as an alert or as a drill."""
    return findings(texts, drill, known())


def kinds(found: tuple[Finding, ...]) -> list[str]:
    """What the audit keeps of them: the kinds alone, of what the officer had to answer for."""
    return sorted({each.kind for each in found if each.asks})
