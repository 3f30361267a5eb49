"""An outage of a night is two lines in the log."""

import logging

from modem.daemon.worker_threads import PEACE_S, Outage


def test_it_is_told_when_it_begins_and_when_it_ends(caplog):
    now_s = 100.0
    outage = Outage(logging.getLogger("outage"), "sending pauses", lambda: now_s)
    outage.back()
    for _ in range(600):
        outage.away(OSError("disk is full"))
        now_s += 5.0
        outage.back()  # what was read
    now_s += PEACE_S
    outage.back()
    outage.back()
    outage.away(OSError("database is locked"))
    assert [record.message for record in caplog.records] == [
        "the database is away (disk is full); sending pauses",
        "the database is back after 2995 s",
        "the database is away (database is locked); sending pauses",
    ]
