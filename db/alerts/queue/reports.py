"""Matching of status reports with their parts (docs/reference/modem-facts.md, "CNMI and status reports")."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import SQL, fn

from db.alerts.queue.recovery import move_parts, moving
from db.engine.cached_queries import Prepared, given, utc_of
from db.engine.connection import writing
from db.journal.audit import put_back_at
from db.models.broadcasts import Attempt, Broadcast, Message, Part, Report
from db.people.members.erasure import forgotten
from rules.states import Cause, PartState

Outcome = Literal["delivered", "pending", "expired", "undelivered"]

# A report may come until the validity ends; ten minutes more for clocks that differ.
GRACE = timedelta(minutes=10)
# Within these two clocks agree: a service centre cuts the fractions of a second off, and may be a little behind.
CLOCKS_AGREE = timedelta(seconds=5)
# A modem is waited for so long, if `submit_timeout_s` says nothing else; a restart may end an attempt hours after it.
LONGEST_SUBMIT = timedelta(minutes=3)
# TP-VP is rounded up to its next step, half an hour above twelve hours (23.040 § 9.2.3.12.1).
VALIDITY_STEP = timedelta(minutes=30)

# A constant in the SQL text: SQLite uses the partial index of such attempts only when it can see the value.
_UNCONFIRMED = SQL("'unconfirmed'")
_OPEN = SQL("'open'")
# TP-MR counts modulo 256, and a submit takes one at most (23.040 § 9.2.3.6).
_CYCLE = 256
# More lost receipts in a row than this are no count to build on.
_LOOK_BACK = 20
# More messages to one person under one reference cannot be distinguished.
_AS_OFTEN = 8

_ORPHAN = Prepared(
    Report.select(SQL("1")).where(Report.imsi == given("imsi"), Report.reference == given("reference")).limit(1)
)

# By the outcome of a report; one that is pending ends nothing.
_MOVES = {
    target.value: moving(
        Part.id == given("part"),
        target,
        Cause.REPORT,
        reason=given("reason"),
        sent_at=fn.COALESCE(Part.sent_at, given("submitted_at")),
    )
    for target in (PartState.DELIVERED, PartState.EXPIRED, PartState.UNDELIVERED)
}
# The receipts of this SIM with this reference and recipient, within validity, the newest first.
_RECEIPTS = Prepared(
    lambda: (
        _attempts(given("imsi"), given("tail"))
        .select(Attempt.id, Attempt.part, Attempt.claimed_at, Attempt.host, Attempt.modem)
        .where(Attempt.reference == given("reference"), Attempt.outcome == "sent")
        .where(Broadcast.deadline_at > given("since"))
        .order_by(Attempt.id.desc())
        .limit(_AS_OFTEN)
    )
)
_NEWEST = Prepared(Attempt.select(fn.MAX(Attempt.id)).where(Attempt.part == given("part")))


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """An SMS-STATUS-REPORT. `reference` is TP-MR, `status` TP-ST; `seat` (host/name) counts its own references."""

    imsi: str
    reference: int
    recipient: str
    submitted_at: datetime
    status: int
    outcome: Outcome
    seat: str = ""


def apply_report(report: NetworkReport, now: datetime) -> bool:
    """Update the part that the report is about; False, and the report is kept, when none matches yet."""
    with writing(wakes=False):
        return apply_report_within(report, now)


def apply_reports(reports: Sequence[NetworkReport], now: datetime) -> None:
    """`apply_report` for several, in the order they came, in one transaction."""
    with writing(wakes=False):
        for report in reports:
            apply_report_within(report, now)


def apply_report_within(report: NetworkReport, now: datetime) -> bool:
    """`apply_report` inside the caller's transaction."""
    attempt_and_part = _of_receipt(report, now)
    if attempt_and_part is not None:
        _apply(*attempt_and_part, report, now)
    elif not forgotten([report.recipient]):  # of a person who is forgotten it is the last word: it stays as it is known
        values = asdict(report) | {"modem": report.seat or None}
        del values["seat"]
        Report.create(**values, received_at=now)
    return attempt_and_part is not None


def _of_receipt(report: NetworkReport, now: datetime) -> tuple[int, int] | None:
    """The attempt and part that it is about: the newest claimed before the SMSC's stamp, as references wrap."""
    since = now - GRACE - VALIDITY_STEP
    receipts = _RECEIPTS.rows(imsi=report.imsi, tail=report.recipient[-8:], reference=report.reference, since=since)
    # Its own modem's first; what another one sent with this card, before the card moved, is after all a receipt too.
    receipts = sorted(receipts, key=lambda row: f"{row[3]}/{row[4]}" != report.seat)
    for attempt_id, part_id, claimed_at, *_ in receipts:
        if report.submitted_at >= utc_of(claimed_at) - GRACE:
            return attempt_id, part_id
    unconfirmed = _of_unconfirmed(report, since)
    if unconfirmed is not None:
        of_its_modem = [row[0] for row in receipts if row[3:] == (unconfirmed.host, unconfirmed.modem)]
        if not _went_on(unconfirmed, of_its_modem, report.submitted_at):
            return unconfirmed.id, unconfirmed.part_id
    return (receipts[0][0], receipts[0][1]) if receipts else None


def _went_on(unconfirmed: Attempt, receipts: Sequence[int], stamp: datetime) -> bool:
    """True where one of these attempts, less than a cycle of references after it, had this reference: then it was not
    the unconfirmed one's, whatever our clock says of the times. In the very seconds of that one only an attempt soon
    after it proves so much: a modem that has restarted may count anew.
    """
    later = min((attempt for attempt in receipts if attempt > unconfirmed.id), default=None)
    if later is None:
        return False
    between = Attempt.select().where(Attempt.imsi == unconfirmed.imsi, Attempt.id.between(unconfirmed.id, later))
    longest = _LOOK_BACK if _is_in_its_seconds(unconfirmed, stamp) else _CYCLE
    return int(between.limit(longest + 1).count()) <= longest


def has_orphans(imsi: str, reference: int) -> bool:
    """True when a report waits that the receipt with this reference may explain."""
    return _ORPHAN.first(imsi=imsi, reference=reference) is not None


def apply_orphans(attempt_id: int, now: datetime) -> None:
    """After a receipt, apply the reports that arrived before it and fit it now. Inside the caller's transaction."""
    attempt = Attempt.get_by_id(attempt_id)
    msisdn = Message.select().join(Part).where(Part.id == attempt.part_id).get().msisdn
    early: Any = Report.select().where(
        Report.imsi == attempt.imsi,
        Report.reference == attempt.reference,
        Report.received_at >= attempt.claimed_at,
        Report.modem.is_null() | (Report.modem == attempt.seat),
    )
    for row in early.order_by(Report.id):
        if row.recipient[-8:] == msisdn[-8:]:
            report = NetworkReport(row.imsi, row.reference, row.recipient, row.submitted_at, row.status, row.outcome)
            _apply(attempt.id, attempt.part_id, report, now)
            Report.delete().where(Report.id == row.id).execute()


def _of_unconfirmed(report: NetworkReport, since: datetime) -> Attempt | None:
    """The attempt without TP-MR that it fits: the only one in time, or that may have this reference; of several the one
    within its seconds (`CLOCKS_AGREE`), by its likeliest reference. A single one outside its seconds must be able to
    have the reference too. None where it may be of a part under way, whose receipt the report overtook; where the
    deadline was before `since`, as for receipts; or of a part from before an older copy was put back.
    """
    unconfirmed = (Attempt.outcome == _UNCONFIRMED) & (Broadcast.deadline_at > since)
    fitting = [
        attempt
        for attempt in _attempts(report.imsi, report.recipient[-8:]).where(unconfirmed)
        if attempt.pdu_started_at - GRACE <= report.submitted_at <= _end_of(attempt) + GRACE
    ]
    fitting = [attempt for attempt in fitting if attempt.seat == report.seat] or fitting
    put_back = put_back_at() if fitting else None
    # It began and ended since then: a clock that was set back may let it begin later than it was.
    fitting = [
        attempt for attempt in fitting if put_back is None or min(attempt.pdu_started_at, attempt.ended_at) > put_back
    ]
    if not fitting:
        return None
    # Those of this SIM for the same person that have no result yet.
    under_way = (Attempt.outcome == _OPEN) & Attempt.pdu_started_at.is_null(False)
    started = _attempts(report.imsi, report.recipient[-8:]).where(under_way)
    fitting += [attempt for attempt in started if attempt.pdu_started_at - GRACE <= report.submitted_at]
    if len(fitting) > 1:
        fitting = _narrowed(fitting, report)
    if len(fitting) != 1:
        return None
    attempt: Attempt = fitting[0]
    if attempt.outcome == "open" or not _is_newest(attempt.id, attempt.part_id):
        return None
    if _is_in_its_seconds(attempt, report.submitted_at):
        return attempt
    # Clocks may differ; or it is about another part, whose receipt was taken for another's.
    references = _references(attempt)
    return attempt if not references or report.reference in references else None


def _narrowed(fitting: Sequence[Attempt], report: NetworkReport) -> list[Attempt]:
    """The one that alone may have the reference of this report; of several, among them those whose references nobody
    knows, the one whose seconds and likeliest reference say so, or none.
    """
    references = {attempt: _references(attempt) for attempt in fitting}
    able = [attempt for attempt in fitting if report.reference in references[attempt]]
    perhaps = able + [attempt for attempt in fitting if not references[attempt]]
    if len(perhaps) < 2:
        return able
    in_time = [attempt for attempt in perhaps if _is_in_its_seconds(attempt, report.submitted_at)]
    is_likeliest = len(in_time) == 1 and references[in_time[0]][-1:] == [report.reference]
    return in_time if is_likeliest else []


def _references(attempt: Attempt) -> list[int]:
    """The TP-MRs that it may have, the likeliest last: it rises by one per submit (23.040 § 9.2.3.6), of which each
    without a receipt took one or none. Empty without a receipt to count from, or after a refusal, which some modems
    count.
    """
    before = (
        Attempt.select()
        .where(Attempt.imsi == attempt.imsi, Attempt.host == attempt.host, Attempt.modem == attempt.modem)
        .where(Attempt.id < attempt.id, Attempt.pdu_started_at.is_null(False))
        .order_by(Attempt.id.desc())
        .limit(_LOOK_BACK)
    )
    for steps, earlier in enumerate(before, 1):
        if earlier.outcome not in ("sent", "unconfirmed"):
            return []
        if earlier.reference is not None:
            return [int(earlier.reference + step) % _CYCLE for step in range(1, steps + 1)]
    return []


def _is_in_its_seconds(attempt: Attempt, stamp: datetime) -> bool:
    """True when the service centre had it while the modem was asked, as far as clocks agree."""
    after = attempt.ended_at is not None and stamp > _end_of(attempt) + CLOCKS_AGREE
    return not after and stamp >= attempt.pdu_started_at - CLOCKS_AGREE


def _end_of(attempt: Attempt) -> datetime:
    """The last moment at which the service centre can have had it. An end before its beginning says nothing: the clock
    was set back in between, as by a power cut without RTC.
    """
    latest: datetime = attempt.pdu_started_at + LONGEST_SUBMIT
    return min(attempt.ended_at, latest) if attempt.ended_at >= attempt.pdu_started_at else latest


def _attempts(imsi: Any, tail: Any) -> Any:
    """Attempts of this SIM to a number with these last eight digits."""
    return (
        Attempt.select(Attempt)
        .join(Part)
        .join(Message)
        .join(Broadcast, on=(Message.broadcast == Broadcast.id))
        .where(Attempt.imsi == imsi)
        .where(fn.SUBSTR(Message.msisdn, fn.LENGTH(Message.msisdn) - 7) == tail)
    )


def _apply(attempt_id: int, part_id: int, report: NetworkReport, now: datetime) -> None:
    if not _is_newest(attempt_id, part_id):
        return  # the part was sent again since; what the first copy did says nothing about the second
    if move := _MOVES.get(report.outcome):
        reason = "" if report.outcome == "delivered" else f"st:{report.status}"
        move.change(part=part_id, now=now, reason=reason, submitted_at=report.submitted_at)
        return
    # The network still tries: no proof of delivery, but proof that an unconfirmed part was taken.
    unclear = (Part.id == part_id) & (Part.state == PartState.UNCONFIRMED)
    move_parts(unclear, PartState.SENT, Cause.REPORT, now, reason="", sent_at=report.submitted_at)


def _is_newest(attempt_id: int, part_id: int) -> bool:
    newest = _NEWEST.first(part=part_id)
    return newest is not None and newest[0] == attempt_id
