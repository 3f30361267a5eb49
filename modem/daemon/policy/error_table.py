"""The reaction to every refusal of the network or the modem, as one table (docs/reference/modem-facts.md, "Error codes
and what to do").

A rule says three things: whom the code is about by the book, what becomes of the part, and what the modem needs. It
never waits or acts itself. Codes in no rule are temporary, with two retries. Whether a code is believed of the SIM or
of the recipient is decided by `modem.daemon.policy.sim_health`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from modem.errors import CmsError, CommandError

# `unclear`: the network's, or a dead number's (38). `unknown`: a code that says nothing (500, a bare ERROR).
About = Literal["recipient", "sim", "network", "unclear", "bearer", "pdu", "modem", "us", "unknown"]

# retry    to the tail of the queue, not before its delay; when the delays are used up it fails
Fate = Literal["retry", "fail", "sent"]

# What the modem needs before it goes on:
# suspend         the SIM is refused for now: wait, and let another SIM work
# retire          the SIM, or this way of sending, is refused for good: out of service
# no_sim, sim_failure, pin, puk   the card is not usable: open anew, which finds out and says so
# reopen          close the port and set the modem up again
# purge           free the SIM's storage
# restore_smsc    set the SMSC's address again
# switch_bearer   the other value of AT+CGSMS; then out of service
# await_network   look at the registration before the next one
# probe           ask AT for a sign of life
Remedy = Literal[
    "none",
    "suspend",
    "retire",
    "no_sim",
    "sim_failure",
    "pin",
    "puk",
    "reopen",
    "purge",
    "restore_smsc",
    "switch_bearer",
    "await_network",
    "probe",
]
# Refused by the book because of the SIM or the bearer: a second try at the tail, or by a second SIM.
_AGAIN_S = (15,)
# +CME ERROR has numbers of its own (27.007 § 9.2): 30 is "no network service", not "unknown subscriber".
_CME_AS_CMS = {
    5: 312,
    10: 310,
    11: 311,
    12: 316,
    13: 313,
    14: 314,
    15: 315,
    16: 311,
    17: 317,
    18: 318,
    20: 322,
    30: 331,
    31: 332,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """`delays_s` are the waits before the retries; `endless` repeats the last one until the message's deadline."""

    about: About
    fate: Fate
    delays_s: tuple[int, ...] = ()
    endless: bool = False
    remedy: Remedy = "none"

    def wait(self, retries: int) -> timedelta | None:
        """Before the next try of a part that was already retried so often; None when no try is left."""
        if retries < len(self.delays_s):
            return timedelta(seconds=self.delays_s[retries])
        return timedelta(seconds=self.delays_s[-1]) if self.endless and self.delays_s else None


DEFAULT = Rule("unclear", "retry", (30, 120))
# Something in here fails on this part, or fails on all: neither is a reason to give up, nor to let the others wait.
OUR_DEFECT = Rule("us", "retry", (5, 30, 60, 300), endless=True)
_BACK_OFF = Rule("network", "retry", (30, 60, 120, 240, 300), endless=True)
_GONE = Rule("recipient", "fail")
_PROTOCOL = Rule("pdu", "retry", (30,))
_STORAGE = Rule("modem", "retry", (2, 10, 30, 120, 300), endless=True, remedy="purge")
_SUSPEND = Rule("sim", "retry", _AGAIN_S, remedy="suspend")
_RETIRE = Rule("sim", "retry", _AGAIN_S, remedy="retire")
_OUR_FAULT = Rule("us", "fail")
_NO_NETWORK = Rule("network", "retry", (10, 30, 60), endless=True, remedy="await_network")
_BEARER = Rule("bearer", "retry", _AGAIN_S, remedy="switch_bearer")

# 3GPP TS 24.011 § E.2 (1–127), 23.040 § 9.2.3.22 (128–255), 27.005 § 3.2.5 (300–511).
_RULES: dict[int, Rule] = {
    1: _GONE,
    **dict.fromkeys((8, 10, 29), _SUSPEND),
    **dict.fromkeys((17, 22, 42, 47, 192, 194), _BACK_OFF),
    21: _SUSPEND,
    27: Rule("recipient", "retry", (300, 900)),
    **dict.fromkeys((28, 193), _RETIRE),
    # A number that nobody has; said of three in a row, it is the SIM that nobody has. The second try tells.
    30: Rule("unclear", "retry", (60,)),
    38: Rule("unclear", "retry", (60, 300)),
    41: Rule("network", "retry", (5, 30, 120, 60, 300)),
    **dict.fromkeys((50, 69), _BEARER),
    **dict.fromkeys((81, *range(95, 100), 111, 127), _PROTOCOL),
    # PID and DCS not supported: ours are the plainest of all, so the second try only rules out an accident.
    **dict.fromkeys(range(128, 160), _PROTOCOL),
    **dict.fromkeys((195, 196), _GONE),
    197: Rule("recipient", "sent"),
    # The next try goes without TP-VP (see `without_validity`).
    **dict.fromkeys((198, 199), Rule("pdu", "retry", (2,))),
    **dict.fromkeys((208, 211, 320, 321, 322), _STORAGE),
    300: Rule("modem", "retry", (2, 10, 30), remedy="reopen"),
    **dict.fromkeys((304, 305), _OUR_FAULT),
    310: Rule("sim", "retry", _AGAIN_S, remedy="no_sim"),
    311: Rule("sim", "retry", _AGAIN_S, remedy="pin"),
    **dict.fromkeys((312, 316, 317, 318), Rule("sim", "retry", _AGAIN_S, remedy="puk")),
    **dict.fromkeys((313, 315), Rule("sim", "retry", _AGAIN_S, remedy="sim_failure")),
    314: Rule("modem", "retry", (2, 2, 2, 2, 2)),
    330: Rule("sim", "retry", (5, 30), remedy="restore_smsc"),
    **dict.fromkeys((331, 332), _NO_NETWORK),
    350: Rule("bearer", "retry", _AGAIN_S, remedy="retire"),
    500: Rule("unknown", "retry", (30,), remedy="probe"),
}


def rule_of(code: int | None) -> Rule:
    """For +CMS ERROR `code`, 0–511 and beyond; None is a bare ERROR, which says as little as 500."""
    return _RULES[500] if code is None else _RULES.get(code, DEFAULT)


def rule_for(error: CommandError) -> Rule:
    """For a refused submit, whichever of the two numberings the modem used."""
    if isinstance(error, CmsError):
        return rule_of(error.code)
    if error.code is None:
        return rule_of(None)
    mapped = _CME_AS_CMS.get(error.code)
    return DEFAULT if mapped is None else rule_of(mapped)


def reason_of(error: CommandError) -> str:
    """The name of the error in the database: `CMS 38`, `CME 30`, `ERROR`."""
    return f"{error.kind} {error.code}" if error.code is not None else "ERROR"


def without_validity(last_reason: str) -> bool:
    """True when the network refused the part's validity format the last time."""
    return last_reason in ("CMS 198", "CMS 199")
