"""A modem that was put back into service is ready as its daemon says, and proven only by what was delivered since."""

import pytest

from db.journal import audit
from db.modems.proof import last_proof
from db.modems.status import beat
from db.operations.incidents import close_incident, open_incident
from tests.support.people import later, order, person
from tests.support.proofs import card, place, seated, take

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def a(now):
    """Modem `a`, proven at `now` + 6 s."""
    own, _ = seated("a", now), seated("b", now)
    _prove(own, now)
    return own


def _prove(own, now):
    place("a", "b", now)
    taken = take(own, now)
    taken.deliver("b", later(now, 4))
    taken.report(later(now, 6))


def _told(now):
    last = last_proof(card("a", now))
    return last.state, last.back_at


def test_who_was_put_back_is_not_proven_until_a_test_came(now, a):
    assert _told(now) == ("proven", None)
    audit.record(later(now, 3600), "anne", "modem_resume", "box/a")
    audit.record(later(now, 3600), "anne", "modem_restart", "box/a")
    assert _told(now) == ("back", later(now, 3600))
    place("a", "b", later(now, 3700))
    taken = take(a, later(now, 3700))
    assert _told(now) == ("back", later(now, 3600))
    taken.deliver("b", later(now, 3704))
    taken.report(later(now, 3706))
    assert _told(now) == ("proven", None)


def test_so_is_one_whose_incident_ended(now, a):
    open_incident("modem", "box/a", "Pas de réseau.", later(now, 7200))
    assert _told(now) == ("proven", None)
    close_incident("modem", "box/a", later(now, 8000))
    assert _told(now) == ("back", later(now, 8000))


def test_an_alert_that_was_delivered_since_proves_it_too(now, a):
    audit.record(later(now, 3600), "anne", "modem_pin_entered", "box/a")
    person(1, now)
    beat("box", "modem", 1, later(now, 3690))
    order(later(now, 3690))
    taken = take(a, later(now, 3700), reference=8)
    assert _told(now)[0] == "back"
    taken.report(later(now, 3702))
    assert _told(now) == ("proven", None)
