"""The floor, and the daemons that Debian has, on one modem; what costs them time between two messages is off."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tools.bench.contenders import TEXT, Contender, mobile
from tools.bench.radio import ROOT

_GAMMU_SCHEMA = Path("/usr/share/doc/gammu-smsd/examples/sqlite.sql")
_GAMMU_TUNED = """loopsleep = 0
commtimeout = 1
statusfrequency = 0
receivefrequency = 3600
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
"""
# It says no word when it is ready; Init takes some 4 s, and its first look at the outbox is then over.
_GAMMU_START_S = 6.0
_SMSD_BOXES = ("outgoing", "checked", "failed", "sent", "incoming", "report")
_SMSD_TUNED = (
    "delaytime = 1\ndelaytime_mainprocess = 1\nsleeptime_mainprocess = 1\ntrust_outgoing = yes\nloglevel = 3\n"
)
_SMSD_TUNED_MODEM = "check_network = 0\nincoming = no\nstatus_signal_quality = no\n"
_SMSD_START_S = 12.0
_SILENT = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class RawLoop(Contender):
    """The floor: a process that does nothing but write and read (see `loop_program`)."""

    options: tuple[str, ...] = ()

    def start(self) -> None:
        program = (sys.executable, "-m", "tools.bench.contenders.loop_program", str(self.links[0]), *self.options)
        self._loop = self.run(*program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._loop.stdout is None or self._loop.stdout.readline() != b"ready\n":
            raise RuntimeError("the serial loop did not get ready")

    def send(self, count: int) -> None:
        assert self._loop.stdin is not None
        self._loop.stdin.write(b"%d\n" % count)
        self._loop.stdin.flush()


class RawLoopCmms(RawLoop):
    """Keeps the link open."""

    options = ("--cmms",)


def has_sqlite() -> bool:
    """True where gammu-smsd can use its SQLite back-end (libdbd-sqlite3), else its files."""
    return _GAMMU_SCHEMA.exists() and any(Path("/usr/lib").glob("*/dbd/libdbdsqlite3.so"))


class GammuSmsd(Contender):
    """gammu-smsd."""

    def start(self) -> None:
        home = self.folder
        for box in ("inbox", "outbox", "sent", "error"):
            (home / box).mkdir()
        if has_sqlite():
            with sqlite3.connect(home / "smsd.db") as database:
                database.executescript(_GAMMU_SCHEMA.read_text())
            backend = f"service = sql\ndriver = sqlite3\ndbdir = {home}/\ndatabase = smsd.db\n"
        else:
            boxes = f"inboxpath = {home}/inbox/\noutboxpath = {home}/outbox/\n"
            backend = f"service = files\n{boxes}sentsmspath = {home}/sent/\nerrorsmspath = {home}/error/\n"
        (home / "rc").write_text(
            f"[gammu]\ndevice = {self.links[0]}\nconnection = at115200\n[smsd]\nlogfile = {home}/log\n"
            f"{backend}{_GAMMU_TUNED}"
        )
        daemon = self.run("gammu-smsd", "-c", str(home / "rc"), **_SILENT)
        time.sleep(_GAMMU_START_S)
        if daemon.poll() is not None:
            raise RuntimeError("gammu-smsd ended")

    def send(self, count: int) -> None:
        if has_sqlite():
            with sqlite3.connect(self.folder / "smsd.db", timeout=30) as database:
                database.executemany(
                    "INSERT INTO outbox (DestinationNumber, TextDecoded, CreatorID, Coding) VALUES (?, ?, 'bench', ?)",
                    [(mobile(number), TEXT, "Default_No_Compression") for number in range(count)],
                )
            return
        for number in range(count):
            name = f"OUTC20260101_000000_{number:05}_{mobile(number)}_sms.txt"
            (self.folder / "outbox" / name).write_text(TEXT)


class Smstools(Contender):
    """smsd of smstools: files in its spool, a process for the modem under a main one."""

    def start(self) -> None:
        folder, link = self.folder, self.links[0]
        for box in _SMSD_BOXES:
            (folder / box).mkdir()
        boxes = "".join(f"{box} = {folder}/{box}\n" for box in _SMSD_BOXES)
        (folder / "smsd.conf").write_text(
            f"devices = {link.stem}\nlogfile = {folder}/log\ninfofile = {folder}/info\npidfile = {folder}/pid\n"
            f"stats = {folder}\n{boxes}{_SMSD_TUNED}[{link.stem}]\ndevice = {link}\n{_SMSD_TUNED_MODEM}"
        )
        daemon = self.run("/usr/sbin/smsd", "-c", str(folder / "smsd.conf"), "-t", cwd=folder, **_SILENT)
        time.sleep(_SMSD_START_S)
        if daemon.poll() is not None:
            raise RuntimeError("smsd ended")

    def send(self, count: int) -> None:
        for number in range(count):
            file = self.folder / f"new.{number:05}"
            file.write_text(f"To: {mobile(number).removeprefix('+')}\n\n{TEXT}\n")
            file.rename(self.folder / "outgoing" / file.name)
