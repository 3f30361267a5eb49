"""The daemon at SIGTERM: it ends as it was told to, and a thread that ended because of it is no defect."""

import threading
from types import SimpleNamespace

import pytest

from base.settings.values import Settings
from modem.daemon.worker_threads import ModemThreads

pytestmark = pytest.mark.usefixtures("database")


def threads_of(folder, stop, is_alive):
    """The threads of a daemon with one modem."""
    threads = ModemThreads("box", Settings(folder / "config.ini", folder), stop, print)
    threads._threads.append(SimpleNamespace(thread=SimpleNamespace(is_alive=is_alive)))
    return threads


def test_threads_that_end_because_of_the_stop_raise_nothing(tmp_path):
    """They look at it more often than the loop does: the stop comes between its look and theirs."""
    stop = threading.Event()
    threads_of(tmp_path, stop, lambda: stop.set() or False).check()


def test_a_thread_that_ends_by_itself_ends_the_daemon(tmp_path):
    with pytest.raises(RuntimeError, match="thread ended"):
        threads_of(tmp_path, threading.Event(), lambda: False).check()


def test_threads_that_run_raise_nothing(tmp_path):
    threads_of(tmp_path, threading.Event(), lambda: True).check()
