"""Submits that were given up, until their receipt comes after all or nobody can tell any more."""

from collections import deque

from db.outbox import Claim

_REMEMBERED = 8


class Unanswered:
    """The modem counts TP-MR up by one per submit, so a late receipt names its submit (modem-facts, TP-MR)."""

    def __init__(self) -> None:
        self._last_reference: int | None = None
        self._given_up: deque[tuple[Claim, int | None]] = deque(maxlen=_REMEMBERED)

    def answered(self, reference: int) -> None:
        """A submit was answered in time."""
        self._last_reference = reference

    def gave_up(self, claim: Claim) -> None:
        """A submit was not."""
        predicted = None if self._last_reference is None else (self._last_reference + 1) % 256
        if predicted is not None:
            self._last_reference = predicted
        self._given_up.append((claim, predicted))

    def owner(self, reference: int) -> Claim | None:
        """Whose late receipt this is; None when that is not certain."""
        fitting = [entry for entry in self._given_up if entry[1] == reference]
        if not fitting and len(self._given_up) == 1:
            fitting = [self._given_up[0]]  # a modem may count refused submits too
        if len(fitting) != 1:
            return None
        self._given_up.remove(fitting[0])
        return fitting[0][0]

    def forget(self) -> None:
        """The port was closed: nothing that comes now belongs to before."""
        self._last_reference = None
        self._given_up.clear()
