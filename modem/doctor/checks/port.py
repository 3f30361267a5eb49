"""From the path to a modem that answers: what may stand in between. A modem that its daemon opened is past all this."""

from collections.abc import Iterator

from modem.doctor.checks.facts import Box, Facts, Modem, Port
from modem.doctor.checks.findings import Finding
from modem.doctor.checks.network import last_code
from modem.errors import CommandError, ModemTimeout, PortBusy, PortError, PortGone, ProtocolError


def ports(facts: Facts) -> Iterator[Finding]:
    """The first thing that keeps each modem from answering."""
    for modem in facts.modems:
        if modem.standing is None and modem.port is not None and (found := _port(modem, modem.port, facts.box)):
            yield found


def daemons_word(facts: Facts) -> Iterator[Finding]:
    """What the daemon that has the modem says of its port."""
    titles = {"absent": "Le modem n'est pas là", "faulty": "Le modem ne fonctionne pas"}
    titles |= {"out_of_service": "Le modem est hors service", "starting": "Le modem démarre encore"}
    for modem in facts.modems:
        if modem.standing is not None and modem.standing.state in titles:
            meaning, _, advice = modem.standing.sentence.partition(" : ")
            yield Finding(
                "fault",
                titles[modem.standing.state],
                f"{meaning.rstrip('.')}.{last_code(modem)}",
                f"{advice[:1].upper()}{advice[1:]}" or _ADVICE[modem.standing.state == "starting"],
                modem.name,
            )


_ADVICE = (
    "Débranchez-le, attendez dix secondes, rebranchez-le.",
    "Attendez une minute, puis relancez ce diagnostic.",
)


def _port(modem: Modem, port: Port, box: Box) -> Finding | None:
    if not port.exists or isinstance(modem.error, PortGone):
        return Finding(
            "fault",
            f"{port.path} n'existe pas",
            "Le modem n'est pas branché, ou il a un autre nom.",
            "Branchez-le, ou corrigez « device » dans config.ini (un lien de /dev/plp reste le même).",
            modem.name,
        )
    if not port.is_tty or (port.may_use and type(modem.error) is PortError):
        return Finding(
            "fault",
            f"{port.path} n'est pas un port",
            "C'est un fichier, un dossier ou un autre appareil : aucun modem ne répond là.",
            "Corrigez « device » dans config.ini.",
            modem.name,
        )
    if isinstance(modem.error, PortBusy) or port.holder:
        holder = modem.error.holder if isinstance(modem.error, PortBusy) and modem.error.holder else port.holder
        return _held(modem, port, holder or "")
    if not port.may_use:
        return _forbidden(modem, port, box)
    return _mute(modem, port)


def _held(modem: Modem, port: Port, holder: str) -> Finding:
    title = f"{port.path} est tenu par {holder or 'un autre programme'}"
    meaning = "Deux programmes sur un port se volent les réponses : plp-alerte n'y touche pas."
    if "ModemManager" in holder:
        advice = (
            "ModemManager prend tout modem qu'il voit : installez udev/70-plp-alerte.rules dans /etc/udev/rules.d et "
            "rebranchez le modem, ou arrêtez-le (systemctl disable --now ModemManager)."
        )
    elif "brltty" in holder:
        advice = "brltty prend ce modem pour une plage braille : désinstallez-le (apt remove brltty), puis rebranchez."
    else:
        advice = "Arrêtez ce programme, puis relancez ce diagnostic."
    return Finding("fault", title, meaning, advice, modem.name)


def _forbidden(modem: Modem, port: Port, box: Box) -> Finding:
    if box.rules:
        advice = (
            "Ajoutez cet utilisateur aux groupes plp et dialout (usermod -aG plp,dialout …), puis reconnectez-vous."
        )
    else:
        advice = (
            "Installez udev/70-plp-alerte.rules dans /etc/udev/rules.d et rebranchez le modem, ou ajoutez cet "
            "utilisateur au groupe dialout (usermod -aG dialout …)."
        )
    return Finding(
        "fault",
        f"{port.path} n'est pas accessible",
        "Cet utilisateur n'a pas le droit de l'ouvrir.",
        advice,
        modem.name,
    )


def _mute(modem: Modem, port: Port) -> Finding | None:
    """It opens, and nobody sensible answers."""
    if not isinstance(modem.error, ModemTimeout | ProtocolError | CommandError):
        return None
    better = [tty for tty in modem.usb.ports if tty != port.path] if modem.usb else []
    if better and modem.usb and port.path != modem.usb.ports[0]:
        return Finding(
            "fault",
            f"{port.path} n'est pas le bon port de ce modem",
            f"{modem.usb.names} a plusieurs ports, et celui-ci ne répond pas aux commandes AT.",
            f"Essayez device = {better[0]}.",
            modem.name,
        )
    if isinstance(modem.error, ModemTimeout):
        advice = "Débranchez-le, attendez dix secondes, rebranchez-le."
        if better:
            advice = f"Essayez d'abord son autre port : device = {better[0]}. Sinon, débranchez-le et rebranchez-le."
        return Finding(
            "fault",
            "Le modem ne répond pas",
            f"Aucune réponse à {modem.error.stage} : il est bloqué, il démarre encore, ou ce n'est pas un port AT.",
            advice,
            modem.name,
        )
    return Finding(
        "fault",
        "Ce qui répond là n'est pas un modem GSM, ou il est en panne",
        f"Sa réponse ne convient pas ({modem.error}).",
        "Vérifiez le port ; si c'est bien le modem, envoyez-nous son enregistrement (plp modem record).",
        modem.name,
    )
