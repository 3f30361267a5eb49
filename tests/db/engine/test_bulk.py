"""Who writes much, writes it some rows at a time: nobody waits long, and what a kill leaves can be taken up again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from db.alerts.orders import control, enqueue
from db.alerts.queue.recovery import PREPARING_AT_MOST, delete_cut_short, expire_due
from db.engine import connection
from db.engine.connection import writing
from db.mail.claim import expire_overdue
from db.mail.enqueue import PATIENCE, send_as
from db.models.broadcasts import Broadcast, Message, Part
from db.models.people import Member
from db.models.zone import AuditEntry
from plp.services.mails import retry_expired
from plp.services.people.neighbourhoods import import_outlines, merge_neighbourhoods
from rules.refusals import Refusal
from rules.states import Stage
from tests.plp.jobs.smtp.letters import post, settings
from tests.support import processes
from tests.support.outlines import collection
from tests.support.people import SENDING, expire_broadcast, later, order, person, place, ready_modem, resend_broadcast
from tests.support.rosters import HEADER, take

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("database")]

ROOT = Path(__file__).parents[3]
PEOPLE = 9
NEIGHBOURHOODS = 4


def roster(people, tag=""):
    lines = [
        f"P{n},N{n}{tag},+32470{n:06},a{n}{tag}@example.org,fr,Q{n % NEIGHBOURHOODS},member" for n in range(people)
    ]
    return "\n".join([HEADER, *lines])


def update_all(now):
    take(roster(PEOPLE), now)
    return lambda: take(roster(PEOPLE, "b"), now).updated


def merge(now):
    for number in range(PEOPLE):
        person(number, now, "Ehein")
    into = place("Plainevaux", now)
    return lambda: merge_neighbourhoods(place("Ehein", now), into, "anne", now)


def placed(now, **changes):
    ready_modem("a", now)
    for number in range(PEOPLE):
        person(number, now)
    alert = order(now)
    Broadcast.update(**changes).where(Broadcast.id == alert.id).execute()
    return alert.id


def resend(now):
    alert = placed(now, stage=Stage.FINISHED)
    Part.update(state="failed").execute()
    return lambda: resend_broadcast(alert, "failed", "anne", SENDING, now)


def lapse(now):
    alert = placed(now, stage=Stage.HELD)
    return lambda: expire_broadcast(alert, "anne", now)


def expire(now):
    placed(now, stage=Stage.QUEUED)
    return lambda: expire_due(later(now, 90_000))


def cut_short(now):
    placed(now, stage=Stage.PREPARING)

    def delete():
        assert delete_cut_short(now + 2 * PREPARING_AT_MOST) == 1
        assert not Part.select().exists()
        return PEOPLE

    return delete


def overdue(now):
    post(now, *range(1, PEOPLE + 1))
    return lambda: expire_overdue("unreachable", now + PATIENCE)


def again(now):
    overdue(now)()
    return lambda: retry_expired("anne", now)


@pytest.mark.usefixtures("posting_house")
@pytest.mark.parametrize("prepare", [update_all, merge, resend, lapse, expire, cut_short, overdue, again])
def test_every_bulk_writer_gives_way(now, monkeypatch, prepare):
    deed, gaps = prepare(now), []
    monkeypatch.setattr(connection, "CHUNK", 2)
    monkeypatch.setattr(connection, "give_way", lambda: gaps.append(1))
    assert deed() == PEOPLE
    assert len(gaps) >= PEOPLE / 2


@pytest.fixture
def posting_house():
    send_as(settings())


@pytest.mark.slow
def test_others_write_during_an_import(tmp_path, database, now):
    people = 1500
    take(roster(people), now)
    waited = []
    with processes.running(processes.imported, tmp_path, [(roster(people, "b").encode(),)]) as results:
        while not Member.select().where(Member.last_name.endswith("b")).exists():
            time.sleep(0.005)
        while Member.select().where(Member.last_name == f"N{people - 1}").exists():
            began = time.monotonic()
            with writing():
                AuditEntry.create(at=now, actor="test", action="between", subject="", detail="{}")
            waited.append(time.monotonic() - began)
        assert results() == [(people, people, 0)]
    assert len(waited) > 3
    assert max(waited) < 1


@pytest.mark.tuesday
@pytest.mark.slow
def test_an_import_that_is_killed_is_taken_up_again(tmp_path, database, now):
    people = 1000
    take(roster(people), now)
    (tmp_path / "list.csv").write_text(roster(people, "b"))
    importing = (
        "import os, sys; from pathlib import Path; from db.engine.connection import bind, connected\n"
        "from tests.support.rosters import import_members; from db.engine.clock import utc_now\n"
        "bind(os.environ['PLP_TEST_URL'], Path('.'))\n"
        "with connected(): import_members(Path('list.csv').read_bytes(), 'list.csv', 'autre', utc_now())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    changed = Member.select().where(Member.last_name.endswith("b"))
    with subprocess.Popen([sys.executable, "-c", importing], cwd=tmp_path, env=environment) as program:
        while not changed.exists():
            time.sleep(0.002)
        program.send_signal(signal.SIGKILL)
    done = changed.count()
    assert 0 < done < people
    assert done == changed.where(Member.email.endswith("b@example.org")).count()
    assert done == AuditEntry.select().where(AuditEntry.action == "member_changed").count()
    report = take(roster(people, "b"), now)
    assert (report.updated, report.unchanged) == (people, done)
    assert changed.count() == people


def test_a_resend_that_is_cut_short_goes_on_with_the_rest(now, monkeypatch):
    deed = resend(now)
    monkeypatch.setattr(connection, "CHUNK", 2)

    def cut():
        raise KeyboardInterrupt

    with monkeypatch.context() as short:
        short.setattr(connection, "give_way", cut)
        with pytest.raises(KeyboardInterrupt):
            deed()
    assert Part.select().where(Part.state == "queued").count() == 2
    assert Broadcast.get().stage is Stage.QUEUED
    assert deed() == PEOPLE - 2


def test_a_resend_puts_nothing_back_after_a_stop(now, monkeypatch):
    deed = resend(now)
    monkeypatch.setattr(connection, "CHUNK", 2)
    monkeypatch.setattr(connection, "give_way", lambda: Broadcast.update(stage=Stage.CANCELLED).execute())
    assert deed() == 2


def test_of_two_resends_each_message_goes_out_once_more(now, monkeypatch):
    """The second person had the page open, too: what the first put back and was sent since is not put back again."""
    deed = resend(now)
    late = control.Resend(Broadcast.get().id, "failed", "luc", SENDING.validity_urgent, now)
    assert deed() == PEOPLE
    references = {row.id: row.reference for row in Message.select()}
    Part.update(state="sent").execute()
    late.put_back(late.messages)
    assert late.count == 0
    assert {row.id: row.reference for row in Message.select()} == references


@pytest.mark.slow
def test_an_order_that_is_being_deleted_is_never_shown(now, monkeypatch):
    """Slower than any: housekeeping took some of its people away before it was whole."""
    ready_modem("a", now)
    for number in range(PEOPLE):
        person(number, now)
    write = enqueue.BroadcastWriter._write_messages

    def slow(*arguments):
        write(*arguments)
        with pytest.MonkeyPatch.context() as cut:
            cut.setattr(Broadcast, "delete", lambda: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                delete_cut_short(now + 2 * PREPARING_AT_MOST)

    monkeypatch.setattr(enqueue.BroadcastWriter, "_write_messages", slow)
    with pytest.raises(Refusal, match="interrompu"):
        order(now)
    assert not Broadcast.select().exists()


def test_an_order_that_was_deleted_before_its_messages_is_refused(now, monkeypatch):
    """The clock was set forwards by years between its two transactions: housekeeping took it for one of a crash."""
    ready_modem("a", now)
    person(1, now)
    write = enqueue.BroadcastWriter.fill

    def after_housekeeping(*arguments):
        delete_cut_short(now + 2 * PREPARING_AT_MOST)
        return write(*arguments)

    monkeypatch.setattr(enqueue.BroadcastWriter, "fill", after_housekeeping)
    with pytest.raises(Refusal, match="interrompu"):
        order(now)
    assert not Broadcast.select().exists()


@pytest.mark.slow
@pytest.mark.parametrize("points", [3000, 49_000])
def test_a_hostile_ring_is_simplified_in_no_time(now, monkeypatch, points):
    """Each point a little lower than the one before: cut off one by one, that took 49 s for 3,000, under the lock."""
    place("Rotheux", now)
    spikes = [[5 + index * 1e-5, 50 + (0.3 * 0.999**index if index % 2 else 0)] for index in range(points)]
    content = collection(
        {"properties": {"nom": "Rotheux"}, "geometry": {"type": "Polygon", "coordinates": [spikes]}, "type": "Feature"}
    )
    began = time.process_time()
    assert import_outlines(content, "", "anne", now).saved == 1
    assert time.process_time() - began < 5
