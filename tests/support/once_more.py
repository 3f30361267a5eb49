"""`python -m tests.support.once_more`: after a run of `make test`, its few failed tests again, alone on the machine.

Five processes, Chromium and modems share two cores: a test that waits for a real process, a browser or a modem may fail
there once in a thousand runs. Those alone, which their marks name, have a second try; what a test without them found is
so. What fails again alone is a failure; what passes is told, so that somebody mends it (docs/adr/0215).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.failures import CACHED, TOLD_IN

FAILED = Path(".pytest_cache/v") / CACHED
# More than these are no accident.
MOST = 10
SOME_FAILED = 1  # of pytest's exit statuses: it ran to its end


def main() -> int:
    """The exit status of the second run, or 1 where there are no failed tests to try again, or others than such."""
    first = json.loads(FAILED.read_text(encoding="utf-8")) if FAILED.exists() else {"status": 0, "failed": {}}
    failed = sorted(first["failed"])
    may_wait = all(told["waits"] for told in first["failed"].values())
    if first["status"] != SOME_FAILED or not may_wait or not 0 < len(failed) <= MOST:
        return 1
    again = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", *failed], check=False)
    if not again.returncode:
        if told := os.environ.get(TOLD_IN):
            Path(told).write_text("", encoding="utf-8")
        print(f"{len(failed)} failed beside others and passed alone, to be mended:", *failed, sep="\n  ")
    return again.returncode


if __name__ == "__main__":
    sys.exit(main())
