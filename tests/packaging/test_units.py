"""The systemd units: what they may reach, that they say when they are ready and well, and as whom they run."""

import re
import resource
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from types import SimpleNamespace
from zipfile import BadZipFile

import pytest

from console.bulletins.enclosures import page_drawing, papers
from db.engine.files import SECRET_KEY
from db.operations.database_roles import ROLES
from plp.cli import run
from plp.services.apart import MOST_MEMORY_BYTES
from plp.services.people import importing_apart, reading, workbook_reading
from rules.refusals import Refusal

UNITS = Path(__file__).parents[2] / "packaging" / "systemd"
# What `systemd-analyze security` may find at most: 0 is nothing, 10 everything.
EXPOSURE = {"console": 2.0, "modem": 2.5, "jobs": 2.0}


def unit(process):
    """The `[Service]` section, keys that come several times aside."""
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str
    read.read(UNITS / f"plp-{process}.service")
    return read["Service"]


@pytest.mark.parametrize("process", EXPOSURE)
def test_it_runs_as_its_own_user_and_is_watched(process):
    service = unit(process)
    assert service["User"] == ROLES[process]
    assert (service["Type"], service["Restart"]) == ("notify", "always")
    watched = [float(service[key]) for key in ("WatchdogSec", "TimeoutAbortSec", "TimeoutStartSec")]
    assert watched == [run.WATCHDOG_S, run.ABORT_S, run.START_S]
    # As `plp run` ends it: a trial that a restart cut short is no backup that cannot be restored.
    assert service["KillMode"] == "mixed"
    assert f"plp-{process}.service" in (UNITS / "plp-alerte.target").read_text()


@pytest.mark.parametrize("process", EXPOSURE)
def test_what_goes_wrong_in_one_leaves_memory_to_the_others(process):
    service = unit(process)
    assert service["MemoryMax"] in ("256M", "640M", "1G")
    assert service["OOMPolicy"] == "continue"  # what it started is killed and told, not the unit stopped


def test_a_file_that_is_read_apart_leaves_the_console_its_memory(monkeypatch):
    """Of whatever kind it is: a workbook and a paper are not read at once."""
    idle_mb, pages_mb = 68, 100
    assert MOST_MEMORY_BYTES // 2**20 + idle_mb + pages_mb <= int(unit("console")["MemoryMax"].removesuffix("M"))
    limits = {}
    monkeypatch.setattr(resource, "setrlimit", lambda kind, most: limits.setdefault(kind, most))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(b"no file")))
    for main in (page_drawing.main, workbook_reading.main, importing_apart.main):
        limits.clear()
        with suppress(BadZipFile, UnpicklingError, EOFError):
            main()
        assert limits[resource.RLIMIT_AS] == (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES)
    running, most = 0, []

    def run(*_command, **_how):
        nonlocal running
        running += 1
        most.append(running)
        time.sleep(0.05)
        running -= 1
        return subprocess.CompletedProcess((), papers.LOCKED)

    monkeypatch.setattr(subprocess, "run", run)
    with ThreadPoolExecutor(2) as threads:
        tried = [threads.submit(papers.clean_paper, "avis", b""), threads.submit(reading.list_in, b"PK\x03\x04", "a")]
    assert all(isinstance(end.exception(), Refusal) for end in tried)
    assert most == [1, 1]


@pytest.mark.client
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="apt-get install systemd")
@pytest.mark.parametrize("process", EXPOSURE)
def test_what_it_may_reach(process):
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(UNITS / f"plp-{process}.service")],
        capture_output=True,
        text=True,
    ).stdout
    exposure = re.search(r"exposure level for \S+: ([0-9.]+)", told)
    assert exposure is not None
    assert float(exposure[1]) <= EXPOSURE[process]


def test_the_modems_process_may_not_read_what_the_console_signs_with():
    lines = (UNITS.parent / "debian/tmpfiles.conf").read_text().splitlines()
    place = f"/var/lib/plp-alerte/{SECRET_KEY.parent}"
    assert f"d {place} 2750 plp-console {unit('jobs')['SupplementaryGroups']} -" in lines
    assert unit("modem")["InaccessiblePaths"] == f"-{place}"


def test_the_jobs_have_the_group_that_folders_of_secrets_are_shared_with():
    lines = (UNITS.parent / "debian/tmpfiles.conf").read_text().splitlines()
    shared = {
        fields[4] for line in lines if (fields := line.split())[1].startswith("/etc/plp-alerte/") and fields[0] == "d"
    }
    assert shared == {unit("jobs")["SupplementaryGroups"]}  # its own group, but Group= takes that away
