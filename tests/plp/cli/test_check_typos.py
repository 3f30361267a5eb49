"""`plp check` names the section, the key and the line of each slip that a technician's hand makes in config.ini."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from plp.cli.main import main

HEAD = "[zone]\nname = Zone d'essai\n"
PUBLIC_KEY = "age15w6p80lkrzqjev5yqle9thex0wgm8dl0c4rysym8cht89n4ztgdqzwetu4"

# Section, the line that is wrong, its key. It is line 4, below HEAD and the section's own line.
KEYS = [
    ("sending", "undo_secondes = 10", "undo_secondes"),
    ("sending", "undo_seconds = dix", "undo_seconds"),
    ("sending", "undo_seconds = 10 s", "undo_seconds"),
    ("sending", "undo_seconds = 9999", "undo_seconds"),
    ("sending", "validity_urgent = 4 heures", "validity_urgent"),
    ("sending", "validity_urgent = 4000d", "validity_urgent"),
    ("sending", "duty_call_every = 5", "duty_call_every"),
    ("sending", "duty_phone = 04/330 40 00", "duty_phone"),
    ("sending", "duty_call_rings = oui", "duty_call_rings"),
    ("sending", "unconfirmed = ask # or leave", "unconfirmed"),
    ("sending", "hourly_ceiling = 1.000", "hourly_ceiling"),
    ("database", "url = sqlite:/var/plp.db", "url"),
    ("database", "url = sqlite://var/plp.db", "url"),
    ("database", "url = /var/lib/plp-alerte/plp.db", "url"),
    ("database", "url = postgres://plp@db.example.be", "url"),
    ("database", "url = postgresq://plp@db.example.be/plp", "url"),
    ("database", "host = plp box", "host"),
    ("console", "listen = 127.0.0.1", "listen"),
    ("console", "listen = 8443", "listen"),
    ("console", "listen = 127.0.0.1:80800", "listen"),
    ("console", "listen = 192.168.1:8443", "listen"),
    ("console", "listen = 0.0.0.0:8443", "listen"),
    ("console", "listen = https://127.0.0.1:8443", "listen"),
    ("modem:a", "device = ttyUSB7", "device"),
    ("modem:a", "imei = 35123456789012", "imei"),
    ("modem:a", "number = 0470 00 00 0", "number"),
    ("modem:a", "smsc = 0475161616", "smsc"),
    ("modem:a", "driver = modemanager", "driver"),
    ("modem:a", "pin_file = secrets/pin", "pin_file"),
    ("modem:a", "pinfile = secrets/pin", "pinfile"),
    ("modem:a", "day_limit = -1", "day_limit"),
    ("mail", "from = Police <plp@example.be>", "from"),
    ("mail", "tls = yes", "tls"),
    ("mail", "password_file = secrets/mail", "password_file"),
    ("mail", "imap = imaps://imap.example.be", "imap"),
    ("mail", "public_url = plp.example.be", "public_url"),
    ("mail", "daily_at = 7h", "daily_at"),
    ("proof", "at = 4:00, soir", "at"),
    ("plan_b", "password_file = secrets/plan-b", "password_file"),
    ("backup", f"recipient = {PUBLIC_KEY[:-1]}q", "recipient"),
    ("backup", f"recipient = {PUBLIC_KEY}", "recipient"),
    ("backup", "to = ftp://plp@nas.example.be/plp", "to"),
    ("retention", "mail_months = 0", "mail_months"),
    ("journal", "syslog = logs.example.be:syslog", "syslog"),
]  # fmt: skip
# A whole file, its line that is wrong, and what is said of it.
FILES = [
    ("[zone]\nname = X\n[sendings]\n", 3, "section [sendings] inconnue"),
    (
        "[modem:a]\ndevice = /dev/a\n[modem:b]\ndevice = /dev/a\n",
        4,
        "[modem:b] device : la section [modem:a] a le même",
    ),
]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`check(content)` → the lines of `plp check`, of which one says NON at least."""
    monkeypatch.setenv("PLP_DEMO", "0")

    def checked(content: str) -> list[str]:
        (tmp_path / "config.ini").write_text(content)
        result = CliRunner().invoke(main, ["--config", str(tmp_path / "config.ini"), "check"])
        assert result.exit_code == 1, result.output
        return [line for line in result.stdout.splitlines() if line.startswith("NON")]

    return checked


def test_there_are_as_many_slips_as_were_tried():
    assert len(KEYS) + len(FILES) == 46


@pytest.mark.parametrize(("section", "line", "key"), KEYS)
def test_a_slip_is_named_with_section_key_and_line(check, section, line, key):
    said = check(f"{HEAD}[{section}]\n{line}\n")
    assert any(f"config.ini, ligne 4 : [{section}] {key}" in refusal for refusal in said), said


@pytest.mark.parametrize(("content", "line", "words"), FILES)
def test_a_slip_in_a_section_is_named_with_its_line(check, content, line, words):
    said = check(content)
    assert any(f"config.ini, ligne {line} : " in refusal and words in refusal for refusal in said), said


def test_a_good_key_of_backups_is_taken(check):
    said = check(f"{HEAD}[backup]\nrecipient = {PUBLIC_KEY}\nto = kept\n")
    assert not any("recipient" in refusal for refusal in said)


def test_a_private_key_in_the_wrong_place_is_not_said(check):
    said = check(f"{HEAD}[backup]\nrecipient = AGE-SECRET-KEY-1QQQQ\n")
    assert "AGE-SECRET" not in str(said)
    assert "ligne 4 : [backup] recipient" in str(said)


@pytest.mark.parametrize("line", ['name = "Police locale"', "name = « Police locale »", "name = Police ; locale"])
def test_a_text_has_no_quotes_and_no_comment(check, line):
    assert "ligne 2 : [zone] name : " in str(check(f"[zone]\n{line}\n"))
