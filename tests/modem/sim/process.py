"""`python -m modem.sim` as a process, for the tests that need one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Unpacked by .ci/run: Debian's package of ofono and that of ModemManager exclude each other.
OFONO = Path(__file__).parents[3] / "var" / "ofono" / "usr" / "sbin"
# of the clients from Debian, of which some are daemons
ENVIRONMENT = os.environ | {"LC_ALL": "C.UTF-8", "PATH": ":".join((os.environ["PATH"], "/usr/sbin", str(OFONO)))}


def must_have(program: str, package: str) -> None:
    """Skips, loudly, where the program of a Debian package is not installed; in CI it must be."""
    if shutil.which(program, path=ENVIRONMENT["PATH"]):
        return
    if os.environ.get("CI"):
        pytest.fail(f"{program} not found: apt-get install {package}")
    pytest.skip(f"apt-get install {package}")


@contextmanager
def simulator(folder: Path, *options: str) -> Iterator[Path]:
    """The link of a running simulator, which must end well on SIGTERM and take its link with it."""
    link = folder / "modem"
    process = subprocess.Popen(
        [sys.executable, "-m", "modem.sim", "--link", link, "--log", folder / "log.jsonl", *options]
    )
    try:
        deadline = time.monotonic() + 30
        while not link.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        yield link
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert not link.is_symlink()
    finally:
        process.kill()
        process.wait()


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def order(control: Path, line: str) -> dict[str, Any]:
    """One command to the simulator's world, over its control socket."""
    with socket.socket(socket.AF_UNIX) as wire, wire.makefile("rw", encoding="utf-8") as asked:
        wire.connect(str(control))
        asked.write(f"{line}\n")
        asked.flush()
        answer: dict[str, Any] = json.loads(asked.readline())
    assert answer["ok"], answer
    return answer
