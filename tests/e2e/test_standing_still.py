"""Two modems unplugged in mid-alert, and other ways to stand still: within ten seconds everybody says the same."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from db.engine.clock import utc_now
from db.modems.readiness import FRESH
from db.operations.incidents import open_incidents
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.zone import save_policy
from tests.console.conftest import PASSWORD, Browser
from tests.e2e.box import Box, eventually
from tests.e2e.partnership import signed_in
from tests.e2e.sticks import Stick, configured

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE = 300
AGREE_WITHIN_S = 60.0
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
_CODE = re.compile(r'data-judgement="(\w+)"')

House = tuple[Box, Browser, dict[str, Stick], subprocess.Popen[bytes], int]


def readyz(box: Box) -> tuple[int, str]:
    """The status and the state that programs are told."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{box.port}/readyz", timeout=5) as answer:
            return answer.status, json.load(answer)["state"]
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)["state"]


def doctor(box: Box) -> tuple[int, dict[str, Any]]:
    """`plp modem doctor --json` and how it ends."""
    command = [sys.executable, "-m", "plp", "modem", "doctor", "--json"]
    done = subprocess.run(command, cwd=box.folder, env=box._environment(), capture_output=True, text=True, timeout=60)
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def alert(make_box: Callable[..., Box]) -> House:
    """Daemon, jobs and console over two sticks, and an alert of which some SMS went out."""
    box = make_box("a", "b")
    sticks = {name: Stick(box, name, "--submit-ms", "400") for name in ("a", "b")}
    configured(box, "".join(f"[modem:{name}]\ndevice = ports/tty-*\nimei = {sticks[name].imei}\n" for name in sticks))
    box.import_members(PEOPLE)
    with box.reading():
        add_account("Anne", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(), "test", utc_now())  # a new zone asks for a second factor
    daemon = box.start("modem")
    box.start("jobs")
    box.start("console")
    eventually("both modems ready", lambda: box.ready_modems() == 2)
    broadcast = box.send(TEXT)
    eventually("some went out", lambda: len(box.log("a", "b")) >= 6)
    return box, signed_in(box), sticks, daemon, broadcast


def pages(officer: Browser, broadcast: int) -> dict[str, set[str]]:
    """What each page says. The header alone is `/status`."""
    addresses = ("/status", "/ready", "/", "/incidents", f"/alerts/{broadcast}/live")
    return {address: set(_CODE.findall(officer.get(address).text)) for address in addresses}


def incidents(box: Box) -> set[str]:
    """The kinds of those that are open."""
    with box.reading():
        return {card.kind for card in open_incidents()}


def agreed(house: House, code: str, opened: set[str], within_s: float = AGREE_WITHIN_S) -> float:
    """Wait until all pages say `code` and these incidents are open; how long that took."""
    box, officer, _sticks, _daemon, broadcast = house
    began, every = time.monotonic(), {}

    def all_say_it() -> bool:
        every.update(pages(officer, broadcast))
        asked = [said for page, said in every.items() if page != "/incidents" or "no_modem" in opened]
        return all(said == {code} for said in asked) and incidents(box) >= opened

    try:
        eventually(f"all say {code}", all_say_it, within_s=within_s, every_s=0.3)
    except AssertionError as late:
        raise AssertionError(f"{late}: {every}") from late
    took_s = time.monotonic() - began
    assert readyz(box) == (503, code)
    status, told = doctor(box)
    assert (status, told["healthy"], told["state"], told["urgent_waits"]) == (1, False, code, True)
    live = officer.get(f"/alerts/{broadcast}/live").text
    assert "en attente d'un modem" in live
    assert "envoi en cours" not in live
    print(f"{code}: {took_s:.1f} s")
    return took_s


def test_one_unplugged_in_mid_alert_then_both_then_the_daemon_killed(alert):
    box, officer, sticks, daemon, broadcast = alert
    sticks["b"].unplug()
    eventually(
        "home and header say it", lambda: pages(officer, broadcast)["/ready"] == {"partly"}, AGREE_WITHIN_S, every_s=0.3
    )
    assert pages(officer, broadcast)["/status"] == pages(officer, broadcast)["/"] == {"partly"}
    assert readyz(box) == (200, "partly")
    assert "Prêt : 1 modem sur 2 (modem b : débranché)." in officer.get("/status").text
    eventually("an incident", lambda: incidents(box) == {"modem"}, within_s=AGREE_WITHIN_S)
    status, told = doctor(box)
    assert (status, told["healthy"], told["state"]) == (1, False, "partly")

    sticks["a"].unplug()
    agreed(alert, "absent", {"no_modem", "modem"})
    assert "Pas prêt : aucun modem n&#39;est branché." in officer.get(f"/alerts/{broadcast}/live").text
    out = len(box.log("a", "b"))
    for stick in sticks.values():
        stick.replug_elsewhere()
    eventually("it goes on", lambda: len(box.log("a", "b")) > out)
    eventually("all is well again", lambda: pages(officer, broadcast)["/status"] == {"ready"}, every_s=0.3)

    daemon.kill()
    agreed(alert, "no_service", set(), within_s=FRESH.total_seconds() + 2)


def test_the_network_refuses_both_cards(alert):
    _box, _officer, sticks, _daemon, _broadcast = alert
    for stick in sticks.values():
        stick.order("fault cms:21")
    agreed(alert, "suspended", {"no_modem", "modem"})


def test_two_cards_that_want_their_pin(alert):
    _box, _officer, sticks, _daemon, _broadcast = alert
    for stick in sticks.values():
        stick.order("fault sim:pin")
        stick.unplug()
        stick.replug_elsewhere()
    agreed(alert, "pin", {"no_modem", "modem"})
