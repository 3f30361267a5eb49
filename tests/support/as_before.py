"""What a test may not leave otherwise in its process: the environment, the folder, and threads."""

import os
import threading
import time
from contextlib import suppress

from tests.support.clocked import suite_clock

# pytest's own, and the clock's.
NOT_A_TEST_S = ("PYTEST_CURRENT_TEST", suite_clock.OFF)
# A thread that was told to end, on a busy machine.
ENDS_WITHIN_S = 10.0


class Before:
    """The process as a test found it."""

    def __init__(self) -> None:
        self._environment = dict(os.environ)
        self._folder = os.getcwd()
        self._threads = set(threading.enumerate())

    def left(self) -> list[str]:
        """Sentences on what the test left; all but threads is as before afterwards."""
        return [*self._variables(), *self._folder_left(), *self._running()]

    def _variables(self) -> list[str]:
        now = dict(os.environ)
        names = {name for name, _ in now.items() ^ self._environment.items()}.difference(NOT_A_TEST_S)
        for name in names:
            if name in self._environment:
                os.environ[name] = self._environment[name]
            else:
                del os.environ[name]
        return [f"the environment's {name} was changed" for name in sorted(names)]

    def _folder_left(self) -> list[str]:
        with suppress(FileNotFoundError):  # the folder of a test, which is gone
            if os.getcwd() == self._folder:
                return []
        os.chdir(self._folder)
        return ["the current folder was changed"]

    def _running(self) -> list[str]:
        until_s = time.monotonic() + ENDS_WITHIN_S
        for thread in (each for each in set(threading.enumerate()) - self._threads if each.ident is not None):
            thread.join(max(0.0, until_s - time.monotonic()))
        return [f"the thread {each.name} still runs" for each in set(threading.enumerate()) - self._threads]
