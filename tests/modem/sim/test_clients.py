"""Clients that are not ours, from Debian, send and receive through `python -m modem.sim`: the simulator's own proof.

What they cannot do is left out, as it is their fault: smstools writes ç as Ç and stops at an emoji, gnokii has no emoji
either, and shows two characters for one.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.modem.sim.desk import ANNA, BERT
from tests.modem.sim.process import ENVIRONMENT, lines, order, simulator

pytestmark = pytest.mark.client

GSM7 = "Vol rue de la Station, évacuez à 21h40. [1] {2} 3 € ~"
UCS2 = "Fenêtre brisée, œil au guet ’ ok"
EMOJI = " 🚨"
LONG = " ".join(f"mot{number} été €" for number in range(36))  # 3 parts
COME_IN = ("Réponse été € [1] {2} ~", "Œil ’ ê", " ".join(f"Réponse {number} œ" for number in range(20)))
PATIENCE_S = 60.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short: gnokii cuts the path of a port after some thirty characters."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        yield Path(made)


@contextmanager
def world(folder: Path) -> Iterator[Path]:
    """A simulator to which three texts have come in."""
    control = folder / "control"
    with simulator(folder, "--control", str(control)) as link:
        for text in COME_IN:
            order(control, f"inbound {BERT} {text}")
        yield link


def run(*command: str | Path, text: str | None = None) -> str:
    """What a client prints."""
    ended = subprocess.run(
        command, input=text, capture_output=True, text=True, encoding="utf-8", env=ENVIRONMENT, timeout=PATIENCE_S
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@contextmanager
def daemon(*command: str | Path) -> Iterator[None]:
    """A program that goes on until it is told to end, with whatever it starts; nothing of it is left."""
    process = subprocess.Popen(
        command, env=ENVIRONMENT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def sent(folder: Path) -> list[tuple[object, object, object]]:
    return [(line["text"], line["encoding"], line["parts"]) for line in lines(folder / "log.jsonl")]


def expected(*texts: str) -> list[tuple[str, str, int]]:
    return list(zip(texts, ("gsm7", "ucs2", "gsm7"), (1, 1, 3), strict=True))


def assert_came(told: str) -> None:
    """Six messages of `COME_IN`, of which the last four are the parts of one."""
    assert told.count(BERT) == 6
    parts = [COME_IN[2][start : start + 67] for start in range(0, len(COME_IN[2]), 67)]
    assert [text for text in (*COME_IN[:2], *parts) if text not in told] == []


def test_gammu_lets_a_telephone_ring_by_the_same_command(needs: Callable[[str, str], None], folder: Path) -> None:
    """`gammu dialvoice` against the simulator; its log has the command that our driver writes."""
    needs("gammu", "gammu")
    config, log = folder / "gammurc", folder / "gammu.log"
    with world(folder) as link:
        config.write_text(
            f"[gammu]\ndevice = {link}\nconnection = at115200\nmodel = at\nlogfile = {log}\nlogformat = text\n"
        )
        run("gammu", "-c", config, "dialvoice", ANNA)
        assert order(folder / "control", "stats")["dialled"] == [ANNA]
    assert f"ATD{ANNA};" in log.read_text(errors="replace").replace("ATDT", "ATD")


def test_gammu(needs: Callable[[str, str], None], folder: Path) -> None:
    needs("gammu", "gammu")
    config, batch = folder / "gammurc", folder / "batch"
    texts = GSM7, UCS2 + EMOJI, LONG
    options = "", "-unicode ", "-len 450 "
    # one connection for all: gammu takes seconds to open it
    send = [f'sendsms TEXT {ANNA} {option}-text "{text}"\n' for text, option in zip(texts, options, strict=True)]
    batch.write_text("".join(send) + "getallsms\n")
    with world(folder) as link:
        config.write_text(f"[gammu]\ndevice = {link}\nconnection = at115200\nmodel = at\n")
        told = run("gammu", "-c", config, "batch", batch)
    assert sent(folder) == expected(*texts)
    assert_came(told)


def test_gnokii(needs: Callable[[str, str], None], folder: Path) -> None:
    needs("gnokii", "gnokii")
    config = folder / "gnokiirc"
    texts = GSM7, UCS2, LONG
    with world(folder) as link:
        config.write_text(f"[global]\nport = {link}\nmodel = AT\nconnection = serial\nuse_locking = no\n")
        for text in texts:
            run("gnokii", "--config", config, "--sendsms", ANNA, "--long", "450", text=text)
        told = run("gnokii", "--config", config, "--getsms", "SM", "1", "end")
    assert sent(folder) == expected(*texts)
    assert_came(told)


def test_gammu_smsd(needs: Callable[[str, str], None], folder: Path) -> None:
    needs("gammu-smsd", "gammu-smsd")
    config = folder / "smsdrc"
    texts = GSM7, UCS2 + EMOJI, LONG
    boxes = {name: folder / name for name in ("inbox", "outbox", "sentsms", "errorsms")}
    for box in boxes.values():
        box.mkdir()
    paths = "".join(f"{name}path = {box}/\n" for name, box in boxes.items())
    with world(folder) as link:
        config.write_text(
            f"[gammu]\ndevice = {link}\nconnection = at115200\nmodel = at\n"
            f"[smsd]\nservice = files\nlogfile = {folder}/smsd.log\n{paths}inboxformat = unicode\n"
            "commtimeout = 1\nloopsleep = 1\nchecksecurity = 0\ncheckbattery = 0\nchecksignal = 0\nchecknetwork = 0\n"
        )
        for text, option in zip(texts, ((), ("-unicode",), ("-len", "450")), strict=True):
            run("gammu-smsd-inject", "-c", config, "TEXT", ANNA, *option, "-text", text)
        with daemon("gammu-smsd", "-c", config):
            until(lambda: len(sent(folder)) == 3 and len(list(boxes["inbox"].iterdir())) == 6)
    assert sent(folder) == expected(*texts)
    # behind a NUL, gammu-smsd writes what was in its memory
    came = [file.read_bytes().decode("utf-16").partition("\0")[0] for file in sorted(boxes["inbox"].iterdir())]
    assert "".join(came) == "".join(COME_IN)
    assert all(BERT in file.name for file in boxes["inbox"].iterdir())
    assert list(boxes["errorsms"].iterdir()) == []


def test_smstools(needs: Callable[[str, str], None], folder: Path) -> None:
    needs("smsd", "smstools")
    config = folder / "smsd.conf"
    texts = GSM7, UCS2, LONG
    boxes = {name: folder / name for name in ("outgoing", "checked", "incoming", "sent", "failed", "stats")}
    for box in boxes.values():
        box.mkdir()
    with world(folder) as link:
        config.write_text(
            "devices = GSM1\n" + "".join(f"{name} = {box}\n" for name, box in boxes.items())
            + f"logfile = {folder}/smsd.log\ninfofile = {folder}/working\npidfile = {folder}/pid\n"
            "delaytime = 1\ndelaytime_mainprocess = 1\nautosplit = 3\nincoming_utf8 = yes\n"
            f"[GSM1]\ndevice = {link}\nincoming = yes\npre_init = no\n"
        )  # fmt: skip
        for number, text in enumerate(texts):
            alphabet, written = ("UCS2", text.encode("utf-16-be")) if text == UCS2 else ("UTF-8", text.encode())
            message = f"To: {ANNA[1:]}\nAlphabet: {alphabet}\n\n".encode() + written
            (boxes["outgoing"] / f"{number}").write_bytes(message)
        with daemon("smsd", "-t", f"-c{config}"):
            until(lambda: len(sent(folder)) == 3 and len(list(boxes["incoming"].iterdir())) == 3)
    assert sorted(sent(folder)) == sorted(expected(*texts))
    came = [file.read_bytes().partition(b"\n\n") for file in boxes["incoming"].iterdir()]
    assert all(f"From: {BERT[1:]}\n".encode() in header for header, _, _ in came)
    read = [text.decode("utf-16-be" if b"Alphabet: UCS2" in header else "utf-8") for header, _, text in came]
    assert sorted(read) == sorted(COME_IN)
    assert list(boxes["failed"].iterdir()) == []
