"""What every test may use: a fresh database made by the migrations, and a fixed moment."""

import atexit
import gc
import itertools
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from base.settings.values import ZoneSettings
from db.engine import clock
from db.engine.connection import bind, bound_state_folder, connected
from db.journal.audit import use_key_file
from db.mail.enqueue import send_as
from db.people.accounts import passwords
from plp.services.accounts import signing_in
from plp.services.machine import bring_up_to_date
from tests.support import moment
from tests.support.as_before import Before
from tests.support.disk import MEMORY, be_quick
from tests.support.failures import Failures
from tests.support.journal import put_guards_back
from tests.support.postgres import connected_as_before, seeded_url
from tests.support.roles import play_roles

# In CI the same examples each time, so that a red run is about the change; on a slow machine nothing is too slow.
settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "default")

be_quick()
moment.begin_run()
os.environ["LC_ALL"] = "C.UTF-8"  # commands answer in French, whatever the developer speaks
# argon2 as always, at no cost; a process that a test starts whole hashes as it is shipped.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
# A password of a thousand tests is judged once.
judged = cache(signing_in.check_password)
signing_in.check_password = lambda password, words, second_factor=False: judged(password, tuple(words), second_factor)
gc.disable()  # until `pytest_collection_finish`
if "PYTEST_XDIST_WORKER" in os.environ:
    # To take a worker apart object by object takes seconds; what is registered after this is done before it.
    atexit.register(os._exit, 0)

HERE = Path(__file__).parent

# `make test` runs the suite once more with this set: the same tests on the other database.
ON_POSTGRES = os.environ.get("PLP_TEST_DATABASE") == "postgresql"


# One key for all the databases of a run: they are copies of one.
KEY_FILE = Path(tempfile.mkdtemp(prefix="plp-key-")) / "journal.key"
atexit.register(shutil.rmtree, KEY_FILE.parent, ignore_errors=True)
use_key_file(KEY_FILE)


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """A command that runs in this process sets its umask and its logging, and a server of a database its time: the
    next test begins as the first did, also after one that a fixture of a whole module ran. What else a test leaves
    otherwise is its failure.
    """
    before = Before()
    clock._followed = None
    mask = os.umask(0o022)
    logging.root.setLevel(logging.WARNING)
    for handler in logging.root.handlers:  # those of pytest stay; a process spares lines that repeat
        handler.filters.clear()
    yield
    os.umask(mask)
    send_as(None)
    use_key_file(KEY_FILE)
    logging.root.setLevel(logging.WARNING)
    logging.disable(logging.NOTSET)
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False
    if left := before.left():
        pytest.fail(f"A test leaves its process as it was: {'; '.join(left)}.", pytrace=False)


@pytest.fixture(scope="session", autouse=ON_POSTGRES)
def each_process_in_its_role() -> Iterator[None]:
    """On PostgreSQL, a query that the role of its process has no right to fails."""
    with pytest.MonkeyPatch.context() as patch:
        play_roles(patch)
        yield


@pytest.fixture
def now(request: pytest.FixtureRequest) -> datetime:
    """The moment at which the clock of a test begins: a Tuesday evening in Brussels, if nobody wants another one."""
    return moment.TUESDAY if request.node.get_closest_marker("tuesday") else moment.START


def seed(url: str, folder: Path) -> None:
    """The schema and the zone, in an empty database."""
    opened = bind(url, folder)
    with moment.an_hour_before(), connected():
        bring_up_to_date(opened, ZoneSettings(name="Police locale Seraing/Neupré", code="5278", phone="04/330 40 00"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture: those of a session or a module ask the time too."""
    begins_at = moment.TUESDAY if item.get_closest_marker("tuesday") else moment.START
    moment.begin_module(item.path, None if item.get_closest_marker("machine_time") else begins_at)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file as `seed` leaves it, to be copied: migrating takes fifty times as long.

    Three hundred tables and indexes have a page each: with pages of the usual size the file is three times as large.
    """
    folder = tmp_path_factory.mktemp("seeded")
    small = sqlite3.connect(folder / "plp.db")
    small.execute("PRAGMA page_size = 1024")
    small.execute("PRAGMA journal_mode = wal")
    small.close()
    seed("sqlite:///plp.db", folder)
    shutil.copy(KEY_FILE, folder / "journal.key")
    return folder / "plp.db"


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database with the schema and the seed; yields its file, which only SQLite's own tests may look at."""
    url = seeded_url(seed) if ON_POSTGRES else "sqlite:///plp.db"
    monkeypatch.setenv("PLP_TEST_URL", url)  # for the processes that a test starts
    if not ON_POSTGRES:
        shutil.copy(request.getfixturevalue("seeded"), tmp_path / "plp.db")
    opened = bind(url, tmp_path)
    copied = bound_state_folder() / "journal.key"  # for the commands of a test, which take this box's own
    copied.parent.mkdir(exist_ok=True)
    shutil.copy(KEY_FILE, copied)
    with connected_as_before(opened) if ON_POSTGRES else connected():
        yield tmp_path / "plp.db"
        if ON_POSTGRES:
            put_guards_back()


@pytest.hookimpl(tryfirst=True)  # before pytest makes its own folder, whose path grows with each run
def pytest_configure(config: pytest.Config) -> None:
    """Sockets in the folders of tests have paths of at most 107 octets (unix(7))."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failures(config))
    folder = Path(tempfile.gettempdir())
    if folder.parent == MEMORY and not hasattr(config, "workerinput") and not config.option.basetemp:
        config.option.basetemp = folder / f"t{os.getpid()}"


def pytest_collection_finish() -> None:
    """What was collected stays until the end: looking through it for garbage took a tenth of the time, and while it was
    collected a third.
    """
    gc.freeze()
    gc.set_threshold(50_000)  # 700 made reading the whole tree with `ast` take three times as long
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is left to `make soak` is chosen when it is asked for by its mark. On PostgreSQL, what asks no database, or
    is about SQLite's files, is not chosen. Neither is told as skipped.
    """
    for item in items:
        if item.path.is_relative_to(HERE / "e2e") or item.path.is_relative_to(HERE / "contract"):
            item.add_marker("processes")
        if item.path.is_relative_to(HERE / "soak"):
            item.add_marker("machine_time")
    chosen = items[:]
    soaking = "whole" in config.option.markexpr
    if not soaking:
        chosen = [item for item in chosen if not item.get_closest_marker("whole")]
    if ON_POSTGRES:
        chosen = [item for item in chosen if _asks(item) and (soaking or _asks_otherwise(item))]
    kept = set(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = chosen
    if (workers := getattr(config, "workerinput", {}).get("workercount", 1)) > 2:
        items[:] = in_turns(items, workers)


def in_turns(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """For `--dist worksteal`, which begins with an equal part of the items for each worker, in their order.

    What waits for browsers and for boxes comes first, with a half of the workers each; the last worker has none of it,
    so that there is always something to do meanwhile. Who is done takes from the others: when one worker alone had the
    browser, all of them started one of their own towards the end.
    """
    waiting: list[list[pytest.Item]] = [[] for _ in range(workers)]
    half = (workers - 1) // 2
    turns = {"browser": itertools.cycle(range(half)), "e2e": itertools.cycle(range(half, workers - 1))}
    rest: list[pytest.Item] = []
    for path, group in itertools.groupby(items, key=lambda item: item.path):
        turn = turns.get(path.relative_to(HERE).parts[0])
        (rest if turn is None else waiting[next(turn)]).extend(group)
    ordered = []
    for turn, first in enumerate(waiting):
        share = max(0, (len(items) - len(ordered)) // (workers - turn) - len(first))
        ordered += first + rest[:share]
        del rest[:share]
    return ordered + rest


def _asks(item: pytest.Item) -> bool:
    """True for a test with a database of this run's kind."""
    asks = {"database", "settings"} & set(getattr(item, "fixturenames", ()))
    return bool(asks) and not item.get_closest_marker("sqlite")


def _asks_otherwise(item: pytest.Item) -> bool:
    """False for what asks alike on both databases: what is about files, a thousand tests of pages, outside of db/ what
    is slow, as it asks the same many times over, and each case but the first of a test, which asks the same with other
    values. `make soak` has them on PostgreSQL. Races, triggers, rights and copies are written for each database: they
    are all chosen.

    What the pages ask is asked by the tests of db/ and plp/, by every page once (`both`), and by the API.
    """
    if item.path.is_relative_to(HERE / "races"):
        return True
    writes_for_each = any(item.path.is_relative_to(HERE / "db" / part) for part in ("engine", "journal", "operations"))
    if not writes_for_each and any(getattr(getattr(item, "callspec", None), "indices", {}).values()):
        return False
    if item.path.is_relative_to(HERE / "db"):
        return not item.get_closest_marker("files")
    if item.get_closest_marker("both"):
        return True
    is_of_pages = item.path.is_relative_to(HERE / "console") and not item.path.is_relative_to(HERE / "console/api")
    return not is_of_pages and not item.get_closest_marker("slow")
