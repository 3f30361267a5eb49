"""The senders: this product, the floor, and the daemons that Debian has, started anew for every measurement."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.bench.process import end

TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101."


class Contender:
    """One sender on its modems, with a folder of its own; `count` messages at most."""

    def __init__(self, folder: Path, links: Sequence[Path], count: int) -> None:
        self.folder, self.links, self.count = folder, links, count
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Return when it is ready to send. Raises RuntimeError when it does not get ready."""
        raise NotImplementedError

    def send(self, count: int) -> None:
        """Hand over so many messages, to as many numbers."""
        raise NotImplementedError

    @property
    def pids(self) -> list[int]:
        """The processes that are measured; their children are counted with them."""
        return [process.pid for process in self._processes]

    def close(self) -> None:
        """End it."""
        end(self._processes)

    def run(self, *command: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start one of its processes."""
        self._processes.append(subprocess.Popen(command, **options))
        return self._processes[-1]


def mobile(number: int) -> str:
    """An invented number, E.164."""
    return f"+324701{number:05}"
