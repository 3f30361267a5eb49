"""What an open modem is told to do apart from sending, and who may look on."""

import pytest

from modem.at.urcs import UrcRule
from modem.driver.at import AtDriver
from modem.driver.base.interface import PortLost
from modem.driver.dialogue import readiness
from modem.driver.models.models import by_usb_id
from modem.driver.models.quirks import Quirks, quirks_for
from modem.errors import CmeError, CommandError, ModemTimeout, PortGone
from modem.sms.submit import encode_submit
from tests.modem.driver.peer import ERROR, ESC, OK, PDU, PROMPT, Peer, answer

RING = b"\r\nRING\r\n"
SMSC, OTHER_SMSC = "+32470000001", "+32470000009"


@pytest.mark.parametrize("reply", [OK, ERROR, b"\r\n+CMGS: 9\r\n" + OK + OK])
def test_any_answer_is_a_sign_of_life(open_driver, reply):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.replies["AT"] = reply
        driver.probe()
    assert peer.seen[-1] == "AT"


def test_no_sign_of_life(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        peer.replies["AT"] = Peer.ignore
        with pytest.raises(ModemTimeout):
            driver.probe()
        assert peer.clock.monotonic() == 5
        peer.replies["AT"] = Peer.vanish
        with pytest.raises(PortGone):
            driver.probe()


@pytest.mark.parametrize("reply", [OK, Peer.vanish, b"\r\nRDY\r\n"])
def test_reset_gives_the_port_back(open_driver, reply):
    with Peer(**{"AT+CFUN=1,1": reply}) as peer:
        driver = open_driver(peer)
        driver.reset()
        with pytest.raises(PortGone):
            driver.signal_dbm()
        assert driver.drain_events() == []


@pytest.mark.parametrize(("reply", "error"), [(ERROR, CommandError), (b"\r\n+CME ERROR: 4\r\n", CmeError)])
def test_a_modem_that_refuses_to_restart_stays_open(open_driver, reply, error):
    with Peer(**{"AT+CFUN=1,1": reply}) as peer:
        driver = open_driver(peer)
        with pytest.raises(error):
            driver.reset()
        assert driver.signal_dbm() == -71


def test_a_modem_that_does_not_answer_to_a_restart(open_driver):
    with Peer(**{"AT+CFUN=1,1": Peer.ignore}) as peer:
        driver = open_driver(peer)
        with pytest.raises(ModemTimeout):
            driver.reset()
        assert peer.clock.monotonic() == 10


@pytest.mark.parametrize(
    "stuck",
    [
        {"AT+CMGF=0": Peer.ignore},
        {"AT+CMGF=0": ERROR, "AT+CMGF?": answer("+CMGF: 1")},
        {"AT": Peer.ignore, "ATE0Q0V1": Peer.ignore},
    ],
)
def test_a_modem_whose_set_up_fails_is_restarted_too(stuck, monkeypatch):
    """The recovery ladder comes to it after two set-ups that failed, so there is no open port."""
    monkeypatch.setattr(readiness, "WAITS", 0)
    with Peer(**stuck) as peer:
        driver = AtDriver(peer.device, on_event=lambda: None, clock=peer.clock)
        with pytest.raises((ModemTimeout, CommandError)):
            driver.open()
        driver.close()
        driver.reset()
        assert peer.seen[-1] == "AT+CFUN=1,1"
        peer.replies |= {"AT": OK, "AT+CMGF=0": OK}
        assert driver.open().imei
        driver.close()


def test_a_restart_of_a_modem_that_is_gone_says_so():
    driver = AtDriver("/nowhere/tty", on_event=lambda: None)
    with pytest.raises(PortGone):
        driver.reset()


def test_a_makers_own_way_to_restart(open_driver):
    with Peer(**{"AT+CGMI": answer("SIMCOM INCORPORATED"), "AT+CFUN=1,1": ERROR}) as peer:
        open_driver(peer).reset()
    assert peer.seen[-2:] == ["AT+CFUN=1,1", "AT+CRESET"]


def test_the_bearer_goes_to_and_fro_until_the_port_is_opened_anew(open_driver):
    with Peer() as peer:
        driver = open_driver(peer)
        assert [driver.switch_bearer() for _ in range(3)] == [True] * 3
        assert peer.seen[-3:] == ["AT+CGSMS=2", "AT+CGSMS=3", "AT+CGSMS=2"]
        driver.open()
        assert [command for command in peer.seen if "CGSMS" in command][-1] == "AT+CGSMS=3"


@pytest.mark.parametrize(
    ("replies", "asked"),
    [
        ({"AT+CGSMS=2": ERROR}, 1),
        ({"AT+CGSMS=3": ERROR}, 2),
        ({"AT+CGSMS=2": ERROR, "AT+CGSMS=3": ERROR}, 1),
    ],
)
def test_there_is_no_other_bearer(open_driver, replies, asked):
    with Peer(**replies) as peer:
        driver = open_driver(peer)
        assert not driver.switch_bearer()
        assert sum(command in replies for command in peer.seen) == asked + len(replies) - 1


def test_the_wanted_service_centre_is_set_where_the_card_has_another(open_driver):
    with Peer() as peer:
        driver = open_driver(peer, smsc=OTHER_SMSC)
        assert driver.identity.smsc == OTHER_SMSC
        driver.close()
        assert peer.seen.count(f'AT+CSCA="{OTHER_SMSC}",145') == 1
        assert open_driver(peer, smsc=SMSC).identity.smsc == SMSC
        assert f'AT+CSCA="{SMSC}",145' not in peer.seen


def test_a_card_that_keeps_its_own_service_centre(open_driver):
    with Peer(**{f'AT+CSCA="{OTHER_SMSC}",145': ERROR}) as peer:
        driver = open_driver(peer, smsc=OTHER_SMSC)
        assert driver.identity.smsc == SMSC
        assert not driver.restore_smsc()


def test_the_service_centre_is_told_again(open_driver):
    with Peer(**{"AT+CSCA?": [answer(f'+CSCA: "{SMSC}",145'), answer('+CSCA: "",129')]}) as peer:
        driver = open_driver(peer)
        assert driver.open().smsc is None  # the card has forgotten it
        assert driver.restore_smsc()
        assert peer.seen[-1] == f'AT+CSCA="{SMSC}",145'
        driver.close()
        assert open_driver(peer, smsc="32470000009").restore_smsc()
        assert peer.seen[-1] == 'AT+CSCA="32470000009",129'


def test_no_service_centre_is_known(open_driver):
    with Peer(**{"AT+CSCA?": ERROR}) as peer:
        assert not open_driver(peer).restore_smsc()
    assert not [command for command in peer.seen if command.startswith("AT+CSCA=")]


@pytest.mark.parametrize("smsc", ["", "+", "12", '+32470000001"\rAT', "０４７０"])
def test_what_is_no_service_centre(smsc):
    with pytest.raises(ValueError, match="smsc"):
        AtDriver("/dev/null", on_event=lambda: None, smsc=smsc)


@pytest.mark.parametrize("reply", [OK, ERROR, b"\r\nNO CARRIER\r\n"])
def test_a_call_is_refused_before_the_next_command(open_driver, part, reply):
    with Peer(ATH=reply) as peer:
        driver = open_driver(peer)
        peer.say(RING + b'\r\n+CDSI: "SM",1\r\n')
        assert driver.heard.wait(30)
        driver.submit(part, lambda: None)
        assert peer.seen[-4:] == ["ATH", "AT+CHUP", "AT+CMGS", PDU]
        driver.submit(part, lambda: None)
        assert peer.seen.count("ATH") == 1


@pytest.mark.parametrize("rings", [RING, b'\r\n+CRING: VOICE\r\n\r\n+CLIP: "+32470000003",145,,,,0\r\n', RING * 3])
def test_a_call_during_a_submit_waits_for_its_end(open_driver, part, rings):
    """Between prompt and Ctrl-Z whatever is written becomes part of the PDU."""
    with Peer(**{"AT+CMGS": rings + PROMPT + rings, PDU: rings + answer("+CMGS: 7")}) as peer:
        driver = open_driver(peer)

        def commit():
            peer.say(rings + b'\r\n+CMTI: "SM",1\r\n')
            assert driver.heard.wait(30)

        assert driver.submit(part, commit) == 7
        assert peer.seen[-2:] == ["AT+CMGS", PDU]
        assert driver.submit(part, lambda: None) == 7
        assert peer.seen[-6:] == ["AT+CMGS", PDU, "ATH", "AT+CHUP", "AT+CMGS", PDU]
    assert len(set(peer.pdus)) == 1


def test_a_modem_that_does_not_answer_to_hanging_up_still_sends(open_driver, part):
    with Peer(ATH=Peer.ignore) as peer:
        driver = open_driver(peer)
        peer.say(RING + b'\r\n+CDSI: "SM",1\r\n')
        assert driver.heard.wait(30)
        assert driver.submit(part, lambda: None) == 1
        assert peer.clock.monotonic() == 2


def test_whoever_looks_on_sees_every_byte(open_driver, part):
    traffic = []
    with Peer() as peer:
        driver = open_driver(peer, on_traffic=lambda direction, data: traffic.append((direction, data)))
        driver.submit(part, lambda: None)
        driver.close()
        sent = b"".join(data for direction, data in traffic if direction == "sent")
        read = b"".join(data for direction, data in traffic if direction == "read")
        assert sent.startswith(b"\x1bAT\rATE0\r")
        assert sent.endswith(f"AT+CMGS={len(encode_submit(part)) // 2 - 1}\r{peer.pdus[0]}\x1a".encode())
        assert read.endswith(b"\r\n> " + answer("+CMGS: 1"))


def test_whoever_looks_on_and_fails_is_not_asked_again(open_driver, part, caplog):
    calls = []

    def fails(direction, data):
        calls.append(direction)
        raise RuntimeError("+32470000002")

    with Peer() as peer:
        driver = open_driver(peer, on_traffic=fails)
        assert driver.submit(part, lambda: None) == 1
    assert len(calls) <= 2  # both threads may be at it at the same moment
    assert "no longer recorded: RuntimeError" in caplog.text
    assert "+32470000002" not in caplog.text


def test_what_is_known_of_a_model_is_done(open_driver):
    replies = {"AT+CGMI": answer("Quectel"), "AT+CGMM": answer("EC25")}
    with Peer(**replies) as peer:
        open_driver(peer)
    assert "AT+QCCID" in peer.seen
    with Peer(**{"AT+CGMI": answer("ZTE CORPORATION"), "AT+CGMM": answer("MF190")}) as peer:
        open_driver(peer)
    assert [command for command in peer.seen if command.startswith("AT+Z")][:2] == ["AT+ZCDRUN=8", "AT+ZOPRT=5"]


def test_ids_that_are_shared_leave_the_names_to_decide(open_driver):
    with Peer(**{"AT+CGMI": answer("huawei"), "AT+CGMM": answer("E3372")}) as peer:
        open_driver(peer, usb_id="1a86:7523")
    assert "AT^CURC=0" in peer.seen


@pytest.mark.slow
def test_a_model_that_takes_long_after_opening_is_waited_for(open_driver):
    with Peer(AT=[Peer.ignore] * 12 + [OK], ATE0Q0V1=Peer.ignore) as peer:
        open_driver(peer, usb_id="1546:1141")
        assert peer.clock.monotonic() == 24
    with Peer(AT=[Peer.ignore] * 12 + [OK], ATE0Q0V1=Peer.ignore) as peer, pytest.raises(ModemTimeout):
        open_driver(peer)


def test_a_models_own_urcs_go_before_the_common_ones(open_driver):
    (row,) = by_usb_id("1e2d:0061")
    assert "^SMGO" in [rule.name for rule in quirks_for(row).urcs]
    for quirks, events in [(None, [PortLost()]), (Quirks(urcs=(UrcRule("RDY"), UrcRule("+CDSI", lines=1))), [])]:
        with Peer() as peer:
            driver = open_driver(peer, quirks=quirks)
            peer.say(b"\r\nRDY\r\n" + answer("+CMGS: 1"))
            assert driver.heard.wait(30)
            assert driver.drain_events() == events


def test_stale_prompt_is_left_first(open_driver):
    with Peer() as peer:
        open_driver(peer)
    assert peer.seen[0] == ESC
