import pytest

from modem.errors import NotHandedOver, SubmitUnconfirmed
from tests.modem.driver.peer import ESC, OK, PDU, PROMPT, Peer, answer


def nothing():
    pass


def test_an_ok_alone_is_an_answer(open_driver, part):
    with Peer(PDU=OK) as peer, pytest.raises(SubmitUnconfirmed) as raised:
        open_driver(peer).submit(part, nothing)
    assert (raised.value.is_answered, raised.value.submit) == (True, None)


def test_an_ok_behind_the_prompt_has_not_handed_over(open_driver, part):
    """The prompt is left; a refusal there has closed it (test_command_ends_while_the_database_commits)."""
    left = [b"", lambda peer: peer.silence(2)]
    with Peer(PDU=answer("+CMGS: 7"), ESC=left, **{"AT+CMGS": [PROMPT + OK, PROMPT]}) as peer:
        driver = open_driver(peer)
        with pytest.raises(NotHandedOver):
            driver.submit(part, nothing)
        assert (peer.pdus, peer.seen[-1]) == ([], ESC)
        assert driver.submit(part, nothing) == 7
    assert peer.seen.count(PDU) == 1
