"""A simulated modem that runs in a thread of the test."""

import os
import queue
import selectors
import threading
from concurrent.futures import Future
from typing import Any

from tests.simulator.host import PtyHost
from tests.simulator.orders import obey

_ORDER_TIMEOUT_S = 10.0


class RunningHost(PtyHost):
    """A `PtyHost` that runs as long as its block, and takes orders from any thread."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._orders: queue.SimpleQueue[tuple[str, Future[dict[str, Any]]]] = queue.SimpleQueue()
        self._is_woken = False
        self._selector.modify(self._wake, selectors.EVENT_READ, self._hear_wake)
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def order(self, line: str) -> dict[str, Any]:
        """One control command; the answer as over the socket."""
        if self._thread is None:
            return obey(self, line)
        answer: Future[dict[str, Any]] = Future()
        self._orders.put((line, answer))
        os.eventfd_write(self._wake, 1)
        return answer.result(_ORDER_TIMEOUT_S)

    def _hear_wake(self) -> None:
        os.eventfd_read(self._wake)
        self._is_woken = True

    def _turn(self) -> None:
        """Orders come after whatever came over the sockets before them."""
        super()._turn()
        woken, self._is_woken = self._is_woken, False
        for _ in range(self._orders.qsize() if woken else 0):  # one that is given now comes a turn later
            line, answer = self._orders.get()
            answer.set_result(obey(self, line))
            os.eventfd_write(self._wake, 1)  # what follows from it is seen to in the next turn

    def __enter__(self) -> "RunningHost":
        self._thread = threading.Thread(target=self._run_in_thread, name=f"sim {self.device}")
        self._thread.start()
        return self

    def _run_in_thread(self) -> None:
        try:
            self.run()
        except BaseException as failure:  # noqa: BLE001  shown where the thread is joined
            self._failure = failure

    def __exit__(self, *error: object) -> None:
        self.stop()
        if self._thread:
            self._thread.join()
        os.close(self._wake)  # not before: `stop` may come from anywhere until here
        if self._failure:
            raise self._failure
