"""Reports of the network, and the counts that they make."""

from db.alerts.progress.progress import progress
from db.alerts.queue.reports import NetworkReport
from tests.support.people import mobile

A, B = "206010000000001", "206010000000002"


def report(now, reference, number, outcome="delivered", status=0, imsi=A):
    return NetworkReport(imsi, reference % 256, mobile(number), now, status, outcome)


def counts(broadcast_id, now):
    """People by state, without the states that nobody is in."""
    shown = progress(broadcast_id, now)
    assert sum(shown.counts.values()) == shown.recipients
    return {state: count for state, count in shown.counts.items() if count}
