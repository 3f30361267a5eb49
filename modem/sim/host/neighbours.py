"""Other simulated modems, each with a control socket FOLDER/NUMBER.control: a text to one of them comes in there."""

import contextlib
import os
import socket
from pathlib import Path


def control_of(folder: Path, number: str) -> Path:
    """The control socket of the modem with this number (E.164), from where we are: unix(7) takes 107 octets."""
    return Path(os.path.relpath(folder / f"{number}.control"))


def carry(folder: Path, number: str, tpdu: bytes) -> None:
    """Hand an SMS-DELIVER to the modem with this number; nothing happens where there is none."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(1.0)
        wire.connect(str(control_of(folder, number)))
        # Its answer is not waited for: it may be busy with a text to us.
        wire.sendall(f"inbound-tpdu {tpdu.hex()}\n".encode())
