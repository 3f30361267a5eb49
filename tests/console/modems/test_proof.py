"""Home, the modem's card and the metrics say when a modem was proven last, and no more than is known."""

from datetime import date, timedelta

import pytest

from console.hardware.blueprint import proof_words
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.modems.proof import INCIDENT, LastProof
from db.modems.status import beat
from db.operations.incidents import open_incident
from rules.sentences import NOTHING, coded
from tests.console.conftest import words
from tests.support.people import later
from tests.support.proofs import NUMBERS, place, seated, take


def stays_alive():
    """A heartbeat that no test is slow enough to let grow stale."""
    beat("box", "modem", 1, utc_now() + timedelta(days=1))


@pytest.fixture
def pages(technician):
    """What each place says of modem `a`."""

    def told():
        card, own = technician.get("/modems/"), technician.get("/modems/box/a")
        return [words(page) for page in (card, own)]

    return told


def test_never_then_proven_then_no_longer(ready_modem, pages, sign_in):
    officer, now = sign_in("officer"), utc_now() - timedelta(minutes=1)
    ready_modem()
    with connected():
        a, _ = seated("a", now, operator="Essai"), seated("b", now)
        stays_alive()
    assert all("jamais testé" in page for page in pages())
    with connected():
        place("a", "b", now)
        taken = take(a, now)
        taken.deliver("b", later(now, 4))
        taken.report(later(now, 6))
        stays_alive()
    for page in (*pages(), words(officer.get("/"))):
        assert "testé le" in page
        assert ", 6 s" in page
    metrics = officer.client.get("/metrics").text
    (line,) = [line for line in metrics.splitlines() if line.startswith("plp_modem_proven_seconds_ago{")]
    assert line.startswith('plp_modem_proven_seconds_ago{host="box",modem="a"} ')
    assert 50 < float(line.split()[-1]) < 300
    assert NUMBERS["b"][4:] not in metrics
    with connected():
        open_incident(INCIDENT, "box/a", coded("proof_unconfirmed").stored, now)
    assert all("dernier test réussi le" in page for page in (*pages(), words(officer.get("/"))))


@pytest.mark.tuesday
def test_the_day_is_named_where_it_was_another_one(settings, now, app):
    with app.test_request_context():
        last = LastProof(now, 6.4, False, NOTHING)
        assert proof_words(last, date(2026, 11, 24)) == "testé le 21:40, 6 s"
        assert proof_words(last, date(2026, 11, 25)).startswith("testé le 24 nov. 2026, 21:40, 6")
        assert proof_words(LastProof(now, None, False, NOTHING), date(2026, 11, 24)) == "testé le 21:40"
        assert proof_words(LastProof(None, None, False, NOTHING)) == "jamais testé"


def test_a_locked_card_is_asked_for_its_pin_before_a_restart(plug, technician):
    plug(state="pin", pin_tries=3)
    page = technician.get("/modems/box/a").text
    assert -1 < page.index("/modems/box/a/pin") < page.index("/modems/box/a/restart")
    plug(state="not_registered")
    assert technician.get("/modems/box/a").text.count('href="/modems/box/a/restart"') == 1
