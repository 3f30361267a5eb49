"""The SIM before it is ready (3GPP TS 27.007 § 8.3): its state, and its PIN, entered once. Later: is it still the same?

Never with two tries or fewer left, never a second time (`PinKeeper`), and never a PUK: somebody may still try after us.
Decision: docs/adr/0025.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from modem import errors
from modem.at import answers
from modem.driver.base.interface import PinKeeper
from modem.driver.dialogue.steps import Steps, is_sim_busy

Commands = tuple[str, ...]

PIN_TIMEOUT_S: Final = 20.0
FEW_TRIES: Final = 2
_WRONG_PASSWORD: Final = 16
PIN: Final = re.compile(r"[0-9]{4,8}")
# Answer's name → the fields that may hold the tries that PIN 1 has left, the better first.
_COUNTERS: Final = {
    "+CPINR": (1,),  # 27.007 § 8.65: SIM PIN,3,3
    "^CPIN": (3, 1),  # Huawei: SIM PIN,3,10,3,10,3, or short: SIM PIN,3
    "+SPIC": (0,),  # SIMCom: 3,10,3,10
    "+QPINC": (1,),  # Quectel: "SC",3,10
    "+CPINC": (0,),  # Sierra, Wavecom: 3,3,10,10
    "+UPINCNT": (0,),  # u-blox: 3,3,10,10
    "#PCT": (0,),  # Telit
    "^SPIC": (0,),  # Cinterion
    "+ZPINPUK": (0,),  # ZTE: 3,10
    "*EPIN": (0,),  # Ericsson MBM: 3,10,3,10
    "+PNNM": (0,),  # Alcatel: 3,10
    "_OERCN": (0,),  # Option: 3,10
    "%PINNUM": (0,),  # Icera: 3,10,3,10
    "+XPINCNT": (0,),  # Infineon: 3,3,10,10
}
# Of these the first field says which code's tries follow.
_OF_PIN_1: Final = {"+CPINR": "SIM PIN", "+QPINC": "SC"}
_SPEEDUP: Final = re.compile(r"PIN1=([0-9]+);")  # PIN1=3; PUK1=10; PIN2=3; PUK2=10
_IMSI = "AT+CIMI"
_MISSING = {errors.CmeError: 10, errors.CmsError: 310}


class SimLock:
    """The way into one card. `ask` gives, while it is locked, its name to the keeper and what to ask for the tries."""

    def __init__(self, steps: Steps, keeper: PinKeeper | None, ask: Callable[[], tuple[str, Commands]]) -> None:
        self._steps, self._keeper, self._ask = steps, keeper, ask
        self._card = ""
        self._counters: Commands = ()

    def open(self) -> str | None:
        """Make the SIM ready; the keeper's name for it if it wanted its PIN. Raises SimError, CommandError."""
        state = card_state(self._steps)
        entered = state == "SIM PIN"
        if entered:
            state = self._enter_pin()
        if state == "SIM PUK":
            raise errors.PukRequired("the SIM is blocked and asks for its PUK")
        if state != "READY":
            raise errors.SimError(f"the SIM says {state}")
        if not entered:
            return None
        if self._keeper:
            self._keeper.accepted(self._card)
        return self._card

    def tries_left(self) -> int | None:
        """The number of tries that the PIN has left; None if the modem does not report it."""
        return self._steps.first_told(self._counters, tries_told)

    def _enter_pin(self) -> str:
        """Returns the state afterwards."""
        self._card, self._counters = self._ask()
        left = self.tries_left()
        pin = pin_to_enter(self._keeper, self._card, left)
        try:
            self._steps.dialogue.ask(f'AT+CPIN="{pin}"', PIN_TIMEOUT_S)
        except (errors.CommandError, errors.ModemTimeout) as error:
            return self._after_refusal(error, left)
        try:
            while (state := card_state(self._steps)) == "SIM PIN" and self._steps.wait():
                continue
        except errors.CommandError as error:
            if not is_sim_busy(error):
                raise
            return "READY"  # it took the PIN and still reads its card
        if state == "SIM PIN":
            raise errors.PinRequired("the SIM asks for its PIN although it took it", left)
        return state

    def _after_refusal(self, error: errors.CommandError | errors.ModemTimeout, left_before: int | None) -> str:
        """The card's state if it opened all the same, by its own count of tries where it has one; raises otherwise."""
        state = card_state(self._steps)
        left: int | None = 0
        if state == "SIM PIN":
            left = self.tries_left()
            if left is not None and left_before is not None:
                refused = left < left_before
            else:
                refused = isinstance(error, errors.CommandError) and not is_sim_busy(error)
            if not refused and not says_wrong(error):
                raise error
        if state in ("SIM PIN", "SIM PUK") and self._keeper:
            self._keeper.refused(self._card)
        if state == "SIM PIN":
            raise errors.PinRequired("the SIM refused the PIN", _at_most(self._keeper, self._card, left)) from None
        return state


def pin_to_enter(keeper: PinKeeper | None, card: str, tries_left: int | None) -> str:
    """The PIN that the keeper gives for this card, noted as tried. Raises PinRequired when none may be entered."""
    if tries_left is not None and tries_left <= FEW_TRIES:
        raise errors.PinRequired("the SIM asks for its PIN and has few tries left", tries_left)
    pin = keeper.take(card, tries_left) if keeper else None
    if pin is None:
        raise errors.PinRequired("the SIM asks for its PIN", _at_most(keeper, card, tries_left))
    if not PIN.fullmatch(pin):  # anything else could be another command
        raise errors.PinRequired("the PIN does not have 4 to 8 digits", tries_left)
    return pin


def enter_pin(keeper: PinKeeper | None, card: str, tries_left: int | None, enter: Callable[[str], object]) -> None:
    """Let `enter` enter the keeper's PIN, once. Raises PinRequired, and the errors of `enter`."""
    pin = pin_to_enter(keeper, card, tries_left)
    try:
        enter(pin)
    except errors.CommandError as error:
        if keeper and says_wrong(error):
            keeper.refused(card)
            raise errors.PinRequired("the SIM refused the PIN") from None
        raise
    if keeper:
        keeper.accepted(card)


def _at_most(keeper: PinKeeper | None, card: str, counted: int | None) -> int | None:
    """The tries left: as reported by the card, else computed from its refusals."""
    return keeper.at_most(card) if counted is None and keeper else counted


def says_wrong(error: Exception) -> bool:
    """True when the modem reports that the PIN is wrong (+CME ERROR: 16)."""
    return isinstance(error, errors.CmeError) and error.code == _WRONG_PASSWORD


def tries_told(lines: Iterable[str]) -> int | None:
    """The tries left, in the answer to any of the commands that report them; None in any other."""
    for line in lines:
        if speedup := _SPEEDUP.match(line):
            return int(speedup[1])
        name, _, rest = line.partition(":")
        name, figures = name.strip(), answers.fields(rest.strip())
        if figures and figures[0] != _OF_PIN_1.get(name, figures[0]):
            continue
        for place in _COUNTERS.get(name, ()):
            if place < len(figures) and figures[place].isascii() and figures[place].isdecimal():
                return int(figures[place])
    return None


def card_state(steps: Steps) -> str:
    """READY, SIM PIN, SIM PUK …, also when given by a code. Raises SimError, CommandError, ProtocolError."""
    try:
        lines = steps.required("AT+CPIN?")
    except (errors.CmeError, errors.CmsError) as error:
        if error.code in (10, 310):
            raise errors.SimMissing("no SIM in the modem") from error
        if error.code in (11, 311):
            return "SIM PIN"
        if error.code in (12, 316):
            return "SIM PUK"
        if error.code in (13, 15, 313, 315):
            raise errors.SimError("the SIM does not work") from error
        raise
    state = answers.pin_state(lines)
    if state is None:
        raise errors.ProtocolError("AT+CPIN? gave no state")
    return state


def check_card(steps: Steps, imsi: str) -> None:
    """Ask AT+CIMI (27.007 § 5.2) of a modem that has just answered something else, unless it never answered that. The
    card may be changed while the modem stays powered (a slot on a board).

    Raises SimMissing, and PortGone for another card, which must be set up and accepted by somebody.
    """
    # Twice: a digit may get lost on the line.
    if _told(steps) not in (None, imsi) and _told(steps) not in (None, imsi):
        raise errors.PortGone("another card is in the modem")


def _told(steps: Steps) -> str | None:
    if _IMSI in steps.silent:
        return None
    try:
        return answers.imsi(steps.dialogue.ask(_IMSI))
    except errors.ModemTimeout:  # it has just answered something else: no reason to give it up
        steps.silent.add(_IMSI)
        return None
    except errors.CommandError as error:
        if error.code is not None and _MISSING.get(type(error)) == error.code:
            raise errors.SimMissing("no SIM in the modem") from error
        return None
