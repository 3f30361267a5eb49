"""The udev rules: the committed file is what the table makes, and udev understands it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from modem.doctor.gathering import RULES_FILE
from modem.driver.models.models import rows
from tools.udev_rules import rules

FILE = Path(__file__).parents[3] / "udev" / RULES_FILE


def lines(which: str) -> list[str]:
    return [line for line in FILE.read_text().splitlines() if which in line and not line.startswith("#")]


def ids(kind: str) -> set[str]:
    return {usb_id for row in rows() if row.kind == kind for usb_id in row.usb_ids}


def test_the_committed_file_is_made_from_the_table():
    assert FILE.read_text() == rules(), "python -m tools.udev_rules > udev/70-plp-alerte.rules"


def test_modemmanager_keeps_away_from_every_at_modem_and_from_nothing_else():
    marked = {":".join(re.findall(r'=="([0-9a-f]{4})"', line)) for line in lines("ID_MM_DEVICE_IGNORE")}
    assert marked == ids("at")
    assert not marked & (ids("bridge") | ids("hilink") | ids("edl"))


def test_it_comes_after_the_ids_and_before_modemmanager():
    assert 60 < int(FILE.name[:2]) < 80


def test_each_at_port_has_a_link():
    links = lines('GOTO="plp_at"')
    expected = sum(len(row.usb_ids) * len((*row.at, *row.second_at)) for row in rows() if row.kind == "at")
    shared = 2  # SIM7670G has A7600E's id and ports
    assert len(links) == len(set(links)) == expected - shared


def test_udevadm_verifies_it():
    if shutil.which("udevadm") is None:
        if os.environ.get("CI"):
            pytest.fail("udevadm not found: apt-get install udev")
        pytest.skip("the udev rules are NOT verified: apt-get install udev")
    verified = subprocess.run(["udevadm", "verify", FILE], capture_output=True, text=True, timeout=30)
    if "Unknown command" in verified.stderr:
        pytest.skip("the udev rules are NOT verified: this udevadm is older than 254")
    assert verified.returncode == 0, verified.stdout + verified.stderr
