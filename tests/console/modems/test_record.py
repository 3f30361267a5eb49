"""The record of a modem on its page: reception over a month, submit times, events with who, its card, its proof."""

from datetime import UTC, datetime, timedelta

import pytest

from console.hardware.history import history, thinned
from console.hardware.pages import histogram
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_retry, mark_sent
from db.alerts.values import Sender
from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.replies.judging import apply_own_numbers
from db.modems.commands import ask
from db.modems.signal_history import ModemSample, modem_events, submit_seconds
from db.operations.incidents import close_incident, open_incident
from rules.sentences import coded
from tests.console.conftest import words
from tests.support.people import order, person

IMSI = "206010000000001"
MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)


def sample(minutes, dbm=-80, registered=True):
    at = MIDNIGHT + timedelta(minutes=minutes)
    return ModemSample(at=at, registered=registered, operator="Proximus", technology="4G", signal_dbm=dbm)


def test_an_hour_of_samples_becomes_its_worst_one():
    thin = thinned(
        [sample(0), sample(20, -97), sample(40), sample(60), sample(70, registered=False)], timedelta(hours=1)
    )
    assert [(each.at, each.signal_dbm, each.registered) for each in thin] == [
        (MIDNIGHT, -97, True),
        (MIDNIGHT + timedelta(hours=1), -80, False),
    ]


def test_a_sample_without_a_signal_is_not_the_weakest():
    assert [each.signal_dbm for each in thinned([sample(0, None), sample(5, -60)], timedelta(hours=1))] == [-60]


def test_what_nobody_measured_stays_unknown_in_a_month_too():
    step, until = timedelta(hours=2), MIDNIGHT + timedelta(days=30)
    drawn = history(thinned([sample(0), sample(120), sample(20 * 1440)], step), MIDNIGHT, until, 2 * step)
    assert drawn.lasted["4G"] == timedelta(hours=6 + 4)
    assert drawn.lasted["unknown"] == timedelta(days=30) - timedelta(hours=10)


def test_submit_times_fall_into_bars_up_to_the_slowest():
    shown = histogram([0.4, 1.0, 3.3, 4.9, 4.9, 20.0])
    assert shown["bars"] == [
        (0, 1, 1, 33),
        (1, 2, 1, 33),
        (2, 3, 0, 0),
        (3, 5, 3, 100),
        (5, 8, 0, 0),
        (8, 15, 0, 0),
        (15, 30, 1, 33),
    ]
    assert (shown["count"], shown["slowest_s"]) == (6, 20.0)
    assert histogram([90.0])["bars"][-1][:2] == (60, None)
    assert histogram([]) is None


@pytest.fixture
def busy(plug):
    """Modem a sent one message in two seconds, was refused another, was away, and somebody restarted it."""
    plug()
    now, sender = utc_now() - timedelta(hours=1), Sender("box", "a", IMSI, False)
    with connected():
        person(1, now)
        person(2, now)
        order(now)
        taken = claim_part(sender, now)
        mark_pdu_started(taken, now)
        mark_sent(taken, 7, sender, now + timedelta(seconds=2))
        mark_retry(claim_part(sender, now), "CMS 38", now, now + timedelta(seconds=4))
        open_incident("modem", "box/a", coded("modems_not_running").stored, now)
        close_incident("modem", "box/a", now + timedelta(minutes=5))
        ask("box", "a", "restart", "Sacha", now + timedelta(minutes=6))
        apply_own_numbers("box", {"a": "+32470123456"})
    return now


def test_events_are_told_newest_first_with_who(technician, busy):
    with connected():
        assert submit_seconds("box", "a") == [2.0]
        told = [event.what for event in modem_events("box", "a", utc_now(), 10)]
        assert told == ["deed", "ended", "refused", "began"]
        assert modem_events("box", "b", utc_now(), 10) == []
    page = words(technician.get("/modems/box/a"))
    assert "redémarrage : modem a Sacha" in page
    assert "CMS 38 panne de réseau ou numéro hors service" in page
    assert "Le dernier SMS envoyé. La moitié en moins de 2 s" in page
    assert "Numéro de la carte SIM +324•••••56" in page
    assert "jamais testé" in page
    assert "Nom affiché" in page


def test_the_reception_is_shown_over_a_week_and_a_month(technician, busy):
    for span in ("week", "month", "x"):
        assert technician.get(f"/modems/box/a?span={span}").status_code == 200
    page = technician.get("/modems/box/a?span=month").text
    assert 'span=month" hx-select="#reception" hx-trigger="every 600s"' in page


def test_above_four_modems_each_is_one_line(technician, plug):
    for name in "abcd":
        plug(name, imsi=f"20601000000000{ord(name)}")
    assert "modem-table" not in technician.get("/modems/live").text
    plug("e", state="paused", sentence=coded("no_network").stored)
    page = technician.get("/modems/live")
    assert page.text.count("modem-tone-") == 5
    assert "modem-card " not in page.text
    assert "e en pause" in words(page)
    assert "Remettre en service" in words(page)


def asked(browser, path, monkeypatch):
    """The number of queries that a live part costs."""
    count = []
    execute = database.obj.execute_sql
    with monkeypatch.context() as patch:
        patch.setattr(database.obj, "execute_sql", lambda *given: (count.append(given), execute(*given))[1])
        assert browser.get(path, headers={"HX-Request": "true"}).status_code == 200
    return len(count)


def test_an_open_page_of_one_modem_costs_nothing_for_the_others(technician, plug, monkeypatch):
    plug()
    alone = asked(technician, "/modems/box/a/live", monkeypatch)
    for name in "bcdef":
        plug(name, state="paused", imsi=f"20601000000000{ord(name)}")
    assert asked(technician, "/modems/box/a/live", monkeypatch) == alone
    assert (
        asked(technician, "/queue/live?view=queued", monkeypatch) <= 28
    )  # with those of the header, which comes along
