"""config.ini: the shipped file, and every way to break one."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from base.settings.reading import load_settings
from base.settings.values import Settings
from rules.refusals import Refusal

ROOT = Path(__file__).parents[3]


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "config.ini"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_the_shipped_file_says_the_defaults():
    shipped = load_settings(ROOT / "config.ini")
    defaults = Settings(shipped.path, shipped.folder)
    assert shipped.sending == defaults.sending
    assert shipped.console == defaults.console
    assert shipped.database == defaults.database
    assert shipped.mail == defaults.mail
    assert shipped.modems == ()
    assert (shipped.zone.code, shipped.zone.emergency, shipped.zone.phone) == ("", "101", "")


def test_modems_and_relative_paths(tmp_path):
    settings = load_settings(
        written(
            tmp_path,
            "[modem:a]\ndevice = ttys/a*\nnumber = 0470 00 00 01\nsmsc = +32475161616\npin_file = secrets/pin\n"
            "[modem:b]\ndevice = sim\nsmsc =\n"
            "[console]\nlisten = [::1]:9000\n[sending]\nvalidity_urgent = 90min\n",
        )
    )
    a, b = settings.modems
    assert (a.device, a.number, a.smsc, a.pin_file) == (
        str(tmp_path / "ttys/a*"),
        "+32470000001",
        "+32475161616",
        tmp_path / "secrets/pin",
    )
    assert (b.device, b.smsc) == ("sim", None)
    assert (settings.console.host, settings.console.port) == ("::1", 9000)
    assert settings.sending.validity_urgent == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("imap", "host", "port"),
    [("imap.example.be", "imap.example.be", 993), ("[::1]:143", "::1", 143), ("", "", 993)],
)
def test_the_zone_s_mailbox(tmp_path, imap, host, port):
    mail = load_settings(written(tmp_path, f"[mail]\nimap = {imap}\nimap_password_file = secrets/imap\n")).mail
    assert (mail.imap_host, mail.imap_port) == (host, port)
    assert (mail.imap_user, mail.imap_password_file) == ("", tmp_path / "secrets/imap")


@pytest.mark.parametrize(
    ("written_driver", "driver"), [("at", "at"), ("gammu", "at"), ("modemmanager", "modemmanager")]
)
def test_a_modem_of_the_driver_that_is_gone_keeps_working(tmp_path, written_driver, driver):
    settings = load_settings(written(tmp_path, f"[modem:a]\ndevice = /dev/a\ndriver = {written_driver}\n"))
    assert [modem.driver for modem in settings.modems] == [driver]


def test_what_happens_at_its_hour_and_how_long_things_are_kept(tmp_path):
    content = (
        "[mail]\ndaily_at = 6:45\n[plan_b]\npassword_file = secrets/b\nat = 23:59\n[retention]\naudit_months = 120\n"
    )
    settings = load_settings(written(tmp_path, content))
    assert (settings.mail.daily_at, settings.plan_b.at) == (time(6, 45), time(23, 59))
    assert settings.plan_b.password_file == tmp_path / "secrets/b"
    assert (settings.retention.audit_months, settings.retention.inbound_months) == (120, 12)


@pytest.mark.parametrize(
    ("content", "hours"),
    [("", (time(4),)), ("[proof]\nat = 3:15, 16:00\n", (time(3, 15), time(16))), ("[proof]\nat =\n", ())],
)
def test_hours_of_the_proof_of_life(tmp_path, content, hours):
    assert load_settings(written(tmp_path, content)).proof.at == hours


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("[sending]\n\nundo_secondes = 10\n", 3, "[sending] undo_secondes"),
        ("[sending]\nundo_seconds = dix\n", 2, "« dix » n'est pas un nombre entier"),
        ("[sending]\nundo_seconds = 9999\n", 2, "entre 0 et 600"),
        ("[zone]\nname = X\n[sendings]\n", 3, "section [sendings] inconnue"),
        ("[zone]\nemergency =\n", 2, "Indiquez le numéro d'urgence"),
        ("[zone]\nemergency = n\n", 2, "« n » n'est pas un numéro d'urgence : écrivez 101 ou 112"),
        ("[zone]\nemergency = 911\n", 2, "n'est pas un numéro d'urgence"),
        ("[zone]\nphone = non\n", 2, "« non » n'est pas un numéro de téléphone"),
        ("[zone]\nphone = 04/330 40\n", 2, "n'est pas un numéro de téléphone"),
        ("[zone]\ncode = list.csv\n", 2, "n'est pas un code de zone"),
        ("name = X\n", 1, "il manque une section"),
        ("[zone]\nname = X\njust words\n", 3, "clé = valeur"),
        ("[zone]\nname = X\nname = Y\n", 3, "déjà plus haut"),
        ("[zone]\n[log]\n[zone]\n", 3, "déjà plus haut"),
        ("[log]\nlevel = loud\n", 2, "choisissez parmi : debug"),
        ("[sending]\nvalidity_urgent = 4 heures\n", 2, "n'est pas une durée"),
        ("[sending]\nduty_phone = 04/330 40 00\n", 2, "fixe de la région liégeoise"),
        ("[console]\nlisten = here:there\n", 2, "n'est pas une adresse"),
        ("[mail]\nfrom = Police <plp@example.be>\n", 2, "n'est pas une adresse e-mail"),
        ("[mail]\ntls = yes\n", 2, "[mail] tls"),
        ("[mail]\nfrom = plp@example.be\nuser = plp\n", 3, "[mail] user demande aussi password_file"),
        ("[mail]\nimap = imaps://imap.example.be\n", 2, "écrivez par exemple 127.0.0.1:993"),
        ("[mail]\ndaily_at = 7h\n", 2, "« 7h » n'est pas une heure"),
        ("[proof]\nat = 4:00, soir\n", 2, "« soir » n'est pas une heure"),
        ("[plan_b]\nat = 24:00\n", 2, "écrivez par exemple 07:00"),
        ("[retention]\nmail_months = 0\n", 2, "entre 1 et 600"),
        ("[zone]\nname = X\n[console]\nkey = k.pem\n", 3, "certificate et key vont ensemble"),
        ("[modem:A B]\ndevice = auto\n", 1, "section [modem:A B] inconnue"),
        ("[modem:a]\nimei = 12\n", 2, "15 chiffres"),
        ("[modem:a]\nsmsc = 0475161616\n", 2, "n'est pas un centre de messages"),
        (b"[zone]\nname = S\xe9raing\n", 2, "UTF-8"),
        ("[zone]\nname = X\n  code = 5278\n", 2, "une ligne décalée appartient à celle du dessus"),
        ("[mail]\nfrom = a@example.be\nuser = x\x00y\n", 3, "sans caractère de commande"),
    ],
)
def test_a_broken_file_is_told_with_its_line(tmp_path, content, line, words):
    path = written(tmp_path, content)
    with pytest.raises(Refusal) as refusal:
        load_settings(path)
    sentence = str(refusal.value)
    assert f"{path}, ligne {line} :" in sentence
    assert words in sentence


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(Refusal, match="n'existe pas"):
        load_settings(tmp_path / "none.ini")
