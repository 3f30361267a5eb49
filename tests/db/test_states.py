"""Whoever moves a part moves it as the one table says, and the page that shows the table is up to date."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest

from db import outbox
from db.models import Attempt, Broadcast, Hold, Member
from db.models import Part as PartRow
from db.modems import QueueCard, queue
from db.outbox import ClaimLost, NetworkReport
from db.progress import progress
from db.refusals import Refusal
from db.states import PART_TRANSITIONS, TERMINAL, WORST_FIRST, Cause, Part, Stage, broadcast_state, sources
from db.withdrawal import cancel_queued_to
from tests.db.house import LONG, SENDING, later, order, person, ready_modem
from tests.db.states_page import CAUSES, PAGE, page

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
        outbox.apply_report(NetworkReport(modem.imsi, 7, claim.msisdn, now, status, outcome), now)

    return move


def forgotten(claim, modem, now):
    Member.delete().execute()
    outbox.claim_part(modem, now)


def resent(claim, modem, now):
    # the first part failed, so the whole message may be sent again
    PartRow.update(state=Part.FAILED).where(PartRow.message == claim.message_id, PartRow.seq == 3).execute()
    outbox.resend_broadcast(claim.broadcast_id, "failed", "anne", SENDING, now)


def lapsed_in_doubt(claim, modem, now):
    Hold.create(broadcast=claim.broadcast_id, reason="restored")
    outbox.expire_broadcast(claim.broadcast_id, "anne", now)


def recovered(claim, modem, now):
    outbox.recover(now, timedelta(minutes=30))


WRITERS = {
    "claim_part": Writer(Cause.CLAIM, "released", lambda claim, modem, now: outbox.claim_part(modem, now)),
    "claim_part, unwanted": Writer(Cause.POLICY, "released", forgotten),
    "mark_sent": Writer(Cause.MODEM, "open", lambda claim, modem, now: outbox.mark_sent(claim, 7, modem, now)),
    "mark_retry": Writer(Cause.MODEM, "open", lambda claim, modem, now: outbox.mark_retry(claim, "cms:41", now, now)),
    "mark_released": Writer(
        Cause.MODEM, "open", lambda claim, modem, now: outbox.mark_released(claim, "no_prompt", now)
    ),
    "mark_failed": Writer(Cause.MODEM, "open", lambda claim, modem, now: outbox.mark_failed(claim, "cms:1", now)),
    "mark_unconfirmed": Writer(
        Cause.MODEM, "open", lambda claim, modem, now: outbox.mark_unconfirmed(claim, "no_answer", modem, now)
    ),
    "mark_late": Writer(Cause.MODEM, "unconfirmed", lambda claim, modem, now: outbox.mark_late(claim, 7, modem, now)),
    "recover, before the PDU": Writer(Cause.RECOVERY, "open", recovered, started=False),
    "recover, after the PDU": Writer(Cause.RECOVERY, "open", recovered),
    "cancel_broadcast": Writer(
        Cause.PERSON, "released", lambda claim, modem, now: outbox.cancel_broadcast(claim.broadcast_id, "anne", now)
    ),
    "expire_broadcast": Writer(
        Cause.PERSON,
        "released",
        lambda claim, modem, now: outbox.expire_broadcast(claim.broadcast_id, "anne", now),
        Stage.HELD,
    ),
    "expire_broadcast, perhaps sent": Writer(Cause.PERSON, "released", lapsed_in_doubt, Stage.HELD),
    "expire_due": Writer(Cause.POLICY, "released", lambda claim, modem, now: outbox.expire_due(later(now, 90_000))),
    "cancel_queued_to": Writer(Cause.POLICY, "released", lambda claim, modem, now: cancel_queued_to(claim.msisdn, now)),
    "resend_broadcast": Writer(Cause.RESEND, "sent", resent),
}
REPORTS = {"delivered": 0x00, "pending": 0x30, "expired": 0x46, "undelivered": 0x41}
for outcome, status in REPORTS.items():
    for attempt in ("sent", "unconfirmed"):
        WRITERS[f"report {outcome} of {attempt}"] = Writer(Cause.REPORT, attempt, reported(outcome, status))

# Nothing in this package brings these about: the daemon's guard claims first, and then says that it failed.
RESERVED = {(Part.QUEUED, Part.FAILED, Cause.POLICY), (Part.SENDING, Part.FAILED, Cause.POLICY)}


def moves(writer, now):
    """What this writer makes of a part in each state: a set of (source, target) that differ."""
    modem = ready_modem("a", now)
    found = set()
    for source in Part:
        Broadcast.delete().execute()
        Member.delete().execute()
        person(1, now)
        order(now, text=LONG)
        claim = outbox.claim_part(modem, now)
        PartRow.update(state=Part.CANCELLED).where(PartRow.id != claim.part_id).execute()
        PartRow.update(state=source).where(PartRow.id == claim.part_id).execute()
        Broadcast.update(stage=writer.stage).execute()
        Attempt.update(
            outcome=writer.attempt,
            reference=7 if writer.attempt == "sent" else None,
            pdu_started_at=now if writer.started else None,
            ended_at=None if writer.attempt == "open" else now,
        ).execute()
        with suppress(ClaimLost, Refusal):
            writer.move(claim, modem, now)
        target = PartRow.get_by_id(claim.part_id).state
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
    used = {(*move, writer.cause) for writer in WRITERS.values() for move in moves(writer, now)}
    assert used == TABLE - RESERVED


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["mark_retry", "mark_released", "recover, before the PDU"])
def test_what_comes_back_to_a_stopped_broadcast_stays_stopped(now, name):
    modem = ready_modem("a", now)
    person(1, now)
    person(2, now)
    placed = order(now)
    claim = outbox.claim_part(modem, now)
    outbox.cancel_broadcast(placed.id, "anne", now)
    WRITERS[name].move(claim, modem, now)
    assert progress(placed.id, now).counts["cancelled"] == 2
    assert queue() == QueueCard(0, 0, 0)
    assert outbox.claim_part(modem, now) is None


def test_sources_are_the_table_read_backwards():
    for target in Part:
        for cause in Cause:
            expected = {source for source, to, why in TABLE if (to, why) == (target, cause)}
            assert set(sources(target, cause)) == expected


def test_what_the_design_says_of_the_table():
    assert set(PART_TRANSITIONS) == set(WORST_FIRST) == set(Part)
    # nothing goes out twice by itself: only a person brings back what may have reached the network
    for source in TERMINAL:
        causes = PART_TRANSITIONS[source].get(Part.QUEUED, frozenset())
        assert causes <= {Cause.RESEND}
    # delivered is the end for every report, and nothing else calls itself delivered
    assert {cause for _, target, cause in TABLE if target is Part.DELIVERED} == {Cause.REPORT}
    assert set(PART_TRANSITIONS[Part.DELIVERED]) == {Part.QUEUED}
    # nothing is claimed but what waits
    assert sources(Part.SENDING, Cause.CLAIM) == [Part.QUEUED]


@pytest.mark.parametrize(
    ("stage", "counts", "shown"),
    [
        (Stage.PREPARING, {}, "preparing"),
        (Stage.SCHEDULED, {Part.QUEUED: 3}, "scheduled"),
        (Stage.QUEUED, {Part.QUEUED: 3}, "queued"),
        (Stage.QUEUED, {Part.QUEUED: 2, Part.SENDING: 1}, "sending"),
        (Stage.QUEUED, {Part.QUEUED: 2, Part.DELIVERED: 1}, "sending"),
        (Stage.QUEUED, {Part.QUEUED: 2, Part.DELIVERED: 0}, "queued"),
        (Stage.QUEUED, {Part.DELIVERED: 3}, "finished"),
        (Stage.QUEUED, {Part.UNCONFIRMED: 3}, "finished"),
        (Stage.FINISHED, {Part.SENDING: 1}, "sending"),
        (Stage.HELD, {Part.QUEUED: 1}, "held"),
        (Stage.CANCELLED, {Part.SENDING: 1, Part.CANCELLED: 2}, "cancelled"),
    ],
)
def test_what_people_see_of_a_broadcast(stage, counts, shown):
    assert broadcast_state(stage, counts) == shown


def test_the_page_shows_the_table_as_it_is():
    assert set(CAUSES) == set(Cause)
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.db.states_page"
