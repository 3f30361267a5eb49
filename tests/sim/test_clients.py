"""Clients that are not ours, from Debian, send through `python -m modem.sim`: the simulator's own proof."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.desk import ANNA
from tests.sim.test_process import lines, simulator

pytestmark = pytest.mark.client

GSM7 = "Vol rue de la Station, évacuez à 21h40. [1] {2} 3 € ~"
UCS2 = "Fenêtre brisée, œil au guet ’ ça va"
LONG = " ".join(f"mot{number} été €" for number in range(36))  # 3 parts


@pytest.fixture(autouse=True)
def installed() -> None:
    missing = [name for name in ("gammu", "gnokii") if shutil.which(name) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{' and '.join(missing)} not found: apt-get install gammu gnokii")
    if missing:
        pytest.skip("apt-get install gammu gnokii")


def run(*command: str | Path, text: str | None = None) -> None:
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    ended = subprocess.run(
        command, input=text, capture_output=True, text=True, encoding="utf-8", env=environment, timeout=60
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def expect(folder: Path, texts: list[str]) -> None:
    logged = lines(folder / "log.jsonl")
    assert [(line["to"], line["text"]) for line in logged] == [(ANNA, text) for text in texts]
    assert [(line["encoding"], line["parts"]) for line in logged] == [("gsm7", 1), ("ucs2", 1), ("gsm7", 3)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short: gnokii cuts the path of a port after some thirty characters."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        yield Path(made)


def test_gammu_sends(folder: Path) -> None:
    config, batch = folder / "gammurc", folder / "batch"
    texts = [GSM7, UCS2 + " 🚨", LONG]
    # one connection for all three: gammu takes seconds to open it
    batch.write_text(
        "".join(
            f'sendsms TEXT {ANNA} {option}-text "{text}"\n'
            for text, option in zip(texts, ("", "-unicode ", "-len 450 "), strict=True)
        )
    )
    with simulator(folder) as link:
        config.write_text(f"[gammu]\ndevice = {link}\nconnection = at115200\nmodel = at\n")
        run("gammu", "-c", config, "batch", batch)
    expect(folder, texts)


def test_gnokii_sends(folder: Path) -> None:
    config = folder / "gnokiirc"
    texts = [GSM7, UCS2, LONG]
    with simulator(folder) as link:
        config.write_text(f"[global]\nport = {link}\nmodel = AT\nconnection = serial\nuse_locking = no\n")
        for text in texts:
            run("gnokii", "--config", config, "--sendsms", ANNA, "--long", "450", text=text)
    expect(folder, texts)
