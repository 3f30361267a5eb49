"""Every kind of fault of the simulator at 5 % in 300 messages, and numbers that the network refuses.

The table goes to docs/proof.md. Waits are a tenth as long (tests/soak/hurried.py): what a lost answer costs in real
time is told by tests/driver.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.box import mobile
from tests.simulator.faults import KINDS
from tests.soak.figures import PAGE, note, table, write_section
from tests.soak.outcomes import AT_ONCE, PEOPLE, outcome

# One fault in twenty submits; what strikes lines or commands does so more often, being harmless one by one.
ARGUMENTS = {
    "cms": ["38", "42", "304", "500"],
    "cme": ["30", "14"],
    "bearer": ["2"],
    "late": ["3"],
    "slow": ["1"],
    "report": ["70", "48"],
    "report-late": ["2"],
    "reset": ["pdu/1", "taken/1"],
    "brownout": ["pdu/3", "taken/3"],
    "sms-late": ["517/2"],
    "hang": ["pdu/4", "taken/4", "prompt/4"],
    "unplug": ["pdu/1", "taken/1", "prompt/1"],
    "loss": ["1"],
    "silent": ["+CSQ"],
    "refuse": ["+CMMS"],
    "simbusy": ["2"],
}
# A modem that says it was taken when it was not, and a SIM that is taken out for good, leave nothing to send with:
# tests/service and tests/sim have them, and tests/plp/jobs what a network drops.
LEFT_OUT = {"sim", "untaken", "filtered"}


def specs() -> list[str]:
    found = []
    for kind in KINDS.values():
        if kind.of == "text" or kind.name in LEFT_OUT:
            continue
        when = "" if kind.of == "start" or kind.name in ("silent", "refuse", "bearer") else "@0.05"
        found += [
            f"{kind.name}{f':{argument}' if argument else ''}{when}" for argument in ARGUMENTS.get(kind.name, [""])
        ]
    return found


def section(rows: list[dict[str, Any]]) -> str:
    head = (
        f"One alert to {PEOPLE} people through two simulated modems that share one kind of fault "
        "(`python -m modem.sim --help` explains the kinds; `@0.05` strikes one submit, line or command in twenty). "
        "*Lost*: people shown as sent or delivered whose message the network never accepted; *doubled*: people whose "
        "message it accepted twice; *forgotten*: people shown nowhere. Unconfirmed people are named "
        "on the page of the alert. The seconds are from a run in which all waits are ten times shorter.\n\n"
    )
    lines = [
        f"| `{row['spec']}` | {row['lost']} | {row['doubled']} | {row['forgotten']} | "
        f"{', '.join(f'{state} {count}' for state, count in sorted(row['counts'].items()))} | {row['settled_s']} |"
        for row in rows
    ]
    return head + table(["Fault", "Lost", "Doubled", "Forgotten", "Shown as", "Seconds"], lines)


@pytest.mark.soak(3)
def test_no_fault_loses_or_doubles_anybody(budget):
    wanted = specs() if budget.is_full else specs()[:: max(1, round(600 / max(budget.seconds, 1)))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(outcome, wanted))
    for row in rows:
        print(row)
    assert [row for row in rows if "error" in row] == []
    wrong = [row for row in rows if row["lost"] or row["doubled"] or row["forgotten"] or row["hidden"]]
    assert wrong == []
    assert [
        row for row in rows if not set(row["counts"]) <= {"delivered", "sent", "unconfirmed", "failed", "expired"}
    ] == []
    if budget.is_full:
        write_section(PAGE, "Every kind of fault", section(rows))


@pytest.mark.soak(1)
def test_refused_numbers_hardly_slow_the_others(budget):
    """A tenth of the numbers, at random, answers 1 or 38 whenever it is tried; real waits, one run after the other."""
    refused = random.Random(11).sample(range(PEOPLE), PEOPLE // 10)
    speeds = {}
    for code in ("", "1", "38"):
        specs = [f"number:{mobile(number)}=cms:{code}" for number in refused] if code else [""]
        told = outcome(specs[0], *specs[1:], "--real", submit_ms=100)
        assert (told["lost"], told["doubled"], told["forgotten"]) == (0, 0, 0)
        assert told["taken"] == (PEOPLE - len(refused) if code else PEOPLE)
        speeds[code] = told["taken"] / told["first_round_s"]
    for code in ("1", "38"):
        share = speeds[code] / speeds[""]
        note(
            budget,
            f"A tenth of {PEOPLE} numbers answers CMS {code}",
            f"{PEOPLE} messages, 2 modems of 100 ms",
            f"{speeds[code]:.1f} taken per second, {share:.0%} of the {speeds['']:.1f} without them",
        )
        assert share >= 0.85
