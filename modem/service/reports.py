"""A status report as the network sent it, into the database's terms."""

from datetime import datetime

from db.outbox import NetworkReport, Sender, apply_report
from modem.sms import StatusReport, report_outcome


def apply_network_report(sender: Sender, report: StatusReport, now: datetime) -> bool:
    """Move the part it speaks of; False when it is kept for a receipt that has not landed."""
    return apply_report(
        NetworkReport(
            imsi=sender.imsi,
            reference=report.reference,
            recipient=report.recipient,
            submitted_at=report.submitted_at,
            status=report.status,
            outcome=report_outcome(report.status),
        ),
        now,
    )
