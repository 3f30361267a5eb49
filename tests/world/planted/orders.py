"""Faults in orders and in what people do to them: agreement, stops, follow-ups, repeats, budgets."""

from types import SimpleNamespace

from db.alerts.orders import control, enqueue, follow_up
from db.alerts.queue import choosing, marks
from modem.daemon import daemon
from modem.daemon.policy import pacing
from plp.services.accounts import second_person
from plp.services.orders import approving, following_up, placing, planning
from rules.states import Stage
from tests.world.planted.faults import Table, nothing

TABLE = Table("agreement")
plant = TABLE.plant


def _stopped_without_its_parts(broadcast_id, by, now):
    return control._messages(broadcast_id, control.PartState.QUEUED) or None


# An order that waits for a second person is in the queue at once.
_WAITING_GOES_OUT = {stage.name: stage for stage in Stage} | {"AWAITING_APPROVAL": Stage.QUEUED}
_NOT_WRITTEN = SimpleNamespace(record=nothing(0), entries_about=nothing(()))

_reached = follow_up.reached
plant("an author agrees to their own order", (approving, "second_person_refusal", nothing()))
plant("the token's name is compared, not its owner", (second_person, "account_behind", nothing()))
plant("nobody is asked to agree", (planning, "needs_second", nothing(False)))
plant("an order that waits for agreement goes out", (enqueue, "Stage", SimpleNamespace(**_WAITING_GOES_OUT)))
plant("a stop is answered and not done", (control, "cancel_broadcast", _stopped_without_its_parts), kind="halts")
plant(
    "a stop leaves its parts", (control, "cancel_parts", nothing(1)), (daemon, "finish_stops", nothing(0)), kind="halts"
)
plant(
    "a pause is answered and not done",
    (control, "pause_broadcast", lambda number, by, now: control._messages(number, control.PartState.QUEUED)),
    kind="halts",
)
plant(
    "a correction does not stop the rest",
    (following_up.storage, "stop_the_rest", lambda number, by, now: _reached(number)),
    (following_up.storage, "is_sent_again", nothing(False)),
    kind="halts",
)
plant("two presses are two orders", (placing, "placed_before", nothing()), kind="halts")
plant("a repeat is not noticed", (placing.earlier, "same_order", nothing()), kind="halts")
plant("approvals never lapse", (daemon, "lapse_approvals", nothing(0)))
plant("the hour's guard counts nothing", (pacing.HourGuard, "took", nothing()), kind="deadlines")
plant("the hour's guard forgets at a start", (pacing.HourGuard, "another_sim", nothing()), kind="deadlines")
plant("budgets bind nobody", (choosing, "_room_beside", nothing((None, []))))
plant(
    "what went out is not counted",
    (marks, "count_sent", nothing()),
)
plant("a resume is answered and not done", (control, "resume_broadcast", nothing(1)), kind="halts")
plant("a held alert cannot be given up", (control, "expire_broadcast", nothing(1)), kind="machines")
plant("a stop is not in the journal", (control, "audit", _NOT_WRITTEN), kind="halts")
