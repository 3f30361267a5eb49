"""Each optional part of config.ini, broken: no process ends for it, and an incident names section and key."""

import pytest
from click.testing import CliRunner

from console.web import server
from db.operations.incidents import open_incidents
from db.operations.installation import Installation
from modem.daemon import daemon
from plp.cli.main import main
from plp.jobs import scheduler
from plp.jobs.alarms.telling import look
from plp.jobs.retention import forget_nightly
from rules.refusals import Refusal
from tests.support.processes import in_a_thread

SOUND = "[database]\nurl = sqlite:///plp.db\nhost = box\n[console]\nlisten = 127.0.0.1:0\n"
MAIL = "[mail]\nfrom = plp@zone.example.be\n"
WEBHOOK = "[alarm:webhook]\nurl = https://example.be/plp\nsecret_file = secret\n"
# What is written, and the key that the incident names.
BROKEN = {
    "webhook address": ("[alarm:webhook]\nurl = htps://example.be/plp\nsecret_file = secret\n", "[alarm:webhook] url"),
    "webhook without key": ("[alarm:webhook]\nurl = https://example.be/plp\n", "secret_file"),
    "webhook key missing": (WEBHOOK.replace("secret\n", "nowhere\n"), "[alarm:webhook] secret_file"),
    "webhook key too short": (WEBHOOK.replace("= secret", "= short"), "trop courte"),
    "webhook key word": (WEBHOOK + "certificate = x\n", "[alarm:webhook] certificate"),
    "webhook networks": (WEBHOOK + "private = 10.0.0.0/99\n", "[alarm:webhook] private"),
    "unknown channel": ("[alarm:webhok]\nurl = https://example.be/\n", "[alarm:webhok]"),
    "channel's name": ("[alarm:Web hook]\nurl = https://example.be/\n", "[alarm:Web hook]"),
    "smtp server": (MAIL + "smtp = localhost:99999\n", "[mail] smtp"),
    "smtp encryption": (MAIL + "tls = maybe\n", "[mail] tls"),
    "smtp key word": (MAIL + "smpt = localhost\n", "[mail] smpt"),
    "sender": ("[mail]\nfrom = nobody\n", "[mail] from"),
    "smtp password": (MAIL + "user = plp\n", "[mail] user"),
    "smtp password missing": (MAIL + "user = plp\npassword_file = nowhere\n", "[mail] password_file"),
    "smtp authority missing": (MAIL + "ca_file = nowhere\n", "[mail] ca_file"),
    "mailbox": (MAIL + "imap = imap.example.be:99999\n", "[mail] imap"),
    "mailbox password missing": (
        MAIL + "imap = h.be\nimap_user = plp\nimap_password_file = no\n",
        "imap_password_file",
    ),
    "hour of the daily mail": (MAIL + "daily_at = 25:00\n", "[mail] daily_at"),
    "public address": (MAIL + "public_url = example\n", "[mail] public_url"),
    "syslog": ("[journal]\nsyslog = log server\n", "[journal] syslog"),
    "plan B's hour": ("[plan_b]\nat = noon\n", "[plan_b] at"),
    "plan B's password missing": ("[plan_b]\npassword_file = nowhere\n", "[plan_b] password_file"),
    "backup's key": ("[backup]\nrecipient = age1x\nto = /media/x\n", "[backup] recipient"),
    "backup's place": ("[backup]\nto = ftp://example.be/\n", "[backup] to"),
    "backup's SSH key missing": ("[backup]\nkey_file = nowhere\n", "[backup] key_file"),
    "proof": ("[proof]\nat = dawn\n", "[proof] at"),
    "retention": ("[retention]\naudit_months = 6o\n", "[retention] audit_months"),
    "duty phone": ("[sending]\nduty_phone = 04\n", "[sending] duty_phone"),
    "time between calls": ("[sending]\nduty_call_every = soon\n", "[sending] duty_call_every"),
    "log": ("[log]\nlevel = loud\n", "[log] level"),
}
REQUIRED = {
    "database": SOUND.replace("sqlite:///plp.db", "mysql://x"),
    "zone": SOUND + "[zone]\nemergency =\n",
    "modem": SOUND + "[modem:a]\nday_limit = many\n",
    "ceiling": SOUND + "[sending]\nhourly_ceiling = 0\n",
    "section": SOUND + "[webhook]\nurl = https://example.be/\n",
}
PROCESSES = {"console": (server, "_serve"), "modem": (daemon, "run"), "jobs": (scheduler, "run")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("box")
    (folder / "secret").write_text("s" * 40)
    (folder / "short").write_text("s")
    (folder / "config.ini").write_text(SOUND)
    assert CliRunner().invoke(main, ["--config", str(folder / "config.ini"), "migrate"]).exit_code == 0
    return folder


def begun(folder, text, process, monkeypatch):
    """The process's answer, and how often its work began."""
    module, runs = PROCESSES[process]
    works = []

    async def serve(_pages, listener, _tls):
        listener.close()
        works.append(1)

    run = in_a_thread if module is server else (lambda function, *given: function(*given))
    monkeypatch.setattr(module, runs, serve if module is server else lambda *_: works.append(1))
    (folder / "config.ini").write_text(text)
    return run(CliRunner().invoke, main, ["--config", str(folder / "config.ini"), process]), len(works)


@pytest.mark.slow
@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("part", BROKEN)
def test_a_broken_option_ends_no_process(part, process, folder, monkeypatch):
    answer, works = begun(folder, SOUND + BROKEN[part][0], process, monkeypatch)
    assert (answer.exit_code, works) == (0, 1), answer.output


@pytest.mark.slow
@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("part", REQUIRED)
def test_a_required_part_refuses_with_its_sentence(part, process, folder, monkeypatch):
    answer, works = begun(folder, REQUIRED[part], process, monkeypatch)
    assert (answer.exit_code, works) == (1, 0)
    assert "config.ini, ligne " in answer.output


@pytest.mark.parametrize("part", BROKEN)
def test_an_incident_names_section_and_key_and_ends_with_the_fault(part, folder, now):
    written, named = BROKEN[part]
    config = folder / "config.ini"
    config.write_text(SOUND + written)
    installation = Installation(config)
    with installation.open_database():
        look(installation.settings(), now)
        [incident] = [card for card in open_incidents() if card.kind == "setting"]
        assert named in incident.sentence
    answer = CliRunner().invoke(main, ["--config", str(config), "check"])
    assert any(line.startswith("NON") and named in line for line in answer.output.splitlines()), answer.output
    config.write_text(SOUND)
    sound = Installation(config)
    with sound.open_database():
        look(sound.settings(), now)
        assert [card for card in open_incidents() if card.kind == "setting"] == []


def test_nothing_is_forgotten_while_nobody_knows_for_how_long_it_is_kept(folder, now):
    (folder / "config.ini").write_text(SOUND + BROKEN["retention"][0])
    installation = Installation(folder / "config.ini")
    with installation.open_database():
        assert not forget_nightly(installation.settings(), now)


def test_whoever_asks_for_it_strictly_still_gets_the_sentence(folder):
    from base.settings.reading import load_settings

    (folder / "config.ini").write_text(SOUND + BROKEN["smtp encryption"][0])
    with pytest.raises(Refusal, match=r"\[mail\] tls"):
        load_settings(folder / "config.ini")
