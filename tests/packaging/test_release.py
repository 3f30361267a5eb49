"""`make release` refuses a checkout that is not ready, and knows a licence of everything that is bundled."""

import re
import runpy
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
REVISION = "23152e6d" * 5


@pytest.fixture
def release(monkeypatch):
    monkeypatch.setenv("PLP_MAINTAINER", "Anne Noël <anne@police.be>")
    monkeypatch.syspath_prepend(PACKAGING)
    monkeypatch.delitem(sys.modules, "build", raising=False)
    return runpy.run_path(str(PACKAGING / "release.py"))


@pytest.fixture
def refused(release, tmp_path, monkeypatch):
    """`refused(changes="")` → why version 1.0.0 is not released from a checkout with this; "" when it is."""
    (tmp_path / "tests/data/schema-1.0").mkdir(parents=True)
    (tmp_path / "tests/data/schema-1.0/start.sql").write_text("")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.0.0 (2026-12-01)\n")
    (tmp_path / "var").mkdir()
    (tmp_path / "var/night").write_text(f"{REVISION}\n")
    settings = release["refuse_unless_ready"].__globals__

    def why(changes=""):
        monkeypatch.setitem(settings, "ROOT", tmp_path)
        monkeypatch.setitem(settings, "run", lambda *command: REVISION if "rev-parse" in command else changes)
        try:
            settings["refuse_unless_ready"]("1.0.0")
        except SystemExit as refusal:
            return str(refusal)
        return ""

    why.root = tmp_path
    return why


def test_a_checkout_that_is_ready(refused):
    assert refused() == ""


def test_changes_that_are_not_committed(refused):
    assert "not committed" in refused(" M README.md")


@pytest.mark.parametrize("heading", ["## 1.0.0 (unreleased)", "## 0.9.0 (2026-11-01)"])
def test_a_changelog_without_the_day(refused, heading):
    (refused.root / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n")
    assert "write the day of 1.0.0" in refused()


def test_a_schema_that_is_not_frozen(refused):
    (refused.root / "tests/data/schema-1.0/start.sql").unlink()
    assert "tools.schema --freeze" in refused()


@pytest.mark.parametrize("passed", ["", "574eb740" * 5, f"{REVISION}-dirty"])
def test_a_commit_whose_long_tests_have_not_passed(refused, passed):
    (refused.root / "var/night").write_text(passed)
    assert "make night" in refused()


def test_a_checkout_without_a_night(refused):
    (refused.root / "var/night").unlink()
    assert "make night" in refused()


def test_a_maintainer_nobody_can_write_to(refused, release):
    release["refuse_unless_ready"].__globals__["MAINTAINER"] = "plp-alerte <plp-alerte@example.org>"
    assert "PLP_MAINTAINER" in refused()


def test_the_changelog_is_of_the_version_in_pyproject():
    project = tomllib.loads((PACKAGING.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changes = (PACKAGING.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changes, re.MULTILINE)[1] == project["version"]
    readers = [line for line in changes.splitlines() if line.startswith("### ")]
    assert readers[:4] == ["### Officers", "### Technicians", "### Administrators", "### Developers"]


def test_what_lies_in_the_checkout_is_listed_with_its_licence(release):
    parts = release["own_files"]()
    files = {part["properties"][0]["value"] for part in parts}
    folder = PACKAGING.parent / "console/static/vendor"
    assert {path.name for path in folder.iterdir() if path.suffix in (".js", ".css", ".woff2")} <= files
    assert all(part["version"] and part["licenses"][0]["expression"] for part in parts)
