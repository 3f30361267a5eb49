"""The registration of a modem (3GPP TS 27.007 § 7.2, § 7.3, § 10.1.20)."""

from collections.abc import Iterable

from modem.at import answers
from modem.driver.dialogue.asking import Asking
from modem.driver.interface.protocol import Ims, Registration
from modem.errors import ModemTimeout

_NAMES = ("CEREG", "CGREG", "CREG")
_OPERATOR = "AT+COPS?"
_NOWHERE = Registration(registered=False, roaming=False, technology=None, operator=None)


def registration(dialogue: Asking, silent: set[str]) -> Registration:
    """The best of CEREG, CGREG and CREG, with the operator as MCC and MNC. Raises ModemTimeout, PortGone.

    Commands in `silent` are not asked; an operator that is never told, as during a search, is added to it.
    """
    asked = [name for name in _NAMES if f"AT+{name}=2" not in silent] or [_NAMES[-1]]
    told = [answers.network_status(dialogue.attempt(f"AT+{name}?") or (), f"+{name}") for name in asked]
    registered = [status for status in told if status and status.registered]
    if not registered:
        return _NOWHERE
    operator = _operator(dialogue, silent)
    accesses = [status.access for status in registered] + [operator.access if operator else None]
    return Registration(
        registered=True,
        roaming=registered[0].roaming,
        technology=answers.technology(next((access for access in accesses if access is not None), None)),
        operator=operator.name if operator else None,
    )


def ims(dialogue: Asking, switches: Iterable[str]) -> Ims:
    """AT+CIREG?, and the first switch of `switches` that the modem knows. Raises ModemTimeout, PortGone."""
    told = (" ".join(dialogue.attempt(switch) or ()) for switch in switches)
    return Ims(answers.ims(dialogue.attempt("AT+CIREG?") or ()), next((each for each in told if each), ""))


def _operator(dialogue: Asking, silent: set[str]) -> answers.Operator | None:
    if _OPERATOR in silent:
        return None
    try:
        return answers.operator(dialogue.attempt(_OPERATOR) or ())
    except ModemTimeout:  # the modem has just answered that it is registered: no reason to give it up
        silent.add(_OPERATOR)
        return None
