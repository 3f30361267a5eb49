"""`python -m tests.support.touched FILE …`: the fast tests of the folders in which these files are, before a commit."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
# For what has no tests of its own, as a document: its links, its paths, who may import whom.
OTHERWISE = "tests/architecture"
FAST = "not slow and not browser and not client and not hardware and not soak"
NOTHING_CHOSEN = 5  # pytest's exit status where every test of a folder is slow


def folder_of(file: Path) -> str:
    """The folder of the tests of a file of this checkout: `tests/` and its own, or the nearest above that is there."""
    place = file.parent if file.parts[0] == "tests" else Path("tests", file.parent)
    while not (ROOT / place).is_dir():
        place = place.parent
    is_shared = place in (Path("tests"), Path("tests/support"), Path("tests/data"))
    return OTHERWISE if is_shared else str(place)


def folders_of(files: Iterable[str]) -> list[str]:
    """Each once, and none that is within another."""
    found = {folder_of(Path(file)) for file in files}
    return sorted(each for each in found if not any(each.startswith(f"{other}/") for other in found))


def main(files: list[str]) -> int:
    """The exit status of their fast tests."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-m", FAST]
    status = subprocess.run([*command, *folders_of(files)], cwd=ROOT, check=False).returncode
    return 0 if status == NOTHING_CHOSEN else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
