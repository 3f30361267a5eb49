"""`make hours`: the suite without browsers at eight moments, each in an order of its own, on both databases.

`python -m tests.support.hours 2027-03-28T00:30` takes one of them. A moment is Brussels' time. Where one fails, the
others are still tried, and its line tells how to have the same run again.
"""

import os
import subprocess
import sys

# Sunday's first minutes, Monday's begin, a day's middle and its late evening, the year's end, the nights on which the
# clock is changed (on the second 02:30 comes twice), and a day that most years do not have.
MOMENTS = (
    "2026-11-29T00:10",
    "2026-11-30T07:00",
    "2026-12-02T13:40",
    "2026-12-02T21:50",
    "2026-12-31T23:40",
    "2027-03-28T00:30",
    "2027-10-31T02:30",
    "2028-02-29T09:00",
)
ASK_A_DATABASE = ("tests/races", "tests/db", "tests/plp", "tests/modem/daemon", "tests/console")
RUN = (sys.executable, "-m", "pytest", "-q", "-n", "3", "--dist", "worksteal", "-p", "randomly")
DATABASES = {
    "sqlite": ("--ignore=tests/browser", "tests"),
    "postgresql": ASK_A_DATABASE,
}


def main(moments: tuple[str, ...]) -> int:
    """The number of runs that failed; a line for each."""
    told = []
    for seed, moment in enumerate(moments, 1):
        for name, wanted in DATABASES.items():
            given = {"PLP_TEST_NOW": moment, "PLP_TEST_DATABASE": name}
            command = (*RUN, f"--randomly-seed={seed}", *wanted)
            print(f"{moment}, {name}, order {seed}", flush=True)
            done = subprocess.run(command, env={**os.environ, **given}, check=False)
            told.append((done.returncode, " ".join(f"{key}={value}" for key, value in given.items()), command[1:]))
    for status, given, command in told:
        print("green" if status == 0 else f"RED: {given} python {' '.join(command)}", flush=True)
    return sum(status != 0 for status, _, _ in told)


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or MOMENTS))
