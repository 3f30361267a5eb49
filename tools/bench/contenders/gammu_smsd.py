"""gammu-smsd from Debian: on SQLite where libdbi has its driver (libdbd-sqlite3), else on its files."""

import sqlite3
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tools.bench.contenders import TEXT, Contender, Make, mobile
from tools.bench.process import end

_SCHEMA = Path("/usr/share/doc/gammu-smsd/examples/sqlite.sql")
_READY_S = 30.0
# What costs time between two messages, switched off.
_TUNED = """loopsleep = 0
commtimeout = 1
statusfrequency = 0
receivefrequency = 3600
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
"""


def has_sqlite() -> bool:
    """True where the SQLite back-end can be used."""
    return _SCHEMA.exists() and any(Path("/usr/lib").glob("*/dbd/libdbdsqlite3.so"))


def gammu_smsd(tuned: bool) -> Make:
    """As it comes, or tuned."""

    def make(folder: Path, links: Sequence[Path], count: int) -> Contender:
        return _GammuSmsd(folder, links, _TUNED if tuned else "")

    return make


class _GammuSmsd:
    """`Contender`. A daemon and an outbox per modem: it knows only one."""

    def __init__(self, folder: Path, links: Sequence[Path], options: str) -> None:
        self._homes = [folder / link.stem for link in links]
        self._processes: list[subprocess.Popen[bytes]] = []
        for home, link in zip(self._homes, links, strict=True):
            for box in ("inbox", "outbox", "sent", "error"):
                (home / box).mkdir(parents=True)
            (home / "rc").write_text(
                f"[gammu]\ndevice = {link}\nconnection = at115200\n"
                f"[smsd]\nlogfile = {home}/log\n{self._backend(home)}{options}"
            )

    def start(self) -> None:
        for home in self._homes:
            self._processes.append(
                subprocess.Popen(
                    ["gammu-smsd", "-c", str(home / "rc")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
        # It says no word when it is ready; Init takes some 4 s, and its first look at the outbox is then over.
        time.sleep(6)
        if any(process.poll() is not None for process in self._processes):
            raise RuntimeError("gammu-smsd ended")

    def send(self, count: int) -> None:
        for share, home in enumerate(self._homes):
            numbers = [mobile(number) for number in range(share, count, len(self._homes))]
            if has_sqlite():
                _into_database(home, numbers)
            else:
                _into_files(home, numbers)

    @property
    def pids(self) -> Sequence[int]:
        return [process.pid for process in self._processes]

    def close(self) -> None:
        end(self._processes)

    @staticmethod
    def _backend(home: Path) -> str:
        if not has_sqlite():
            boxes = f"inboxpath = {home}/inbox/\noutboxpath = {home}/outbox/\n"
            return f"service = files\n{boxes}sentsmspath = {home}/sent/\nerrorsmspath = {home}/error/\n"
        with sqlite3.connect(home / "smsd.db") as database:
            database.executescript(_SCHEMA.read_text())
        return f"service = sql\ndriver = sqlite3\ndbdir = {home}/\ndatabase = smsd.db\n"


def _into_database(home: Path, numbers: Sequence[str]) -> None:
    with sqlite3.connect(home / "smsd.db", timeout=30) as database:
        database.executemany(
            "INSERT INTO outbox (DestinationNumber, TextDecoded, CreatorID, Coding) VALUES (?, ?, 'bench', ?)",
            [(number, TEXT, "Default_No_Compression") for number in numbers],
        )


def _into_files(home: Path, numbers: Sequence[str]) -> None:
    for place, number in enumerate(numbers):
        (home / "outbox" / f"OUTC20260101_000000_{place:05}_{number}_sms.txt").write_text(TEXT)
