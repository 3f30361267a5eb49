"""Nights of a few seeds; `make world SEEDS=1-500` has as many as one likes."""

import random
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from peewee import OperationalError

from base.settings.values import SendingSettings
from db.alerts.queue.claim import claim_part
from db.alerts.values import Sender
from db.engine.base import database
from db.engine.connection import writing
from db.journal import audit
from db.models.broadcasts import Broadcast, Part
from db.models.zone import AuditEntry
from modem.sms.message import OutgoingPart
from tests.support.people import Text, mobile, order, people, person, ready_modem
from tests.support.sampling import left_to_soak
from tests.world import plan
from tests.world.__main__ import seeds_of
from tests.world.acts.restoring import schedule
from tests.world.kinds import DIRECTED
from tests.world.ledger import Known
from tests.world.machine.host import Process
from tests.world.night import Night
from tests.world.oracles.dawn import _lost_and_doubled
from tests.world.oracles.doors import look
from tests.world.oracles.handing import Handing
from tests.world.outside.carrier import Taken
from tests.world.plan import START, plan_of
from tests.world.store.sqlite import FRAME_BYTES, HEADER_BYTES, SECTOR_BYTES, _torn, disk
from tests.world.timeline import Crash, Timeline
from tests.world.world import CRASH, World

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


# A calm night, a usual one, one of several hosts, and one of a wrong machine; one of mails is below.
@pytest.mark.parametrize("seed", [left_to_soak(4), 11, 7, 3])
def test_nothing_that_must_never_be_happens_in_a_night(seed):
    outcome = Night(plan_of(seed)).run()
    assert [str(violation) for violation in outcome.story.violations] == []


@pytest.mark.parametrize("seed", [9, left_to_soak(7), left_to_soak(13)])
def test_the_same_seed_tells_the_same_story_in_which_nothing_that_must_never_be_happens(seed):
    first, second = (Night(plan_of(seed)).run() for _ in range(2))
    assert [str(violation) for violation in first.story.violations] == []
    assert first.crashes
    assert first.story.lines == second.story.lines
    assert first.taken == second.taken


def test_a_process_that_crashed_writes_nothing_more():
    box = []
    with disk(lambda commit: box[0].commit(commit) if box else commit()) as folder:
        box.append(World(plan_of(9), Timeline(START), folder).box)
        box[0].fuse = 1
        with pytest.raises(Crash):
            _writes_even_at_its_end()
        assert not AuditEntry.select().where(AuditEntry.action == "of a test").exists()
        box[0].is_dying = False
        _writes_even_at_its_end()
        assert AuditEntry.select().where(AuditEntry.action == "of a test").count() == 2


def _writes_even_at_its_end():
    try:
        with writing():
            audit.record(START, "plp", "of a test")
    finally:
        with writing():
            audit.record(START, "plp", "of a test")


def test_a_process_that_crashed_waits_for_the_power_of_its_machine():
    with disk(lambda commit: commit()) as folder:
        world = World(plan_of(9), Timeline(START), folder)
        (host,) = world.box.hosts.values()
        starts_s = []
        host.processes = {"jobs": Process("jobs", lambda _process: starts_s.append(world.timeline.now_s))}
        host.start()
        world.timeline.run_until(world.timeline.now_s + 1)
        host.kill("jobs")
        host.lose_power(90)
        off_until_s = host.off_until_s
        world.timeline.run_until(off_until_s + 60)
        assert [at_s >= off_until_s for at_s in starts_s] == [False, True]


def test_a_wal_that_is_begun_anew_has_its_header_on_the_disk_before_its_frames():
    before, after = (bytes([byte]) * 3 * SECTOR_BYTES for byte in (1, 2))
    for seed in range(20):
        torn = _torn(before, after, random.Random(seed))
        assert torn != after
        assert torn[:HEADER_BYTES] == after[:HEADER_BYTES]


def test_the_header_of_a_frame_is_on_the_disk_or_is_not():
    """Of a page of 4,096 bytes; the second frame's begins in one sector and ends in the next."""
    second = HEADER_BYTES + FRAME_BYTES + 4096
    cut = SECTOR_BYTES - FRAME_BYTES // 2 - second % SECTOR_BYTES  # so much longer are the pages
    page_bytes = (4096 + cut).to_bytes(4, "big")
    before, after = (bytes(8) + page_bytes + bytes([byte]) * 20 * SECTOR_BYTES for byte in (1, 2))
    for seed in range(40):
        header = _torn(before, after, random.Random(seed))[second + cut :][:FRAME_BYTES]
        assert len({*header}) == 1


def test_the_world_knows_what_is_on_a_card_that_was_taken_out():
    with disk(lambda commit: commit()) as folder:
        world = World(plan_of(9), Timeline(START), folder)
        stick = world.sticks["m1"]
        stick.phone.lose_network(20)
        stick.text("+32470123456", "STOP")
        assert world.left_on_cards == []
        stick.swap_card(4)
        world.timeline.run_until(world.timeline.now_s + 5)
        stick.text("+32470123456", "START")
        assert [(text.sender, text.text) for text in world.left_on_cards] == [("+32470123456", "STOP")]
        assert stick.phone.texts_of_card() != stick.left


def test_a_modem_that_hangs_keeps_no_sms_for_its_next_card():
    with disk(lambda commit: commit()) as folder:
        stick = World(plan_of(9), Timeline(START), folder).sticks["m1"]
        stick.modem.power.hang(START.timestamp() + 3600)
        stick.swap_card(20)
        assert not stick.modem.power.hung


@pytest.mark.parametrize(("stage", "known"), [("preparing", set()), ("queued", {("one",)})])
def test_the_ledger_knows_messages_of_a_copy_that_was_put_back_from_others_with_their_numbers(stage, known):
    with disk(lambda commit: commit()) as folder:
        world = World(plan_of(9), Timeline(START), folder)
        people(3, START)
        ready_modem("m1", START)
        first = order(START, Text("one", segments=("one",))).id
        Broadcast.update(stage=stage).execute()
        schedule(world, world.timeline.now_s + 100, random.Random(0))
        world.timeline.run_until(world.timeline.now_s + 90)
        Broadcast.delete().execute()
        world.ledger.go_back({})  # as where an older copy was put back meanwhile
        world.box.touched.often += 1
        assert order(world.timeline.now(), Text("other", segments=("other",))).id == first
        world.ledger.read()
        world.timeline.run_until(world.timeline.now_s + 20)
        world.box.touched.often += 1
        world.ledger.read()
        assert {message.segments for message in world.ledger.messages.values()} == known
        assert +world.ledger.gone == {(mobile(number), "other"): 1 for number in range(3)}


@pytest.mark.parametrize(
    ("is_put_back", "is_compared", "minutes", "forgotten"),
    [(True, False, 1, 0), (True, True, 1, 1), (True, False, 9, 1), (False, False, 1, 1)],
)
def test_a_claim_of_a_copy_that_was_put_back_is_forgotten_once_a_daemon_has_compared_it(
    is_put_back, is_compared, minutes, forgotten
):
    with disk(lambda commit: commit()) as folder:
        world = World(plan_of(9), Timeline(START), folder)
        person(1, START)
        ready_modem("m1", START)
        order(START)
        assert claim_part(Sender("box", "m1", world.sticks["m1"].imsi, False), START)
        world.timeline.run_until(world.timeline.now_s + 1200)
        if is_put_back:
            world.put_back_at.append(world.timeline.now())
        if is_compared:
            with writing():
                audit.record(world.timeline.now(), "plp", "database_restored")
        world.timeline.run_until(world.timeline.now_s + 60 * minutes)
        look(world)
        assert sum(violation.oracle == "forgotten" for violation in world.story.violations) == forgotten


def test_whoever_is_cut_off_from_the_server_may_crash(monkeypatch):
    with disk(lambda commit: commit()) as folder:
        world = World(plan_of(9), Timeline(START), folder)
        with monkeypatch.context() as away:
            away.setattr(database.obj, "execute_sql", Mock(side_effect=OperationalError))
            world.strike(CRASH)
        assert world.pairs == set()


def test_a_second_copy_brings_back_a_message_whose_number_was_given_again():
    with disk(lambda commit: commit()) as folder:
        ledger = World(plan_of(9), Timeline(START), folder).ledger
        older, newer = (Known(1, 25, "alert", f"+3247000000{seat}", ("Vol",), 7, 0.0) for seat in range(2))
        before = ledger.as_it_is()
        ledger.messages[1] = older
        after = ledger.as_it_is()
        older.reference = 8  # it waits again
        ledger.go_back(before)
        assert ledger.of(25) == []
        assert +ledger.gone == {(older.msisdn, "Vol"): 1}
        ledger.messages[1] = newer
        ledger.go_back(after)
        assert ledger.of(25) == [older]
        assert (ledger.messages, older.reference) == ({1: older}, 7)
        assert +ledger.gone == {(newer.msisdn, "Vol"): 1}


def test_what_was_sent_and_is_shown_as_stopped_is_hidden_also_after_a_copy_was_put_back():
    with disk(lambda commit: commit()) as folder:
        world = World(plan_of(9), Timeline(START), folder)
        person(1, START)
        order(START)
        Part.update(state="cancelled", changed_at=START + timedelta(seconds=5)).execute()
        world.ledger.read()
        (known,) = world.ledger.messages.values()
        at = START + timedelta(seconds=20)
        world.carrier.taken.append(Taken(20, at, 20, "", known.msisdn, known.segments[0], None, 7))
        world.put_back_at = [START + timedelta(seconds=put_back) for put_back in (10, 30)]
        _lost_and_doubled(world)
        assert [violation.oracle for violation in world.story.violations] == ["hidden"]


def test_what_was_ordered_is_read_again_where_the_database_was_away(monkeypatch):
    with disk(lambda commit: commit()) as folder:
        world = World(plan_of(9), Timeline(START), folder)
        world.box.touched.watch()
        person(1, START)
        number = order(START).id
        with monkeypatch.context() as away:
            away.setattr(database.obj, "execute_sql", Mock(side_effect=OperationalError))
            with pytest.raises(OperationalError):
                world.ledger.read()
        world.ledger.read()
        assert [known.msisdn for known in world.ledger.of(number)] == [mobile(1)]


@pytest.mark.parametrize(("passed_s", "stopped"), [(12, 0), (5, 1)])
def test_undo_seconds_that_really_passed_are_over_though_the_clock_was_set_back(passed_s, stopped):
    with disk(lambda commit: commit()) as folder:
        world = World(plan_of(9), Timeline(START), folder)
        person(1, START)
        ready_modem("m1", START)
        number = order(START, sending=SendingSettings(undo_seconds=10)).id
        world.ledger.read(by_person=True)
        world.timeline.run_until(world.timeline.now_s + passed_s)
        Broadcast.update(stage="queued").where(Broadcast.id == number).execute()
        world.timeline.off_s = -300.0
        assert claim_part(Sender("box", "m1", world.sticks["m1"].imsi, False), world.timeline.now())
        driver = Handing(world).watch(SimpleNamespace(submit=lambda _part, _started: 1), "m1")
        driver.submit(OutgoingPart(mobile(1), "Vol", "gsm7", 1, 1, 7, None), lambda: None)
        assert sum(violation.oracle == "stopped" for violation in world.story.violations) == stopped


def test_of_twelve_nights_two_are_of_each_kind():
    kinds = Counter(plan_of(seed).kind for seed in range(1, 13))
    assert kinds == {kind.name: 2 for kind in DIRECTED}
    assert {plan_of(seed).kind for seed in range(13, 19)} == {"any"}


def test_a_kind_names_events_and_values_that_there_are():
    chosen = {*re.findall(r'(?:pick|among)\("(\w+)"', Path(plan.__file__).read_text())}
    for kind in DIRECTED:
        assert kind.often.keys() | kind.never <= plan.EVENTS.keys()
        assert kind.values.keys() <= chosen
        assert {*kind.among("late", ())} <= plan.EVENTS.keys()


def test_seeds_are_numbers_and_ranges():
    assert seeds_of(["7", "1-3"]) == [7, 1, 2, 3]
