"""Modems that are plugged in and pulled out, each time on another path."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.e2e.box import ROOT, Box, eventually


class Stick:
    """A simulated modem that moves between the ports of a folder; its IMEI stays."""

    def __init__(self, box: Box, name: str, *options: str) -> None:
        (box.folder / "ports").mkdir(exist_ok=True)
        self._box, self.name, self._moves = box, name, 0
        self._control = box.folder / f"{name}.control"
        files = ("--log", f"{name}.jsonl", "--tpdu-log", f"{name}.tpdu.jsonl", "--control", str(self._control))
        box._start("-m", "modem.sim", "--link", str(self.path), *files, *options)
        eventually(f"simulator {name}", lambda: self._control.exists() and self.path.exists())
        self.imei = str(self.order("stats")["imei"])

    def order(self, line: str) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as wire, wire.makefile("rw", encoding="utf-8") as asked:
            wire.connect(str(self._control))
            asked.write(line + "\n")
            asked.flush()
            answer: dict[str, Any] = json.loads(asked.readline())
        assert answer["ok"], answer
        return answer

    def unplug(self) -> float:
        self.order("unplug")
        return time.monotonic()

    def replug_elsewhere(self) -> float:
        self._moves += 1
        self.order(f"replug {self.path}")
        return time.monotonic()

    @property
    def path(self) -> Path:
        return self._box.folder / "ports" / f"tty-{self.name}{self._moves}"


class Bus:
    """A USB bus that only those see who run `within` it."""

    def __init__(self) -> None:
        self._wrapper = subprocess.Popen(
            ["umockdev-wrapper", sys.executable, "-m", "tests.modem.discovery.testbed"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.environment = {"LD_PRELOAD": "libumockdev-preload.so.0", "UMOCKDEV_DIR": self._answer()}

    def __enter__(self) -> "Bus":
        return self

    def __exit__(self, *error: object) -> None:
        with self._wrapper:  # the end of its input is its end
            pass

    def plug(self, place: str, tty: str, stick: Stick, number: int) -> None:
        """A Quectel EC25 whose AT port is the stick's."""
        self._order(f"plug {place} 2c7c:0125 {number} {tty} {stick.path}")

    def unplug(self, place: str) -> None:
        self._order(f"unplug {place}")

    def _order(self, line: str) -> None:
        assert self._wrapper.stdin
        self._wrapper.stdin.write(line + "\n")
        self._wrapper.stdin.flush()
        assert self._answer() == "done"

    def _answer(self) -> str:
        assert self._wrapper.stdout
        return self._wrapper.stdout.readline().strip()


def configured(box: Box, sections: str) -> None:
    before = box.config.read_text().partition("[modem:")[0]
    box.config.write_text(before + sections)
