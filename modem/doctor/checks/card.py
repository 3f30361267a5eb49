"""The SIM: there, open, and accepted."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from modem.doctor.checks.facts import Facts, Modem
from modem.doctor.checks.findings import Finding
from modem.errors import PinRequired, PukRequired, SimError, SimMissing

_MISSING: Final = Finding(
    "fault",
    "Pas de carte SIM dans le modem",
    "Le tiroir est vide, ou la carte fait mauvais contact.",
    "Insérez la carte (coin coupé comme sur le dessin), puis rebranchez le modem.",
)
_BLOCKED: Final = Finding(
    "fault",
    "La carte SIM est bloquée (PUK)",
    "Trois mauvais codes PIN ont été entrés. plp-alerte n'entre jamais un PUK.",
    "Mettez la carte dans un téléphone et débloquez-la avec le PUK de l'opérateur.",
)
_BROKEN: Final = Finding(
    "fault",
    "La carte SIM ne fonctionne pas",
    "Le modem la voit et ne peut pas la lire.",
    "Retirez-la, essuyez les contacts, remettez-la ; essayez-la dans un téléphone ; sinon remplacez-la.",
)
_QUARANTINED: Final = Finding(
    "fault",
    "Cette carte SIM attend qu'on l'accepte",
    "Elle est nouvelle dans ce modem : tant que personne ne répond d'elle, elle n'envoie rien.",
    "Si c'est voulu, un technicien l'accepte dans la console, page Modems.",
)
_EXPOSED: Final = Finding(
    "warning",
    "D'autres peuvent lire le fichier du code PIN",
    "Un secret n'est lisible que par son propriétaire.",
    "Exécutez chmod 600 sur le fichier de pin_file.",
)
# PinFile → what is wrong with it, and what to do.
_PIN_FILES: Final = {
    "none": ("config.ini n'en donne pas.", "Écrivez le code dans un fichier (0600) et donnez-le par pin_file."),
    "missing": ("Le fichier de pin_file n'existe pas.", "Créez-le (0600) avec le code, ou corrigez pin_file."),
    "unreadable": ("Le fichier de pin_file ne peut pas être lu.", "Donnez-le à l'utilisateur du service (chown)."),
    "malformed": ("Le fichier de pin_file ne contient pas 4 à 8 chiffres.", "Écrivez-y le code, et rien d'autre."),
}
_PIN_REFUSED: Final = (
    "Le code de pin_file a déjà été refusé par cette carte, et n'est plus essayé.",
    "Vérifiez le code, entrez-le une fois dans un téléphone, puis corrigez pin_file.",
)
FEW_TRIES: Final = 2


def cards(facts: Facts) -> Iterator[Finding]:
    """What keeps each card from sending, and what may one day."""
    for modem in facts.modems:
        if found := _card(modem):
            yield replace(found, modem=modem.name)
        if modem.pin_file == "exposed":
            yield replace(_EXPOSED, modem=modem.name)
    yield from _twins(facts)


def _twins(facts: Facts) -> Iterator[Finding]:
    """Two modems that answer with one IMSI: each message stays with one of them, their reports may not."""
    seen: dict[str, str] = {}
    for modem in facts.modems:
        if not modem.answered or modem.imsi is None:
            continue
        first = seen.setdefault(modem.imsi, modem.name)
        if first != modem.name:
            yield Finding(
                "warning",
                f"Deux modems annoncent la même carte SIM : {first} et {modem.name}",
                "Une carte est une copie de l'autre, ou un modem se trompe : des accusés peuvent se perdre.",
                "Retirez l'une des cartes et remplacez-la, ou changez de modem.",
                modem.name,
            )


def _card(modem: Modem) -> Finding | None:
    state = modem.standing.state if modem.standing else ""
    sentence = modem.standing.sentence if modem.standing else ""
    if isinstance(modem.error, SimMissing) or (state == "no_sim" and "Pas de carte" in sentence):
        return _MISSING
    if isinstance(modem.error, PukRequired) or (state == "pin" and "PUK" in sentence):
        return _BLOCKED
    if isinstance(modem.error, PinRequired) or state == "pin":
        return _pin(modem)
    if isinstance(modem.error, SimError) or state == "no_sim":
        return _BROKEN
    return _QUARANTINED if state == "quarantined" else None


def _pin(modem: Modem) -> Finding:
    told = modem.error.tries_left if isinstance(modem.error, PinRequired) else None
    left = told if told is not None or modem.standing is None else modem.standing.pin_tries
    if left is not None and left <= FEW_TRIES:
        return Finding(
            "fault",
            f"Le code PIN a été refusé ; il reste {left} essai{'s' if left > 1 else ''}",
            "Le prochain essai est à vous : plp-alerte ne risque pas de bloquer la carte.",
            "Vérifiez le code, entrez-le une fois dans un téléphone (cela rend les trois essais), corrigez pin_file.",
        )
    return Finding("fault", "La carte SIM demande son code PIN", *_PIN_FILES.get(modem.pin_file, _PIN_REFUSED))
