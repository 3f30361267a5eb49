"""plp on several hosts with one PostgreSQL."""

import json
import subprocess
import sys

from tools.bench.hosts_program import MODEMS
from tools.bench.radio import ROOT
from tools.bench.section import Section, figure

_EACH = 400
_SUBMIT_MS = 200


def measure() -> Section:
    """Two hosts against one."""
    section = Section(
        "Two hosts on PostgreSQL",
        f"{MODEMS} modems per host, {_SUBMIT_MS} ms per message and modem (a parameter of the model), one PostgreSQL "
        "that flushes every commit. `of what the modems can` counts what the hosts add between two messages; `ratio` "
        "is to one host. Server, daemons and simulators share the machine's cores.",
        ("hosts", "modems", "messages", "messages/s", "of what the modems can", "ratio", "CPU s/1,000"),
    )
    alone = 0.0
    for hosts in (1, 2):
        program = [sys.executable, "-m", "tools.bench.hosts_program", str(hosts), str(_EACH * hosts), str(_SUBMIT_MS)]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=400)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
        told = json.loads(done.stdout)
        alone = alone or told["per_s"]
        section.add(
            figure(hosts, 0),
            figure(hosts * MODEMS, 0),
            figure(told["messages"], 0),
            figure(told["per_s"], 2),
            f"{told['per_s'] / (hosts * MODEMS * 1000 / _SUBMIT_MS):.0%}",
            figure(told["per_s"] / alone, 2),
            figure(told["cpu_s"] / told["messages"] * 1000, 2),
        )
    return section
