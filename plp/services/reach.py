"""The way from the modems' service, which reaches no network but this machine's own, to the database's server."""

import re
import socket
import subprocess
from contextlib import suppress
from ipaddress import ip_address, ip_network

from db.engine.postgres import is_postgres, other_machines
from plp.settings.values import Settings
from rules.sentences import NOTHING, Sentence, coded

_UNIT = "plp-modem.service"
_ASK = ("systemctl", "show", "--property=IPAddressDeny,IPAddressAllow", _UNIT)


def unreached(settings: Settings) -> Sentence:
    """A sentence that says what to allow; NOTHING where all is reached, or no systemd tells."""
    if not is_postgres(settings.database.url):
        return NOTHING
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(_ASK, capture_output=True, text=True, timeout=20, check=True).stdout
        for host in other_machines(settings.database.url):
            addresses = _addresses(host)
            if addresses and not any(_allows(told, address) for address in addresses):
                return coded("database_not_allowed", host=host, address=addresses[0])
    return NOTHING


def _addresses(host: str) -> list[str]:
    with suppress(OSError):
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    return []


def _allows(told: str, address: str) -> bool:
    """True where a network of the unit's allowed ones has it, or none of the denied ones."""
    listed = dict(re.findall(r"^(\w+)=(.*)$", told, re.MULTILINE))
    allowed, denied = (listed.get(key, "").split() for key in ("IPAddressAllow", "IPAddressDeny"))
    if any(ip_address(address) in ip_network(network, strict=False) for network in allowed):
        return True
    return not any(ip_address(address) in ip_network(network, strict=False) for network in denied)
