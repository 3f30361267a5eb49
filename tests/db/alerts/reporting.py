"""What the network says of a text."""

from db.alerts.queue.reports import NetworkReport
from tests.support.people import mobile

A, B = "206010000000001", "206010000000002"


def report(now, reference, number, outcome="delivered", status=0, imsi=A):
    return NetworkReport(imsi, reference, mobile(number), now, status, outcome)
