"""`plp check`, the doctor and the list of first steps on planted faults: none of them says that all is well of what
another one calls a fault.
"""

import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from db.engine.clock import utc_now
from db.mail.claim import mark_server_down
from db.models.incidents import DiskDay, JobRun
from db.models.people import Member
from db.models.zone import AuditEntry, DirectoryEntry, Heartbeat, Zone
from db.operations.machine import note_time
from modem.doctor import gathering
from modem.doctor.gathering import gather
from modem.doctor.report import diagnose, is_healthy
from modem.errors import (
    ModemTimeout,
    PinRequired,
    PortBusy,
    PortError,
    PortForbidden,
    PortGone,
)
from plp.cli.main import main
from plp.jobs.smtp import connection
from plp.services import machine
from plp.services.machine import first_steps
from tests.plp.cli.sound_box import CONFIG, Box
from tests.support.journal import take_guards_away

pytestmark = pytest.mark.slow

MODEM, SOUND, BACKUP, MAIL = "setup_modem", "setup_sound", "setup_backup", "setup_mail"
# What the daemon says of its modem: state, reason, columns; the doctor's word, which is the check's too.
SAID = [
    ("absent", "unplugged", {}, "Modem absent"),
    ("faulty", "port_shut", {}, "Le port ne peut pas être ouvert"),
    ("faulty", "port_held", {}, "est utilisé par minicom"),
    ("faulty", "port_taken", {}, "Ce port est déjà celui du modem « b »"),
    ("faulty", "other_imei", {}, "a l'IMEI 1 et non 2"),
    ("faulty", "same_modem", {}, "C'est le même modem que « b »"),
    ("faulty", "modem_silent", {}, "Le modem ne répond pas (AT)"),
    ("no_sim", "sim_missing", {}, "Pas de carte SIM"),
    ("no_sim", "puk_asked", {}, "La carte SIM est bloquée (PUK)"),
    ("no_sim", "sim_silent", {}, "La carte SIM ne fonctionne pas"),
    ("pin", "pin_asked", {"pin_tries": 3}, "demande son code PIN"),
    ("pin", "pin_asked", {"pin_tries": 1}, "essais restants : 1"),
    ("quarantined", "sim_new", {}, "Nouvelle carte SIM à autoriser"),
    ("out_of_service", "suspended_by", {}, "Mis hors service par X"),
    ("not_registered", "no_network", {"unregistered": "denied"}, "Le réseau refuse"),
    ("suspended", "", {}, "L'opérateur a refusé des SMS"),
]
# The port's word where no daemon has the modem.
ASKED = [
    (PortGone("tty"), "n'existe pas"),
    (PortBusy("tty", "minicom"), "est utilisé par minicom"),
    (PortForbidden("tty"), "n'est pas accessible"),
    (PortError("tty"), "n'est pas un port"),
    (ModemTimeout("AT"), "Le modem ne répond pas"),
    (PinRequired("x"), "demande son code PIN"),
]


def full_disk(box: Box) -> None:
    for number in range(8):
        day, free = box.now - timedelta(days=7 - number), (15 - 2 * number) * 1024**3
        DiskDay.create(host="box", day=f"{day:%Y-%m-%d}", measured_at=day, total_bytes=free, free_bytes=free)


def damaged(box: Box) -> None:
    take_guards_away()
    AuditEntry.create(at=box.now, actor="plp", action="journal_damaged")


def late_backup(box: Box) -> None:
    then = box.now - timedelta(days=3)
    JobRun.update(started_at=then, ended_at=then).execute()


# Of the machine: how it is planted, the mark and words of the check, the first step that is not done.
PLANTED = {
    "a file of a PIN is missing": (lambda box: (box.folder / "pin").unlink(), "NON", "[modem:a] pin_file", SOUND),
    "a file of a password is missing": (
        lambda box: box.config("[mail]\n", "[mail]\npassword_file = none\n"), "NON", "[mail] password_file", MAIL,
    ),
    "a certificate is missing": (
        lambda box: (box.folder / "tls.crt").unlink(), "NON", "[console] certificate", "setup_certificate",
    ),
    "no certificate": (
        lambda box: box.config("certificate = tls.crt\nkey = tls.key\n", ""), "!", "pas de certificat",
        "setup_certificate",
    ),
    "one port in two sections": (
        lambda box: box.config("[sending]", "[modem:b]\ndevice = tty\n[sending]"), "NON", "[modem:b] device", SOUND,
    ),
    "one number in two sections": (
        lambda box: box.config("[sending]", "[modem:b]\nnumber = +32470000001\n[sending]"), "NON", "[modem:b] number",
        SOUND,
    ),
    "a key that others may read": (lambda box: (box.folder / "tls.key").chmod(0o644), "NON", "0644", SOUND),
    "no backup": (lambda box: box.config("recipient = age1", "#"), "NON", "[backup] to demande aussi", BACKUP),
    "no backup at all": (
        lambda box: (box.config(CONFIG.partition("[backup]")[2], "\n"), JobRun.delete().execute()), "!",
        "une panne du disque détruit tout", BACKUP,
    ),
    "a late backup": (late_backup, "NON", "Aucune sauvegarde n'a réussi depuis 36 heures", BACKUP),
    "no backup was made": (
        lambda box: (JobRun.delete().execute(), [file.unlink() for file in (box.folder / "kept").iterdir()]),
        "NON", "aucune sauvegarde dans kept", BACKUP,
    ),
    "no mail": (lambda box: box.config("from = plp@example.be\n", ""), "!", "aucun e-mail n'est envoyé", MAIL),
    "a mail server that is away": (
        lambda box: (
            mark_server_down("box", "localhost:25", "refused", "", box.now, box.now),
            box.config("plp@example.be", "plp@example.be\nsmtp = localhost:1"),
        ), "NON", "[mail] smtp : localhost:1", MAIL,
    ),
    "a clock that is behind": (lambda box: note_time(box.now + timedelta(days=30)), "NON", "retarde", SOUND),
    "a disk that fills": (full_disk, "NON", "sera plein vers le", SOUND),
    "a database that was damaged": (damaged, "NON", "était endommagée", SOUND),
    "no members": (lambda _box: Member.delete().execute(), "!", "des membres à alerter", "setup_members"),
    "no technician": (lambda _box: DirectoryEntry.delete().execute(), "!", "le technicien", "setup_technician"),
    "no zone": (lambda _box: Zone.update(name="").execute(), "!", "la zone", "setup_zone"),
}  # fmt: skip


@pytest.fixture
def box(tmp_path, seeded, monkeypatch):
    monkeypatch.setenv("PLP_DEMO", "0")
    monkeypatch.setattr(gathering, "bus_verdicts", list)
    real = connection.check_mail
    monkeypatch.setattr(connection, "check_mail", lambda settings: settings.mail.smtp_port == 25 or real(settings))
    # An admin's second factor and an SMS that the network took: no fault is planted in these.
    monkeypatch.setattr(machine, "factors", lambda _account: True)
    monkeypatch.setattr(machine, "accounts", lambda: [Admin])
    monkeypatch.setattr(machine, "last_taken", lambda *_: True)
    return Box(tmp_path, seeded, utc_now())


class Admin:
    id, active, has_password, roles = 1, True, True, frozenset({"admin"})


def checked(box: Box) -> list[str]:
    return CliRunner().invoke(main, ["--config", str(box.folder / "config.ini"), "check"]).stdout.splitlines()


def doctored(box: Box) -> tuple[bool, str]:
    facts = gather(box.installation, None)
    findings = diagnose(facts)
    return is_healthy(facts, findings), " ".join(f"{one.title}. {one.meaning}" for one in findings)


def undone(box: Box) -> set[str]:
    with box.installation.open_database():
        return {step for step, is_done in first_steps(box.installation.settings(), utc_now()).items() if not is_done}


def test_of_a_sound_box_nothing_is_said(box):
    lines = checked(box)
    assert [line for line in lines if not line.startswith("ok ")] == []
    assert doctored(box) == (True, "")
    assert undone(box) == set()


def test_there_are_as_many_faults_as_were_asked_for():
    assert len(SAID) + len(ASKED) + len(PLANTED) >= 40


@pytest.mark.parametrize(("state", "reason", "columns", "words"), SAID)
def test_the_word_of_the_daemon_is_said_by_all(box, state, reason, columns, words):
    box.config("pin_file = pin\n", "")
    box.modem(state, reason, **columns)
    is_well, said = doctored(box)
    assert not is_well
    assert words in said
    titles = [str(one.title) for one in diagnose(gather(box.installation, None))]
    refusals = [line for line in checked(box) if line.startswith("NON   modems : ")]
    assert len(refusals) == len(titles)
    assert all(any(title in line for line in refusals) for title in titles)
    assert undone(box) == {MODEM}


def answering(error):
    def introduction(*_):
        if error:
            raise error
        return "356938035643809"

    return introduction


@pytest.mark.parametrize(("error", "words"), ASKED)
def test_the_word_of_the_port_is_said_by_all(box, monkeypatch, error, words):
    monkeypatch.setattr(gathering, "introduction", answering(error))
    box.config("pin_file = pin\n", "")
    box.no_daemon()
    (box.folder / "tty").touch()
    is_well, said = doctored(box)
    assert (is_well, words in said) == (False, True)
    assert any(line.startswith("NON   modems : ") and words in line for line in checked(box))
    assert MODEM in undone(box)


@pytest.mark.parametrize(("plant", "mark", "words", "step"), PLANTED.values(), ids=PLANTED)
def test_a_fault_of_the_machine_is_said_by_check_and_first_steps(box, plant, mark, words, step):
    with box.installation.open_database():
        plant(box)
    lines = checked(box)
    assert any(line.startswith(f"{mark} ") and words in line for line in lines), lines
    assert step in undone(box)


def test_a_port_of_the_console_that_another_program_holds_is_said(box):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        box.config("listen = 127.0.0.1:0", f"listen = 127.0.0.1:{taken.getsockname()[1]}")
        assert any(line.startswith("NON   console : Un autre programme écoute") for line in checked(box))


def test_the_port_of_a_console_that_runs_is_its_own(box):
    class Console(BaseHTTPRequestHandler):
        server_version, sys_version = "plp-alerte", ""

        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Console) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        box.config("listen = 127.0.0.1:0", f"listen = 127.0.0.1:{server.server_port}")
        box.config("certificate = tls.crt\nkey = tls.key\n", "")
        assert not any("NON   console" in line for line in checked(box))
        server.shutdown()


@pytest.mark.parametrize(("died", "mark"), [(True, "NON"), (False, "!")])
def test_a_service_that_died_is_a_fault_and_one_that_was_stopped_is_to_be_started(box, monkeypatch, died, mark):
    monkeypatch.setattr(gathering, "introduction", answering(None))
    (box.folder / "tty").touch()
    with box.installation.open_database():
        Heartbeat.update(seen_at=box.now - timedelta(minutes=5)).execute() if died else Heartbeat.delete().execute()
    assert [line[:6] for line in checked(box) if "Le service des modems ne fonctionne pas." in line] == [f"{mark:<5} "]
    assert not doctored(box)[0]
    assert MODEM in undone(box)


@pytest.mark.parametrize("process", ["jobs", "console"])
@pytest.mark.parametrize("stopped", [False, True])
def test_a_process_that_is_missing_is_named_by_check_and_doctor(box, process, stopped):
    ago = utc_now() - timedelta(seconds=46)
    with box.installation.open_database():
        Heartbeat.update(seen_at=ago, ended_at=ago if stopped else None).where(Heartbeat.process == process).execute()
    name = {"jobs": "des tâches automatiques", "console": "de la console"}[process]
    (line,) = [line for line in checked(box) if name in line]
    assert line.startswith(f"NON   services : Le service {name} du serveur box ne répond plus depuis le ")
    is_healthy, said = doctored(box)
    assert not is_healthy
    assert f"Le service {name} ne fonctionne pas" in said


@pytest.mark.parametrize(("content", "words"), [(None, "n'existe pas"), ("quatre", "4 à 8 chiffres")])
def test_a_pin_file_that_cannot_serve_is_said_before_the_power_is_cut(box, content, words):
    (box.folder / "pin").unlink() if content is None else (box.folder / "pin").write_text(content)
    assert words in doctored(box)[1]
    said = [line for line in checked(box) if "[modem:a] pin_file" in line and line[:2] != "ok"]
    assert len(said) == 1
    assert said[0].startswith("NON   configuration : ")
    assert words in said[0]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda file: file.write_bytes(b"nonsense" * 4096), "son fichier est endommagé"),
        (lambda file: file.unlink(), "Il n'y a pas encore de base de données"),
    ],
)
def test_a_fault_of_the_database_is_said_once_and_names_what_was_not_looked_at(box, spoil, words):
    for left in box.folder.glob("var/plp.db-*"):
        left.unlink()
    spoil(box.folder / "var/plp.db")
    lines = checked(box)
    assert [line for line in lines if words in line] == [line for line in lines if line.startswith("NON   base de")]
    assert len([line for line in lines if words in line]) == 1
    (others,) = [line for line in lines if line.endswith("non vérifié sans la base de données")]
    assert others.startswith("i     console, services, alarmes, ")
    assert not any("l'état du serveur" in line for line in lines)


def test_a_channel_that_waits_is_not_one_that_nobody_configured(box):
    box.config("from = plp@example.be", "from =")
    box.modem("absent", "unplugged")
    (said,) = [line for line in checked(box) if " alarmes : " in line]
    assert said.startswith("!     alarmes : text : en attente d'un modem")
    box.config("duty_phone = +32470000002", "duty_phone =")
    (said,) = [line for line in checked(box) if " alarmes : " in line]
    assert said == "ok    alarmes : aucun canal n'est configuré"
