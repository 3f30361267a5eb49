"""A card that is taken out, or changed, while the modem stays powered."""

import pytest

from modem.errors import PortGone, SimMissing
from tests.modem.driver.peer import ERROR, Peer, answer

OURS, ANOTHER = answer("206010000000001"), answer("206010000000002")


def test_another_card_is_noticed_with_the_registration(open_driver):
    with Peer(**{"AT+CIMI": [OURS, OURS, ANOTHER]}) as peer:
        driver = open_driver(peer)
        assert driver.registration().registered
        with pytest.raises(PortGone):
            driver.registration()
        assert driver.open().imsi == "206010000000002"
        assert driver.registration().registered


@pytest.mark.parametrize("refusal", [b"\r\n+CME ERROR: 10\r\n", b"\r\n+CMS ERROR: 310\r\n"])
def test_no_card_is_told_as_such(open_driver, refusal):
    with Peer(**{"AT+CIMI": [OURS, refusal]}) as peer:
        driver = open_driver(peer)
        with pytest.raises(SimMissing):
            driver.registration()


@pytest.mark.parametrize("told", [ERROR, b"\r\nOK\r\n", b"\r\n+CME ERROR: 14\r\n"])
def test_a_modem_that_does_not_tell_it_now_is_believed(open_driver, told):
    with Peer(**{"AT+CIMI": [OURS, told]}) as peer:
        assert open_driver(peer).registration().registered


def test_a_digit_that_is_lost_on_the_line_is_no_other_card(open_driver):
    with Peer(**{"AT+CIMI": [OURS, answer("20601000000001"), OURS]}) as peer:
        assert open_driver(peer).registration().registered


def test_a_modem_that_stops_telling_it_is_asked_once_more_only(open_driver):
    with Peer(**{"AT+CIMI": [OURS, Peer.ignore]}) as peer:
        driver = open_driver(peer)
        for _ in range(3):
            assert driver.registration().registered
        assert peer.seen.count("AT+CIMI") == 2
        assert peer.clock.monotonic() == 10
