"""`python -m tests.support.once_more`: after a run of `make test`, its few failed tests again, alone on the machine.

Five processes, Chromium and modems share two cores: a test that waits for a real process may fail there once in a
thousand runs. What fails again alone is a failure; what passes is told, so that somebody mends it (docs/adr/0215).
"""

import json
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
# More than these are no accident.
MOST = 3


def main() -> int:
    """The exit status of the second run, or 1 where there are no failed tests to try again, or too many."""
    failed = sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []
    if not 0 < len(failed) <= MOST:
        return 1
    again = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", *failed], check=False)
    if not again.returncode:
        print(f"{len(failed)} failed beside others and passed alone, to be mended:", *failed, sep="\n  ")
    return again.returncode


if __name__ == "__main__":
    sys.exit(main())
