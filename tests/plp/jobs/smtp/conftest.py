"""A process whose mail leaves as the zone's, and a server to leave it at."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from db.mail.enqueue import send_as
from plp.jobs.smtp.postman import Postman
from tests.plp.jobs.smtp.letters import settings
from tests.plp.jobs.smtp.server import PostOffice


@pytest.fixture(autouse=True)
def posting() -> None:
    send_as(settings())


@pytest.fixture
def offices() -> Iterator[Callable[..., PostOffice]]:
    """`offices(certificate="good", …)`: a server that runs."""
    opened = []

    def open_one(**options: object) -> PostOffice:
        office = PostOffice(**options)  # type: ignore[arg-type]
        opened.append(office)
        office.start()
        return office

    yield open_one
    for office in opened:
        office.stop()


@pytest.fixture
def office(offices: Callable[..., PostOffice]) -> PostOffice:
    """A server that takes everything."""
    return offices()


@pytest.fixture
def carry() -> Iterator[Callable[..., int]]:
    """`carry(office, now)`: a postman who sends what is due at `now`; returns how many steps that were."""
    postmen: dict[int, Postman] = {}

    def work(office: PostOffice, now: datetime, **changes: object) -> int:
        postman = postmen.get(office.port)
        if postman is None or changes:
            values = {"domain_per_minute": 0} | changes
            postman = postmen[office.port] = Postman(settings(office.port, **values), "box")
        steps = 0
        while postman.step(now):
            steps += 1
            assert steps < 1000
        return steps

    yield work
    for postman in postmen.values():
        postman.close()
