"""Status reports find the part they speak of (modem-facts, "CNMI and status reports")."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import SQL, fn

from db.connection import writing
from db.models import Attempt, Broadcast, Message, Part, Report
from db.prepared import Prepared, given
from db.states import Cause, sources
from db.states import Part as PartState

Outcome = Literal["delivered", "pending", "expired", "undelivered"]

# A report may come until the validity ends; ten minutes more for clocks that differ.
GRACE = timedelta(minutes=10)
# TP-VP is rounded up to its next step, half an hour above twelve hours (23.040 § 9.2.3.12.1).
VALIDITY_STEP = timedelta(minutes=30)

# A constant in the SQL text: SQLite uses the partial index of unconfirmed attempts only when it can see the value.
_UNCONFIRMED = SQL("'unconfirmed'")
# More lost receipts in a row than this are no count to build on.
_LOOK_BACK = 20

_ORPHAN = Prepared(
    lambda: Report.select(SQL("1")).where(Report.imsi == given("imsi"), Report.reference == given("reference")).limit(1)
)

_TARGETS: dict[str, PartState] = {
    "delivered": PartState.DELIVERED,
    "expired": PartState.EXPIRED,
    "undelivered": PartState.UNDELIVERED,
}


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """An SMS-STATUS-REPORT as this package needs it. `reference` is TP-MR, `status` TP-ST."""

    imsi: str
    reference: int
    recipient: str
    submitted_at: datetime
    status: int
    outcome: Outcome


def apply_report(report: NetworkReport, now: datetime) -> bool:
    """Move the part that the report speaks of. False when none fits yet: it is kept for the receipt to find."""
    with writing():
        attempt = _of_receipt(report, now) or _of_unconfirmed(report)
        if attempt is None:
            Report.create(
                imsi=report.imsi,
                reference=report.reference,
                recipient=report.recipient,
                submitted_at=report.submitted_at,
                outcome=report.outcome,
                status=report.status,
                received_at=now,
            )
            return False
        _apply(attempt, report, now)
        return True


def has_orphans(imsi: str, reference: int) -> bool:
    """True when a report waits that the receipt with this reference may explain."""
    return _ORPHAN.first(imsi=imsi, reference=reference) is not None


def apply_orphans(attempt_id: int, now: datetime) -> None:
    """A receipt landed: a report that had overtaken it may fit now. Inside the caller's transaction."""
    attempt = Attempt.get_by_id(attempt_id)
    msisdn = Message.select().join(Part).where(Part.id == attempt.part_id).get().msisdn
    early: Any = Report.select().where(
        Report.imsi == attempt.imsi,
        Report.reference == attempt.reference,
        Report.received_at >= attempt.claimed_at,
    )
    for row in early.order_by(Report.id):
        if row.recipient[-8:] == msisdn[-8:]:
            report = NetworkReport(row.imsi, row.reference, row.recipient, row.submitted_at, row.status, row.outcome)
            _apply(attempt, report, now)
            Report.delete().where(Report.id == row.id).execute()


def _of_receipt(report: NetworkReport, now: datetime) -> Attempt | None:
    """The newest receipt of this SIM with this reference and recipient, within validity."""
    found: Attempt | None = (
        _attempts(report)
        .where(Attempt.reference == report.reference, Attempt.outcome == "sent")
        .where(Broadcast.deadline_at > now - GRACE - VALIDITY_STEP)
        .order_by(Attempt.id.desc())
        .first()
    )
    return found


def _of_unconfirmed(report: NetworkReport) -> Attempt | None:
    """An unconfirmed part has no TP-MR: its SMSC time stamp within the attempt, when exactly one attempt fits.

    Several parts of one message go to one person within seconds: only among them does the expected reference decide.
    """
    fitting = [
        attempt
        for attempt in _attempts(report).where(Attempt.outcome == _UNCONFIRMED)
        if attempt.pdu_started_at - GRACE <= report.submitted_at <= attempt.ended_at + GRACE
    ]
    if len(fitting) > 1:
        fitting = [attempt for attempt in fitting if _expected_reference(attempt) == report.reference]
    return fitting[0] if len(fitting) == 1 else None


def _expected_reference(attempt: Attempt) -> int | None:
    """The TP-MR that the modem should have given it: one more per submit since the last that it told (per SIM).

    None when a refusal stands in between: some modems count those too.
    """
    before = (
        Attempt.select()
        .where(Attempt.imsi == attempt.imsi, Attempt.id < attempt.id, Attempt.pdu_started_at.is_null(False))
        .order_by(Attempt.id.desc())
        .limit(_LOOK_BACK)
    )
    steps = 1
    for earlier in before:
        if earlier.outcome not in ("sent", "unconfirmed"):
            return None
        if earlier.reference is not None:
            return int(earlier.reference + steps) % 256
        steps += 1
    return None


def _attempts(report: NetworkReport) -> Any:
    return (
        Attempt.select(Attempt)
        .join(Part)
        .join(Message)
        .join(Broadcast, on=(Message.broadcast == Broadcast.id))
        .where(Attempt.imsi == report.imsi)
        .where(fn.SUBSTR(Message.msisdn, fn.LENGTH(Message.msisdn) - 7) == report.recipient[-8:])
    )


def _apply(attempt: Attempt, report: NetworkReport, now: datetime) -> None:
    newest = Attempt.select(fn.MAX(Attempt.id)).where(Attempt.part == attempt.part_id).scalar()
    if newest != attempt.id:
        return  # the part was sent again since; what the first copy did says nothing about the second
    target = _TARGETS.get(report.outcome)
    if target is None:
        _network_has_it(attempt, report, now)
        return
    values: dict[str, object] = {"state": target, "changed_at": now, "reason": f"st:{report.status}"}
    if target is PartState.DELIVERED:
        values["reason"] = ""
    Part.update(values, sent_at=fn.COALESCE(Part.sent_at, Part.sent_at.db_value(report.submitted_at))).where(
        Part.id == attempt.part_id, Part.state.in_(sources(target, Cause.REPORT))
    ).execute()


def _network_has_it(attempt: Attempt, report: NetworkReport, now: datetime) -> None:
    """Still trying: no proof of delivery, but proof that an unconfirmed part was taken."""
    Part.update(state=PartState.SENT, changed_at=now, reason="", sent_at=report.submitted_at).where(
        Part.id == attempt.part_id,
        Part.state == PartState.UNCONFIRMED,
        Part.state.in_(sources(PartState.SENT, Cause.REPORT)),
    ).execute()
