"""Faults between the queue and the modem: claims, intents, receipts, recovery."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from peewee import SQL

from db.alerts.queue import choosing, claim, marks, recovery
from db.alerts.queue.marks import ClaimLost
from db.engine.connection import writing
from db.models.broadcasts import Attempt, Part
from modem.daemon import witness
from modem.daemon.policy import error_table
from modem.daemon.worker import sending, worker
from modem.driver.dialogue import handover
from rules.states import Cause, PartState
from tests.world.planted.faults import Always, Table, nothing

TABLE = Table("machines")
plant = TABLE.plant

_mark_started, _released, _failed = marks.mark_pdu_started, marks.mark_released, marks.mark_failed
_submit, _take_back, _rule = handover.Handover.submit, recovery._take_back, error_table.rule_for


def _intent_after_the_pdu(self, pdu, on_pdu_start):
    reference = _submit(self, pdu, lambda: None)
    on_pdu_start()
    return reference


def _twice_into_the_modem(self, pdu, on_pdu_start):
    try:
        return _submit(self, pdu, on_pdu_start)
    except handover.SubmitUnconfirmed:
        return _submit(self, pdu, lambda: None)


def _sent_before_it_went(part, now):
    _mark_started(part, now)
    with writing():
        Part.update(state=PartState.SENT, sent_at=now).where(Part.id == part.part_id).execute()


def _started_whatever_became_of_it(part, now):
    with suppress(ClaimLost):
        _mark_started(part, now)


def _failed_alone(part, reason, now):
    with writing():
        marks._settle(part, "failed", reason, PartState.FAILED, now, reason=reason)


def _all_back(attempts, now):
    Attempt.update(pdu_started_at=None).where(
        Attempt.id.in_([row.id for row in attempts.order_by(Attempt.id)])
    ).execute()
    return _take_back(attempts, now)


def _all_unconfirmed(attempts, now):
    rows = list(attempts.order_by(Attempt.id))
    ended = Attempt.update(outcome="unconfirmed", ended_at=now, reason="restart")
    ended.where(Attempt.id.in_([row.id for row in rows])).execute()
    parts = Part.id.in_([row.part_id for row in rows])
    return 0, recovery.move_parts(parts, PartState.UNCONFIRMED, Cause.RECOVERY, now, reason="restart")


def _least_urgent_first():
    """As `open_broadcast`, by lane (its second column) from behind."""
    return choosing.open_broadcast().order_by(SQL("2 DESC"), SQL("1"))


def _refused_is_sent(error):
    return replace(_rule(error), fate="sent")


plant("intent written after the PDU", (handover.Handover, "submit", _intent_after_the_pdu))
plant("intent never written", (witness, "mark_pdu_started", nothing()))
plant("an unclear submit is tried again at once", (handover.Handover, "submit", _twice_into_the_modem), kind="reports")
plant(
    "an unclear submit goes back to the queue",
    (sending.marks, "mark_unconfirmed", lambda part, reason, _s, now: _released(part, reason, now)),
    kind="reports",
)
plant(
    "an unclear submit is told as refused",
    (sending.marks, "mark_unconfirmed", lambda part, reason, _s, now: _failed(part, reason, now)),
    kind="reports",
)
plant("shown as sent before it went", (witness, "mark_pdu_started", _sent_before_it_went), kind="agreement")
plant(
    "a receipt is not written",
    (sending.marks, "mark_sent_and_claim", nothing()),
    (sending.marks, "mark_sent", nothing()),
    kind="agreement",
)
plant(
    "lease of three seconds, and a start is never refused",
    (claim, "LEASE", timedelta(seconds=3)),
    (witness, "mark_pdu_started", _started_whatever_became_of_it),
    kind="halts",
)
plant("after a crash all goes back to the queue", (recovery, "_take_back", _all_back))
plant("after a crash all that was open is unconfirmed", (recovery, "_take_back", _all_unconfirmed))
plant("nothing is old after a stop of the machine", (recovery, "_hold_stale", nothing(0)))
plant("a part claimed ahead is not looked at again", (sending, "is_still_due", nothing(True)), kind="halts")
plant("a part goes through any card", (claim, "_BIND", Always()), kind="people")
plant("parts of a message that failed go on", (sending.marks, "mark_failed", _failed_alone), kind="people")
plant("a refusal is told as sent", (sending.error_table, "rule_for", _refused_is_sent), kind="reports")
plant("normal work first", (choosing, "_OPEN_BROADCAST", choosing.Prepared(_least_urgent_first)), kind="agreement")
plant("no turns between urgent alerts", (choosing, "_NEXT_TURN", Always()), kind="halts")
plant("deadlines end nothing", (recovery, "_ANY_LATE", Always()), kind="deadlines")
plant("undo seconds never end", (recovery, "_ANY_DUE", Always()), kind="halts")
plant("a broadcast is never over", (recovery, "_ANY_DONE", Always()), kind="agreement")
plant("what was cut short stays", (recovery, "_ANY_CUT_SHORT", Always()))
plant(
    "a claimed part is forgotten when the modem goes",
    (sending.Sending, "release_next", lambda self, _reason: setattr(self, "_next", None)),
    kind="halts",
)
plant("the modem asks no registration", (worker.Watching, "look", nothing(True)), kind="halts")
