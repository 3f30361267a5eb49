"""Unsolicited result codes, as data (modem-facts; 3GPP TS 27.005 § 3.4, 27.007, vendors' manuals).

A model's own entries are prepended: the first entry of a name wins.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UrcRule:
    """How to know one URC: `name` is the whole line, or what stands before its colon.

    `lines` is 2 where a PDU follows on a line of its own. `only_urc` tells the URC's form from that of an answer
    with the same name (`+CREG: 1,"00C3"` from `+CREG: 2,1`). `restart`: the modem has booted.
    """

    name: str
    lines: int = 1
    only_urc: re.Pattern[str] | None = None
    restart: bool = False


# The read command answers <n>,<stat>; the URC has <stat> alone, or a location of three hex digits or more.
_REGISTRATION = re.compile(r'\+C(?:|G|E)REG: ?\d{1,2}(?: ?, ?(?:"|[0-9A-Fa-f]{3}).*)?')

_HUAWEI = [
    "^RSSI",
    "^HCSQ",
    "^BOOT",
    "^MODE",
    "^DSFLOWRPT",
    "^CSNR",
    "^SRVST",
    "^SIMST",
    "^STIN",
    "^NWTIME",
    "^RSSILVL",
    "^HRSSILVL",
    "^NDISSTAT",
    "^ORIG",
    "^CONF",
    "^CONN",
    "^CEND",
    "^LWURC",
    "^SMMEMFULL",
]
_ZTE = ["+ZUSIMR", "+ZEND", "+ZPAS"]
_OTHERS = ["*RADIOPOWER", "+SPNWNAME", "+PSBEARER", "+QIND", "+QUSIM"]
_STANDARD = ["+CIEV", "+CMTI", "+CDSI", "+CUSD", "+CLIP", "+CRING", "+CPIN", "+CFUN", "+CGEV", "+CTZV", "+CCWA"]
_WORDS = [
    "RING",
    "NO CARRIER",
    "NO ANSWER",
    "BUSY",
    "SMS Ready",
    "Call Ready",
    "PB DONE",
    "SMS DONE",
    "NORMAL POWER DOWN",
    "UNDER-VOLTAGE WARNNING",
    "OVER-VOLTAGE WARNNING",
]

URCS: tuple[UrcRule, ...] = (
    UrcRule("+CDS", lines=2),
    UrcRule("+CMT", lines=2),
    UrcRule("+CBM", lines=2),
    *(UrcRule(name, only_urc=_REGISTRATION) for name in ("+CREG", "+CGREG", "+CEREG")),
    UrcRule("RDY", restart=True),
    *(UrcRule(name) for name in (*_STANDARD, *_HUAWEI, *_ZTE, *_OTHERS, *_WORDS)),
)


class UrcTable:
    """Finds the rule of a line."""

    def __init__(self, rules: Iterable[UrcRule]) -> None:
        self._rules: dict[str, UrcRule] = {}
        for rule in rules:
            self._rules.setdefault(rule.name, rule)

    def rule(self, line: str) -> UrcRule | None:
        """The rule of a whole line, or None when it is no URC."""
        return self._rules.get(line.partition(":")[0])
