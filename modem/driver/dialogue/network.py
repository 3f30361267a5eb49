"""The network of a modem (3GPP TS 27.007 § 7.2, § 7.3, § 10.1.20), and what it answers to a code (§ 7.15)."""

from collections import deque
from collections.abc import Iterable
from typing import Literal

from modem.at import answers
from modem.driver.dialogue.dialogue import Dialogue
from modem.driver.dialogue.steps import Steps
from modem.driver.interface.protocol import Ims, ImsState, Registration
from modem.errors import CommandError, ModemTimeout
from modem.sms.ussd import ASKS, FINISHED, packed_code, ussd_answer

USSD_TIMEOUT_S = 15.0
_USSD = "AT+CUSD"
_NAMES = ("CEREG", "CGREG", "CREG")
_OPERATOR = "AT+COPS?"
_SEARCHING, _DENIED = 2, 3


def registration(steps: Steps) -> Registration:
    """The best of CEREG, CGREG and CREG, with the operator as MCC and MNC. Raises ModemTimeout, PortGone.

    Its silent commands are left out.
    """
    names = [name for name in _NAMES if f"AT+{name}=2" not in steps.silent] or [_NAMES[-1]]
    statuses = [answers.network_status(steps.dialogue.attempt(f"AT+{name}?") or (), f"+{name}") for name in names]
    registered = [status for status in statuses if status and status.registered]
    if not registered:
        given = {status.status for status in statuses if status}
        why: Literal["denied", "searching", ""] = "searching" if _SEARCHING in given else ""
        return Registration(
            registered=False,
            roaming=False,
            technology=None,
            operator=None,
            unregistered="denied" if _DENIED in given else why,
        )
    operator, access = answers.operator(steps.answer(_OPERATOR)) or (None, None)
    accesses = [status.access for status in registered] + [access]
    return Registration(
        registered=True,
        roaming=registered[0].roaming,
        technology=answers.technology(next((value for value in accesses if value is not None), None)),
        operator=operator,
    )


def ims(steps: Steps, switches: Iterable[str]) -> Ims:
    """AT+CIREG?, AT+CIREP? where it is not registered, and the first switch of `switches` that the modem knows.

    Raises ModemTimeout, PortGone.
    """
    states = (" ".join(steps.answer(switch)) for switch in switches)
    state: ImsState = answers.ims(steps.answer("AT+CIREG?"))
    if state == "none" and answers.announces_ims(steps.answer("AT+CIREP?")) is False:
        state = "unoffered"
    return Ims(state, next((answer for answer in states if answer), ""))


def ussd(dialogue: Dialogue, code: str, packed: bool, heard: deque[str]) -> str:
    """The network's answer to `code`. It comes as a URC, which the reader puts into `heard`, or before the OK.

    It is requested in UCS2: in the GSM alphabet its é and € would be control characters. Raises CommandError if the
    network has no answer, ModemTimeout, PortGone.
    """
    if packed:
        return _answer(dialogue, packed_code(code), heard)
    if dialogue.attempt('AT+CSCS="UCS2"') is not None:
        try:
            return _answer(dialogue, code.encode("utf-16-be").hex().upper(), heard)
        except CommandError:
            pass  # it may know its own alphabet alone
        finally:
            dialogue.attempt('AT+CSCS="GSM"')
    return _answer(dialogue, code, heard)


def _answer(dialogue: Dialogue, code: str, heard: deque[str]) -> str:
    """As `ussd`, for an encoded code; a session that expects a further answer is ended."""
    heard.clear()
    give_up_at = dialogue.clock.monotonic() + USSD_TIMEOUT_S
    lines = dialogue.ask(f'{_USSD}=1,"{code}",15', USSD_TIMEOUT_S)
    answer = ussd_answer("\n".join(lines))
    while answer is None and (left_s := give_up_at - dialogue.clock.monotonic()) > 0:
        dialogue.pause(left_s)
        answer = ussd_answer(heard.popleft()) if heard else None
    if answer is None or answer[0] == ASKS:
        dialogue.attempt(f"{_USSD}=2")
    if answer is None:
        raise ModemTimeout(_USSD)
    kind, text = answer
    if kind not in (FINISHED, ASKS) and not text:
        raise CommandError(f"{_USSD} {kind}")
    return text
