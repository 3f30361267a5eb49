"""A modem that says more by itself than any network sends: it costs its own port, and not the memory of all."""

import pytest

from modem.driver.base import interface
from modem.driver.base.interface import PortLost
from modem.errors import Flooded, SubmitUnconfirmed
from modem.sms.message import StatusReport
from tests.modem.driver.peer import DELIVER, PDU, REPORT, Peer

SAID = {
    "reports": f"\r\n+CDS: 25\r\n{REPORT}\r\n",
    "texts": f"\r\n+CMT: ,22\r\n{DELIVER}\r\n",
    "stored": '\r\n+CMTI: "SM",1\r\n',
}


@pytest.fixture
def most(monkeypatch):
    monkeypatch.setattr(interface, "MOST_AT_ONCE", 50)
    return 50


@pytest.mark.parametrize("said", SAID)
def test_the_port_of_a_modem_that_floods_is_lost_and_what_waits_is_bounded(open_driver, most, said):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.say(SAID[said].encode() * most * 2)
        driver._dialogue._reader.join(30)
        assert not driver._dialogue._reader.is_alive()
        *kept, lost = driver.drain_events()
        assert (len(kept), lost) == (most, PortLost(flooded=True))
        with pytest.raises(Flooded):
            driver.registration()


def test_a_flood_during_a_submit_leaves_it_unconfirmed(open_driver, most, part):
    with Peer(**{PDU: SAID["reports"].encode() * most * 2}) as peer:
        driver = open_driver(peer)
        with pytest.raises(SubmitUnconfirmed) as caught:
            driver.submit(part, lambda: None)
        assert isinstance(caught.value.__cause__, Flooded)
        assert [type(event) for event in driver.drain_events()] == [StatusReport] * most


def test_what_a_network_brings_in_time_is_never_too_much(open_driver, most):
    with Peer() as peer:
        driver = open_driver(peer)
        for _ in range(10):
            peer.say(SAID["reports"].encode() * most)
            kept = []
            while len(kept) < most:
                assert driver.heard.wait(30)
                driver.heard.clear()
                kept += driver.drain_events()
            peer.clock._pass(most / interface.A_SECOND)
        assert driver.registration().registered
