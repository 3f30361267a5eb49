"""Where each configured modem is to be found."""

from pathlib import Path

from db.connection import sqlite_path
from db.settings import ModemSettings, Settings

# 3GPP TS 23.003: MCC 001 is for test networks. No operator has it, so such a SIM is a simulator's, for ever.
TEST_NETWORK = "001"


def is_simulated(imsi: str | None) -> bool:
    """True for a SIM of the test network."""
    return imsi is not None and imsi.startswith(TEST_NETWORK)


def simulator_link(settings: Settings, name: str) -> Path:
    """The link under which the supervisor starts the simulator of `device = sim`."""
    return sqlite_path(settings.database.url, settings.folder).parent / f"sim-{name}"


def tty_path(settings: Settings, modem: ModemSettings) -> str | None:
    """The tty of a modem; None where only its kind is known (`auto`)."""
    if modem.device == "sim":
        return str(simulator_link(settings, modem.name))
    return None if modem.device == "auto" else modem.device
