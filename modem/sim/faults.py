"""What goes wrong, and when. A spec is `KIND[:CODE][@WHEN]`, several separated by commas:

    cms:38@0.05                    the network refuses with +CMS ERROR: 38, 5 % of the submits
    unanswered@=7                  the 7th submit is taken by the network and no result line ever comes
    noprompt@0.01                  AT+CMGS is lost: no prompt, no answer
    noreport@10%                   the network takes it and never reports on it
    report:70@0.02                 it reports TP-ST 70 (3GPP TS 23.040 § 9.2.3.15) instead of 0, delivered
    urc@0.2                        lines that nobody asked for, before 20 % of the lines of answers
    dribble                        one byte at a time
    number:+32470000001=cms:1      whatever is sent to that number (cms, unanswered, noreport, report)

Without `@WHEN`, always. `@=N` counts AT+CMGS commands from 1. Chance comes from the seed alone.
"""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPEC = re.compile(
    r"(?:number:(?P<number>\+?\d+)=)?(?P<kind>[a-z]+)(?::(?P<code>\d+|0x[0-9a-fA-F]+))?"
    r"(?:@(?:=(?P<nth>\d+)|(?P<percent>[\d.]+)%|(?P<rate>[\d.]+)))?"
)
_WITH_CODE = {"cms": 511, "report": 255}  # and the highest code
_OF_NETWORK = {"cms", "unanswered", "noreport", "report"}
_COUNTED = _OF_NETWORK | {"noprompt"}
_KINDS = _COUNTED | {"urc", "dribble"}

STRAY_LINES = ("^RSSI:14", "^HCSQ:\"LTE\",42,39,90,20", "+CIEV: 5,2", "RING", "+CREG: 1", "*RADIOPOWER: 1")  # fmt: skip


class FaultSpecError(ValueError):
    """A spec that cannot be understood; the text is a sentence for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault. `nth` or `rate` say when; `number` is E.164 when it binds to one recipient."""

    kind: str
    code: int
    rate: float
    nth: int | None
    number: str | None

    @classmethod
    def parse(cls, spec: str) -> "Rule":
        found = _SPEC.fullmatch(spec)
        if found is None:
            raise FaultSpecError(f"Fault {spec!r} does not read KIND[:CODE][@RATE or @=N].")
        kind, code, number = found["kind"], found["code"], found["number"]
        if kind not in _KINDS:
            raise FaultSpecError(f"Fault {spec!r}: unknown kind {kind!r}; known are {', '.join(sorted(_KINDS))}.")
        if number and kind not in _OF_NETWORK:
            raise FaultSpecError(f"Fault {spec!r}: {kind} cannot depend on the recipient.")
        if (kind in _WITH_CODE) != (code is not None):
            raise FaultSpecError(f"Fault {spec!r}: {kind} takes {'a' if kind in _WITH_CODE else 'no'} code.")
        value = int(code, 0) if code else 0
        if value > _WITH_CODE.get(kind, 0):
            raise FaultSpecError(f"Fault {spec!r}: the highest code is {_WITH_CODE[kind]}.")
        return cls(kind, value, cls._rate(spec, found), cls._nth(spec, kind, found["nth"]), number)

    @staticmethod
    def _rate(spec: str, found: re.Match[str]) -> float:
        try:
            rate = float(found["percent"]) / 100 if found["percent"] else float(found["rate"] or 1)
        except ValueError:
            rate = -1.0
        if not 0 <= rate <= 1:
            raise FaultSpecError(f"Fault {spec!r}: a rate lies between 0 and 1, or 0 % and 100 %.")
        return rate

    @staticmethod
    def _nth(spec: str, kind: str, nth: str | None) -> int | None:
        if nth is not None and (kind not in _COUNTED or int(nth) < 1):
            raise FaultSpecError(f"Fault {spec!r}: @=N counts submits from 1, and {kind} must be a fault of submits.")
        return int(nth) if nth is not None else None


class Faults:
    """The rules of one run and their dice. `submits` is the number of AT+CMGS so far."""

    def __init__(self, specs: Iterable[str] = (), seed: int = 0) -> None:
        """Raises FaultSpecError."""
        self.rules = [Rule.parse(spec.strip()) for text in specs for spec in text.split(",") if spec.strip()]
        self.dribble = any(rule.kind == "dribble" for rule in self.rules)
        self.submits = 0
        self._kinds = {rule.kind for rule in self.rules}
        self._dice = random.Random(seed)  # noqa: S311  repeatable chance is the point

    def hits(self, kind: str, to: str | None = None) -> Rule | None:
        """The first rule of this kind that strikes now, for a submit to `to` where that matters."""
        if kind not in self._kinds:
            return None
        return next((rule for rule in self.rules if rule.kind == kind and self._strikes(rule, to)), None)

    def _strikes(self, rule: Rule, to: str | None) -> bool:
        if rule.number is not None and rule.number != to:
            return False
        if rule.nth is not None:
            return rule.nth == self.submits
        return rule.rate == 1 or self._dice.random() < rule.rate

    def stray_line(self) -> str | None:
        """A line that nobody asked for, to be said before the next one; usually None."""
        return self._dice.choice(STRAY_LINES) if self.hits("urc") else None
