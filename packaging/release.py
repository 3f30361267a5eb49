"""Make a release: `python packaging/release.py`, on a clean checkout whose CHANGELOG names the version's day and whose
starting schema is frozen.

Builds the package for every release and architecture into dist/, one of them twice (the same bytes), writes the list of
all that is bundled (CycloneDX, with licences) and the checksums, and tags the commit. Nothing is published.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from build import MACHINES, MAINTAINER, RELEASES, ROOT, build, libraries, run, write_sums

DIST = ROOT / "dist"
CYCLONEDX = "cyclonedx-bom==7.5.0"
# Licences that the metadata does not name in a form that CycloneDX reads: from the LICENSE files themselves. What is
# compiled into pypdfium2 has its licences in the package, in BUILD_LICENSES.
SAID_ELSEWHERE = {
    "IMAPClient": "BSD-3-Clause",
    "peewee": "MIT",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "pyrage": "MIT",
}
VENDORED = re.compile(r"^(\S+): (\S+) (\S+) \((\S+)\), (.+)$", re.MULTILINE)


def refuse_unless_ready(number: str) -> None:
    """End the program with the obstacle, if any."""
    if run("git", "-C", ROOT, "status", "--porcelain"):
        sys.exit("the checkout has changes that are not committed")
    changes = (ROOT / "CHANGELOG.md").read_text()
    if f"## {number} (unreleased)" in changes or f"## {number}" not in changes:
        sys.exit(f"CHANGELOG.md: write the day of {number} instead of (unreleased)")
    if not (ROOT / "tests/data/schema-1.0/start.sql").exists():
        sys.exit("the starting schema is not frozen: python -m tools.schema --freeze, and commit it")
    night = ROOT / "var/night"
    if not night.exists() or night.read_text().strip() != run("git", "-C", ROOT, "rev-parse", "HEAD").strip():
        sys.exit("the long tests have not passed for this commit: make night")
    if "@example." in MAINTAINER:
        sys.exit("the maintainer's address is still an example: PLP_MAINTAINER='Name <address>' make release")


def own_files() -> list[dict[str, object]]:
    """Components of CycloneDX for what lies in the checkout and is not ours."""
    rows = VENDORED.findall((ROOT / "console/static/vendor/VERSIONS").read_text())
    return [_component(name, version, licence, file) for file, name, version, licence, _whence in rows]


def _component(name: str, version: str, licence: str, place: str) -> dict[str, object]:
    return {
        "type": "library",
        "name": name,
        "version": version,
        "licenses": [{"expression": licence}],
        "properties": [{"name": "plp:place", "value": place}],
    }


def bill(number: str, target: Path) -> None:
    """All that is bundled, in an environment that has nothing else."""
    with tempfile.TemporaryDirectory() as temporary:
        tool, bare = Path(temporary) / "tool", Path(temporary) / "bare"
        for folder in (tool, bare):
            run(sys.executable, "-m", "venv", folder)
        run(tool / "bin/pip", "install", "-q", CYCLONEDX)
        run(bare / "bin/pip", "install", "-q", *libraries(Path(temporary)))
        run(tool / "bin/cyclonedx-py", "environment", "--output-format", "JSON", "-o", target, bare / "bin/python")
    whole = json.loads(target.read_text())
    own = _component("plp-alerte", number, "GPL-3.0-or-later", ".")
    whole["metadata"]["component"] = {**own, "type": "application"}
    kept = [part for part in whole["components"] if part["name"] != "pip"]  # pip is the environment's own
    for part in kept:
        if not part.get("licenses") and part["name"] in SAID_ELSEWHERE:
            part["licenses"] = [{"expression": SAID_ELSEWHERE[part["name"]]}]
    whole["components"] = kept + own_files()
    target.write_text(json.dumps(whole, indent=1))
    if nameless := [part["name"] for part in whole["components"] if not part.get("licenses")]:
        sys.exit(f"no licence is known of: {', '.join(nameless)}")


def main() -> None:
    number = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    refuse_unless_ready(number)
    DIST.mkdir(exist_ok=True)
    made = [build(release, arch, number, DIST, "xz") for release in RELEASES for arch in MACHINES]
    subprocess.run([sys.executable, "-m", "tests.packaging.again", str(made[0])], check=True, cwd=ROOT)
    made.append(DIST / f"plp-alerte_{number}.cdx.json")
    bill(number, made[-1])
    sums = write_sums(made)
    subprocess.run(["git", "-C", str(ROOT), "tag", "-a", f"v{number}", "-m", f"plp-alerte {number}"], check=True)
    print(sums + f"tagged v{number}")


if __name__ == "__main__":
    main()
