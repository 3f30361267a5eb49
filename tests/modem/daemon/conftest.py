import pytest

from tests.modem.daemon.bench import Bench


@pytest.fixture
def bench(database, now):
    return Bench(now)


@pytest.fixture
def ready(bench):
    bench.run()
    return bench
