"""What was sent is noted outside the database: an older copy that is put back holds what waits, a crash does not."""

import json
import random
from datetime import timedelta

import pytest

from db.alerts.orders.approval import lapse_approvals
from db.alerts.orders.holding import doubtful_messages, hold_of
from db.alerts.progress.progress import first_people, progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import ClaimLost, mark_pdu_started, mark_released
from db.models.broadcasts import Broadcast
from db.models.broadcasts import Part as PartRow
from db.models.policy import Approval
from db.models.zone import Lineage
from db.operations import lineage
from modem.daemon import witness as module
from modem.daemon.witness import Witness
from plp.services.broadcasts import Request
from plp.services.orders import going_on
from rules.people import Actor
from rules.refusals import Refusal, WrongState
from rules.states import PartState, Stage
from tests.modem.daemon.copies import PEOPLE, Copy, send, sending
from tests.support.people import (
    SENDING,
    cancel_broadcast,
    expire_broadcast,
    later,
    order,
    ready_modem,
    release_broadcast,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.usefixtures("one_machine")
def test_an_older_copy_is_held_and_says_who_may_have_it(start, now, alert):
    copy, sender = sending(start, now, alert)
    copy.put_back()
    assert start(now).held == 1
    assert progress(alert.id, now).state == "held"
    assert claim_part(sender, now) is None
    hold = hold_of(alert.id)
    assert (hold.reason, hold.may_have, hold.nothing) == ("restored", 4, PEOPLE - 7)
    assert lineage.recent_restore(now) == 0
    assert lineage.recent_restore(now + timedelta(hours=25)) is None


@pytest.mark.usefixtures("one_machine")
def test_those_who_certainly_have_nothing_get_it_and_the_others_are_unconfirmed(start, now, alert):
    copy, sender = sending(start, now, alert)
    copy.put_back()
    witness = start(now)
    doubtful = first_people(doubtful_messages(alert.id), 2)
    assert (doubtful.total, len(doubtful.rows)) == (4, 2)
    assert release_broadcast(alert.id, "test", SENDING, now, rest=True) == PEOPLE - 7
    send(witness, sender, now, PEOPLE - 7)
    assert claim_part(sender, now) is None
    counts = progress(alert.id, now).counts
    assert (counts["unconfirmed"], counts["queued"]) == (4, 0)
    assert hold_of(alert.id) is None


def test_to_all_is_what_it_says(start, now, alert):
    copy, sender = sending(start, now, alert)
    copy.put_back()
    witness = start(now)
    assert release_broadcast(alert.id, "test", SENDING, now) == PEOPLE - 3
    send(witness, sender, now, PEOPLE - 3)


@pytest.mark.usefixtures("one_machine")
@pytest.mark.parametrize("decide", [expire_broadcast, cancel_broadcast])
def test_nobody_more_leaves_unconfirmed_who_may_have_it(start, now, alert, decide):
    copy, _sender = sending(start, now, alert)
    copy.put_back()
    start(now)
    decide(alert.id, "test", now)
    assert progress(alert.id, now).counts["unconfirmed"] == 4


def test_when_all_may_have_it_there_is_no_rest(start, now, alert):
    copy, _sender = sending(start, now, alert, after=PEOPLE - 3)
    copy.put_back()
    start(now)
    with pytest.raises(Refusal, match="peut-être déjà"):
        release_broadcast(alert.id, "test", SENDING, now, rest=True)


def test_an_ordinary_restart_holds_nothing(start, now, alert):
    sender = ready_modem("a", now)
    send(start(now), sender, now, 5)
    assert start(now).held == 0
    assert start(now + timedelta(days=1)).held == 0
    assert start(now - timedelta(days=1)).held == 0  # the clock was set back: it is not asked
    assert progress(alert.id, now).state == "sending"


@pytest.mark.slow
def test_no_crash_at_any_moment_looks_like_a_restore(start, now, alert, clock, monkeypatch):
    """A hundred kills: before the database's step, between it and the note, after it; whatever the pace."""
    chance = random.Random(5278)
    sender = ready_modem("a", now)
    advance, write = lineage.advance, module.write_whole

    class Killed(Exception):
        pass

    for _ in range(100):
        moment = chance.choice(["before", "between", "after", "never"])

        def stepped(beyond, moment=moment):
            if moment == "before":
                raise Killed
            return advance(beyond)

        def written(path, content, moment=moment):
            if moment == "between":
                raise Killed
            write(path, content)
            if moment == "after":
                raise Killed

        witness = start(now)
        assert witness.held == 0
        monkeypatch.setattr(lineage, "advance", stepped)
        monkeypatch.setattr(module, "write_whole", written)
        clock.now_s += chance.uniform(0, 2)
        claim = claim_part(sender, now)
        try:
            witness.cover(claim)
            witness.step()
        except Killed:
            pass
        monkeypatch.setattr(lineage, "advance", advance)
        monkeypatch.setattr(module, "write_whole", write)
        mark_released(claim, "restart", now)
    assert start(now).held == 0
    assert progress(alert.id, now).counts["queued"] == PEOPLE


def test_the_same_copy_put_back_twice_is_noticed_twice(start, now, alert):
    copy, sender = sending(start, now, alert)
    copy.put_back()
    witness = start(now)
    assert witness.held == 1
    release_broadcast(alert.id, "test", SENDING, now)
    send(witness, sender, now, 1)
    copy.put_back()
    assert start(now).held == 1


def test_paused_scheduled_and_old_work_is_held_too_and_an_approval_lapses(start, now, alert):
    paused, scheduled, stale = (order(now, again=True) for _ in range(3))
    asked = order(now, again=True)
    stages = Stage.PAUSED, Stage.SCHEDULED, Stage.HELD, Stage.AWAITING_APPROVAL
    for placed, stage in zip((paused, scheduled, stale, asked), stages, strict=True):
        Broadcast.update(stage=stage).where(Broadcast.id == placed.id).execute()
    Approval.create(broadcast=asked.id, asked_at=now, lapses_at=later(now, 900))
    copy, _sender = sending(start, now, alert)
    copy.put_back()
    assert start(now).held == 4
    assert all(hold_of(placed.id) for placed in (alert, paused, scheduled, stale))
    assert lapse_approvals(later(now, 1)) == 1


@pytest.mark.usefixtures("one_machine")
def test_what_was_approved_and_sent_after_the_copy_is_in_doubt_when_its_approval_lapses(start, now, alert):
    Broadcast.update(stage=Stage.AWAITING_APPROVAL).where(Broadcast.id == alert.id).execute()
    Approval.create(broadcast=alert.id, asked_at=now, lapses_at=later(now, 900))
    witness, copy = start(now), Copy()
    Broadcast.update(stage=Stage.QUEUED).where(Broadcast.id == alert.id).execute()
    send(witness, ready_modem("a", now), now, 3)
    witness.close()
    copy.put_back()
    start(now)
    lapse_approvals(later(now, 1))
    states = [part.state for part in PartRow.select().order_by(PartRow.id)]
    assert states == ["unconfirmed"] * 3 + ["cancelled"] * (PEOPLE - 3)


@pytest.mark.usefixtures("one_machine")
def test_what_lapsed_with_a_copy_is_not_sent_again_by_one_person(start, now, alert):
    Broadcast.update(stage=Stage.AWAITING_APPROVAL).where(Broadcast.id == alert.id).execute()
    Approval.create(broadcast=alert.id, asked_at=now, lapses_at=later(now, 900))
    lineage.hold_after_restore(None, (), {}, True, now)
    lapse_approvals(later(now, 1))
    request = Request(Actor.read("test"), SENDING, later(now, 2))
    with pytest.raises(WrongState, match="non validé"):
        going_on.resend(alert.id, request, only="unconfirmed")
    assert {part.state for part in PartRow.select()} == {"unconfirmed"}


@pytest.mark.parametrize("doubt", ["no note", "another machine"])
def test_all_of_what_waits_for_a_second_person_is_in_doubt_where_nobody_knows_how_far_it_went(now, alert, doubt):
    Broadcast.update(stage=Stage.AWAITING_APPROVAL).where(Broadcast.id == alert.id).execute()
    Approval.create(broadcast=alert.id, asked_at=now, lapses_at=later(now, 900))
    older = lineage.position()
    noted = None if doubt == "no note" else older._replace(progress=older.progress + 1)
    lineage.hold_after_restore(noted, (), {}, doubt == "no note", now)
    lapse_approvals(later(now, 1))
    assert {part.state for part in PartRow.select()} == {"unconfirmed"}


def test_what_was_ordered_after_the_copy_is_counted_and_its_number_forgotten(start, now, alert, note):
    copy, sender = sending(start, now, alert, after=PEOPLE - 3)
    witness = start(now)
    newer = order(now, again=True)
    send(witness, sender, now)
    copy.put_back()
    start(now)
    assert lineage.recent_restore(now) == 1
    assert str(newer.id) not in json.loads(note.read_text())["reached"]


@pytest.mark.sqlite
@pytest.mark.parametrize("first", [False, True])
def test_nobody_knows_of_an_order_that_the_copy_before_lacked(start, now, alert, first):
    """An older copy is put back, perhaps from before the first order, and then a newer one; the number may be another's
    in each.
    """
    if first:
        Broadcast.delete().execute()
    older, sender = sending(start, now, alert, before=0, after=0 if first else PEOPLE)
    witness = start(now)
    ordered = order(now, again=True)
    newer = Lineage.get().__data__.copy()
    send(witness, sender, now, 4)
    older.put_back()
    witness = start(now)
    assert order(now, again=True).id == ordered.id
    send(witness, sender, now)
    witness.close()
    PartRow.update(state=PartState.QUEUED).where(PartRow.broadcast == ordered.id).execute()
    Lineage.update(**newer).execute()
    start(now)
    hold = hold_of(ordered.id)
    assert (hold.may_have, hold.nothing) == (PEOPLE, 0)


@pytest.mark.usefixtures("one_machine")
def test_a_note_that_covers_no_order_says_of_nobody_that_they_have_nothing(start, now, alert, note):
    copy, _sender = sending(start, now, alert)
    note.write_text(json.dumps(json.loads(note.read_text()) | {"reached": {}}))
    copy.put_back()
    start(now)
    hold = hold_of(alert.id)
    assert (hold.may_have, hold.nothing) == (PEOPLE - 3, 0)


def test_a_database_put_back_under_a_running_daemon_sends_nothing(start, now, alert):
    sender = ready_modem("a", now)
    witness = start(now)
    copy = Copy()
    send(witness, sender, now, 3)
    witness.close()
    copy.put_back()
    claims = [claim_part(sender, now) for _ in range(4)]
    with pytest.raises(ClaimLost):
        witness.cover(claims[-1])
    assert witness.compare(now, {}) == 1
    assert claim_part(sender, now) is None


def test_a_copy_of_a_server_is_noticed_before_a_part_that_the_note_covers(start, now, alert, clock, monkeypatch):
    """A modem's thread may reach the server again before the daemon has compared."""
    monkeypatch.setattr(module, "is_postgres_database", lambda: True)
    sender = ready_modem("a", now)
    witness = start(now)
    copy = Copy()
    send(witness, sender, now, 4)  # quick ones: the note goes ahead of them
    ahead = witness._covered[alert.id]
    copy.put_back()
    claim = claim_part(sender, now)
    assert claim.message_id < ahead
    with pytest.raises(ClaimLost):
        witness.cover(claim)


def test_a_part_that_was_claimed_before_the_copy_was_noticed_does_not_leave(start, now, alert):
    sender = ready_modem("a", now)
    witness = start(now)
    copy = Copy()
    send(witness, sender, now, 3)
    witness.close()
    copy.put_back()
    claim = claim_part(sender, now)
    assert witness.compare(now, {}) == 1
    with pytest.raises(ClaimLost):
        mark_pdu_started(claim, now)
    assert progress(alert.id, now).counts["queued"] == PEOPLE


def test_each_host_notices_and_only_the_first_holds(tmp_path, clock, now, alert):
    """Several machines on one database: a note for each, and what one has seen to the others do not see to again."""
    north, south = (Witness(tmp_path / name, clock) for name in ("nord", "sud"))
    for name, witness in (("nord", north), ("sud", south)):
        (tmp_path / name).mkdir()
        witness.compare(now, {})
    sender = ready_modem("a", now)
    send(north, sender, now, 2)
    north.close()
    copy = Copy()
    send(north, sender, now, 2)
    north.close()
    south.compare(now, {"other": now})  # it sends nothing itself, and knows how far the other one went
    copy.put_back()
    assert Witness(tmp_path / "sud", clock).compare(now, {"other": now}) == 1
    release_broadcast(alert.id, "test", SENDING, now)
    assert Witness(tmp_path / "nord", clock).compare(now, {"other": now}) == 0
    assert PartRow.select().where(PartRow.state == PartState.QUEUED).count() == PEOPLE - 2


def test_with_several_hosts_nobody_certainly_has_nothing(start, now, alert, monkeypatch):
    monkeypatch.setattr(module, "is_postgres_database", lambda: True)
    copy, _sender = sending(start, now, alert)
    copy.put_back()
    start(now)
    assert hold_of(alert.id).nothing == 0


def test_the_note_of_a_slow_modem_goes_few_messages_ahead(start, now, alert, clock, note):
    sender, witness, ahead = ready_modem("a", now), start(now), []
    for _ in range(PEOPLE):
        (claim,) = send(witness, sender, now)
        for _ in range(3):  # the daemon looks while the modem sends
            clock.now_s += 0.1
            witness.step()
        ahead.append(json.loads(note.read_text())["reached"][str(alert.id)] - claim.message_id)
    assert min(ahead) == 0
    assert max(ahead) <= 3
    clock.now_s += 1
    witness.step()
    assert json.loads(note.read_text())["reached"][str(alert.id)] == claim.message_id
