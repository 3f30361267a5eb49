"""5 % of the numbers are always refused: the others have the alert hardly later, whatever the code.

The codes that people meet run through the real daemon and simulated modems; every code from 0 to 511 through workers on
fake clocks, a run for each rule, because the daemon treats all codes of a rule alike. The figures go to docs/proof.md.
"""

import logging
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from db.engine.connection import bind, connected
from modem.daemon.policy.error_table import Rule, rule_of
from tests.e2e import box
from tests.modem.daemon.fleet import OPEN_S, SUBMIT_S, Fleet
from tests.soak.figures import PAGE, table, write_section
from tests.soak.outcomes import PEOPLE, outcome
from tests.support.journal import copied

DEAD = PEOPLE // 20
OTHERS = PEOPLE - DEAD
AT_MOST = 1.3
REAL_CODES = (1, 8, 21, 28, 30, 38, 41, 50, 69, 96, 193, 196, 500)
SUBMIT_MS = 100
AT_ONCE = 4
COLUMNS = ["Modems", "Others delivered", "Seconds", "Without them", "Ratio"]


def dead_of(code: int, modems: int) -> set[int]:
    """Others for each run, so that some stand together in the queue, at its head or at its end."""
    return set(random.Random(f"{code}/{modems}").sample(range(PEOPLE), DEAD))


def row(codes: str, modems: int, seconds: float, alone_s: float) -> str:
    return f"| {codes} | {modems} | {OTHERS} of {OTHERS} | {seconds:.1f} | {alone_s:.1f} | {seconds / alone_s:.2f} |"


def real_run(modems: int, code: int | None) -> dict[str, Any]:
    specs = [f"number:{box.mobile(number)}=cms:{code}" for number in sorted(dead_of(code or 0, modems)) if code]
    wanted = str(OTHERS if code else PEOPLE)
    told = outcome(",".join(specs), "--real", "--modems", str(modems), "--delivered", wanted, submit_ms=SUBMIT_MS)
    assert "error" not in told, (code, modems, told)
    assert (told["lost"], told["doubled"], told["forgotten"], told["hidden"]) == (0, 0, 0, 0), (code, modems, told)
    return told


@pytest.mark.soak(3)
def test_numbers_that_are_always_refused_hardly_delay_the_others(budget):
    codes = REAL_CODES if budget.is_full else (random.choice(REAL_CODES),)
    runs = [(modems, code) for modems in (1, 2) for code in (None, *codes)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        took_s = dict(zip(runs, pool.map(lambda run: real_run(*run)["delivered_s"], runs), strict=True))
    rows = []
    for modems, code in runs:
        if code is not None:
            rows.append(row(str(code), modems, took_s[modems, code], took_s[modems, None]))
            print(rows[-1])
            assert took_s[modems, code] <= AT_MOST * took_s[modems, None], rows[-1]
    if budget.is_full:
        write_section(
            PAGE,
            "Numbers that are always refused: the daemon and simulated modems",
            f"One alert to {PEOPLE} people; {DEAD} of the numbers, at random, are refused with this code whenever they "
            f"are tried. Modems that take {SUBMIT_MS} ms for each message, real waits, {AT_ONCE} runs at once. "
            "*Seconds* until the last of the others is delivered, against the same run without refused numbers.\n\n"
            + table(["Code", *COLUMNS], rows),
        )


def fake_run(seeded: Path, folder: Path, now: datetime, modems: int, code: int | None) -> float | None:
    """Seconds until the others are taken, on clocks that the modems' own work moves."""
    folder.mkdir()
    copied(seeded, folder / "plp.db")
    bind("sqlite:///plp.db", folder)
    with connected():
        dead = set() if code is None else dead_of(code, modems)
        taken_s = Fleet.ordered(now, modems, PEOPLE, dead, code or 0).until_taken(PEOPLE - len(dead))
    shutil.rmtree(folder)
    return taken_s


def by_rule() -> dict[Rule, list[int]]:
    found: dict[Rule, list[int]] = {}
    for code in range(512):
        found.setdefault(rule_of(code), []).append(code)
    return found


@pytest.mark.soak(1)
def test_no_code_delays_the_others(budget, seeded, tmp_path, now):
    logging.disable(logging.WARNING)
    rules = list(by_rule().values())
    chosen = rules if budget.is_full else random.sample(rules, 2)
    slowest = 0.0
    for modems in (1, 2):
        alone_s = fake_run(seeded, tmp_path / "alone", now, modems, None)
        for codes in chosen:
            taken_s = fake_run(seeded, tmp_path / str(codes[0]), now, modems, codes[0])
            assert taken_s is not None, (codes, modems)
            print(row(f"{codes[0]} and alike", modems, taken_s, alone_s))
            assert taken_s <= AT_MOST * alone_s, (codes, modems, taken_s, alone_s)
            slowest = max(slowest, taken_s / alone_s)
    if budget.is_full:
        write_section(
            PAGE,
            "Numbers that are always refused: every code, on a fake clock",
            f"The same with workers whose modems take {SUBMIT_S:.0f} s for each message and {OPEN_S:.0f} s to be set "
            f"up. A run for each of the {len(rules)} rules of the policy, which together hold all codes from 0 to "
            f"511, with one modem and with two: all {OTHERS} others had the alert, at most {slowest:.2f} times as late "
            "as without refused numbers.",
        )
