import pytest

from db.modems.status import beat
from modem.daemon import witness
from modem.daemon.records import status
from modem.daemon.witness import Witness
from tests.modem.daemon import lives as crowd
from tests.modem.daemon.bench import Bench
from tests.modem.daemon.copies import PEOPLE, Seconds
from tests.support.people import order, person, ready_modem
from tests.support.virtual import Life, World


@pytest.fixture(autouse=True)
def quick_digests(monkeypatch):
    """scrypt as always, with the least work: nobody guesses here."""
    monkeypatch.setattr(status, "_WORK", 2)


@pytest.fixture
def bench(database, now):
    return Bench(now)


@pytest.fixture
def ready(bench):
    bench.run()
    return bench


@pytest.fixture
def clock():
    return Seconds()


@pytest.fixture
def start(tmp_path, clock):
    """A daemon's start: a new witness, which has compared."""

    def begun(now, others=()):
        witness = Witness(tmp_path, clock)
        witness.held = witness.compare(now, dict.fromkeys(others, now))
        return witness

    return begun


@pytest.fixture
def one_machine(monkeypatch):
    """Where the others' notes may know of more, nobody certainly has nothing: those are tests of their own."""
    monkeypatch.setattr(witness, "is_postgres_database", lambda: False)


@pytest.fixture
def note(tmp_path):
    return tmp_path / "sent.json"


@pytest.fixture
def alert(now):
    ready_modem("a", now)
    for number in range(PEOPLE):
        person(number, now)
    return order(now)


@pytest.fixture
def life(database, now, monkeypatch):
    """`life(profile, *faults)` → a ready modem with people to be told."""
    lives = []

    def begun(profile="default", *faults, **options):
        world = World(now, monkeypatch)
        world.switch_on(profile, *faults, **options)
        begun = Life(world)
        lives.append(begun)
        assert begun.live(90, lambda: begun.is_ready)
        beat("box", "modem", 1, world.utc)
        for number in range(crowd.PEOPLE):
            person(number, world.utc)
        return begun

    yield begun
    for one in lives:
        one.close()
