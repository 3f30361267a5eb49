"""The worker and the AT driver together, at a modem that is stuck: what the ladder does must reach the modem."""

from datetime import timedelta

import pytest

from base.settings.values import ModemSettings
from modem.daemon.worker.worker import ModemWorker
from modem.driver.at import AtDriver
from modem.driver.dialogue import readiness
from tests.modem.daemon.fake import Clock
from tests.modem.driver.peer import ERROR, MODEM, OK, Peer, answer

pytestmark = pytest.mark.usefixtures("database")


def write(it):
    return it()


class Cured:
    """The modem is well again once it was restarted; `stuck` is what it does before."""

    def __init__(self, **stuck):
        self.peer = Peer(**stuck, **{"AT+CFUN=1,1": self.restart})
        self.stuck = stuck
        self.restarts = 0

    def restart(self, peer):
        self.restarts += 1
        peer.replies |= {command: MODEM.get(command, OK) for command in self.stuck}
        peer.say(OK)


@pytest.mark.slow
@pytest.mark.parametrize(
    "stuck",
    [
        {"AT+CMGF=0": Peer.ignore},
        {"AT+CMGF=0": ERROR, "AT+CMGF?": answer("+CMGF: 1")},
        dict.fromkeys(("AT", "ATE0Q0V1"), Peer.ignore),
    ],
)
def test_a_modem_that_cannot_be_set_up_is_restarted_and_recovers(now, stuck, monkeypatch):
    monkeypatch.setattr(readiness, "WAITS", 0)
    modem, clock = Cured(**stuck), Clock(now)
    with modem.peer as peer:
        driver = AtDriver(peer.device, on_event=lambda: None, clock=peer.clock)
        worker = ModemWorker("box", ModemSettings("a", peer.device), driver, lambda: True, clock, write)
        try:
            for _ in range(240):
                worker.step(clock.forward(0.5))
                if worker.status.state == "ready":
                    break
        finally:
            worker.close()
    assert (worker.status.state, modem.restarts) == ("ready", 1)
    assert clock.now - now < timedelta(minutes=1)


@pytest.mark.slow
def test_a_modem_that_falls_silent_while_it_is_open_is_restarted_and_recovers(now):
    modem, clock = Cured(), Clock(now)
    with modem.peer as peer:
        driver = AtDriver(peer.device, on_event=lambda: None, clock=peer.clock)
        worker = ModemWorker("box", ModemSettings("a", peer.device), driver, lambda: True, clock, write)
        try:
            worker.step(now)
            assert worker.status.state == "ready"
            modem.stuck = dict.fromkeys(("AT", "AT+CIMI", "AT+CEREG?", "AT+CGREG?", "AT+CREG?"), Peer.ignore)
            peer.replies |= modem.stuck
            for _ in range(240):
                worker.step(clock.forward(0.5))
                if modem.restarts and worker.status.state == "ready":
                    break
        finally:
            worker.close()
    assert (worker.status.state, modem.restarts) == ("ready", 1)
