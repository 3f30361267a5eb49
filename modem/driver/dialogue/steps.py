"""The questions of a set-up, needed or optional, and how long their answers are waited for.

A modem that just booted answers "SIM busy" for some seconds, and may refuse any optional command or never answer it;
that must not take minutes, and a dead modem must not look like one that skips optional answers.

Orders to an open modem, apart from sending: let a telephone ring, hang up, restart, take another bearer.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, TypeVar

from modem.at import answers
from modem.at.engine import ESC
from modem.driver.base.interface import Ring
from modem.driver.dialogue.dialogue import COMMAND_TIMEOUT_S, Dialogue
from modem.errors import CallEnded, CmeError, CmsError, CommandError, ModemError, ModemTimeout, PortGone

T = TypeVar("T")
SYNC_TRIES = 5
SYNC_TIMEOUT_S = 1.0
# Another program may have left it with results in figures or none at all, which the second one undoes (V.250 § 6.2).
_SYNC = ("AT", "ATE0Q0V1")
# A prompt that was left open answers ESC with an OK of its own. Taken for AT's, AT's own follows at once: it must not
# come when the next command is in flight.
SECOND_OK_S = 0.03
OPTIONAL_TIMEOUT_S = 5.0
# What optional steps may stay silent for in all; once that is used up every one has the shortest wait.
SILENCE_BUDGET_S = 10.0
SHORTEST_WAIT_S = 1.0
BUSY_WAITS = 5
BUSY_WAIT_S = 2.0
_SIM_BUSY = {CmeError: (14, 515), CmsError: (314, 515, 517)}
HANG_UP_TIMEOUT_S: Final = 2.0
# Most modems say OK at once; a few only when the other telephone rings.
DIAL_TIMEOUT_S: Final = 30.0
_LOOK_EVERY_S: Final = 1.0
_ENDS: Final[dict[str, Ring]] = {
    "BUSY": "busy", "NO ANSWER": "no_answer", "NO CARRIER": "no_carrier", "NO DIALTONE": "no_dialtone"
}  # fmt: skip
# Some modems answer OK to ATH and let it ring (27.007 § 6.20, AT+CVHU), others do not know AT+CHUP.
_HANG_UP: Final = ("ATH", "AT+CHUP")


def is_sim_busy(error: CommandError) -> bool:
    """The modem reads its card, or is not ready yet: ask again (27.007 § 9.2, 27.005 § 3.2.5; from 512 on makers')."""
    return error.code in _SIM_BUSY.get(type(error), ())


class Steps:
    """The way through the commands of a set-up, and later ones. `silent` are those that were never answered."""

    def __init__(self, dialogue: Dialogue, silent: Iterable[str] = ()) -> None:
        self.dialogue = dialogue
        self.silent = set(silent)
        self._patience_s = SILENCE_BUDGET_S
        self._waits_left = BUSY_WAITS

    def synchronise(self, settle_s: float = 0.0) -> None:
        """Leave a stale prompt and wait for an OK, at last for any answer: a few refuse a bare AT."""
        self.dialogue.write(ESC)
        error: ModemError = ModemTimeout("AT")
        for turn in range(SYNC_TRIES + round(settle_s / SYNC_TIMEOUT_S)):
            try:
                self.dialogue.ask(_SYNC[turn % 2], SYNC_TIMEOUT_S)
            except (ModemTimeout, CommandError) as refused:
                error = refused
            else:
                time.sleep(SECOND_OK_S)
                return
        if isinstance(error, ModemTimeout):
            raise error

    def required(self, command: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, ...]:
        """The answer's lines, also when the SIM is busy first. Raises CommandError, ModemTimeout, PortGone."""
        while True:
            try:
                return self.dialogue.ask(command, timeout_s)
            except CommandError as error:
                if not is_sim_busy(error) or not self.wait():
                    raise

    def optional(self, command: str) -> tuple[str, ...] | None:
        """The answer, None if it refuses or is silent. Raises ModemTimeout if it answers nothing else, PortGone."""
        timeout_s = max(SHORTEST_WAIT_S, min(OPTIONAL_TIMEOUT_S, self._patience_s))
        try:
            return self.required(command, timeout_s)
        except CommandError:
            return None
        except ModemTimeout as silence:
            self._patience_s -= timeout_s
            self.silent.add(command)
            for _ in range(SYNC_TRIES):
                with suppress(ModemTimeout):
                    self.dialogue.attempt("AT", SYNC_TIMEOUT_S)
                    return None
            raise silence

    def answer(self, command: str) -> tuple[str, ...]:
        """The answer's lines; none of a modem that refuses, or never answered this before."""
        return () if command in self.silent else self.optional(command) or ()

    def first_taken(self, candidates: Iterable[str]) -> str | None:
        return next((command for command in candidates if self.optional(command) is not None), None)

    def first_told(self, commands: Iterable[str], read: Callable[[Iterable[str]], T | None]) -> T | None:
        """The first value that `read` finds in the answers."""
        values = (read(self.answer(command)) for command in commands)
        return next((value for value in values if value is not None), None)

    def imei(self, commands: Iterable[str]) -> str | None:
        """The IMEI, else its maker's serial number (27.007 § 5.4), else None. Raises ModemTimeout, PortGone."""
        lines: list[str] = []
        for command in commands:
            with suppress(CommandError):
                lines += self.required(command)
            if imei := answers.imei(lines):
                return imei
        return answers.imei(self.optional("AT+CGSN=1") or ()) or answers.serial(lines)

    def wait(self) -> bool:
        """Give the modem time to become ready; False when it has had enough of it."""
        if not self._waits_left:
            return False
        self._waits_left -= 1
        self.dialogue.pause(BUSY_WAIT_S)
        return True


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
    with suppress(ModemTimeout):
        for command in _HANG_UP:
            dialogue.attempt(command, HANG_UP_TIMEOUT_S)


def restart_blindly(dialogue: Dialogue, candidates: Iterable[str]) -> None:
    """`restart` for a modem that was never set up, or does not answer: it may still obey."""
    with suppress(ModemTimeout, CommandError):
        Steps(dialogue).synchronise()
    restart(dialogue, candidates)


def restart(dialogue: Dialogue, candidates: Iterable[str]) -> None:
    """Give the first command that it takes; a modem that vanishes has obeyed. Raises CommandError, ModemTimeout."""
    refused: CommandError | None = None
    for command in candidates:
        try:
            dialogue.ask(command)
            return
        except PortGone:
            return
        except CommandError as error:
            refused = error
    if refused:
        raise refused
