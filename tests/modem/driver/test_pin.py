"""The SIM's PIN: entered once, only with all tries left, and what the card made of it."""

import pytest

from modem.driver.models.models import by_usb_id
from modem.driver.models.quirks import DEFAULT_QUIRKS, quirks_for
from modem.errors import CmeError, CommandError, ModemTimeout, PinRequired, PukRequired, SimError
from tests.modem.driver.peer import ERROR, OK, Peer, answer

CARD, STICK = "8932000000000000012", "350000000000017"
ASKS, READY, BLOCKED = answer("+CPIN: SIM PIN"), answer("+CPIN: READY"), answer("+CPIN: SIM PUK")
ENTER = 'AT+CPIN="0000"'
LEFT = 'AT+CPINR="SIM PIN"'


def cme(code):
    return f"\r\n+CME ERROR: {code}\r\n".encode()


def left(tries):
    return answer(f"+CPINR: SIM PIN,{tries},3")


def busy(peer):
    peer.say(cme(14))
    peer.clock.advance(2, wanted_s=2)


def asked_again(peer):
    peer.say(ASKS)
    peer.clock.advance(2, wanted_s=2)


@pytest.mark.parametrize(
    ("after", "waited_s"),
    [([READY], 0), ([busy, READY], 2), ([asked_again, READY], 2), ([busy] * 5 + [cme(14)], 10)],
)
def test_pin_is_entered(open_driver, keeper, after, waited_s):
    with Peer(**{"AT+CPIN?": [ASKS, *after]}) as peer:
        open_driver(peer, pin=keeper)
        assert peer.clock.monotonic() == waited_s
    assert peer.seen.count(ENTER) == 1
    assert keeper.calls == [("take", CARD, 3), ("accepted", CARD)]


def test_the_modem_stands_in_for_a_card_that_does_not_say_who_it_is(open_driver, keeper):
    known = dict.fromkeys(DEFAULT_QUIRKS.iccid, cme(11)) | {"AT+CCID": [cme(11), answer(f"+CCID: {CARD}")]}
    with Peer(**known, **{"AT+CPIN?": [ASKS, READY]}) as peer:
        assert open_driver(peer, pin=keeper).identity.iccid == CARD
    assert keeper.calls == [("take", STICK, 3), ("accepted", STICK), ("accepted", CARD, STICK)]


def test_pin_is_not_entered_unasked(open_driver, keeper):
    with Peer() as peer:
        open_driver(peer, pin=keeper)
    assert ENTER not in peer.seen
    assert keeper.calls == [("accepted", CARD)]  # a note that a crash left is forgotten


@pytest.mark.parametrize(("tries", "told"), [(left(2), 2), (left(0), 0), (ERROR, None)])
def test_without_a_pin_the_tries_are_told(open_driver, tries, told):
    with Peer(**{"AT+CPIN?": ASKS, LEFT: tries, "AT+CPINC": ERROR}) as peer, pytest.raises(PinRequired) as raised:
        open_driver(peer)
    assert raised.value.tries_left == told


@pytest.mark.parametrize("tries", [2, 1, 0])
def test_no_pin_is_entered_with_few_tries_left(open_driver, keeper, tries):
    with Peer(**{"AT+CPIN?": ASKS, LEFT: left(tries)}) as peer, pytest.raises(PinRequired) as raised:
        open_driver(peer, pin=keeper)
    assert raised.value.tries_left == tries
    assert keeper.calls == []
    assert not [command for command in peer.seen if command.startswith("AT+CPIN=")]


@pytest.mark.parametrize("pin", [None, "", "123", "123456789", "12a4", '0000"\rAT+CMGD=1,4', "１２３４"])
def test_a_keeper_without_a_pin_that_may_be_entered(open_driver, keeper, pin):
    keeper.pin = pin
    with Peer(**{"AT+CPIN?": ASKS}) as peer, pytest.raises(PinRequired):
        open_driver(peer, pin=keeper)
    assert not [command for command in peer.seen if command.startswith(("AT+CPIN=", "AT+CMGD"))]


@pytest.mark.parametrize("reply", [cme(16), b"\r\n+CME ERROR: incorrect password\r\n", cme(3), ERROR])
@pytest.mark.parametrize(("before", "after"), [(left(3), left(2)), (ERROR, ERROR)])
def test_a_refused_pin_is_told_to_its_keeper(open_driver, keeper, reply, before, after):
    refused = {"AT+CPIN?": ASKS, ENTER: reply, LEFT: [before, after], "AT+CPINC": ERROR}
    with Peer(**refused) as peer, pytest.raises(PinRequired) as raised:
        open_driver(peer, pin=keeper)
    assert "0000" not in str(raised.value)
    assert raised.value.tries_left == (2 if before != ERROR else None)
    assert [call[0] for call in keeper.calls] == ["take", "refused"]


@pytest.mark.parametrize(
    ("reply", "tries", "error"),
    [
        (cme(14), ERROR, CmeError),
        (cme(3), left(3), CmeError),
        (ERROR, left(3), CommandError),
        (Peer.ignore, left(3), ModemTimeout),
        (Peer.ignore, ERROR, ModemTimeout),
    ],
)
def test_a_pin_that_the_card_did_not_look_at_is_no_wrong_one(open_driver, keeper, reply, tries, error):
    with Peer(**{"AT+CPIN?": ASKS, ENTER: reply, LEFT: tries, "AT+CPINC": ERROR}) as peer:
        with pytest.raises(error) as raised:
            open_driver(peer, pin=keeper)
        assert "0000" not in str(raised.value)
    assert [call[0] for call in keeper.calls] == ["take"]


def test_an_unanswered_pin_that_cost_a_try_was_wrong(open_driver, keeper):
    refused = {"AT+CPIN?": ASKS, ENTER: Peer.ignore, LEFT: [left(3), left(2)]}
    with Peer(**refused) as peer, pytest.raises(PinRequired):
        open_driver(peer, pin=keeper)
    assert [call[0] for call in keeper.calls] == ["take", "refused"]


@pytest.mark.parametrize("reply", [ERROR, Peer.ignore])
def test_a_pin_whose_ok_is_lost(open_driver, keeper, reply):
    with Peer(**{"AT+CPIN?": [ASKS, READY], ENTER: reply}) as peer:
        open_driver(peer, pin=keeper)
    assert [call[0] for call in keeper.calls] == ["take", "accepted"]


@pytest.mark.parametrize("reply", [OK, cme(12)])
def test_a_card_that_is_blocked_by_the_pin(open_driver, keeper, reply):
    with Peer(**{"AT+CPIN?": [ASKS, BLOCKED], ENTER: reply}) as peer, pytest.raises(PukRequired):
        open_driver(peer, pin=keeper)
    assert "accepted" not in [call[0] for call in keeper.calls]


def test_the_network_lock_behind_the_pin(open_driver, keeper):
    with Peer(**{"AT+CPIN?": [ASKS, answer("+CPIN: PH-NET PIN")]}) as peer, pytest.raises(SimError, match="PH-NET"):
        open_driver(peer, pin=keeper)


def test_a_card_that_asks_again_after_ok(open_driver, keeper):
    with Peer(**{"AT+CPIN?": [ASKS, *[asked_again] * 5, ASKS]}) as peer, pytest.raises(PinRequired):
        open_driver(peer, pin=keeper)
    assert peer.seen.count(ENTER) == 1
    assert [call[0] for call in keeper.calls] == ["take"]


@pytest.mark.parametrize(
    ("manufacturer", "command", "reply"),
    [
        ("huawei", "AT^CPIN?", "^CPIN: SIM PIN,3,10,1,10,3"),
        ("huawei", "AT^CPIN?", "^CPIN: SIM PIN,1"),
        ("SIMCOM INCORPORATED", "AT+SPIC", "+SPIC: 1,10,0,10"),
        ("Quectel", 'AT+QPINC="SC"', '+QPINC: "SC",1,10'),
        ("Sierra Wireless, Incorporated", "AT+CPINC?", "+CPINC: 1, 3, 10, 10"),
        ("u-blox", "AT+UPINCNT", "+UPINCNT: 1,3,10,10"),
        ("Telit", "AT#PCT", "#PCT: 1"),
        ("Cinterion", "AT^SPIC", "^SPIC: 1"),
        ("Example", 'AT+CPINR="SIM PIN"', "+CPINR: SIM PIN,1,3"),
        ("Example", "AT+CPINC", "+CPINC: 1,3,10,10"),
        ("Example", "AT+SPIC", "+SPIC: 1,10,0,10"),
    ],
)
def test_the_tries_left_in_each_dialect(open_driver, keeper, manufacturer, command, reply):
    unknown = dict.fromkeys(quirks_for(None, manufacturer).pin_counters, ERROR)
    dialect = unknown | {"AT+CPIN?": ASKS, "AT+CGMI": answer(manufacturer), command: answer(reply)}
    with Peer(**dialect) as peer, pytest.raises(PinRequired) as raised:
        open_driver(peer, pin=keeper)
    assert raised.value.tries_left == 1
    assert keeper.calls == []


@pytest.mark.parametrize("reply", [OK, answer("+CPINR: SIM PIN"), answer("+CPINR: SIM PIN,x,3"), Peer.ignore])
def test_an_answer_that_tells_nothing(open_driver, keeper, reply):
    (row,) = by_usb_id("2c7c:0125")
    others = dict.fromkeys(quirks_for(row).pin_counters, ERROR)
    with Peer(**others | {"AT+CPIN?": [ASKS, READY], LEFT: reply}) as peer:
        open_driver(peer, pin=keeper, quirks=quirks_for(row))
    assert keeper.calls[0] == ("take", CARD, None)
