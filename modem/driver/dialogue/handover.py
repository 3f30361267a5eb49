"""Handing one PDU to the modem: AT+CMGS, the prompt, the PDU, the result (3GPP TS 27.005 § 4.3).

After Ctrl-Z the part may be on its way: without a final result it is SubmitUnconfirmed. A modem that takes much longer
than usual is probed with AT; when that is answered, the result line is lost (docs/reference/modem-facts.md,
"Time-outs").
"""

from collections import deque
from collections.abc import Callable
from typing import NoReturn

from modem.at import answers
from modem.at.commands import Final
from modem.at.events import Doubtful, Late, Prompt, Response
from modem.driver.dialogue.dialogue import Dialogue
from modem.driver.dialogue.kept import Kept
from modem.errors import CommandError, ModemTimeout, NotHandedOver, PortGone, SubmitUnconfirmed

PROMPT_TIMEOUT_S = 20.0
# How much longer for a prompt after a refusal that may be an older submit's.
DOUBT_S = 5.0
PATIENCE_S = 15.0
PATIENCE_FACTOR = 4
# The modem gave up waiting for the network, which may have taken the part
# (docs/reference/modem-facts.md, "Error codes and what to do").
# Firmware that does not know +CMS ERROR says time-out and unknown in codes of +CME ERROR, or only ERROR.
_DOUBTFUL = {"CMS": (332, 350, 500), "CME": (31, 100), "": (None,)}
DOUBTFUL_AFTER_S = 30.0
_SETTLE_S = 1.0


class Patience:
    """The usual time to this modem's results: the 99th percentile of its last 100."""

    def __init__(self) -> None:
        self._taken_s: deque[float] = deque(maxlen=100)

    def note(self, taken_s: float) -> None:
        self._taken_s.append(taken_s)

    @property
    def patience_s(self) -> float:
        if PATIENCE_FACTOR * max(self._taken_s, default=0.0) <= PATIENCE_S:
            return PATIENCE_S
        ordered = sorted(self._taken_s)
        return max(PATIENCE_S, PATIENCE_FACTOR * ordered[(len(ordered) * 99 - 1) // 100])


class Handover:
    """One PDU's way into the modem."""

    def __init__(self, dialogue: Dialogue, kept: Kept, patience: Patience, limit_s: float) -> None:
        self._dialogue = dialogue
        self._kept = kept
        self._clock = dialogue.clock
        self._patience = patience
        self._limit_s = limit_s
        self._command = ""
        self._number: int | None = None
        self._handed_over_at: float | None = None

    def submit(self, pdu: str, on_pdu_start: Callable[[], None]) -> int:
        """As `ModemDriver.submit`, of a PDU in hexadecimal."""
        self._command = f"AT+CMGS={len(pdu) // 2 - 1}"  # octets without the empty service centre (27.005 § 4.3)
        self._open_prompt()
        if self._may_have_restarted:  # the prompt came late, or behind an echo
            self._dialogue.leave_prompt()
            self._kept.check()
            self._open_prompt()
        always_late = self._may_have_restarted
        try:
            on_pdu_start()
        except BaseException:
            self._dialogue.leave_prompt()
            raise
        self._handed_over_at = self._clock.monotonic()
        try:
            receipt = self._hand_over(pdu)
            if always_late or self._dialogue.footing.is_suspect:  # it may have taken a text to the PDU's length
                self._kept.check()
        except (PortGone, ModemTimeout) as error:
            raise self._unconfirmed() from error
        self._kept.counts()
        self._patience.note(self._waited_s)
        return receipt

    @property
    def _may_have_restarted(self) -> bool:
        return self._dialogue.footing.may_have_restarted(self._clock.monotonic())

    @property
    def _waited_s(self) -> float:
        """Since Ctrl-Z; 0 before."""
        return 0.0 if self._handed_over_at is None else self._clock.monotonic() - self._handed_over_at

    def _unconfirmed(self) -> SubmitUnconfirmed:
        return SubmitUnconfirmed(self._waited_s, self._number)

    def _open_prompt(self) -> None:
        self._dialogue.send(self._command, expects_prompt=True)
        deadline = self._clock.monotonic() + PROMPT_TIMEOUT_S
        doubtful: Doubtful | None = None
        while True:
            answer = self._dialogue.take(deadline - self._clock.monotonic())
            if isinstance(answer, Prompt):
                return
            if isinstance(answer, Response):
                self._refuse(answer.final)
            if isinstance(answer, Doubtful):
                doubtful, deadline = answer, min(deadline, self._clock.monotonic() + DOUBT_S)
            if isinstance(answer, Late):
                self._dialogue.tell(answer)
            if answer is None:
                self._dialogue.leave_prompt()
                if doubtful:
                    self._refuse(doubtful.final)
                raise ModemTimeout("AT+CMGS (prompt)")

    def _hand_over(self, pdu_hex: str) -> int:
        """A doubtful result is waited on: the next one shows whose it is, and without one that stays unknown."""
        self._number = self._dialogue.send_payload(pdu_hex)
        if self._number is None:
            self._ended_early()
        patience_s, doubted = min(self._patience.patience_s, self._limit_s), False
        while (answer := self._dialogue.take(patience_s - self._waited_s)) is not None:
            if isinstance(answer, Response):
                return self._receipt(answer)
            if isinstance(answer, Doubtful) and not doubted:
                # Its own result takes as long as usual, also after one from before this dialogue.
                longer_s = self._waited_s + max(DOUBT_S, self._waited_s)
                longer_s = longer_s if answer.is_brief else 2 * (patience_s + self._waited_s)
                doubted, patience_s = True, min(longer_s, self._limit_s)
            if isinstance(answer, Late):
                self._dialogue.tell(answer)
        while not isinstance(given_up := self._dialogue.give_up(), tuple):
            if isinstance(given_up, Response):
                return self._receipt(given_up)
            if isinstance(given_up, Late):  # of an older one: not the end of this one
                self._dialogue.tell(given_up)
        if (reference := answers.reference(given_up)) is not None:
            return reference  # only its OK was lost
        return self._probe()

    def _ended_early(self) -> NoReturn:
        """The command was over before the PDU: refused, or by an OK that may leave the prompt open. Raises PortGone."""
        answer = self._dialogue.take(0)
        self._handed_over_at = None
        if isinstance(answer, Response) and not answer.final.ok:
            raise answer.final.error(self._command)
        self._dialogue.leave_prompt()
        raise NotHandedOver("AT+CMGS ended behind the prompt")

    def _probe(self) -> int:
        """Ask AT until it is answered, the result comes after all, or the limit is reached."""
        while (left_s := self._limit_s - self._waited_s) > 0:
            self._dialogue.send("AT")
            answer = self._dialogue.take(min(left_s, PATIENCE_S))
            if answer is None:
                given_up = self._dialogue.give_up()
                answer = None if isinstance(given_up, tuple) else given_up
            if isinstance(answer, Response):
                break
            if isinstance(answer, Late):
                # The probe's own answer comes too: it must not be taken for the next command's.
                if self._dialogue.take(_SETTLE_S) is None:
                    self._dialogue.give_up()
                if answer.submit is not None and answer.submit == self._number:
                    return self._receipt(answer)
                self._dialogue.tell(answer)
        raise self._unconfirmed()

    def _receipt(self, answer: Response | Late) -> int:
        if not answer.final.ok:
            self._refuse(answer.final)
        reference = answers.reference(answer.lines)
        if reference is None:  # the line with the reference is lost, or this modem has none
            self._dialogue.footing.is_doubted = True
            raise SubmitUnconfirmed(self._waited_s, is_answered=True)
        return reference

    def _refuse(self, final: Final) -> NoReturn:
        error = final.error(self._command)
        if is_doubtful(error, self._waited_s):
            raise self._unconfirmed() from error
        raise error


def is_doubtful(error: CommandError, waited_s: float) -> bool:
    """True when the network may have the part although the modem refused it `waited_s` after the PDU."""
    return waited_s > DOUBTFUL_AFTER_S and error.code in _DOUBTFUL[error.kind]
