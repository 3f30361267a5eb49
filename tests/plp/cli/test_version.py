"""`plp --version`: the commit that the package has with it, that of a checkout, or none."""

import subprocess
from importlib.metadata import version as number

import pytest
from click.testing import CliRunner

from plp.cli.main import main


@pytest.fixture
def told():
    return lambda: CliRunner().invoke(main, ["--version"]).stdout.strip()


def test_the_commit_that_is_baked_in(told, tmp_path, monkeypatch):
    (tmp_path / "COMMIT").write_text("1a2b3c4d5e6f\n")
    monkeypatch.setattr("plp.cli.main._BAKED", tmp_path / "COMMIT")
    assert told() == f"plp-alerte {number('plp-alerte')} (1a2b3c4d5e6f)"


def test_the_commit_of_a_checkout(told, tmp_path, monkeypatch):
    monkeypatch.setattr("plp.cli.main._ROOT", tmp_path)
    run = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@example.be"]
    subprocess.run([*run, "init", "-q"], check=True)
    subprocess.run([*run, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    head = subprocess.run([*run, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    assert told() == f"plp-alerte {number('plp-alerte')} ({head[:12]})"


def test_without_any_the_number_alone(told, tmp_path, monkeypatch):
    monkeypatch.setattr("plp.cli.main._ROOT", tmp_path)
    assert told() == f"plp-alerte {number('plp-alerte')}"
