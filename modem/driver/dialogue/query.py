"""Any harmless questions, for whoever looks into a modem that nobody else uses."""

from collections.abc import Iterable

from modem.at.engine import AtEngine
from modem.at.urcs import URCS
from modem.driver.dialogue.clock import Clock, SystemClock
from modem.driver.dialogue.dialogue import Dialogue, Heard, Traffic
from modem.driver.dialogue.steps import Steps
from modem.driver.models.quirks import DEFAULT_QUIRKS
from modem.driver.port.port import Port


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
