"""A status report as the network sent it, into the database's terms."""

from db.alerts.queue.reports import NetworkReport
from db.alerts.values import Sender
from modem.sms.message import StatusReport, report_outcome


def network_report(sender: Sender, report: StatusReport) -> NetworkReport:
    """The content of `report` for a part that went through this SIM."""
    return NetworkReport(
        imsi=sender.imsi,
        reference=report.reference,
        recipient=report.recipient,
        submitted_at=report.submitted_at,
        status=report.status,
        outcome=report_outcome(report.status),
        seat=sender.seat,
    )
