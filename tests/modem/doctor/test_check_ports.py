"""`plp check` on ports of every kind."""

import pytest

from modem.discovery.verdicts import judge
from modem.doctor.targets import check_ports
from plp.settings.values import ModemSettings, Settings
from rules.refusals import Refusal
from tests.modem.discovery.sticks import ec25, stick


@pytest.fixture
def check(tmp_path):
    """`check(devices, *modems)` → the line, or the refusal's sentence."""

    def checked(devices, *modems):
        settings = Settings(tmp_path / "config.ini", tmp_path, modems=modems)
        try:
            return check_ports(settings, [judge(device) for device in devices])
        except Refusal as refusal:
            return f"NON {refusal}"

    return checked


def test_without_sections_it_names_what_is_plugged_in(check):
    assert check([ec25("1-2"), stick("1d6b:0002")]) == "Quectel EC25 EG25 (1-2)"
    assert "[modem:NOM]" in check([])
    assert "HiLink" in check([stick("12d1:14dc")])


def test_auto_needs_a_known_modem(check):
    assert check([ec25()], ModemSettings("a")) == "a"
    assert check([stick("1a86:7523")], ModemSettings("a")).startswith("NON aucun modem connu n'est branché")


def test_a_path_and_a_pattern_must_be_there_and_usable(check, tmp_path):
    path, pattern = ModemSettings("a", str(tmp_path / "tty1")), ModemSettings("b", str(tmp_path / "tty*"))
    assert "n'existe pas" in check([], path)
    assert "aucun port n'est de la forme" in check([], pattern)
    (tmp_path / "tty1").touch()
    assert check([], path, pattern) == "a, b"


def test_rights_are_needed(check, monkeypatch):
    monkeypatch.setattr("modem.doctor.targets.os.access", lambda *_: False)
    assert "groupe plp" in check([], ModemSettings("a", "/dev/null"))
