"""Many reports at once leave the other modems their turns."""

import pytest

from modem.daemon.worker import hearing
from modem.sms.message import StatusReport
from tests.support.people import mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


def test_many_reports_are_written_in_several_turns(ready, now, monkeypatch):
    monkeypatch.setattr(hearing, "AT_ONCE", 2)
    for number in range(5):
        person(number, now)
    placed = order(now)
    ready.run()
    turns = []
    monkeypatch.setattr(
        hearing, "apply_reports", lambda reports, at, write=hearing.apply_reports: turns.append(write(reports, at))
    )
    ready.driver.events = [StatusReport(index + 1, mobile(index), now, 0) for index in range(5)]
    ready.step()
    assert (ready.counts(placed), len(turns)) == ({"delivered": 5}, 3)
