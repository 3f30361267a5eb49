"""The daemon at SIGTERM: it ends as it was told to, and a thread that ended because of it is no defect."""

import threading
from unittest.mock import Mock

import pytest

from modem.daemon import daemon

pytestmark = pytest.mark.usefixtures("database")


def watch(threads, stop):
    """The daemon's own loop, with nothing to do."""
    witness = Mock(compare=Mock(return_value=0))
    daemon._watch("box", Mock(), Mock(wait=Mock(return_value=False)), threads, Mock(), witness, stop)


def test_threads_that_end_because_of_the_stop_raise_nothing():
    """They look at it more often than the loop does: the stop comes between its look and theirs."""
    stop = threading.Event()
    watch(Mock(alive=lambda: stop.set() or False), stop)


def test_a_thread_that_ends_by_itself_ends_the_daemon():
    with pytest.raises(RuntimeError, match="thread ended"):
        watch(Mock(alive=lambda: False), threading.Event())
