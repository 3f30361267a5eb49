"""The part of a set-up that is about messages: PDU mode, storage and routing (3GPP TS 27.005 § 3.2, § 3.4.1). For some
time after its start a modem may refuse all of it, and then it begins in whatever mode its firmware, or the profile that
somebody saved, prefers (docs/reference/modem-facts.md, "Silent restarts, and errors that mean the modem").
Decision: docs/adr/0206.
"""

from collections.abc import Sequence
from typing import Final

from modem.at import answers
from modem.driver.dialogue.kept import Kept
from modem.driver.dialogue.routing import indications
from modem.driver.dialogue.steps import BUSY_WAIT_S, Steps
from modem.driver.models.quirks import Quirks
from modem.errors import CommandError

# Twice 25 s, the longest that anybody saw.
WAITS: Final = 25
# How a modem says that it has no such command; every other refusal may be over soon.
_UNKNOWN: Final[dict[str, tuple[int | None, ...]]] = {"": (None,), "CME": (3, 4), "CMS": (303,)}


class Messages:
    """`routing` and `storage` are the commands that were taken, None where none was."""

    def __init__(self, steps: Steps, quirks: Quirks) -> None:
        self._steps, self._dialogue, self._quirks = steps, steps.dialogue, quirks
        self._routings: Sequence[str] = ()
        self._knows_mode = True
        self.by_acknowledgement = False
        self.reports = True
        self.routing: str | None = None
        self._storage: str | None = None

    @property
    def storage(self) -> str | None:
        """The storage that is read and received into."""
        return self._storage.split('"')[1] if self._storage else None

    def start(self) -> None:
        """Raises CommandError where it cannot be brought into PDU mode, ModemTimeout, PortGone."""
        for turn in range(1 + WAITS):
            if turn:
                self._dialogue.pause(BUSY_WAIT_S)
            in_pdu_mode = self._is_in_pdu_mode()
            if in_pdu_mode is not False:
                # 1 wants an acknowledgement of every text and report, and so does who knows neither.
                self.by_acknowledgement = self._steps.first_taken(("AT+CSMS=0", "AT+CSMS=1")) != "AT+CSMS=0"
                self._receive()
                in_pdu_mode = in_pdu_mode or self._is_in_pdu_mode()
                self._knows_mode = in_pdu_mode is not None
                # Who knows the others but not that has no other mode (Nordic's nRF93M1).
                if in_pdu_mode or (in_pdu_mode is None and (self._storage or self.routing)):
                    return
        raise CommandError("AT+CMGF")

    def kept(self) -> Kept:
        """The settings that it must not lose from here on, and those to be tried again."""
        given = ["AT+CMGF=0"] * self._knows_mode + ([self.routing] if self.routing else [])
        missing: list[Sequence[str]] = [] if self._knows_mode else [("AT+CMGF=0",)]
        wanted = ((self._storage, self._quirks.storage), (self.routing, self._routings))
        missing += [commands for taken, commands in wanted if taken is None and self._may_come(commands)]
        return Kept.learned(self._steps, given, missing)

    def _is_in_pdu_mode(self) -> bool | None:
        """False where it refuses, which it may do until SMS is ready; None where it knows no modes. Raises
        ModemTimeout.
        """
        refusals: list[CommandError] = []
        for command in ("AT+CMGF=0", "AT+CMGF?"):
            try:
                lines = self._dialogue.ask(command)
            except CommandError as error:
                refusals.append(error)
            else:
                return not refusals or answers.value(lines, "+CMGF") == "0"
        return None if all(error.code in _UNKNOWN[error.kind] for error in refusals) else False

    def _receive(self) -> None:
        """Storage and routing. Both refused: SMS is not ready yet (`SMS Ready` may come)."""
        while True:
            self._storage = self._steps.first_taken(self._quirks.storage)
            self._routings = indications(answers.listed(self._steps.answer("AT+CNMI=?"), "+CNMI"))
            self.routing = self._steps.first_taken(self._routings)
            silent = not self._may_come((*self._quirks.storage, *self._routings))
            if self._storage or self.routing or silent or not self._steps.wait():
                break
        if self.routing is None:
            self.reports = not self._may_come(self._routings)
        else:
            self.reports = self.routing.split(",")[3:4] != ["0"]

    def _may_come(self, commands: Sequence[str]) -> bool:
        """All were answered, if only with a refusal."""
        return self._steps.silent.isdisjoint(commands)
