"""Build a package once more and compare: `python -m tests.packaging.again dist/plp-alerte_….deb`, on a clean checkout.

In a clone elsewhere, so that neither a path nor the time of a file nor what lies about in the checkout may enter it.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.packaging.box import ROOT, check

NAME = re.compile(r"plp-alerte_(?P<version>.+)\+deb(?P<debian>\d+)_(?P<arch>\w+)\.deb")
RELEASES = {"12": "bookworm", "13": "trixie"}


def again(package: Path, folder: Path) -> Path:
    """The same package, built in `folder`."""
    told = NAME.fullmatch(package.name)
    check(told is not None, f"{package.name} is no package of ours")
    members = subprocess.run(["ar", "t", str(package)], text=True, stdout=subprocess.PIPE, check=True).stdout
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    head = subprocess.run(
        ["git", "-C", str(clone), "rev-parse", "HEAD"], text=True, stdout=subprocess.PIPE, check=True
    ).stdout
    _, _, commit = told["version"].partition("+")  # of a build between two releases
    check(not commit or commit.endswith(f".g{head[:12]}"), f"{package.name} is not of the commit that is checked out")
    options = {
        "release": RELEASES[told["debian"]],
        "arch": told["arch"],
        "version": told["version"],
        "out": folder / "out",
        "compression": "xz" if "data.tar.xz" in members else "none",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    subprocess.run(
        [sys.executable, str(clone / "packaging/build.py"), *words], check=True, stdout=subprocess.DEVNULL, cwd=clone
    )
    return folder / "out" / package.name


def main(package: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="plp-again-") as temporary:
        check(again(package, Path(temporary)).read_bytes() == package.read_bytes(), f"{package.name}: other bytes")
    print(f"{package.name}: the same {package.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
