"""Of config.ini, keys that read well and are wrong: each is said with file, line, section, key and what to do."""

import logging
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from base.settings.misfits import misfits, oddities
from base.settings.reading import load_settings
from base.settings.values import Settings
from modem.doctor.gathering import box_of
from modem.doctor.report import Facts, diagnose
from plp.cli.main import main

WRONG = [
    ("[alarm:webhook]\nurl = http://example.be/plp\nsecret_file = good\n", "[alarm:webhook] url", "écrivez https"),
    ("[alarm:webhook]\nurl = http://10.0.0.9/plp\nprivate = 10.0.0.5\n", "[alarm:webhook] url", "écrivez https"),
    ("[alarm:webhook]\nurl = HTTP://8.8.8.8/plp\nprivate = 10.0.0.0/8\n", "[alarm:webhook] url", "écrivez https"),
    ("[modem:a]\npin_file = letters\n", "[modem:a] pin_file", "4 à 8 chiffres"),
    ("[modem:a]\npin_file = empty\n", "[modem:a] pin_file", "4 à 8 chiffres"),
    ("[modem:a]\npin_file = long\n", "[modem:a] pin_file", "4 à 8 chiffres"),
    ("[mail]\npassword_file = empty\n", "[mail] password_file", "ce fichier est vide"),
    ("[plan_b]\npassword_file = empty\n", "[plan_b] password_file", "ce fichier est vide"),
]
ODD = [
    ("[sending]\nvalidity_urgent = 2d\n", "[sending] validity_urgent", "diminuez validity_urgent"),
    ("[sending]\nvalidity_normal = 1h\n", "[sending] validity_normal", "augmentez validity_normal"),
    ("[modem:a]\nurgent_messages_per_minute = 5\n", "[modem:a] urgent_messages_per_minute", "écrivez 0"),
    ("[modem:a]\ndriver = gammu\n", "[modem:a] driver", "écrivez at"),
    ("[database]\nurl = postgresql://plp:secret@localhost/plp\n", "[database] url", "password_file"),
    ("[database]\nurl = postgresql://localhost/plp?user=plp&password=secret\n", "[database] url", "password_file"),
    ("[mail]\npublic_url = http://plp.example.be\n", "[mail] public_url", "écrivez https"),
    ("[mail]\nfrom = a@example.be\ntls = off\nsmtp = smtp.example.be\n", "[mail] tls", "écrivez auto"),
    ("[journal]\nsyslog = logs.example.be\n", "[journal] syslog", "logs.example.be:514"),
    ("[journal]\nsyslog = /nowhere/log\n", "[journal] syslog", "ce socket n'existe pas"),
]
SOUND = [
    "[alarm:webhook]\nurl = http://10.0.0.5/plp\nprivate = 10.0.0.0/24\nsecret_file = good\n",
    "[alarm:webhook]\nurl = http://relay.zone.local/plp\nprivate = 10.0.0.5\nsecret_file = good\n",
    "[alarm:webhook]\nurl = https://example.be/plp\nsecret_file = good\n",
    "[sending]\nvalidity_urgent = 24h\n",
    "[modem:a]\nurgent_messages_per_minute = 20\ndriver = at\npin_file = good\n",
    "[mail]\nfrom = a@example.be\ntls = off\nsmtp = 127.0.0.1:25\npublic_url = http://192.168.1.5:8080\n",
    "[journal]\nsyslog = logs.example.be:514\n",
    "[journal]\nsyslog =\n",
    "[database]\nurl = postgresql://plp@localhost/plp\n",
]


@pytest.fixture
def read(tmp_path: Path):
    """`read(content)` → settings; files named good, letters, long and empty lie beside."""
    for name, content in {"good": "1234\n", "letters": "PIN 1234", "long": "123456789", "empty": ""}.items():
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o600)

    def settings(content: str) -> Settings:
        (tmp_path / "config.ini").write_text(content)
        return load_settings(tmp_path / "config.ini")

    return settings


def placed(settings: Settings, key: str) -> str:
    section, name = key[1:].split("] ")
    return f"{settings.path}, ligne {settings.lines[section, name]} : {key} : "


@pytest.mark.parametrize(("content", "key", "what_to_do"), WRONG)
def test_an_error_has_its_place_and_what_to_do(read, content, key, what_to_do):
    said = [str(sentence) for _section, sentence in misfits(read(content))]
    assert any(line.startswith(placed(read(content), key)) and what_to_do in line for line in said), said


@pytest.mark.parametrize(("content", "key", "what_to_do"), ODD)
def test_a_warning_has_its_place_and_what_to_do(read, content, key, what_to_do):
    said = [str(sentence) for _section, sentence in oddities(read(content))]
    assert len(said) == 1
    assert said[0].startswith(placed(read(content), key))
    assert what_to_do in said[0]
    assert "secret" not in said[0]


@pytest.mark.parametrize("content", SOUND)
def test_what_is_meant_so_is_not_spoken_of(read, content):
    settings = read(content)
    assert [*misfits(settings), *oddities(settings)] == []


def test_a_socket_that_is_there_is_no_oddity(read, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("log")  # the path from / may be too long for a socket
        assert [*oddities(read(f"[journal]\nsyslog = {tmp_path / 'log'}\n"))] == []


def test_the_shipped_file_has_none_but_a_socket_of_the_machine(tmp_path):
    shipped = load_settings(Path(__file__).parents[3] / "config.ini")
    assert [*misfits(shipped)] == []
    assert {section for section, _sentence in oddities(shipped)} <= {"journal"}


def test_check_marks_an_error_and_a_warning(read, tmp_path, monkeypatch):
    monkeypatch.setenv("PLP_DEMO", "0")
    read("[zone]\nname = X\n[modem:a]\ndriver = gammu\npin_file = letters\n")
    said = CliRunner().invoke(main, ["--config", str(tmp_path / "config.ini"), "check"]).stdout.splitlines()
    path = tmp_path / "config.ini"
    assert f"!     configuration : {path}, ligne 4 : [modem:a] driver : gammu n'existe plus, il est lu comme at" in str(
        said
    )
    assert f"NON   configuration : {path}, ligne 5 : [modem:a] pin_file : ce fichier ne contient pas" in str(said)
    assert len([line for line in said if "pin_file" in line and line[:2] != "ok"]) == 1


def test_the_doctor_and_the_log_name_a_driver_that_is_gone(read, tmp_path, monkeypatch, caplog):
    settings = read("[modem:a]\ndriver = gammu\n[modem:b]\ndriver = at\n")
    found = [finding for finding in diagnose(Facts(box_of(settings, True, "current"))) if finding.modem == "a"]
    assert [finding.severity for finding in found] == ["note"]
    assert "ligne 2 : [modem:a] driver : gammu n'existe plus" in str(found[0].meaning)
    monkeypatch.setattr(logging, "basicConfig", lambda **_values: None)
    monkeypatch.setattr("plp.jobs.scheduler.run", lambda *_given: None)
    monkeypatch.setattr("plp.cli.jobs.keep_loaded", lambda: None)
    for command, told in (("migrate", 0), ("jobs", 1), ("modem list", 0)):
        with caplog.at_level(logging.WARNING):
            CliRunner().invoke(main, ["--config", str(tmp_path / "config.ini"), *command.split()])
        assert len([record.message for record in caplog.records if "gammu" in record.message]) == told
        caplog.clear()
