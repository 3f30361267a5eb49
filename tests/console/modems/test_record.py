"""The record of a modem on its page: events with who, its card, its proof."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_retry, mark_sent
from db.alerts.values import Sender
from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.replies.judging import apply_own_numbers
from db.modems.commands import ask
from db.modems.records import modem_events, submit_seconds
from db.operations.incidents import close_incident, open_incident
from rules.sentences import coded
from tests.console.conftest import words
from tests.support.people import order, person

IMSI = "206010000000001"


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
    assert "Numéro de la carte SIM +324•••••56" in page
    assert "jamais testé" in page
    assert "Nom affiché" in page


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
