"""The submit of each result: one that was given up may still be answered while the next one is on its way.

- The reference tells them apart: TP-MR rises by one with each submit of a SIM (3GPP TS 23.040 § 9.2.3.6), and a submit
takes one at most: the n-th submit after one whose reference is known has one of the next n. - So does the order: a
modem answers in the order of the submits.

Where neither tells, nobody gets the result. Each submit that was given up casts doubt on the next one only, which is
waited for longer; a later answer is found by its reference alone.
"""

from dataclasses import dataclass, field
from typing import Final as Constant

from modem.at.answers import reference
from modem.at.finals import Final

_CYCLE: Constant = 256
# One that lies a cycle back has the reference of one that goes out now.
_OLDEST: Constant = _CYCLE - 16


@dataclass(frozen=True, slots=True)
class Result:
    """The lines and the final result of one submit; `reference` is TP-MR, None when it was refused or got lost."""

    lines: tuple[str, ...]
    final: Final

    @property
    def reference(self) -> int | None:
        return reference(self.lines)


@dataclass(slots=True)
class GivenUp:
    """A submit without an answer: its number, and the references (counted on, not wrapped) that it may have. `awaited`:
    an answer may still come in its turn; else only its reference can tell that one is its.
    """

    number: int
    command: str
    lowest: int | None = None
    highest: int | None = None
    awaited: bool = True

    def may_have(self, mr: int) -> bool:
        """Nothing is known: any."""
        if self.lowest is None or self.highest is None:
            return True
        return (mr - self.lowest) % _CYCLE <= self.highest - self.lowest

    def narrow(self, number: int, counted: int) -> None:
        """The submit `number` has the reference `counted`."""
        distance = self.number - number
        lowest, highest = (counted + 1, counted + distance) if distance > 0 else (counted + distance, counted - 1)
        self.lowest = lowest if self.lowest is None else max(lowest, self.lowest)
        self.highest = highest if self.highest is None else min(highest, self.highest)

    @property
    def impossible(self) -> bool:
        return self.lowest is not None and self.highest is not None and self.lowest > self.highest


Owned = tuple[GivenUp | None, Result]


@dataclass(frozen=True, slots=True)
class Match:
    """`mine` is of the submit in flight, `late` of older ones (None: of one of them); neither: it is in doubt."""

    mine: Result | None = None
    late: list[Owned] = field(default_factory=list)


class Submits:
    """The submits of one dialogue."""

    def __init__(self) -> None:
        self.number = 0
        self._command = ""
        # The newest submit whose reference is known, and that reference, counted on.
        self._known: tuple[int, int] | None = None
        self._given_up: list[GivenUp] = []
        # Results of some of those that are awaited; in doubt: or of the newest submit, which was waited for the longer.
        self._held: list[Result] = []
        self._in_doubt = False

    @property
    def any_awaited(self) -> bool:
        """True when an older submit's answer may still come in its turn."""
        return any(given_up.awaited for given_up in self._given_up)

    def begin(self, command: str) -> None:
        """A PDU goes out."""
        if self._in_doubt:
            self._close()
        self._held.clear()
        self._in_doubt = False
        self.number += 1
        self._command = command
        if self._given_up and self.number - self._given_up[0].number >= _OLDEST:
            del self._given_up[0]

    def give_up(self) -> None:
        """The newest one is waited for no longer."""
        given_up = GivenUp(self.number, self._command)
        if self._known:
            given_up.narrow(*self._known)
        self._given_up.append(given_up)

    def forget(self) -> None:
        """The modem restarted: nothing older will be answered."""
        self._given_up.clear()
        self._held.clear()
        self._in_doubt = False

    def settle(self, result: Result) -> Match:
        """A result that came while the newest submit waits for its own."""
        mr = result.reference
        if not self._given_up:
            return self._answered(result)
        rivals = self._awaited()
        if mr is not None:
            mine = self._may_be_mine(mr)
            older = self._candidates(mr, self._given_up)
            if older and not mine:
                return Match(late=[self._owned(older, result)])
            if mine:  # else this modem does not count as others do, and the order alone tells
                rivals = [given_up for given_up in older if given_up.awaited]
        if rivals and len(self._held) < len(self._awaited()):
            self._held.append(result)
            self._in_doubt = True
            return Match()
        return self._answered(result)

    def late(self, result: Result) -> list[Owned]:
        """A result that came while no PDU is out; nothing when it has to wait for the next one to be told apart."""
        mr, awaited = result.reference, self._awaited()
        candidates = self._candidates(mr, awaited if mr is None else self._given_up)
        if not self._held and len(candidates) == 1:
            return [self._owned(candidates, result)]
        if not awaited:
            return [(None, result)]
        self._held.append(result)
        return self._in_order() if len(self._held) == len(awaited) else []

    def _awaited(self) -> list[GivenUp]:
        return [given_up for given_up in self._given_up if given_up.awaited]

    def _may_be_mine(self, mr: int) -> bool:
        if self._known is None:
            return True
        number, counted = self._known
        return (mr - counted - 1) % _CYCLE < self.number - number

    def _answered(self, result: Result) -> Match:
        late: list[Owned] = []
        if self._held:
            late = self._in_order() if len(self._held) == len(self._awaited()) else self._each()
        if (mr := result.reference) is not None:
            self._know(self.number, mr)
        if self._given_up:
            self._close()
        return Match(result, late)

    def _in_order(self) -> list[Owned]:
        pairs: list[Owned] = list(zip(self._awaited(), self._held, strict=True))
        self._held.clear()
        return [self._owned([given_up], result) for given_up, result in pairs if given_up]

    def _each(self) -> list[Owned]:
        held, self._held = self._held, []
        return [self._owned(self._candidates(result.reference, self._awaited()), result) for result in held]

    @staticmethod
    def _candidates(mr: int | None, among: list[GivenUp]) -> list[GivenUp]:
        return [given_up for given_up in among if mr is None or given_up.may_have(mr)]

    def _owned(self, candidates: list[GivenUp], result: Result) -> Owned:
        if len(candidates) != 1:
            return None, result
        (owner,) = candidates
        self._given_up.remove(owner)
        for given_up in self._given_up:
            given_up.awaited = given_up.awaited and given_up.number > owner.number
        if (mr := result.reference) is not None:
            self._know(owner.number, mr)
        return owner, result

    def _know(self, number: int, mr: int) -> None:
        if self._known is None:
            counted = mr
        else:
            since, base = self._known
            counted = base + (mr - base) % _CYCLE if number > since else base - (base - mr) % _CYCLE
        if self._known is None or number > self._known[0]:
            self._known = number, counted
        for given_up in self._given_up:
            given_up.narrow(number, counted)

    def _close(self) -> None:
        """From here on only a reference can tell that a result is an older submit's."""
        for given_up in self._given_up:
            given_up.awaited = False
        self._given_up = [given_up for given_up in self._given_up if not given_up.impossible]
