"""Faults about what the network says: reports, late receipts, texts that come in."""

import json
from datetime import datetime

from db.alerts.queue import marks, reports
from db.engine.cached_queries import Prepared, given
from db.inbound import received
from db.models.broadcasts import Attempt, Broadcast, Message, Part
from db.models.modem_records import InboundPart
from modem.daemon.worker import hearing, sending
from modem.errors import CommandError
from tests.world.planted.faults import Table, nothing

TABLE = Table("reports")
plant = TABLE.plant


def _receipts(*conditions):
    """The receipts that a report may speak of, by these conditions alone."""
    return Prepared(
        lambda: (
            Attempt.select(Attempt.id, Attempt.part, Attempt.claimed_at, Attempt.host, Attempt.modem)
            .join(Part)
            .join(Message)
            .join(Broadcast, on=(Message.broadcast == Broadcast.id))
            .where(Attempt.outcome == "sent", *conditions)
            .order_by(Attempt.id.desc())
            .limit(8)
        )
    )


def _freed_first(driver, stored, content, sender, settle, now):
    try:
        driver.delete_stored(stored)
    except CommandError:
        return False
    return settle(lambda: hearing._is_stored(stored, content, sender, now)) is not False


class _EveryTime:
    @staticmethod
    def dumps(facts):
        return f"{json.dumps(facts)}{InboundPart.select().count()}"


plant(
    "a report is matched without its recipient",
    (reports, "_RECEIPTS", _receipts(Attempt.reference == given("reference"))),
)
plant("a report is matched by its card alone", (reports, "_RECEIPTS", _receipts(Attempt.imsi == given("imsi"))))
plant(
    "still trying is delivered",
    (hearing, "report_outcome", lambda status: "delivered" if status == 0x30 else _outcome(status)),
)
plant("nobody has this number is delivered", (hearing, "report_outcome", nothing("delivered")))
plant(
    "reports are not heard",
    (hearing, "apply_reports", nothing()),
    (sending, "apply_reports", nothing()),
    (hearing, "network_report", lambda sender, event, now: _other(sender, event, now)),
    kind="halts",
)
plant(
    "reports that come during a submit are lost",
    (marks, "apply_report_within", nothing(False)),
    (marks, "has_orphans", nothing(False)),
    kind="halts",
)
plant(
    "every report is told as delivered", (reports, "_MOVES", dict.fromkeys(reports._MOVES, reports._MOVES["delivered"]))
)
plant("a text is freed before it is kept", (hearing, "_move", _freed_first), kind="people")
plant("a text that comes twice is kept twice", (received, "json", _EveryTime), kind="people")
plant("a receipt is of the part before", (reports, "_is_newest", nothing(False)), kind="halts")

_outcome = hearing.report_outcome


def _other(sender, event, now):
    return hearing.NetworkReport("0", 0, "0", datetime.fromtimestamp(0, now.tzinfo), 0, "pending")
