"""`pytest --forks N`: this process reads and collects the tests, then N copies of it run them.

Each worker of pytest-xdist reads every module and collects every test again. A copy has them. It takes a folder, the
tests of which use the same things, one module after the other; when all folders are taken it helps with what is left of
them. This process tells what the copies report as if it had run the tests.
"""

import atexit
import itertools
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest._io import TerminalWriter

# Folders of tests that wait for browsers and for boxes: a half of the copies each begins there, and the last with none.
WAITING = ("browser", "e2e")
_NUMBER_BYTES = 2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forks", type=int, default=0, metavar="N", help="run the tests in N copies of this process")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """None where this is left to pytest: without copies, or where a module could not be read."""
    count = session.config.option.forks
    if not count or session.config.option.collectonly or session.testsfailed:
        return None
    reporter: Any = session.config.pluginmanager.getplugin("terminalreporter")
    reporter.showfspath = False  # the tests of several modules come in turns
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    work = Work(session.items)
    copies: list[Copy] = []
    try:
        for number in range(count):
            copies.append(_copy(session, number, work.of(number, count)))
        _listen(session, copies)
    finally:
        for copy in copies:
            copy.end()
    return True


class Line:
    """Numbers, each of which goes to the process that takes it first: they wait in a pipe."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._ear, mouth = os.pipe()
        os.write(mouth, b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in numbers))
        os.close(mouth)

    def __iter__(self) -> Iterator[int]:
        while taken := os.read(self._ear, _NUMBER_BYTES):
            yield int.from_bytes(taken, "big")


class Work:
    """The tests, as the copies take them."""

    def __init__(self, items: list[pytest.Item]) -> None:
        modules: dict[Path, list[pytest.Item]] = {}
        folders: dict[Path, list[int]] = {}
        for item in items:
            modules.setdefault(item.path, []).append(item)
        self._modules = [*modules.values()]
        for at, path in enumerate(modules):
            folders.setdefault(path.parent, []).append(at)
        self._names = [folder.name for folder in folders]
        self._lines = [Line(numbers) for numbers in folders.values()]
        self._others = Line(at for at, name in enumerate(self._names) if name not in WAITING)

    def of(self, number: int, count: int) -> Iterator[pytest.Item]:
        """What the copy with this number runs, taken when it is asked for."""
        first = (self._lines[at] for at, name in enumerate(self._names) if name == begins_with(number, count))
        own = (self._lines[at] for at in self._others)
        for line in itertools.chain(first, own, self._lines):
            for at in line:
                yield from self._modules[at]


def begins_with(number: int, count: int) -> str:
    """The folder of WAITING in which a copy begins; "" for the last one, so that something is always done meanwhile."""
    half = (count - 1) // 2
    return next((name for at, name in enumerate(WAITING) if at * half <= number < (at + 1) * half), "")


@dataclass
class Copy:
    """A process that runs tests, as the one that listens to it knows it."""

    pid: int
    ear: Connection
    under_way: tuple[str, Any] | None = None

    def end(self) -> int:
        """Its status. One that still runs is interrupted, as by a person at the keyboard."""
        if not self.pid:
            return 0
        if not self.ear.closed:
            self.ear.close()
            os.kill(self.pid, signal.SIGINT)
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)


def _listen(session: pytest.Session, copies: list[Copy]) -> None:
    """Tell what the copies report, until all have ended."""
    by_ear = {copy.ear: copy for copy in copies}
    while by_ear:
        for ear in wait([*by_ear]):
            copy = by_ear[ear]  # type: ignore[index]
            try:
                what, told = copy.ear.recv()
            except EOFError:
                del by_ear[copy.ear]
                _ended(session, copy)
            else:
                _tell(session, copy, what, told)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)


def _tell(session: pytest.Session, copy: Copy, what: str, told: Any) -> None:
    config, hook = session.config, session.config.hook
    if what == "begun":
        copy.under_way = told
        hook.pytest_runtest_logstart(nodeid=told[0], location=told[1])
    elif what == "done":
        for data in told:
            hook.pytest_runtest_logreport(report=hook.pytest_report_from_serializable(config=config, data=data))
        nodeid, location = copy.under_way or ("", None)
        copy.under_way = None
        hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)
    else:
        warned = warnings.WarningMessage(*told.pop("message"))
        hook.pytest_warning_recorded.call_historic(kwargs={"warning_message": warned, **told})


def _ended(session: pytest.Session, copy: Copy) -> None:
    """The test that ended its process has failed; the other copies take what is left."""
    copy.ear.close()
    status = os.waitstatus_to_exitcode(os.waitpid(copy.pid, 0)[1])
    copy.pid = 0
    if copy.under_way:
        nodeid, location = copy.under_way
        why = f"The process ended with status {status} in this test."
        failed = pytest.TestReport(nodeid, location, {}, "failed", why, "call")
        session.config.hook.pytest_runtest_logreport(report=failed)
    elif status:
        session.shouldfail = f"a process that ran tests ended with status {status}"


def _copy(session: pytest.Session, number: int, items: Iterator[pytest.Item]) -> Copy:
    ear, mouth = Pipe(duplex=False)
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        mouth.close()
        return Copy(pid, ear)
    ear.close()
    status = 1
    try:
        _settle(session, number, mouth)
        _run(session, items)
        session.config._ensure_unconfigure()
        status = 0
    except (KeyboardInterrupt, BrokenPipeError):
        pass  # nobody listens any more
    except BaseException:  # noqa: BLE001  (its status tells)
        traceback.print_exc()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _settle(session: pytest.Session, number: int, mouth: Connection) -> None:
    """In a copy: what is this process's own."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where what runs in the background ignores it
    plugins = session.config.pluginmanager
    capture: Any = plugins.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()
    plugins.unregister(name="terminalreporter")
    plugins.register(SimpleNamespace(_tw=TerminalWriter(sys.stderr)), "terminalreporter")  # pytest-timeout writes there
    plugins.register(Teller(session.config, mouth))
    folders: Any = session.config._tmp_path_factory  # type: ignore[attr-defined]
    folders._basetemp = folders.getbasetemp() / f"f{number}"
    folders._basetemp.mkdir()


def _run(session: pytest.Session, items: Iterator[pytest.Item]) -> None:
    """A copy takes its next module while the last test of the one before is still to run: what both use stays."""
    try:
        item = next(items, None)
        while item is not None:
            following = next(items, None)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = following
    finally:
        session._setupstate.teardown_exact(None)


class Teller:
    """In a copy: says to the first process what pytest says here."""

    def __init__(self, config: pytest.Config, mouth: Connection) -> None:
        self._config = config
        self._mouth = mouth
        self._reports: list[Any] = []

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        self._mouth.send(("begun", (nodeid, location)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook
        self._reports.append(hook.pytest_report_to_serializable(config=self._config, report=report))

    def pytest_runtest_logfinish(self) -> None:
        self._mouth.send(("done", self._reports))
        self._reports = []

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        said = (str(warning_message.message), warning_message.category, warning_message.filename)
        self._mouth.send(
            (
                "warned",
                {"message": (*said, warning_message.lineno), "when": when, "nodeid": nodeid, "location": location},
            )
        )
