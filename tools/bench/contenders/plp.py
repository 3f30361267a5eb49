"""This product: the daemon `plp modem` on SQLite with synchronous=FULL, orders by `plp broadcast send`."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.e2e.box import Box, eventually
from tools.bench.contenders import TEXT, Contender


class PlpBox(Box):
    """A box whose modems are in another folder, without pacing of normal work. Its processes are those of an
    installation: a forked one would hold every module of the product.
    """

    warm = False

    def __init__(self, folder: Path, links: Sequence[Path]) -> None:
        super().__init__(folder, ())
        sections = "".join(
            f"[modem:m{n}]\ndevice = {link}\nmessages_per_minute = 0\nhour_limit = 1000000\n"
            for n, link in enumerate(links)
        )
        self.config.write_text(self.config.read_text() + sections)
        self.plp("migrate")


class Plp(Contender):
    """Alerts are urgent: nothing paces them by default. `command` starts the daemon, alone or with the others."""

    def __init__(
        self,
        folder: Path,
        links: Sequence[Path],
        count: int,
        box: Callable[[Path, Sequence[Path]], PlpBox] = PlpBox,
        command: str = "modem",
    ) -> None:
        super().__init__(folder, links, count)
        self.box, self._command = box(folder, links), command

    def start(self) -> None:
        self.box.import_members(self.count)
        self._processes.append(self.box.start(self._command))
        try:
            eventually("all modems ready", lambda: self.box.ready_modems() == len(self.links))
        except AssertionError as error:
            log = (self.box.folder / "stderr.log").read_text()[-500:]
            raise RuntimeError(f"{error}: {self.box.modem_states()} {log}") from None
        time.sleep(0.5)

    def send(self, count: int) -> None:
        if count != self.count:
            raise ValueError("an alert goes to every member")
        self.box.send(TEXT)

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self.box.close()
