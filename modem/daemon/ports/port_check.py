"""Are the ports of config.ini there and usable? For `plp check`, which opens none of them."""

import os
from collections.abc import Callable, Sequence

from db.settings.values import ModemSettings, Settings
from modem.daemon.ports.devices import simulator_link
from modem.daemon.ports.requests import PortRequest
from modem.discovery.bus import bus_verdicts
from modem.discovery.verdicts import Verdict
from plp.rules.refusals import Refusal

Look = Callable[[], Sequence[Verdict] | None]


def check_ports(settings: Settings, look: Look = bus_verdicts) -> str:
    """One line about all of them. Raises Refusal with the first that cannot be used, and what to do."""
    if not settings.modems:
        return _plugged(look() or ())
    return ", ".join(_checked(settings, modem, look) for modem in settings.modems)


def _checked(settings: Settings, modem: ModemSettings, look: Look) -> str:
    if modem.driver == "modemmanager":
        return modem.name  # it comes and goes, and tells by itself what is wrong
    if modem.device == "auto":
        _plugged(look() or ())
        return modem.name
    simulated = modem.device == "sim"
    request = PortRequest(
        modem.name, str(simulator_link(settings, modem.name)) if simulated else modem.device, modem.imei
    )
    ttys = request.matches()
    if not ttys:
        raise Refusal(
            "[modem:{name}] : {tty} n'existe pas ; branchez le modem"
            if request.kind == "path"
            else "[modem:{name}] : aucun port n'est de la forme {tty} ; branchez le modem",
            name=modem.name,
            tty=request.device,
        )
    if not any(os.access(tty, os.R_OK | os.W_OK) for tty in ttys):
        raise Refusal(
            "[modem:{name}] : {tty} n'est pas accessible ; installez les règles udev (groupe plp), ou groupe dialout ?",
            name=modem.name,
            tty=ttys[0],
        )
    return modem.name


def _plugged(verdicts: Sequence[Verdict]) -> str:
    modems = [f"{verdict.names} ({verdict.device.place})" for verdict in verdicts if verdict.kind == "modem"]
    if modems:
        return ", ".join(modems)
    sentences = [verdict.sentence for verdict in verdicts if verdict.sentence]
    raise Refusal(
        "{why}",
        why=" ".join(sentences)
        or "aucun modem connu n'est branché ; pour un autre, donnez son port à une section"
        " [modem:NOM] de config.ini (device = /dev/…)",
    )
