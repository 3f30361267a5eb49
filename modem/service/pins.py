"""The PIN of a modem's card: entered once per card and PIN, remembered across restarts (modem-facts, code 311).

Three wrong PINs block a card until somebody finds its PUK, in a drawer, at night. So the third try is never made
here, and a PIN that a card refused is never entered into it again.
"""

import hashlib
import logging
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from db import pins

_log = logging.getLogger(__name__)

# With two or fewer left, somebody has failed already: the next one is a person's.
ALL_TRIES: Final = 3
_PIN: Final = re.compile(r"[0-9]{4,8}")


class CardPin:
    """The `PinKeeper` of one modem (modem.driver.protocol). The file is read anew for each try: mending it suffices.

    Database errors pass through: a PIN that cannot be noted is not entered.
    """

    def __init__(self, pin_file: Path, clock: Callable[[], datetime]) -> None:
        self._pin_file, self._clock = pin_file, clock

    def take(self, card: str, tries_left: int | None) -> str | None:
        """As `PinKeeper.take`. A try whose answer was never noted counts, unless the card reports all its tries."""
        pin = self._pin()
        if pin is None or (tries_left is not None and tries_left < ALL_TRIES):
            return None
        digest = _digest(card, pin)
        note = pins.pin_note(card)
        if note and note.digest == digest and (note.refused or tries_left is None):
            return None
        pins.mark_pin_tried(card, digest, self._clock())
        return pin

    def accepted(self, card: str) -> None:
        """As `PinKeeper.accepted`."""
        pins.mark_pin_accepted(card)

    def refused(self, card: str) -> None:
        """As `PinKeeper.refused`."""
        pins.mark_pin_refused(card)

    def _pin(self) -> str | None:
        try:
            pin = self._pin_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            _log.warning("the PIN file cannot be read")
            return None
        if not _PIN.fullmatch(pin):
            _log.warning("the PIN file does not hold 4 to 8 digits")
            return None
        return pin


def _digest(card: str, pin: str) -> str:
    """Slow on purpose: there are few PINs, and the card that salts it stands beside it."""
    return hashlib.scrypt(pin.encode(), salt=card.encode(), n=2**14, r=8, p=1).hex()
