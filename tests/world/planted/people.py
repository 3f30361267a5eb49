"""Faults about people: STOP and consents, erasures, lists."""

from types import SimpleNamespace

from db.alerts.queue import claim
from db.inbound.replies import leaving
from db.models.broadcasts import Message
from db.people.members import erasure, saving
from plp.jobs import autoreply
from plp.services import forgetting
from rules.replies.values import Leaving
from tests.world.planted.faults import Table, nothing

TABLE = Table("people")
plant = TABLE.plant


def _like(mobile):
    return int(Message.update(msisdn="", member=None).where(Message.msisdn.startswith(mobile[:-1])).execute())


def _start_for_everybody(sender, sent_at, now):
    back = False
    for row in leaving._consents(sender):
        if not row.given:
            leaving._change(row, True, min(sent_at, now), now)
            back = True
    return Leaving.BACK if back else Leaving.AS_IT_WAS


plant("a STOP is answered and not done", (autoreply, "apply_stop", nothing(Leaving.LEFT)))
plant("a START brings back who withdrew on paper", (autoreply, "apply_start", _start_for_everybody))
plant(
    "what waits for who left goes out",
    (claim, "_unwanted", nothing(False)),
    (leaving, "cancel_queued_to", nothing()),
    (saving, "cancel_queued_to", nothing()),
    (erasure, "cancel_unless_shared", nothing()),
    (saving, "cancel_unless_shared", nothing()),
)
plant("an erasure matches by the first digits", (forgetting, "erase_messages_to", _like))
plant("an erasure leaves the numbers of messages", (forgetting, "erase_messages_to", nothing(0)))
plant("an erasure is not in the journal", (forgetting, "audit", SimpleNamespace(record=nothing(0))))
plant("a list brings back whoever was erased", (forgetting, "remember_forgotten", nothing()))
plant("a withdrawal on paper changes nothing", (saving, "write_consent", nothing()))
