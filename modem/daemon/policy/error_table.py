"""The reaction to every refusal of the network or the modem, as one table, error_table.toml
(docs/reference/modem-facts.md, "Error codes and what to do").

A rule gives three things: whom the code is about by the specification, what happens to the part, and what the modem
needs. It never waits or acts itself. Codes in no rule are temporary, with two retries. Whether a code is attributed to
the SIM or to the recipient is decided by `modem.daemon.policy.sim_health`.
"""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any, Literal

from modem.errors import CmsError, CommandError, ModemError, PinRequired, PukRequired, SimError, SimMissing

# `unclear`: the network's, or a dead number's (38). `unknown`: a code that says nothing (500, a bare ERROR). `either`:
# the PDU's or the modem's, which its attempts tell (modem.daemon.policy.blame).
About = Literal["recipient", "sim", "network", "unclear", "bearer", "pdu", "modem", "either", "us", "unknown"]

# retry    to the tail of the queue, not before its delay; when the delays are used up it fails
Fate = Literal["retry", "fail", "sent"]

# What the modem needs before it goes on:
# suspend         the SIM is refused for now: wait, and let another SIM work
# retire          the SIM, or this way of sending, is refused for good: out of service
# no_sim, sim_failure, pin, puk   the card is not usable: open anew, which finds out and says so
# reopen          close the port and set the modem up again
# restart         restart the modem (AT+CFUN=1,1)
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
    "restart",
    "purge",
    "restore_smsc",
    "switch_bearer",
    "await_network",
    "probe",
]

# What the remedies of a card say to the worker.
CARD_ERRORS: dict[Remedy, ModemError] = {
    "no_sim": SimMissing("+CMS ERROR: 310"),
    "sim_failure": SimError("+CMS ERROR: 313"),
    "pin": PinRequired("+CMS ERROR: 311"),
    "puk": PukRequired("+CMS ERROR: 316"),
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
        """The wait before the next try of a part that was already retried so often; None when no try is left."""
        if retries < len(self.delays_s):
            return timedelta(seconds=self.delays_s[retries])
        return timedelta(seconds=self.delays_s[-1]) if self.endless and self.delays_s else None


DEFAULT = Rule("unclear", "retry", (30, 120))
# Something in here fails on this part, or fails on all: neither is a reason to give up, nor to let the others wait.
OUR_DEFECT = Rule("us", "retry", (5, 30, 60, 300), endless=True)


def _rules(table: list[dict[str, Any]]) -> dict[int, Rule]:
    """By code; `codes` of a row are as `8 95-99`."""
    rules: dict[int, Rule] = {}
    for row in table:
        ends = [part.partition("-") for part in row.pop("codes").split()]
        rule = Rule(**row | {"delays_s": tuple(row.get("delays_s", ()))})
        rules |= {code: rule for first, _, last in ends for code in range(int(first), int(last or first) + 1)}
    return rules


# Read by the function above.
_TABLE = tomllib.loads(files(__package__).joinpath("error_table.toml").read_text(encoding="utf-8"))
_RULES = _rules(_TABLE["rules"])
_CME_AS_CMS: dict[int, int] = {int(cme): cms for cme, cms in _TABLE["cme_as_cms"].items()}


def rule_of(code: int | None) -> Rule:
    """The rule for +CMS ERROR `code`, 0–511 and beyond; None is a bare ERROR, which is as unspecific as 500."""
    return _RULES[500] if code is None else _RULES.get(code, DEFAULT)


def rule_for(error: CommandError) -> Rule:
    """The rule for a refused submit, in either of the two numberings that modems use."""
    if isinstance(error, CmsError):
        return rule_of(error.code)
    if error.code is None:
        return rule_of(None)
    mapped = _CME_AS_CMS.get(error.code)
    return DEFAULT if mapped is None else rule_of(mapped)


def reasons_of(rule: Rule) -> list[str]:
    """The names of all codes of this rule, as `reason_of` gives them."""
    return [f"CMS {code}" for code, other in _RULES.items() if other is rule]


def reason_of(error: CommandError) -> str:
    """The name of the error in the database: `CMS 38`, `CME 30`, `ERROR`."""
    return f"{error.kind} {error.code}" if error.code is not None else "ERROR"


def without_validity(last_reason: str) -> bool:
    """True when the network refused the part's validity format the last time."""
    return last_reason in ("CMS 198", "CMS 199")
