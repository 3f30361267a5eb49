"""Every test runs over every driver that can do what it needs: nothing is skipped, what cannot be is not asked."""

import threading
from pathlib import Path

import pytest

from tests.contract.bench import CAPABILITIES, Bench
from tests.modem.sim.process import must_have
from tests.simulator.dialects import PROFILES
from tests.support.modemmanager import manager

SOME_PROFILES = {"modemmanager": ("default", "e173")}


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(*capabilities): for drivers that have them")
    config.addinivalue_line("markers", "lacks(*capabilities): for drivers that have none of them")


def _fits(metafunc, capabilities):
    needs = {name for mark in metafunc.definition.iter_markers("needs") for name in mark.args}
    lacks = {name for mark in metafunc.definition.iter_markers("lacks") for name in mark.args}
    return needs <= capabilities and not lacks & capabilities


def pytest_generate_tests(metafunc):
    if "bench" not in metafunc.fixturenames:
        return
    drivers = [name for name, capabilities in CAPABILITIES.items() if _fits(metafunc, capabilities)]
    assert drivers, f"{metafunc.definition.name}: no driver can do that"
    marks = {"modemmanager": [pytest.mark.slow, pytest.mark.client]}
    if "profile" in metafunc.fixturenames:
        pairs = [(d, p) for d in drivers for p in PROFILES if p in SOME_PROFILES.get(d, PROFILES)]
        cases = [pytest.param(d, p, marks=marks.get(d, [])) for d, p in pairs]
        metafunc.parametrize(("driver", "profile"), cases)
    else:
        metafunc.parametrize("driver", [pytest.param(d, marks=marks.get(d, [])) for d in drivers])


@pytest.fixture(scope="session")
def modemmanager():
    """One for all tests of a worker; each has a modem of its own."""
    for program, package in (("ModemManager", "modemmanager"), ("dbus-daemon", "dbus")):
        must_have(program, package)
    with manager() as running:
        yield running


@pytest.fixture
def bench(request, driver, tmp_path, monkeypatch):
    """`bench(profile=…, faults=…, sim=…, …)` → a Bench with its modem running."""
    made = []
    running = request.getfixturevalue("modemmanager") if driver == "modemmanager" else None
    if running:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", running.environment["DBUS_SYSTEM_BUS_ADDRESS"])

    def make(*arguments, **keywords):
        made.append(Bench(driver, tmp_path / "modem", running, *arguments, **keywords).__enter__())
        return made[-1]

    yield make
    for bench in made:
        bench.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def nothing_is_left(request):
    """Neither a reader's thread nor a process."""
    stays = [request.getfixturevalue("modemmanager")] if "[modemmanager" in request.node.name else []
    before, processes = set(threading.enumerate()), _processes()
    yield
    left = [thread.name for thread in set(threading.enumerate()) - before if not thread.name.startswith("sim ")]
    assert left == []
    processes |= {str(running.pid) for running in stays}
    assert _processes() - processes == set()  # a browser of other tests may run in the same worker


def _processes():
    return {child for task in Path("/proc/self/task").iterdir() for child in _children(task)}


def _children(task):
    try:
        return (task / "children").read_text().split()
    except OSError:
        return []
