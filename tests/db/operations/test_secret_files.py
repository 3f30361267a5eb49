"""Secrets: who may read each file, told with its mode and what to do; and no database over a network in the clear."""

import os
import re

import pytest
from click.testing import CliRunner

from base.settings.reading import load_settings
from console.web.app import create_app
from db.engine.connection import bind
from db.operations.incidents import open_incidents
from db.operations.installation import secret_files
from plp.cli.main import main
from plp.jobs.alarms.telling import look
from rules.sentences import StoreFault

KEYS = {
    "[modem:a] pin_file": "pin",
    "[mail] password_file": "mail",
    "[mail] imap_password_file": "imap",
    "[plan_b] password_file": "planb",
    "[console] key": "tls.key",
    "secret.key": "var/console/secret.key",
}
CONFIG = """
[database]
url = sqlite:///var/plp.db
[console]
certificate = tls.crt
key = tls.key
[modem:a]
device = /dev/plp/none
pin_file = pin
[mail]
user = plp
password_file = mail
imap = imap.example.be
imap_password_file = imap
[plan_b]
password_file = planb
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.ini"
    path.write_text(CONFIG)
    (tmp_path / "var").mkdir()
    for name in KEYS.values():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x" * 64)
        (tmp_path / name).chmod(0o600)
    return path


def told(config):
    return [str(file.trouble) for file in secret_files(load_settings(config)) if file.trouble]


@pytest.mark.parametrize("key", [key for key in KEYS if key != "secret.key"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_each_secret_that_others_may_read_is_named_with_its_mode(config, key, mode):
    assert told(config) == []
    path = config.parent / KEYS[key]
    path.chmod(mode)
    assert told(config) == [
        f"{key} : le fichier {path} est de mode {mode:04o} et d'autres peuvent le lire. Exécutez « chmod 600 {path} »."
    ]


@pytest.mark.parametrize("name", ["journal.key", "console/secret.key"])
@pytest.mark.parametrize(("mode", "faults"), [(0o600, 0), (0o640, 0), (0o660, 1), (0o644, 1)])
def test_a_key_of_several_processes_may_be_read_by_their_group(config, name, mode, faults):
    key = config.parent / "var" / name
    key.write_text("x" * 64)
    key.chmod(mode)
    assert len(told(config)) == faults
    assert all(f"Exécutez « chmod 640 {key} »." in sentence for sentence in told(config))


@pytest.mark.parametrize("url", ["postgresql://plp:quatre@localhost/plp", "postgresql:///plp?password=quatre"])
def test_a_password_in_the_database_s_address_is_a_secret_of_the_configuration(tmp_path, url):
    config = tmp_path / "config.ini"
    config.write_text(f"[database]\nurl = {url}\n")
    config.chmod(0o644)
    (sentence,) = told(config)
    assert re.match(r"\[database\] url : le mot de passe est dans \S+config\.ini, de mode 0644", sentence)
    assert sentence.endswith(f"exécutez « chmod 640 {config} ».")
    assert "quatre" not in sentence
    config.chmod(0o600)
    assert told(config) == []


def test_the_check_says_whose_each_secret_is_or_what_is_wrong(config):
    config.write_text(CONFIG.replace("certificate = tls.crt\nkey = tls.key\n", ""))

    def check():
        return CliRunner().invoke(main, ["--config", str(config), "check"]).stdout

    owner = "root" if os.getuid() == 0 else ""
    assert f"[modem:a] pin_file ({owner}" in check()
    assert ", 0600, pour modem), " in check()
    (config.parent / "mail").chmod(0o644)
    assert f" : [mail] password_file : le fichier {config.parent / 'mail'} est de mode 0644" in check()


def test_in_a_shared_folder_the_jobs_may_read_a_pin_to_back_it_up_and_others_may_not(config):
    folder = config.parent / "secrets"
    folder.mkdir()
    folder.chmod(0o2751)
    (config.parent / "pin").replace(folder / "pin")
    config.write_text(CONFIG.replace("pin_file = pin", "pin_file = secrets/pin"))
    (folder / "pin").chmod(0o640)
    assert told(config) == []
    (folder / "pin").chmod(0o644)
    assert "est de mode 0644" in told(config)[0]


def test_a_secret_that_others_may_read_is_an_incident(config, database, now):
    settings = load_settings(config)
    (config.parent / "pin").chmod(0o644)
    look(settings, now)
    (found,) = [card for card in open_incidents() if card.kind == "secret_exposed"]
    assert "pin est de mode 0644" in found.sentence
    (config.parent / "pin").chmod(0o600)
    look(settings, now)
    assert "secret_exposed" not in [card.kind for card in open_incidents()]


@pytest.mark.slow
def test_what_is_another_process_s_to_read_keeps_nobody_from_starting(config, monkeypatch):
    monkeypatch.setenv("PLP_DEMO", "0")
    assert CliRunner().invoke(main, ["--config", str(config), "migrate"]).exit_code == 0
    for name in ("pin", "mail", "imap", "planb"):
        (config.parent / name).unlink()
    settings = load_settings(config)
    bind(settings.database.url, settings.folder)
    assert {file.key for file in secret_files(settings) if file.mode is None} >= {"[modem:a] pin_file"}
    assert create_app(settings).test_client().get("/healthz").status_code == 200
    assert told(config) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://plp@db.example.be/plp",
        "postgresql://plp@192.0.2.7/plp?sslmode=prefer",
        "postgresql://plp@192.0.2.7/plp?sslmode=disable",
        "postgresql://plp@localhost,192.0.2.7/plp",
        "postgresql://plp@localhost/plp?hostaddr=192.0.2.7",
        "postgresql:///plp?host=db.example.be",
    ],
)
def test_a_database_over_a_network_in_the_clear_is_refused(tmp_path, url, monkeypatch):
    monkeypatch.delenv("PGSSLMODE", raising=False)
    with pytest.raises(StoreFault, match="sslmode=verify-full"):
        bind(url, tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://plp@db.example.be/plp?sslmode=verify-full",
        "postgresql://plp@192.0.2.7/plp?sslmode=require",
        "postgresql://plp@localhost/plp",
        "postgresql://plp@[::1]/plp",
        "postgresql:///plp",
        "postgresql:///plp?host=/run/postgresql",
    ],
)
def test_a_database_on_this_machine_or_in_cipher_is_taken(tmp_path, url, monkeypatch):
    monkeypatch.delenv("PGHOST", raising=False)
    bind(url, tmp_path)


def test_an_address_that_libpq_cannot_read_is_told(tmp_path):
    with pytest.raises(StoreFault, match="n'est pas une adresse de PostgreSQL"):
        bind("postgresql://plp@localhost/plp?sslmod=require", tmp_path)
