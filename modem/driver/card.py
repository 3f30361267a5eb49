"""Is the card still the one that was set up? It may be changed while the modem stays powered (a slot on a board)."""

from modem.at import answers
from modem.driver.asking import Asking
from modem.errors import CmeError, CmsError, CommandError, PortGone, SimMissing

_MISSING = {CmeError: 10, CmsError: 310}


def check_card(dialogue: Asking, imsi: str) -> None:
    """Asks AT+CIMI (27.007 § 5.2); a modem that does not tell it now is believed.

    Raises SimMissing, PortGone when another card answers: it needs a set-up of its own, and somebody's consent.
    """
    if _told(dialogue) in (None, imsi):
        return
    if _told(dialogue) not in (None, imsi):  # once more: a digit may get lost on the line
        raise PortGone("another card is in the modem")


def _told(dialogue: Asking) -> str | None:
    try:
        return answers.imsi(dialogue.ask("AT+CIMI"))
    except CommandError as error:
        if error.code is not None and _MISSING.get(type(error)) == error.code:
            raise SimMissing("no SIM in the modem") from error
        return None
