"""The worker's pen: a fact about a part reaches the database, however long that takes."""

from collections.abc import Callable

from db.alerts.queue.marks import ClaimLost

Persist = Callable[[Callable[[], object]], object]


class Ledger:
    """`persist` repeats a write until it holds."""

    def __init__(self, persist: Persist) -> None:
        self._persist = persist

    def settle(self, write: Callable[[], object]) -> object:
        """Kept in memory until it is written. A claim that was lost meanwhile is somebody else's: None."""
        try:
            return self._persist(write)
        except ClaimLost:
            return None
