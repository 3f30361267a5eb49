"""smsd of smstools from Debian: files in its spool, one process per modem under a main one."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tools.bench.contenders import TEXT, Contender, Make, mobile
from tools.bench.process import end

_BOXES = ("outgoing", "checked", "failed", "sent", "incoming", "report")
# What costs time between two messages, switched off.
_TUNED = "delaytime = 1\ndelaytime_mainprocess = 1\nsleeptime_mainprocess = 1\ntrust_outgoing = yes\nloglevel = 3\n"
_TUNED_MODEM = "check_network = 0\nincoming = no\nstatus_signal_quality = no\n"
_START_S = 12.0


def smstools(tuned: bool) -> Make:
    """As it comes, or tuned."""

    def make(folder: Path, links: Sequence[Path], count: int) -> Contender:
        return _Smstools(folder, links, tuned)

    return make


class _Smstools:
    """`Contender`."""

    def __init__(self, folder: Path, links: Sequence[Path], tuned: bool) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        for box in _BOXES:
            (folder / box).mkdir()
        boxes = "".join(f"{box} = {folder}/{box}\n" for box in _BOXES)
        modems = "".join(f"[{link.stem}]\ndevice = {link}\n{_TUNED_MODEM if tuned else ''}" for link in links)
        names = ", ".join(link.stem for link in links)
        (folder / "smsd.conf").write_text(
            f"devices = {names}\nlogfile = {folder}/log\ninfofile = {folder}/info\npidfile = {folder}/pid\n"
            f"stats = {folder}\n{boxes}{_TUNED if tuned else ''}{modems}"
        )

    def start(self) -> None:
        self._processes.append(
            subprocess.Popen(
                ["/usr/sbin/smsd", "-c", str(self._folder / "smsd.conf"), "-t"],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        time.sleep(_START_S)
        if self._processes[0].poll() is not None:
            raise RuntimeError("smsd ended")

    def send(self, count: int) -> None:
        for number in range(count):
            file = self._folder / f"new.{number:05}"
            file.write_text(f"To: {mobile(number).removeprefix('+')}\n\n{TEXT}\n")
            file.rename(self._folder / "outgoing" / file.name)

    @property
    def pids(self) -> Sequence[int]:
        return [process.pid for process in self._processes]

    def close(self) -> None:
        end(self._processes)
