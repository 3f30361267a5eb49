"""Who answers at a port: a few harmless questions, and the port is free again."""

import pytest

from modem.driver.base.port import Port
from modem.driver.dialogue.setup import introduction
from modem.driver.models.models import by_usb_id
from modem.errors import ModemTimeout, PortBusy, PortGone, ProtocolError
from tests.modem.driver.peer import ERROR, ESC, OK, Peer, answer


def test_it_asks_who_is_there_and_touches_nothing_else():
    with Peer() as peer:
        told = introduction(peer.device, clock=peer.clock)
        Port(peer.device).close()
    assert told == "350000000000017"
    assert peer.seen == [ESC, "AT", "ATE0", "AT+CGMM", "AT+CGSN"]


def test_the_imei_may_have_another_command():
    with Peer(**{"AT+CGSN": ERROR, "AT+GSN": answer("350000000000025")}) as peer:
        assert introduction(peer.device, clock=peer.clock) == "350000000000025"


def test_chatter_is_no_answer():
    with Peer(**{"AT+CGMM": b"\r\n^RSSI: 14\r\n\r\nX1\r\n\r\n+CIEV: 1,1\r\n\r\nOK\r\n"}) as peer:
        assert introduction(peer.device, clock=peer.clock) == "350000000000017"


@pytest.mark.parametrize("silent", [{"AT+CGMM": ERROR}, {"AT+CGMM": OK}, {"AT+CGSN": ERROR, "AT+GSN": ERROR},
                                    {"AT+CGSN": answer("no number"), "AT+GSN": OK}])  # fmt: skip
def test_what_tells_no_model_or_no_imei_is_no_modem(silent):
    with Peer(**silent) as peer:
        with pytest.raises(ProtocolError):
            introduction(peer.device, clock=peer.clock)
        Port(peer.device).close()


def test_a_silent_port_is_given_up_and_free_again():
    (row,) = by_usb_id("1546:1141")
    assert row.settle_s == 20
    for settle_s, tries in ((0.0, 5), (2.0, 7)):
        with Peer(AT=Peer.ignore, ATE0Q0V1=Peer.ignore) as peer:
            with pytest.raises(ModemTimeout):
                introduction(peer.device, settle_s, peer.clock)
            Port(peer.device).close()
        assert peer.seen.count("AT") + peer.seen.count("ATE0Q0V1") == tries


def test_a_port_that_is_held_or_gone_is_told():
    with Peer() as peer:
        port = Port(peer.device)
        with pytest.raises(PortBusy):
            introduction(peer.device, clock=peer.clock)
        port.close()
    with pytest.raises(PortGone):
        introduction(peer.device + "9", clock=peer.clock)
