"""One host of the fleet: `plp modem` as it is, in a process of its own, with virtual modems instead of AT."""

import os
import sys
from pathlib import Path

from modem.daemon import daemon, drivers  # noqa: F401  (read once, before the hosts are forked)
from plp.cli import modem  # noqa: F401
from plp.cli.main import main
from tools.bench.fleet.virtual_modem import VirtualModem


def serve(folder: Path) -> None:
    """Run the daemon of the configuration in `folder` until SIGTERM; what it logs is in `daemon.log`."""
    os.chdir(folder)
    with Path("daemon.log").open("ab", buffering=0) as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
    drivers.DRIVERS["at"] = VirtualModem  # type: ignore[assignment]
    main(["--config", "config.ini", "modem"])
