"""Whoever moves a part moves it as the one table says, and the page that shows the table is up to date."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest

from db.alerts.orders.holding import doubt_stopped
from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import (
    ClaimLost,
    mark_doubted,
    mark_failed,
    mark_late,
    mark_released,
    mark_retry,
    mark_sent,
    mark_unconfirmed,
)
from db.alerts.queue.recovery import expire_due, recover
from db.alerts.queue.reports import NetworkReport, apply_report
from db.engine.base import database
from db.models.broadcasts import Attempt, Broadcast
from db.models.broadcasts import Part as PartRow
from db.models.people import Member
from db.modems.status import QueueCard, queue
from db.people.members.saving import cancel_queued_to
from rules.refusals import Refusal
from rules.states import PART_TRANSITIONS, WORST_FIRST, Cause, PartState, Stage, broadcast_state, sources
from tests.db.states_page import CAUSES, PAGE, page
from tests.support.people import (
    LONG,
    SENDING,
    cancel_broadcast,
    expire_broadcast,
    later,
    order,
    person,
    ready_modem,
    resend_broadcast,
)

TABLE = {
    (source, target, cause)
    for source, targets in PART_TRANSITIONS.items()
    for target, causes in targets.items()
    for cause in causes
}


@dataclass(frozen=True)
class Writer:
    """Something that may move a part: why it may, how its attempt stands before, and the call."""

    cause: Cause
    attempt: str
    move: Callable
    stage: Stage = Stage.QUEUED
    started: bool = True


def reported(outcome, status):
    def move(claim, modem, now):
        apply_report(NetworkReport(modem.imsi, 7, claim.msisdn, now, status, outcome), now)

    return move


def forgotten(claim, modem, now):
    Member.delete().execute()
    claim_part(modem, now)


def resent(claim, modem, now):
    # the first part failed, so the whole message may be sent again
    PartRow.update(state=PartState.FAILED).where(PartRow.message == claim.message_id, PartRow.seq == 3).execute()
    resend_broadcast(claim.broadcast_id, "failed", "anne", SENDING, now)


def lapsed_in_doubt(claim, modem, now):
    Broadcast.update(hold_reason="restored").where(Broadcast.id == claim.broadcast_id).execute()
    expire_broadcast(claim.broadcast_id, "anne", now)


def late_in_doubt(claim, modem, now):
    Broadcast.update(hold_reason="restored").where(Broadcast.id == claim.broadcast_id).execute()
    expire_due(later(now, 90_000))


def left_in_doubt(claim, modem, now):
    Broadcast.update(hold_reason="restored").where(Broadcast.id == claim.broadcast_id).execute()
    cancel_queued_to(claim.msisdn, now, "test")


def put_back_after_a_stop(claim, modem, now):
    PartRow.update(reason="stopped").execute()
    doubt_stopped(lambda number: claim.message_id, now)


def recovered(claim, modem, now):
    recover(now, timedelta(minutes=30))


WRITERS = {
    "claim_part": Writer(Cause.CLAIM, "released", lambda claim, modem, now: claim_part(modem, now)),
    "claim_part, unwanted": Writer(Cause.POLICY, "released", forgotten),
    "mark_sent": Writer(Cause.MODEM, "open", lambda claim, modem, now: mark_sent(claim, 7, modem, now)),
    "mark_retry": Writer(Cause.MODEM, "open", lambda claim, modem, now: mark_retry(claim, "cms:41", now, now)),
    "mark_released": Writer(Cause.MODEM, "open", lambda claim, modem, now: mark_released(claim, "no_prompt", now)),
    "mark_failed": Writer(Cause.MODEM, "open", lambda claim, modem, now: mark_failed(claim, "cms:1", now)),
    "mark_unconfirmed": Writer(
        Cause.MODEM, "open", lambda claim, modem, now: mark_unconfirmed(claim, "no_answer", modem, now)
    ),
    "mark_doubted": Writer(Cause.MODEM, "sent", lambda claim, modem, now: mark_doubted(modem, 1, now)),
    "mark_late": Writer(Cause.MODEM, "unconfirmed", lambda claim, modem, now: mark_late(claim, 7, modem, now)),
    "recover, before the PDU": Writer(Cause.RECOVERY, "open", recovered, started=False),
    "recover, after the PDU": Writer(Cause.RECOVERY, "open", recovered),
    "cancel_broadcast": Writer(
        Cause.PERSON, "released", lambda claim, modem, now: cancel_broadcast(claim.broadcast_id, "anne", now)
    ),
    "expire_broadcast": Writer(
        Cause.PERSON,
        "released",
        lambda claim, modem, now: expire_broadcast(claim.broadcast_id, "anne", now),
        Stage.HELD,
    ),
    "expire_broadcast, perhaps sent": Writer(Cause.PERSON, "released", lapsed_in_doubt, Stage.HELD),
    "expire_due": Writer(Cause.POLICY, "released", lambda claim, modem, now: expire_due(later(now, 90_000))),
    "cancel_queued_to": Writer(
        Cause.POLICY, "released", lambda claim, modem, now: cancel_queued_to(claim.msisdn, now, "test")
    ),
    "expire_due, perhaps sent": Writer(Cause.POLICY, "released", late_in_doubt, Stage.HELD),
    "cancel_queued_to, perhaps sent": Writer(Cause.POLICY, "released", left_in_doubt, Stage.HELD),
    "doubt_stopped": Writer(Cause.RESTORE, "released", put_back_after_a_stop),
    "resend_broadcast": Writer(Cause.RESEND, "sent", resent),
}
REPORTS = {"delivered": 0x00, "pending": 0x30, "expired": 0x46, "undelivered": 0x41}
for outcome, status in REPORTS.items():
    for attempt in ("sent", "unconfirmed"):
        WRITERS[f"report {outcome} of {attempt}"] = Writer(Cause.REPORT, attempt, reported(outcome, status))

# Nothing in this package brings these about: the daemon's guard claims first, and then says that it failed.
RESERVED = {(PartState.QUEUED, PartState.FAILED, Cause.POLICY), (PartState.SENDING, PartState.FAILED, Cause.POLICY)}


def moves(writer, now):
    """What this writer makes of a part in each state: a set of (source, target) that differ."""
    modem = ready_modem("a", now)
    person(1, now)
    order(now, text=LONG)
    claim = claim_part(modem, now)
    PartRow.update(state=PartState.CANCELLED).where(PartRow.id != claim.part_id).execute()
    Broadcast.update(stage=writer.stage).execute()
    Attempt.update(
        outcome=writer.attempt,
        reference=7 if writer.attempt == "sent" else None,
        pdu_started_at=now if writer.started else None,
        ended_at=None if writer.attempt == "open" else now,
    ).execute()
    found = set()
    for source in PartState:
        with database.atomic() as as_before:
            PartRow.update(state=source).where(PartRow.id == claim.part_id).execute()
            with suppress(ClaimLost, Refusal):
                writer.move(claim, modem, now)
            target = PartRow.get_by_id(claim.part_id).state
            as_before.rollback()
        if target is not source:
            found.add((source, target))
    return found


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_moves_a_part_only_as_the_table_allows(now, name):
    writer = WRITERS[name]
    found = {(source, target, writer.cause) for source, target in moves(writer, now)}
    assert found
    assert found <= TABLE


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_every_line_of_the_table_is_used(now):
    used = set()
    for writer in WRITERS.values():
        with database.atomic() as as_before:
            used |= {(*move, writer.cause) for move in moves(writer, now)}
            as_before.rollback()
    assert used == TABLE - RESERVED


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["mark_retry", "mark_released", "recover, before the PDU"])
def test_what_comes_back_to_a_stopped_broadcast_stays_stopped(now, name):
    modem = ready_modem("a", now)
    person(1, now)
    person(2, now)
    placed = order(now)
    claim = claim_part(modem, now)
    cancel_broadcast(placed.id, "anne", now)
    WRITERS[name].move(claim, modem, now)
    assert progress(placed.id, now).counts["cancelled"] == 2
    assert queue() == QueueCard(0, 0, 0, 0)
    assert claim_part(modem, now) is None


def test_sources_are_the_table_read_backwards():
    for target in PartState:
        for cause in Cause:
            expected = {source for source, to, why in TABLE if (to, why) == (target, cause)}
            assert set(sources(target, cause)) == expected


def test_what_the_design_says_of_the_table():
    assert set(PART_TRANSITIONS) == set(WORST_FIRST) == set(PartState)
    # nothing goes out twice by itself: only a person brings back what may have reached the network
    for source in set(PartState) - {PartState.QUEUED, PartState.SENDING}:
        causes = PART_TRANSITIONS[source].get(PartState.QUEUED, frozenset())
        assert causes <= {Cause.RESEND}
    # delivered is the end for every report, and nothing else calls itself delivered
    assert {cause for _, target, cause in TABLE if target is PartState.DELIVERED} == {Cause.REPORT}
    assert set(PART_TRANSITIONS[PartState.DELIVERED]) == {PartState.QUEUED}
    # nothing is claimed but what waits
    assert sources(PartState.SENDING, Cause.CLAIM) == [PartState.QUEUED]


@pytest.mark.parametrize(
    ("stage", "counts", "shown"),
    [
        (Stage.PREPARING, {}, "preparing"),
        (Stage.SCHEDULED, {PartState.QUEUED: 3}, "scheduled"),
        (Stage.QUEUED, {PartState.QUEUED: 3}, "queued"),
        (Stage.QUEUED, {PartState.QUEUED: 2, PartState.SENDING: 1}, "sending"),
        (Stage.QUEUED, {PartState.QUEUED: 2, PartState.DELIVERED: 1}, "sending"),
        (Stage.QUEUED, {PartState.QUEUED: 2, PartState.DELIVERED: 0}, "queued"),
        (Stage.QUEUED, {PartState.DELIVERED: 3}, "finished"),
        (Stage.QUEUED, {PartState.UNCONFIRMED: 3}, "finished"),
        (Stage.FINISHED, {PartState.SENDING: 1}, "sending"),
        (Stage.HELD, {PartState.QUEUED: 1}, "held"),
        (Stage.CANCELLED, {PartState.SENDING: 1, PartState.CANCELLED: 2}, "cancelled"),
    ],
)
def test_what_people_see_of_a_broadcast(stage, counts, shown):
    assert broadcast_state(stage, counts) == shown


def test_the_page_shows_the_table_as_it_is():
    assert set(CAUSES) == set(Cause)
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.db.states_page"
