"""AT commands, pure: bytes in, events out, and what the answers mean. No port, thread, clock or log."""

from modem.at.engine import AtEngine
from modem.at.events import Doubtful, Event, Late, Prompt, Response, Restarted, Urc
from modem.at.finals import Final, command_name
from modem.at.urcs import URCS, UrcRule

__all__ = [
    "URCS",
    "AtEngine",
    "Doubtful",
    "Event",
    "Final",
    "Late",
    "Prompt",
    "Response",
    "Restarted",
    "Urc",
    "UrcRule",
    "command_name",
]
