"""What the Debian package puts where, apart from its environment."""

import runpy
from pathlib import Path

import pytest

from base.settings.reading import load_settings
from base.settings.values import ZoneSettings
from tests.packaging.technician import STICKS, blocks, write

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


def test_a_package_names_no_zone(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(PACKAGING)
    runpy.run_path(str(PACKAGING / "build.py"))["configuration"](tmp_path)
    assert load_settings(tmp_path / "etc/plp-alerte/config.ini").zone == ZoneSettings()
    assert "Seraing" not in (tmp_path / "etc/plp-alerte/config.ini").read_text()


def test_the_trial_finds_in_the_guide_what_it_follows():
    headings = ("Installer le paquet", "Mettre en service", "La sauvegarde", "Après la perte du disque")
    told = "".join(content for heading in headings for _kind, content in blocks(heading))
    wanted = (*STICKS, "age1…", "plp-….age", "sudo plp setup\n")
    assert [words for words in wanted if words not in told] == []


def test_a_line_of_the_guide_is_written_where_the_key_stands(tmp_path):
    config = tmp_path / "config.ini"
    config.write_text("[sending]\n# who is told\nduty_phone =\n[backup]\nto =\n")
    write(config, "[sending]\nduty_phone = +32470000000\n[modem:a]\ndevice = a.tty\n")
    written = "[sending]\n# who is told\nduty_phone = +32470000000\n[backup]\nto =\n\n[modem:a]\ndevice = a.tty"
    assert config.read_text() == written
    assert load_settings(config).sending.duty_phone == "+32470000000"
