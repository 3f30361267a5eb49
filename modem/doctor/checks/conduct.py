"""How a modem behaves: power, restarts, talkativeness, pauses; and what a self-test would want."""

from collections.abc import Iterator
from typing import Final

from modem.doctor.checks.facts import Facts, Modem
from modem.doctor.checks.findings import Finding
from modem.doctor.checks.network import last_code

# Louder than this a modem gets in its own way; a Huawei before it is quieted says some sixty lines a minute.
FLOOD_PER_MIN: Final = 30.0
RESTARTS: Final = 3


def conduct(facts: Facts) -> Iterator[Finding]:
    """Of each modem that answers, or did."""
    for modem in facts.modems:
        yield from _power(modem)
        yield from _chatter(modem)
        yield from _pause(modem)
        if modem.answered and not modem.has_number and not facts.box.duty_phone:
            yield Finding(
                "note",
                "Ce modem ne peut pas s'essayer lui-même",
                "config.ini ne donne ni son numéro (number) ni un gsm de garde (duty_phone).",
                "Donnez l'un des deux, puis lancez « plp modem selftest ».",
                modem.name,
            )


def _power(modem: Modem) -> Iterator[Finding]:
    if modem.heard.under_voltage:
        yield Finding(
            "fault",
            "Le modem manque de courant",
            "Il a annoncé une tension trop basse : il redémarre au milieu des envois.",
            "Branchez-le sur un hub USB alimenté, avec un câble court ; changez d'alimentation.",
            modem.name,
        )
    elif modem.heard.restarts >= RESTARTS:
        yield Finding(
            "warning",
            f"Le modem a redémarré {modem.heard.restarts} fois",
            "Souvent l'alimentation, parfois le micrologiciel.",
            "Branchez-le sur un hub USB alimenté ; si cela continue, remplacez-le.",
            modem.name,
        )


def _chatter(modem: Modem) -> Iterator[Finding]:
    if modem.heard.chatter >= FLOOD_PER_MIN:
        yield Finding(
            "note",
            f"Le modem parle sans cesse ({modem.heard.chatter:.0f} lignes par minute)",
            "Ce micrologiciel annonce tout ce qu'il voit, et aucune commande connue ne le fait taire.",
            "Rien ne se perd, mais envoyez-nous son enregistrement (plp modem record).",
            modem.name,
        )


def _pause(modem: Modem) -> Iterator[Finding]:
    if modem.standing is not None and modem.standing.state == "paused":
        meaning, _, advice = modem.standing.sentence.partition(" : ")
        yield Finding(
            "warning",
            "Le modem fait une pause",
            f"{meaning.rstrip('.') or 'Plusieurs envois refusés de suite'}.{last_code(modem)}",
            f"{advice[:1].upper()}{advice[1:]}" or "Il reprend de lui-même.",
            modem.name,
        )
