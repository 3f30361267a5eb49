"""Is the card still the one that was set up? It may be changed while the modem stays powered (a slot on a board)."""

from modem.at import answers
from modem.driver.dialogue.asking import Asking
from modem.errors import CmeError, CmsError, CommandError, ModemTimeout, PortGone, SimMissing

_IMSI = "AT+CIMI"
_MISSING = {CmeError: 10, CmsError: 310}


def check_card(dialogue: Asking, imsi: str, silent: set[str]) -> None:
    """Ask AT+CIMI (27.007 § 5.2) of a modem that has just answered something else; `silent` commands are not asked.

    Raises SimMissing, and PortGone for another card, which needs a set-up of its own and somebody's consent.
    """
    # Twice: a digit may get lost on the line.
    if _told(dialogue, silent) not in (None, imsi) and _told(dialogue, silent) not in (None, imsi):
        raise PortGone("another card is in the modem")


def _told(dialogue: Asking, silent: set[str]) -> str | None:
    if _IMSI in silent:
        return None
    try:
        return answers.imsi(dialogue.ask(_IMSI))
    except ModemTimeout:  # it has just answered something else: no reason to give it up
        silent.add(_IMSI)
        return None
    except CommandError as error:
        if error.code is not None and _MISSING.get(type(error)) == error.code:
            raise SimMissing("no SIM in the modem") from error
        return None
