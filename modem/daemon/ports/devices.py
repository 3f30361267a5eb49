"""Traits of simulators: their cards, and the supervisor's place for their ports."""

from pathlib import Path

from db.engine.files import state_folder
from db.settings.values import Settings

# 3GPP TS 23.003: MCC 001 is for test networks. No operator has it, so such a SIM is a simulator's, for ever.
TEST_NETWORK = "001"


def is_simulated(imsi: str | None) -> bool:
    """True for a SIM of the test network."""
    return imsi is not None and imsi.startswith(TEST_NETWORK)


def simulator_link(settings: Settings, name: str) -> Path:
    """The link under which the supervisor starts the simulator of `device = sim`."""
    return state_folder(settings) / f"sim-{name}"
