"""How an AT phone reaches the network, beside libgammu: the bearer (27.007 § 10.1.21) and the link (27.005 § 3.5.6)."""

from contextlib import suppress
from typing import Final

from modem.driver.gammu_process.phone import Phone
from modem.errors import ModemTimeout

TIMEOUT_S: Final = 5.0
_LINK: Final = "AT+CMMS"


def choose_bearer(phone: Phone) -> None:
    """The first of its kind's that it takes; where LTE has no SMS of its own, what was left may be none."""
    with suppress(ModemTimeout):
        phone.bearer = next((command for command in phone.quirks.bearer if _taken(phone, command)), None)


def switch_bearer(phone: Phone) -> bool:
    """Take the next one; False when there is none."""
    candidates = phone.quirks.bearer
    if phone.bearer not in candidates:
        return False
    at = candidates.index(phone.bearer)
    for command in (*candidates[at + 1 :], *candidates[:at]):
        if _taken(phone, command):
            phone.bearer = command
            return True
    return False


def hold_link(phone: Phone, hold: bool) -> None:
    """A courtesy, not asked for again when it was refused."""
    if phone.is_at and _LINK not in phone.silent:
        try:
            taken = _taken(phone, f"{_LINK}={2 if hold else 0}")
        except ModemTimeout:
            taken = False
        if not taken:
            phone.silent.add(_LINK)


def _taken(phone: Phone, command: str) -> bool:
    return phone.attempt(command, TIMEOUT_S) is not None
