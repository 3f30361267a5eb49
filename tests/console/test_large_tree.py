"""The phone tree of a large town is a page like any other: of 10,000 members, and in `make soak` of 50,000."""

import statistics

import pytest

from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.models.people import Consent, Member, Neighbourhood
from db.operations.plan_b import places
from plp.services.accounts.rights import add_account
from tests.console.conftest import PASSWORD
from tests.console.running import Visitor, running_console
from tests.support.sampling import left_to_soak

PLACES = 40
ASKED = 20

pytestmark = [pytest.mark.processes, pytest.mark.slow]


def a_large_town(members: int) -> None:
    """Two coordinators in each neighbourhood; everybody agreed to SMS."""
    now = utc_now()
    places = [Neighbourhood.create(name=f"Quartier {number}").id for number in range(PLACES)]
    rows = (
        {
            "first_name": f"Prénom{number}",
            "last_name": f"Nom{number * 7919 % members}",
            "mobile": f"+3247{number:07}",
            "neighbourhood": places[number % PLACES],
            "role": "coordinator" if number < 2 * PLACES else "member",
            "created_at": now,
            "updated_at": now,
        }
        for number in range(members)
    )
    for batch in batches(rows):
        Member.insert_many(batch).execute()
    agreed = (
        {"member": row.id, "channel": "sms", "given": True, "at": now, "how": "test", "who": "test"}
        for row in Member.select(Member.id)
    )
    for batch in batches(agreed):
        Consent.insert_many(batch).execute()


def batches(rows):
    rows = list(rows)
    return (rows[start : start + 2000] for start in range(0, len(rows), 2000))


@pytest.fixture(params=[10_000, left_to_soak(50_000)])
def town(request, settings):
    """To fill in the largest town takes ten seconds."""
    database = bind(settings.database.url, settings.folder)
    with connected():
        with database.atomic():
            a_large_town(request.param)
        add_account("Dominique", ("officer",), PASSWORD, "test", utc_now())
        return [place.id for place in places()]


def test_the_phone_tree_of_a_large_town_is_there_at_once(settings, town):
    with running_console(settings) as console:
        officer = Visitor(console)
        officer.sign_in("Dominique", PASSWORD)
        took = {}
        for path in ("/plan-b", "/plan-b/police", f"/plan-b/{town[0]}"):
            officer.get(path)  # the first one compiles the template
            took[path] = [officer.seconds(path) for _ in range(ASKED)]
        memory = console.pss_mb()
    for path, seconds in took.items():
        print(f"\n{path}: median {statistics.median(seconds) * 1000:.0f} ms, most {max(seconds) * 1000:.0f} ms", end="")
    print(f"\nPSS {memory:.0f} MB")
    # Alone it takes 0.03 s; a query for each member takes a minute.
    assert max(statistics.median(seconds) for seconds in took.values()) <= 5.0
    assert memory <= 150
