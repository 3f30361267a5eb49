"""A modem that says more by itself than any network sends: what waits is bounded."""

import pytest

from modem.driver.base import interface
from tests.modem.driver.peer import DELIVER, REPORT, Peer

SAID = {
    "reports": f"\r\n+CDS: 25\r\n{REPORT}\r\n",
    "texts": f"\r\n+CMT: ,22\r\n{DELIVER}\r\n",
    "stored": '\r\n+CMTI: "SM",1\r\n',
}


@pytest.mark.parametrize("said", SAID)
def test_of_a_modem_that_floods_only_the_newest_events_wait(open_driver, monkeypatch, caplog, said):
    monkeypatch.setattr(interface, "MOST_AT_ONCE", 50)
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(SAID[said].encode() * 100)
        assert driver.registration().registered
        assert len(driver.drain_events()) == 50
    (warning,) = [line for line in caplog.messages if "are dropped" in line]
    assert "50" in warning
