"""What to do when the network or the modem says no (modem-facts, "Error codes and what to do").

Codes that stand in no rule are temporary, with two retries; one recipient never stops the queue.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from modem.errors import CmsError, CommandError

Action = Literal["retry", "fail", "suspend", "sent"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`delays_s` are the waits before each retry; after the last one the part fails."""

    action: Action
    delays_s: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the part; `wait` is before a retry, or how long the modem is suspended."""

    action: Action
    wait: timedelta = timedelta()


_DEFAULT = Rule("retry", (30, 120))
_NETWORK = Rule("retry", (30, 60, 120, 240, 300))
_FAIL = Rule("fail")
# About the SIM or its subscription: no part is to blame, so another modem takes them.
_SUSPEND = Rule("suspend")

_RULES: dict[int, Rule] = {
    1: _FAIL,
    8: _SUSPEND,
    10: _SUSPEND,
    17: _NETWORK,
    21: _SUSPEND,
    22: _NETWORK,
    27: Rule("retry", (300, 900)),
    28: _SUSPEND,
    29: _SUSPEND,
    30: _FAIL,
    38: Rule("retry", (60, 300)),
    41: Rule("retry", (5, 30, 120)),
    42: _NETWORK,
    47: _NETWORK,
    50: _SUSPEND,
    69: _SUSPEND,
    192: _NETWORK,
    193: _SUSPEND,
    194: _NETWORK,
    195: _FAIL,
    196: _FAIL,
    197: Rule("sent"),
    304: _FAIL,
    305: _FAIL,
    310: _SUSPEND,
    311: _SUSPEND,
    312: _SUSPEND,
    313: _SUSPEND,
    314: Rule("retry", (2, 2, 2, 2, 2)),
    315: _SUSPEND,
    316: _SUSPEND,
    317: _SUSPEND,
    318: _SUSPEND,
    331: _NETWORK,
    332: _NETWORK,
    350: _SUSPEND,
    500: Rule("retry", (30,)),
}
_RULES |= {code: Rule("retry", (30,)) for code in (81, 95, 96, 97, 98, 99, 111, 127)}

SUSPENSION = timedelta(minutes=5)

# +CME ERROR has numbers of its own (27.007 § 9.2): 30 is "no network service" there and "unknown subscriber" here.
_CME_AS_CMS = {10: 310, 11: 311, 12: 312, 13: 313, 14: 314, 15: 315, 17: 317, 18: 318, 30: 331, 31: 332}


def decide_for(error: CommandError, retries: int) -> Decision:
    """For a refused submit of a part that was already retried `retries` times."""
    code = error.code if isinstance(error, CmsError) else _CME_AS_CMS.get(error.code or 0)
    return decide(code, retries)


def decide(code: int | None, retries: int) -> Decision:
    """For +CMS ERROR `code` (None: a bare ERROR) of a part that was already retried `retries` times."""
    rule = _DEFAULT if code is None else _RULES.get(code, _DEFAULT)
    if rule.action == "suspend":
        return Decision("suspend", SUSPENSION)
    if rule.action != "retry":
        return Decision(rule.action)
    if retries >= len(rule.delays_s):
        return Decision("fail")
    return Decision("retry", timedelta(seconds=rule.delays_s[retries]))
