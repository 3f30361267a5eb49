"""Any harmless questions, for whoever looks into a modem that nobody else uses."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from modem.at.engine import AtEngine
from modem.at.urcs import URCS
from modem.driver.dialogue.clock import Clock, SystemClock
from modem.driver.dialogue.dialogue import Dialogue, Traffic
from modem.driver.dialogue.steps import Steps
from modem.driver.models.quirks import DEFAULT_QUIRKS
from modem.driver.port.port import Port


@contextmanager
def questions(
    device: str, on_traffic: Traffic | None = None, clock: Clock | None = None, settle_s: float = 0.0
) -> Iterator[Steps]:
    """`device`, open for the block and having answered AT, to be asked questions. Unsolicited lines are left alone.

    Raises PortError, ModemTimeout (it does not even answer AT, also after `settle_s`), CommandError.
    """
    engine = AtEngine((*DEFAULT_QUIRKS.urcs, *URCS))
    dialogue = Dialogue(Port(device), engine, clock or SystemClock(), lambda heard: None, on_traffic)
    try:
        steps = Steps(dialogue)
        steps.synchronise(settle_s)
        yield steps
    finally:
        dialogue.close()


def put_questions(device: str, commands: Iterable[str], on_traffic: Traffic, clock: Clock | None = None) -> None:
    """Ask each command; `on_traffic` hears the answers, and none of them has to be answered. Raises as `questions`."""
    with questions(device, on_traffic, clock) as steps:
        for command in commands:
            steps.optional(command)
