"""Assignment of results to submits: one that was given up may still be answered, even after a newer one.

- The reference decides: TP-MR rises by one with every submit of a SIM (3GPP TS 23.040 § 9.2.3.6), and a submit takes
  one at most.
- The order of results proves nothing: a modem may report that the first one failed after it accepted the second.
- A result comes once, and within `ANSWERED_WITHIN_S`; a receipt later than that is recognised by its reference.
- So is one of a submit from before this dialogue, whose process ended or whose port was opened again: it lies a little
  before the first reference of this one.
- Those of them that may still be answered are told (`begin_after`), with the reference before them, where one is known:
  whose a first result is follows from that. Where it does not, another result that comes soon shows it; else it is
  believed (docs/adr/0200).

All ways to share the results out among the submits are considered: a submit has a result when it has the same one in
all of them. The others stay in doubt and are assigned to none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from typing import Final as Constant

from modem.at.answers import reference
from modem.at.commands import Final

# A submit may be answered for so long: docs/reference/modem-facts.md, "Time-outs".
ANSWERED_WITHIN_S: Constant = 180.0
_CYCLE: Constant = 256
# One that lies a cycle back has the reference of one that goes out now.
_OLDEST: Constant = _CYCLE - 16
# Results in doubt that are kept to tell others apart; forgetting one only makes more doubtful.
_MOST_HELD: Constant = 4
# With more of these nothing is certain any more.
_MOST_AWAITED: Constant = 8
_MOST_WAYS: Constant = 1000
# One from before this dialogue is waited for so long: docs/reference/modem-facts.md, "Time-outs".
BEFORE_WITHIN_S: Constant = 60.0
# More than the submits that a modem leaves without an answer before its port is opened again, once.
_MOST_BEFORE: Constant = 4


@dataclass(frozen=True, slots=True)
class Result:
    """The lines and the final result of one submit; `reference` is TP-MR, None when it was refused or got lost."""

    lines: tuple[str, ...]
    final: Final

    @property
    def reference(self) -> int | None:
        return reference(self.lines)


@dataclass(slots=True, eq=False)
class Submit:
    """A submit without an answer: its number, and the references (counted on, not wrapped) that it may have. `awaited`:
    an answer may still come; else only the reference can show that one belongs to it. `before`: it is of an earlier
    dialogue.
    """

    number: int
    command: str
    handed_over_at: float = 0.0
    before: bool = False
    lowest: int | None = None
    highest: int | None = None
    awaited: bool = True

    def may_have(self, mr: int | None) -> bool:
        """True when its reference may be `mr`: always for a refusal (None), and while no reference is known."""
        if mr is None or self.lowest is None or self.highest is None:
            return True
        return (mr - self.lowest) % _CYCLE <= self.highest - self.lowest

    def may_be_answered(self, now: float) -> bool:
        return now - self.handed_over_at < (BEFORE_WITHIN_S if self.before else ANSWERED_WITHIN_S)

    def narrow(self, number: int, counted: int) -> None:
        """Narrow the possible references, now that the submit `number` is known to have `counted`."""
        distance = self.number - number
        lowest, highest = (counted + 1, counted + distance) if distance > 0 else (counted + distance, counted - 1)
        self.lowest = lowest if self.lowest is None else max(lowest, self.lowest)
        self.highest = highest if self.highest is None else min(highest, self.highest)


Owned = tuple[Submit | None, Result]


@dataclass(frozen=True, slots=True)
class Match:
    """`mine`: of the submit in flight; `late`: of older ones (owner None: not known which); or `in_doubt`."""

    mine: Result | None = None
    late: list[Owned] = field(default_factory=list)
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class _Held:
    """A result in doubt, and the submits that it may be of."""

    result: Result
    owners: tuple[Submit, ...]


class Submits:
    """The submits of one dialogue."""

    def __init__(self) -> None:
        self.number = 0
        self._current = Submit(0, "")
        # The newest submit whose reference is known, and that reference, counted on.
        self._known: tuple[int, int] | None = None
        # When the dialogue's first PDU went out, and the first reference that came.
        self._began_at = inf
        self._first: int | None = None
        self._given_up: list[Submit] = []
        self._held: list[_Held] = []

    @property
    def any_awaited(self) -> bool:
        """True when an older submit's answer may still come."""
        return bool(self._awaited())

    @property
    def is_in_brief_doubt(self) -> bool:
        """True when the newest result is of the newest submit, unless one from before this dialogue is answered."""
        owners = self._held[-1].owners if self._held else ()
        return self._current in owners and all(owner.before or owner is self._current for owner in owners)

    def begin_after(self, command: str, handed_over_at: Sequence[float], reference: int | None, since: int) -> None:
        """At the begin of a dialogue: what was handed over before and may be answered still, oldest first; `reference`
        is that of a submit `since` places before the first of them, None where none is known.
        """
        if reference is not None:
            self._known = 1 - since, reference
        for at in handed_over_at:
            self.number += 1
            older = Submit(self.number, command, at, before=True)
            if self._known:
                older.narrow(*self._known)
            self._given_up.append(older)

    def none_before(self) -> None:
        """Nothing from before this dialogue is answered any more."""
        for submit in self._given_up:
            submit.awaited = submit.awaited and not submit.before

    def forget_before(self) -> None:
        """Nothing follows from the reference before this dialogue: another SIM, or a modem that counts as it likes."""
        self.none_before()
        self._known = None
        for submit in (*self._given_up, self._current):
            submit.lowest = submit.highest = None

    def believe(self) -> Result | None:
        """The result in brief doubt, which is now the newest submit's: nothing else came."""
        if not self.is_in_brief_doubt:
            return None
        result = self._held.pop().result
        self._settled(self._current, result)
        return result

    def begin(self, command: str, now: float) -> None:
        """A PDU goes out, at `now` in seconds."""
        self._began_at = min(self._began_at, now)
        for submit in self._given_up:
            submit.awaited = submit.awaited and submit.may_be_answered(now)
        self._held = [held for held in self._held if any(owner.awaited for owner in held.owners)]
        self.number += 1
        self._current = Submit(self.number, command, now)
        if self._known:
            self._current.narrow(*self._known)
        if self._given_up and self.number - self._given_up[0].number >= _OLDEST:
            del self._given_up[0]

    def give_up(self) -> None:
        self._given_up.append(self._current)

    def forget(self) -> None:
        """The modem restarted: nothing older will be answered, and it may count from 0 again."""
        self._began_at = -inf
        self._given_up.clear()
        self._held.clear()

    def settle(self, result: Result) -> Match:
        """A result that came while the newest submit waits for its own."""
        current = self._current
        if self._is_uncounted(result, [*self._awaited(), current]) and not self._is_from_before(result.reference):
            self.forget_before()
        owned = self._share(result, [*self._awaited(), current])
        mine = next((known for owner, known in owned if owner is current), None)
        late = [(owner, known) for owner, known in owned if owner is not current]
        in_doubt = all(known is not result for _, known in owned)
        if in_doubt and self.is_in_brief_doubt and len(self._held) == len(self._held[-1].owners):
            # Nothing else can come: this dialogue's is the last.
            mine, in_doubt = self.believe(), False
            late += self._certain()
        return Match(mine, late, in_doubt)

    def late(self, result: Result) -> list[Owned]:
        """A result that came while no PDU is out; nothing while it is in doubt whose it is."""
        if self._is_uncounted(result, self._awaited()):
            return [(None, result)]
        return self._share(result, self._awaited())

    def _is_uncounted(self, result: Result, owners: list[Submit]) -> bool:
        """True for a first reference that does not follow the one from before: the modem began anew, or counts as it
        likes.
        """
        mr = result.reference
        if mr is None or self._first is not None or self._known is None:
            return False
        return not any(submit.may_have(mr) for submit in (*owners, *self._given_up))

    def _awaited(self) -> list[Submit]:
        return [submit for submit in self._given_up if submit.awaited]

    def _share(self, result: Result, owners: list[Submit]) -> list[Owned]:
        """The results that are certain now that `result` came: of `owners`, or of one that is awaited no longer."""
        mr = result.reference
        if mr is not None and not any(owner.may_have(mr) for owner in owners):
            older = [submit for submit in self._given_up if not submit.awaited and submit.may_have(mr)]
            if len(older) == 1:
                self._settled(older[0], result)
            if older or self._is_from_before(mr):
                return [(older[0] if len(older) == 1 else None, result)]
        if not owners:
            return [(None, result)]
        if sum(owner.may_have(mr) for owner in owners) > _MOST_AWAITED:
            return []
        self._held = [*self._held[1 - _MOST_HELD :], _Held(result, tuple(owners))]
        return self._certain()

    def _is_from_before(self, mr: int | None) -> bool:
        """True for the reference of a submit from before this dialogue, while such a one may be answered still."""
        is_early = self._current.handed_over_at - self._began_at < ANSWERED_WITHIN_S
        first = self._first
        if first is None and self._known and any(submit.before for submit in self._given_up):
            first = self._known[1] + 1
        if mr is None or first is None:
            return False
        return is_early and 1 <= (first - mr) % _CYCLE <= _MOST_BEFORE

    def _certain(self) -> list[Owned]:
        """Take out of the held results those that are the same submit's in every way to share them out."""
        # A modem that does not count as others do: then the references tell nothing.
        ways = list(islice(_ways(self._held), _MOST_WAYS)) or list(islice(_ways(self._held, counts=False), _MOST_WAYS))
        if len(ways) == _MOST_WAYS:
            return []
        if not ways:  # more results than submits: one is of a submit that had its own before
            fitting = [
                held for held in self._held if any(owner.may_have(held.result.reference) for owner in held.owners)
            ]
            self._held = fitting if len(fitting) < len(self._held) else []
            return self._certain()
        any_way, owned = ways[0], []
        for submit, place in sorted(any_way.items(), key=lambda item: item[0].number):
            held = self._held[place].result
            if all(submit in way and self._held[way[submit]].result == held for way in ways):
                owned.append((submit, held))
        taken = {any_way[submit] for submit, _ in owned}
        self._held = [held for place, held in enumerate(self._held) if place not in taken]
        for submit, result in owned:
            self._settled(submit, result)
        return list(owned)

    def _settled(self, owner: Submit, result: Result) -> None:
        self._given_up = [submit for submit in self._given_up if submit is not owner]
        self._held = [
            _Held(held.result, tuple(other for other in held.owners if other is not owner)) for held in self._held
        ]
        mr, number = result.reference, owner.number
        if mr is None:
            return
        if self._first is None:
            self._first = mr
        if self._known is None:
            counted = mr
        else:
            since, base = self._known
            counted = base + (mr - base) % _CYCLE if number > since else base - (base - mr) % _CYCLE
        if self._known is None or number > self._known[0]:
            self._known = number, counted
        for submit in (*self._given_up, self._current):
            if submit.number != number:
                submit.narrow(number, counted)


def _ways(held: list[_Held], counts: bool = True) -> Iterator[dict[Submit, int]]:
    """Every way to give the results (by place in `held`) to other owners of theirs; `counts`: as references rise."""

    def rises(way: dict[Submit, int], owner: Submit, mr: int | None) -> bool:
        for other, place in way.items():
            before = held[place].result.reference
            if mr is not None and before is not None:
                ahead, distance = (mr - before, owner.number - other.number)
                if distance < 0:
                    ahead, distance = -ahead, -distance
                if not 1 <= ahead % _CYCLE <= distance:
                    return False
        return True

    def complete(way: dict[Submit, int]) -> Iterator[dict[Submit, int]]:
        place = len(way)
        if place == len(held):
            yield way
            return
        mr = held[place].result.reference
        for owner in held[place].owners:
            if owner not in way and (not counts or (owner.may_have(mr) and rises(way, owner, mr))):
                yield from complete({**way, owner: place})

    return complete({})
