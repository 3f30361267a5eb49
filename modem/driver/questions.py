"""Any harmless questions, for whoever looks into a modem that nobody else uses."""

from collections.abc import Iterable

from modem.at import URCS, AtEngine
from modem.driver.clock import Clock, SystemClock
from modem.driver.dialogue import Dialogue, Heard, Traffic
from modem.driver.port import Port
from modem.driver.quirks import DEFAULT_QUIRKS
from modem.driver.steps import Steps


def put_questions(device: str, commands: Iterable[str], on_traffic: Traffic, clock: Clock | None = None) -> None:
    """Open `device`, ask each command, close it; `on_traffic` hears the answers. None of them has to be answered.

    Raises PortError, ModemTimeout (it does not even answer AT), CommandError.
    """
    engine = AtEngine((*DEFAULT_QUIRKS.urcs, *URCS))
    dialogue = Dialogue(Port(device), engine, clock or SystemClock(), _ignore, on_traffic)
    try:
        steps = Steps(dialogue)
        steps.synchronise()
        for command in commands:
            steps.optional(command)
    finally:
        dialogue.close()


def _ignore(heard: Heard) -> None:
    """What the modem says by itself comes again, to whoever sets it up."""
