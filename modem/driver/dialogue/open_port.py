"""Orders to an open modem, apart from sending: let a telephone ring, hang up, restart, take another bearer."""

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from modem.driver.base.interface import Ring
from modem.driver.dialogue.dialogue import Dialogue
from modem.driver.dialogue.steps import Steps
from modem.errors import CallEnded, CommandError, ModemTimeout, PortGone

HANG_UP_TIMEOUT_S: Final = 2.0
# Most modems say OK at once; a few only when the other telephone rings.
DIAL_TIMEOUT_S: Final = 30.0
_LOOK_EVERY_S: Final = 1.0
_ENDS: Final[dict[str, Ring]] = {
    "BUSY": "busy", "NO ANSWER": "no_answer", "NO CARRIER": "no_carrier", "NO DIALTONE": "no_dialtone"
}  # fmt: skip
# Some modems answer OK to ATH and let it ring (27.007 § 6.20, AT+CVHU), others do not know AT+CHUP.
_HANG_UP: Final = ("ATH", "AT+CHUP")


def other_bearer(dialogue: Dialogue, candidates: tuple[str, ...], taken: str | None) -> str | None:
    """The next AT+CGSMS that the modem accepts, in use from now on; None when it has only one, or none."""
    if taken not in candidates:
        return None
    at = candidates.index(taken)
    others = (*candidates[at + 1 :], *candidates[:at])
    return next((command for command in others if dialogue.attempt(command) is not None), None)


def ring(dialogue: Dialogue, number: str, ring_s: float, goes_on: Callable[[], bool], ended: deque[str]) -> Ring:
    """As `ModemDriver.ring`; the reader puts into `ended` the modem's report of the end of a call."""
    ended.clear()
    try:
        dialogue.ask(f"ATD{number};", DIAL_TIMEOUT_S)
        hang_up_at = dialogue.clock.monotonic() + ring_s
        while not ended and (left_s := hang_up_at - dialogue.clock.monotonic()) > 0 and goes_on():
            dialogue.pause(min(left_s, _LOOK_EVERY_S))
    except CallEnded as call:
        return _ENDS.get(call.why, "no_carrier")
    except ModemTimeout:
        hang_up(dialogue)
        raise
    hang_up(dialogue)
    return _ENDS.get(ended[0], "no_carrier") if ended else "rang"


def hang_up(dialogue: Dialogue) -> None:
    """Refuse an incoming call. A courtesy: whether the modem still answers shows at the next command."""
    for command in _HANG_UP:
        try:
            dialogue.attempt(command, HANG_UP_TIMEOUT_S)
        except ModemTimeout:
            return


def restart_blindly(dialogue: Dialogue, candidates: Iterable[str]) -> None:
    """`restart` for a modem that was never set up, or does not answer: it may still obey."""
    with suppress(ModemTimeout, CommandError):
        Steps(dialogue).synchronise()
    restart(dialogue, candidates)


def restart(dialogue: Dialogue, candidates: Iterable[str]) -> None:
    """Give the first of the commands that is not refused; a modem that disappears before it answers has obeyed. Raises
    CommandError if it refuses all of them, ModemTimeout if it stays and does not answer.
    """
    refused: CommandError | None = None
    for command in candidates:
        try:
            dialogue.ask(command)
        except CommandError as error:
            refused = error
            continue
        except PortGone:
            return
        return
    if refused:
        raise refused
