"""The processes that `plp run` supervises, as the kernel knows them."""

import re
from pathlib import Path


def children(parent: int) -> dict[str, int]:
    """The supervised processes by their last word: console, modem, jobs, or the simulator."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            status = (entry / "status").read_text()
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        alive = len(words) > 2  # a zombie that nobody has waited for yet has no command line
        if alive and re.search(rf"^PPid:\t{parent}$", status, re.MULTILINE):
            found["sim" if b"modem.sim" in words else words[-2].decode()] = int(entry.name)
    return found
