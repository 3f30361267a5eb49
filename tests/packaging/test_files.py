"""What the Debian package puts where, apart from its environment."""

import runpy
from pathlib import Path

import pytest

from db.settings.reading import load_settings

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


def test_the_console_of_a_package_is_reached_by_other_computers(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(PACKAGING)
    runpy.run_path(str(PACKAGING / "build.py"))["configuration"](tmp_path)
    read = load_settings(tmp_path / "etc/plp-alerte/config.ini")
    assert (read.console.host, read.console.port) == ("0.0.0.0", 8443)
    assert str(read.console.certificate) == "/etc/plp-alerte/tls/console.crt"
    assert read.database.url == "sqlite:////var/lib/plp-alerte/plp.db"
