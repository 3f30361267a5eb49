"""The settings by which an open modem is known to be the one that was set up. One that restarts without a word is the
same port with others: in text mode the length of a PDU is a number, and the PDU a text to it
(docs/reference/modem-facts.md, "Silent restarts, and errors that mean the modem").
"""

from collections.abc import Iterable, Sequence
from typing import Final

from modem.at import answers
from modem.driver.dialogue.dialogue import Dialogue
from modem.driver.dialogue.steps import Steps
from modem.errors import CommandError

CHECK_TIMEOUT_S: Final = 5.0
# What was refused at the start is tried at every look for so long, and at longer intervals from then on.
SOON_S: Final = 120.0
SELDOM_S: Final = 300.0
_MODE: Final = "AT+CMGF"
_ASKS_MODE: Final = f"{_MODE}?"


class Kept:
    """The settings that an open modem must not have lost: a command, and the answer that it gave when it was set up
    (None: it takes the command). `missing` are commands of which it has taken none yet, best first.
    """

    def __init__(self, dialogue: Dialogue, settings: dict[str, str | None], missing: Iterable[Sequence[str]]) -> None:
        self._dialogue, self._settings = dialogue, settings
        self._missing = [tuple(candidates) for candidates in missing]
        self._learned_at = self._tried_at = dialogue.clock.monotonic()
        # Nothing but its echo showed that it had restarted.
        self.echoed_alone = False
        # Since the modem was last known to be in PDU mode; none counts of one that has no other.
        self._receipts = 0
        self._has_modes = any(command.startswith(_MODE) for command in settings)

    @classmethod
    def learned(cls, steps: Steps, given: Iterable[str], missing: Iterable[Sequence[str]]) -> "Kept":
        """Ask for what was `given` (AT+CMGF=0, AT+CNMI=…). A modem that does not tell is given it again."""
        dialogue = steps.dialogue
        settings: dict[str, str | None] = {}
        echoes = dialogue.footing.echoes
        for command in given:
            question = command.partition("=")[0] + "?"
            told = answers.value(steps.answer(question), question[2:-1])
            settings[command if told is None else question] = told
        # One that ignores ATE0 tells nothing by its echo.
        dialogue.footing.minds_echo = dialogue.footing.echoes == echoes
        dialogue.footing.found(dialogue.clock.monotonic())
        return cls(dialogue, settings, missing)

    def ensure(self) -> None:
        """Raises PortGone where it has restarted, ModemTimeout. Asks nothing while a restart cannot have happened."""
        if not self._dialogue.footing.is_sure(self._dialogue.clock.monotonic()):
            self.check()

    def prove(self) -> None:
        """The same, and receipts that wait for it want an answer in any case (ADR 204)."""
        if self._receipts:
            self.check()
        else:
            self.ensure()

    def check(self) -> None:
        """Ask. Raises PortGone where it has restarted (ModeLost: with receipts since then), ModemTimeout."""
        footing = self._dialogue.footing
        footing.begin()
        for command, told in self._settings.items():
            if not self._has(command, told):
                raise self._dialogue.lost("the modem restarted without a word", self._receipts)
            if command == _ASKS_MODE:
                self._receipts = 0
        if footing.has_echoed:
            self.echoed_alone = True
            raise self._dialogue.lost("the modem restarted: it echoes", self._receipts)
        self._receipts = 0
        footing.found(self._dialogue.clock.monotonic())

    def counts(self) -> None:
        """A receipt has come: it is believed once the mode is found right."""
        self._receipts += self._has_modes

    def try_missing(self) -> None:
        """Give now and then what it refused at first. Raises PortGone when it takes it: then it is set up anew."""
        now = self._dialogue.clock.monotonic()
        early = now - self._learned_at < SOON_S
        if not self._missing or (not early and now - self._tried_at < SELDOM_S):
            return
        self._tried_at = now
        for candidates in self._missing:
            if any(self._has(command, None) for command in candidates):
                raise self._dialogue.lost("it takes commands about SMS now")

    def _has(self, command: str, told: str | None) -> bool:
        try:
            lines = self._dialogue.ask(command, CHECK_TIMEOUT_S)
        except CommandError:
            return False
        return told is None or answers.value(lines, command[2:-1]) == told
