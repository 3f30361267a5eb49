import pytest

from modem.errors import CommandError, NotHandedOver, PortGone, SubmitUnconfirmed
from tests.modem.driver.peer import ERROR, ESC, OK, PDU, PROMPT, Peer, answer


def nothing():
    pass


def test_an_ok_alone_is_an_answer(open_driver, part):
    with Peer(PDU=OK) as peer, pytest.raises(SubmitUnconfirmed) as raised:
        open_driver(peer).submit(part, nothing)
    assert (raised.value.is_answered, raised.value.submit) == (True, None)


@pytest.mark.parametrize(("final", "error"), [(OK, NotHandedOver), (ERROR, CommandError)])
def test_a_command_that_ends_behind_its_prompt_has_not_handed_over(open_driver, part, final, error):
    with Peer(
        PDU=answer("+CMGS: 7"), ESC=[b"", lambda peer: peer.silence(2)], **{"AT+CMGS": [PROMPT + final, PROMPT]}
    ) as peer:
        driver = open_driver(peer)
        with pytest.raises(error):
            driver.submit(part, nothing)
        assert (peer.pdus, peer.seen[-1]) == ([], ESC)
        assert driver.submit(part, nothing) == 7
    assert peer.seen.count(PDU) == 1


def test_a_port_that_is_lost_behind_the_prompt_has_not_handed_over(open_driver, part):
    with Peer() as peer:
        driver = open_driver(peer)

        def vanish():
            peer.vanish()
            while not driver._dialogue._lost:
                pass

        with pytest.raises(NotHandedOver) as raised:
            driver.submit(part, vanish)
    assert isinstance(raised.value.__cause__, PortGone)
