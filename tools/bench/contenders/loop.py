"""The floor: a process per modem that does nothing but write and read (see `loop_program`)."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.bench.contenders import Contender, Make
from tools.bench.process import end
from tools.bench.radio import ROOT


def raw_loop(*options: str) -> Make:
    """`--cmms` keeps the link open."""

    def make(folder: Path, links: Sequence[Path], count: int) -> Contender:
        return _RawLoop(links, options)

    return make


class _RawLoop:
    """`Contender`."""

    def __init__(self, links: Sequence[Path], options: Sequence[str]) -> None:
        self._links, self._options = links, options
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        program = (sys.executable, "-m", "tools.bench.contenders.loop_program")
        for link in self._links:
            self._processes.append(
                subprocess.Popen(
                    [*program, str(link), *self._options], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            )
        for process in self._processes:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise RuntimeError("the serial loop did not get ready")

    def send(self, count: int) -> None:
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.write(b"%d\n" % (count // len(self._processes)))
                process.stdin.flush()

    @property
    def pids(self) -> Sequence[int]:
        return [process.pid for process in self._processes]

    def close(self) -> None:
        end(self._processes)
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
