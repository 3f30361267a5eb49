"""Names of an audience: neighbourhoods, groups and streets that exist, and at least one of them."""

from collections.abc import Collection, Iterable
from typing import NoReturn

from rules.refusals import Refusal


def require_places(names: Iterable[str], known: Collection[str]) -> None:
    """Raise Refusal for a neighbourhood that is none of the `known` ones."""
    if unknown := [name for name in names if name not in known]:
        raise Refusal(
            "Quartier inconnu : {unknown}. Connus : {known}.",
            unknown=", ".join(unknown)[:100],
            known=", ".join(known) or "aucun",
        )


def require_near(name: str, known: Collection[str]) -> None:
    """Raise Refusal if the neighbourhood of the event was deleted; an empty name is none."""
    if name and name not in known:
        raise Refusal("Le quartier « {name} » n'existe plus : indiquez le lieu des faits.", name=name[:60])


def require_groups(names: Iterable[str], named: Collection[str], known: Collection[str]) -> None:
    """Raise Refusal for a name that is none of the groups `named`; the sentence lists the `known` ones."""
    if unknown := [name for name in names if name not in named]:
        raise Refusal(
            "Groupe inconnu : {unknown}. Groupes existants : {known}.",
            unknown=", ".join(unknown)[:100],
            known=", ".join(known)[:300] or "aucun",
        )


def refuse_street(name: str) -> NoReturn:
    """Raise Refusal for a street that the zone does not have."""
    raise Refusal(
        "Rue inconnue : {name}. Aucun membre n'y habite et la liste des rues ne la contient pas.", name=name[:100]
    )


def require_somebody(is_anybody_named: bool) -> None:
    """Raise Refusal for an audience that names nobody."""
    if not is_anybody_named:
        raise Refusal("Choisissez les destinataires : tous les membres, ou au moins un quartier, un groupe ou une rue.")


def require_our_numbers(others: Iterable[str]) -> None:
    """Raise Refusal for a number that is neither a member's nor an account's: this box texts nobody else."""
    for number in others:
        raise Refusal(
            "{number} n'est le numéro d'aucun membre ayant consenti aux SMS ni d'aucun utilisateur.",
            number=number.strip(),
        )
