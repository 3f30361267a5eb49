"""Texts, reports and storages of one modem: nothing is deleted that the database does not have."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from peewee import OperationalError

from db.engine.connection import UNAVAILABLE
from db.inbound.replies.judging import unjudged
from db.models.modem_records import UnreadablePdu
from db.modems import sims
from modem import errors
from modem.daemon.daemon import _keep_house as keep_house
from modem.daemon.worker import hearing
from modem.daemon.worker.hearing import Storages
from modem.driver.base.interface import StoredEvent, UnreadableEvent
from modem.sms.message import StatusReport
from tests.modem.daemon.bench import Bench
from tests.modem.daemon.storage import FIVE_MINUTES, SENDER, Calls, stored_texts, text
from tests.support.inbound import received_texts, unhandled
from tests.support.people import mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

UNREADABLE = UnreadableEvent("0791329410")


def report(number, now, reference=1):
    return StatusReport(reference, mobile(number), now, 0)


class Away:
    """A database that is away for some writes."""

    def __init__(self, monkeypatch, name):
        self.writes = getattr(hearing, name)
        self.failing = 0
        monkeypatch.setattr(hearing, name, self)

    def __call__(self, *arguments):
        if self.failing:
            self.failing -= 1
            raise OperationalError("database is locked")
        return self.writes(*arguments)


# -- what the modem hands over --------------------------------------------------------------------------------


def test_what_comes_directly_is_stored(ready, now):
    ready.driver.events = [text("STOP", now), UNREADABLE, text("STOP", now)]
    ready.run()
    (card,) = received_texts()
    assert (card.imsi, card.sender, card.text, card.received_at) == (
        "206010000000001",
        SENDER,
        "STOP",
        ready.clock.now,
    )
    assert not card.simulated
    assert [row.pdu for row in UnreadablePdu.select()] == [UNREADABLE.pdu]
    assert ready.driver.deleted == []


def test_a_text_to_a_simulator_is_marked(now):
    bench = Bench(now, imsi="001010000000001")
    bench.run()
    bench.driver.events = [text("STOP", now)]
    bench.run()
    assert [card.simulated for card in received_texts()] == [True]


@pytest.mark.parametrize("announced_as_report", [False, True])
def test_what_is_announced_is_stored_and_then_deleted(ready, now, announced_as_report):
    person(1, now)
    placed = order(now)
    ready.run()
    had = []
    delete = ready.driver.delete_stored
    ready.driver.delete_stored = lambda stored: (had.append(stored_texts()), delete(stored))
    ready.driver.stored = {3: text("STOP", now), 4: UNREADABLE, 5: report(1, now)}
    ready.driver.events = [StoredEvent("SM", place, announced_as_report) for place in (3, 4, 5, 6)]
    ready.step()
    assert had[0] == ["STOP"]
    assert ready.driver.deleted == [3, 4, 5]
    assert UnreadablePdu.select().count() == 1
    assert ready.counts(placed) == {"delivered": 1}


def test_parts_are_joined_wherever_they_come_from(ready, now):
    ready.driver.stored = {1: text("deux ", now, 2, 3)}
    ready.driver.events = [text("trois", now, 3, 3), StoredEvent("SM", 1, False), text("un ", now, 1, 3)]
    ready.run()
    assert stored_texts() == ["un deux trois"]


# -- at the start ---------------------------------------------------------------------------------------------


def test_what_came_while_nobody_listened_is_found_before_anything_goes_out(bench, now):
    person(1, now)
    ready_modem("a", now)
    order(now)
    bench.driver.stored = {1: text("STOP", now), 2: UNREADABLE, 9: text("Merci", now)}
    bench.driver.events = [StoredEvent("SM", 9, False)]
    deleted_before = []
    bench.driver.before_start = lambda: deleted_before.extend(bench.driver.deleted)
    bench.run()
    assert stored_texts() == ["STOP", "Merci"]
    assert UnreadablePdu.select().count() == 1
    assert deleted_before == [1, 2, 9]
    assert bench.driver.stored == {}
    assert len(bench.driver.taken) == 1


def test_a_report_that_the_modem_kept_resolves_what_is_unconfirmed(ready, now):
    person(1, now)
    placed = order(now)
    gone = errors.SubmitUnconfirmed(30)
    gone.__cause__ = errors.PortGone("/dev/x")
    ready.driver.trouble["*"], ready.driver.after = [gone], {gone}
    ready.run()
    assert ready.counts(placed) == {"unconfirmed": 1}
    ready.driver.stored = {1: report(1, now, reference=77)}
    ready.step(60)
    assert ready.counts(placed) == {"delivered": 1}
    assert ready.driver.deleted == [1]


def test_it_is_emptied_once_for_each_time_that_the_port_is_opened(ready, now):
    ready.driver.list_stored = Calls(ready.driver.list_stored)
    ready.run()
    assert ready.driver.list_stored.count == 0
    ready.driver.silent = True
    ready.driver.signal_dbm = Calls(ready.driver.signal_dbm, errors.ModemTimeout("AT+CSQ"))
    ready.step(10)
    ready.driver.silent = False
    ready.driver.stored = {1: text("STOP", now)}
    ready.step(60)
    ready.run()
    assert ready.driver.list_stored.count == 1
    assert stored_texts() == ["STOP"]


def test_a_card_that_waits_for_a_person_keeps_its_own_texts(now):
    usual = Bench(now)
    usual.run()
    swapped = Bench(now, imsi="206010000000002")
    swapped.driver.identity = replace(swapped.driver.identity, imei=usual.driver.identity.imei)
    swapped.driver.stored = {1: text("private", now)}
    swapped.driver.events = [StoredEvent("SM", 1, False), text("direct", now)]
    swapped.run()
    swapped.step(FIVE_MINUTES + 1)
    assert swapped.card().state == "quarantined"
    assert swapped.driver.deleted == []
    assert stored_texts() == ["direct"]  # the network will not send it again
    assert unjudged() == []  # but nobody knows yet who plugged it in
    (waiting,) = sims.waiting_cards()
    sims.accept(waiting.id, "anne", now)
    swapped.step(2)
    assert stored_texts() == ["direct", "private"]
    assert [text.text for text in unjudged()] == ["direct", "private"]
    assert swapped.driver.deleted == [1]


def test_a_report_by_a_modem_that_nobody_accepted_delivers_nothing(ready, now):
    person(1, now)
    placed = order(now)
    ready.run()
    clone = Bench(now, name="b")
    clone.is_further, clone.driver.identity = False, replace(ready.driver.identity, imei="350000000000099")
    clone.driver.events = [report(1, now)]
    clone.run()
    assert clone.card().state == "quarantined"
    assert ready.counts(placed) == {"sent": 1}
    ready.driver.events = [report(1, now)]
    ready.run()
    assert ready.counts(placed) == {"delivered": 1}


# -- when something fails -------------------------------------------------------------------------------------


@pytest.mark.parametrize("announced", [False, True])
def test_nothing_is_deleted_while_the_database_is_away(ready, now, monkeypatch, announced):
    away = Away(monkeypatch, "apply_inbound")
    away.failing = 3  # as often as the bench persists
    ready.driver.stored = {1: text("STOP", now)}
    ready.driver.events = [StoredEvent("SM", 1, False)] if announced else []
    with pytest.raises(AssertionError, match="never written"):
        ready.step(0 if announced else FIVE_MINUTES)
    assert ready.driver.deleted == []
    assert stored_texts() == []
    away.failing = 2
    ready.worker.close()  # as the daemon does after what it did not expect
    ready.run()
    assert stored_texts() == ["STOP"]
    assert ready.driver.deleted == [1]


def test_a_crash_between_the_database_and_the_deletion_is_harmless(ready, now):
    ready.driver.delete_stored = Calls(ready.driver.delete_stored, errors.PortGone("/dev/x"))
    ready.driver.stored = {1: text("STOP", now)}
    ready.driver.events = [StoredEvent("SM", 1, False)]
    ready.step()
    assert ready.card().state == "absent"
    assert stored_texts() == ["STOP"]
    ready.step(60)
    assert stored_texts() == ["STOP"]
    assert ready.driver.deleted == [1]


def test_a_place_that_the_modem_does_not_let_read_stops_nothing_and_is_tried_again(ready, now):
    person(1, now)
    placed = order(now)
    ready.driver.stored = {1: text("STOP", now), 2: text("Merci", now)}
    ready.driver.read_stored = Calls(ready.driver.read_stored, errors.CmsError("AT+CMGR=1", 320))
    ready.driver.events = [StoredEvent("SM", 1, False), StoredEvent("SM", 2, False)]
    closed = ready.driver.closed
    ready.step()
    assert (stored_texts(), ready.driver.deleted) == (["Merci"], [2])
    assert ready.counts(placed) == {"sent": 1}
    ready.run()
    assert (stored_texts(), ready.driver.deleted) == (["Merci", "STOP"], [2, 1])
    assert ready.driver.closed == closed


def test_a_text_that_cannot_be_stored_stays_and_holds_up_neither_texts_nor_alerts(bench, now, monkeypatch, caplog):
    def fail(imsi, pdu, when):
        raise ValueError(f"cannot keep {pdu}")

    monkeypatch.setattr(hearing, "apply_unreadable", fail)
    bench.driver.stored = {1: UNREADABLE, 2: text("merci", now)}
    bench.run()
    person(1, now)
    placed = order(now)
    bench.run()
    assert bench.counts(placed) == {"sent": 1}
    assert stored_texts() == ["merci"]
    assert list(bench.driver.stored) == [1]
    assert UNREADABLE.pdu not in caplog.text


def test_a_place_that_the_modem_does_not_free_holds_up_no_other(ready, now):
    ready.driver.stored = {1: text("STOP", now), 2: text("Merci", now)}
    ready.driver.delete_stored = Calls(ready.driver.delete_stored, errors.CmsError("AT+CMGD=1", 320))
    closed = ready.driver.closed
    ready.step(FIVE_MINUTES)
    assert (stored_texts(), ready.driver.deleted) == (["STOP", "Merci"], [2])
    assert ready.driver.closed == closed
    ready.step(FIVE_MINUTES)
    assert (stored_texts(), ready.driver.deleted) == (["STOP", "Merci"], [2, 1])


@pytest.mark.parametrize("question", ["list_stored", "storage_use"])
@pytest.mark.parametrize("trouble", [errors.CommandError("AT+CMGL=4"), errors.ModemTimeout("AT+CMGL=4")])
def test_a_modem_that_never_lists_sends_all_the_same(bench, now, trouble, question):
    person(1, now)
    ready_modem("a", now)
    placed = order(now)
    never = Calls(list, *[trouble] * 100)
    setattr(bench.driver, question, never)
    for _ in range(10):
        bench.step()
    assert bench.counts(placed) == {"sent": 1}
    assert bench.card().state == "ready"
    assert never.count == 1
    assert bench.driver.closed == 0
    bench.driver.stored = {1: text("STOP", now)}
    bench.driver.events = [StoredEvent("SM", 1, False)]
    bench.run()
    assert stored_texts() == ["STOP"]


def test_nothing_personal_is_logged(ready, now, caplog):
    caplog.set_level(logging.DEBUG, logger="modem")
    caplog.set_level(logging.DEBUG, logger="db")
    ready.driver.stored = {1: text("secret", now), 2: UNREADABLE}
    ready.driver.events = [StoredEvent("SM", 1, False), text("secret aussi", now)]
    ready.run()
    ready.step(FIVE_MINUTES)
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert "taken out of its storage: 1" in logged
    assert not any(secret in logged for secret in ("secret", SENDER[-8:], UNREADABLE.pdu))


# -- how full they are ----------------------------------------------------------------------------------------


def test_draining_says_how_many(ready, now):
    sender = ready.worker._sender
    ready.driver.stored = {1: text("un", now), 2: text("deux", now + timedelta(seconds=1))}
    storages = Storages(ready.driver, lambda write: write())
    assert storages._empty(sender, now) == 2
    assert storages._empty(sender, now) == 0

    def away(write):
        raise UNAVAILABLE[0]("away")

    ready.driver.stored = {1: text("trois", now)}
    with pytest.raises(UNAVAILABLE):
        Storages(ready.driver, away)._empty(sender, now)
    assert ready.driver.stored == {1: text("trois", now)}


def test_the_daemon_waits_a_day_for_a_missing_part(ready, now):
    ready.driver.events = [text("un ", now, 1, 2)]
    ready.run()
    keep_house(now + timedelta(hours=23))
    assert unhandled() == []
    keep_house(now + timedelta(hours=24))
    assert [card.text for card in unhandled()] == ["un […]"]
