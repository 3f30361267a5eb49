"""Under attacks from many addresses and a hostile stick together, an alert is ordered and sent as in calm."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest

from db.engine.clock import utc_now
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.certificates import made
from plp.services.zone import save_policy
from tests.console.conftest import PASSWORD
from tests.console.running import Running, Visitor, pss_mb
from tests.e2e.box import ROOT, Box, eventually
from tests.soak.budget import Budget
from tests.soak.figures import note
from tests.support.children import children

PEOPLE = 40
SUBMIT_MS = 1000
MODEMS = ("a", "b")
ATTACK_S = 90
TIMES_CALM, MOST_MB, PAGE_S = 1.3, 300, 1.0
# Of a stick that says as much as it can: two kinds of line, thirty a minute each, and its own comings and goings.
MOST_LOG_LINES = 400
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


@dataclass
class Watched:
    """The memory of all processes of a box, looked at while a block runs."""

    most_mb: float = 0.0
    of: dict[str, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def over(self, supervisor: int) -> Iterator[None]:
        def look() -> None:
            while not self._stop.wait(0.5):
                pids = {"run": supervisor, **children(supervisor)}
                memory = {name: pss_mb(pid) for name, pid in pids.items()}
                if sum(memory.values()) > self.most_mb:
                    self.most_mb, self.of = sum(memory.values()), memory

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()


def _box(folder: Path) -> Box:
    box = Box(folder, (*MODEMS, "hostile"))
    box.warm = False  # a process that shares its memory with the tests' own weighs less than it would
    certificate, key = made(["127.0.0.1"], utc_now())
    (folder / "cert.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    tls = f"listen = 127.0.0.1:{box.port}\ncertificate = cert.pem\nkey = key.pem"
    box.config.write_text(box.config.read_text().replace(f"listen = 127.0.0.1:{box.port}", tls))
    box.plp("migrate")
    for seed, name in enumerate(MODEMS):
        box.start_simulator(name, "--submit-ms", str(SUBMIT_MS), "--link-ms", "0", "--seed", str(seed))
    box.import_members(PEOPLE)
    with box.reading():
        add_account("Dominique", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(), "test", utc_now())  # a new zone asks for a second factor
    return box


def _alert(box: Box, officer: Visitor, number: int) -> tuple[float, float]:
    """Seconds from the red button until the answer, and until all is sent."""
    before, began_s = len(box.log(*MODEMS)), time.monotonic()
    form = {"text": f"{TEXT} ({number})", "audience": "all", "when": "now", "nonce": f"nonce-of-form-{number}"}
    officer.post("/alerts/send", {**form, "typed": str(PEOPLE), "again": "yes"})
    ordered_s = time.monotonic() - began_s
    eventually("all sent", lambda: len(box.log(*MODEMS)) == before + PEOPLE, ATTACK_S)
    return ordered_s, time.monotonic() - began_s


@pytest.mark.sqlite
@pytest.mark.soak(1)
def test_an_alert_leaves_under_attack_as_in_calm(budget: Budget, tmp_path: Path) -> None:
    box = _box(tmp_path)
    watched = Watched()
    try:
        supervisor = box.start("run")
        eventually("both modems ready", lambda: box.ready_modems() == len(MODEMS))
        eventually("a console", box.listens)
        officer = Visitor(Running(supervisor, box.port, tls=True))  # type: ignore[arg-type]
        officer.sign_in("Dominique", PASSWORD)
        officer.seconds("/")
        calm_ordered_s, calm_s = _alert(box, officer, 1)
        pages, log = [], box.folder / "stderr.log"
        before = log.read_text().count(" modem.")
        attacker = ("-m", "tests.soak.attack", str(box.port), str(ATTACK_S), str(tmp_path / "hostile.tty"))
        with (
            watched.over(supervisor.pid),
            subprocess.Popen([sys.executable, *attacker], cwd=ROOT, stdout=subprocess.PIPE, text=True) as attack,
        ):
            assert attack.stdout is not None
            assert attack.stdout.readline() == "begun\n"
            pages += [officer.seconds("/") for _ in range(10)]
            ordered_s, sent_s = _alert(box, officer, 2)
            pages += [officer.seconds("/") for _ in range(10)]
            statuses = json.loads(attack.stdout.read())
        lines = log.read_text().count(" modem.") - before
    finally:
        box.close()
    note(
        budget,
        "an alert under attack",
        f"{PEOPLE} people, 2 modems of {SUBMIT_MS / 1000:.0f} s, console with TLS; for {ATTACK_S} s wrong sign-ins "
        "from 200 addresses, 32 × 64 half-sent requests, 16 × 30 unread style sheets, a stick that says nonsense",
        f"ordered after {ordered_s:.2f} s and sent after {sent_s:.1f} s (in calm {calm_ordered_s:.2f} and "
        f"{calm_s:.1f}); an officer's page {median(pages):.2f} s, at most {max(pages):.2f}; {watched.most_mb:.0f} MB "
        f"at most ({', '.join(f'{name} {mb:.0f}' for name, mb in watched.of.items())}); "
        f"{lines} lines of the modems' log; sign-ins by status {statuses}",
    )
    assert sent_s <= TIMES_CALM * calm_s
    assert watched.most_mb <= MOST_MB
    assert sorted(pages)[-2] <= PAGE_S, "one may have met a busy machine"
    assert lines <= MOST_LOG_LINES
