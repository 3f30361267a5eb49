"""What the Debian package puts where, apart from its environment."""

import runpy
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"


@pytest.mark.slow
def test_what_monitoring_and_polkit_look_for_is_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795600000")
    monkeypatch.syspath_prepend(PACKAGING)
    tree, scratch = tmp_path / "tree", tmp_path / "scratch"
    scratch.mkdir()
    runpy.run_path(str(PACKAGING / "build.py"))["files"](tree, scratch)
    for place in (
        "usr/lib/udev/rules.d/70-plp-alerte.rules",
        "usr/share/polkit-1/rules.d/70-plp-alerte.rules",
        "usr/share/doc/plp-alerte/prometheus/plp-alerte.rules.yml",
        "usr/share/doc/plp-alerte/grafana/plp-alerte.json",
    ):
        assert (tree / place).read_bytes()
