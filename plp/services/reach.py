"""The three services as systemd sees them: those that start again and again, and the way from the modems', which
reaches no network but this machine's own, to the database's server.
"""

import re
import socket
import subprocess
from contextlib import suppress
from ipaddress import ip_address, ip_network

from base.settings.values import Settings
from db.engine.postgres import is_postgres, other_machines
from rules.sentences import NOTHING, Sentence, coded

_MODEM = "plp-modem.service"
_UNITS = ("plp-console.service", _MODEM, "plp-jobs.service")


def unreached(settings: Settings) -> Sentence:
    """A sentence that says what to allow; NOTHING where all is reached, or no systemd tells."""
    if not is_postgres(settings.database.url):
        return NOTHING
    if told := "".join(_shown("IPAddressDeny,IPAddressAllow", _MODEM)):
        for host in other_machines(settings.database.url):
            addresses = _addresses(host)
            if addresses and not any(_allows(told, address) for address in addresses):
                return coded("database_not_allowed", host=host, address=addresses[0])
    return NOTHING


def looping() -> list[str]:
    """The services that failed, or end and are started again before they are ready."""
    return [
        properties["Id"].removesuffix(".service")
        for properties in map(_properties, _shown("Id,ActiveState,NRestarts", *_UNITS))
        if properties.get("ActiveState") == "failed"
        or (properties.get("ActiveState") == "activating" and properties.get("NRestarts", "0") != "0")
    ]


def _shown(properties: str, *units: str) -> list[str]:
    """A text of systemd for each unit; none where there is no systemd."""
    command = ["systemctl", "show", f"--property={properties}", *units]
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
        return told.split("\n\n")
    return []


def _properties(told: str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", told, re.MULTILINE))


def _addresses(host: str) -> list[str]:
    with suppress(OSError):
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    return []


def _allows(told: str, address: str) -> bool:
    """True where a network of the unit's allowed ones has it, or none of the denied ones."""
    listed = _properties(told)
    allowed, denied = (listed.get(key, "").split() for key in ("IPAddressAllow", "IPAddressDeny"))
    if any(ip_address(address) in ip_network(network, strict=False) for network in allowed):
        return True
    return not any(ip_address(address) in ip_network(network, strict=False) for network in denied)
