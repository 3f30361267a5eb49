"""`plp`, the front door: joins the command groups of db, modem, jobs and console, each loaded when it is asked for.

`plp run` supervises the three processes, and the simulators of `device = sim`; they meet only in the database.
"""

import ctypes
import importlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from db.engine import schema
from db.engine.clock import utc_now
from db.engine.health import write_trouble
from db.operations import demonstration
from db.operations.installation import Installation
from db.operations.secret_files import secret_files
from db.operations.wal_damage import is_damage_untold
from db.people.accounts.links import admin_exists, issue_link
from plp.cli.administration import console_url, setup_url
from plp.cli.stopping import stop_on_signals
from plp.rules.refusals import Refusal
from plp.services.first_start import bring_up_to_date

_log = logging.getLogger("plp")

_COMMANDS = {
    "run": "plp.cli.main:run",
    "console": "plp.cli.broadcast:console",
    "modem": "plp.cli.modem:modem",
    "jobs": "plp.cli.jobs:jobs",
    "plan-b": "plp.cli.jobs:plan_b",
    "migrate": "plp.cli.administration:migrate",
    "roles": "plp.cli.administration:roles",
    "check": "plp.cli.main:check",
    "user": "plp.cli.accounts:user",
    "token": "plp.cli.accounts:token",
    "member": "plp.cli.administration:member",
    "broadcast": "plp.cli.broadcast:broadcast",
    "certificate": "plp.cli.certificate:certificate",
    "stops": "plp.cli.stops:stops",
    "audit": "plp.cli.audit:audit",
    "setup": "plp.cli.setup:setup",
    "backup": "plp.cli.backup:backup",
    "backup-key": "plp.cli.backup:backup_key",
    "restore": "plp.cli.backup:restore",
}


class FrontDoor(click.Group):
    """Commands by name, imported late; a Refusal is one line on stderr and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            click.echo(str(refusal), err=True)
            ctx.exit(1)


@click.group(cls=FrontDoor, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), help="Par défaut $PLP_CONFIG, sinon ./config.ini.")
@click.version_option(package_name="plp-alerte")
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Alertes par SMS d'une zone de police, sans fournisseur tiers."""
    os.umask(0o077)  # the database holds phone numbers: what is made here is its owner's alone
    path = config or Path(os.environ.get("PLP_CONFIG") or "config.ini")
    installation = Installation(path.absolute(), demo=os.environ.get("PLP_DEMO") == "1")
    ctx.obj = installation
    if ctx.invoked_subcommand in ("run", "console", "modem", "jobs"):
        logging.basicConfig(
            level=installation.settings().log.level.upper(),
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            datefmt="%Y-%m-%d %H:%M:%S%z",  # in the night of the last Sunday of October, 02:30 comes twice
        )
        logging.getLogger("peewee").setLevel(logging.INFO)  # at debug it tells each query with its numbers and texts


@click.command()
@click.option("--demo", is_flag=True, help="Démonstration : un modem simulé, aucun SMS ne part.")
@click.pass_context
def run(ctx: click.Context, demo: bool) -> None:
    """La console, les modems et les travaux, surveillés ensemble."""
    from console.web.serving import check_certificate, check_exposure, listening_socket

    installation: Installation = Installation(ctx.obj.config, demo=True) if demo else ctx.obj
    # Told now: a console that another program's port keeps from starting would be started again and again.
    console = installation.settings().console
    check_exposure(console)
    check_certificate(console)
    listening_socket(console).close()
    link = _prepare(installation)
    stop = stop_on_signals()
    children = [Child(name, command, installation) for name, command in _processes(installation)]
    try:
        for child in children:
            child.start()
        announced = False
        while not stop.wait(0.2):
            for child in children:
                child.look_after()
            if not announced and _answers(installation):
                announced = True
                _announce(installation, link)
    finally:
        _end(children)


def _prepare(installation: Installation) -> str | None:
    """Create the database where none exists; refuse an old one. Returns the first admin's link, when one is owed."""
    settings = installation.settings()
    with installation.any_database() as database:
        if schema.is_empty(database):
            # The demonstration stays one link and one password.
            bring_up_to_date(database, settings.zone, second_factor=not installation.demo)
        schema.require_current(database)
        if installation.demo:
            demonstration.invent(utc_now())
        return None if admin_exists() else setup_url(installation, issue_link(utc_now()))


def _processes(installation: Installation) -> list[tuple[str, list[str]]]:
    """Names and command lines, the simulators first so that the daemon finds them."""
    from modem.daemon.ports.devices import simulator_link

    python = [sys.executable, "-m"]
    simulators = []
    for modem in installation.settings().modems:
        if modem.device == "sim":
            link = simulator_link(installation.settings(), modem.name)
            log = link.with_suffix(".jsonl")
            pace = ["--submit-ms", "400", "--report-ms", "1500"]
            # So that a self-test comes back, and a proof of life arrives at the next one.
            number = ["--number", modem.number, "--neighbours", str(link.parent)] if modem.number else []
            simulators.append(
                (f"sim-{modem.name}", [*python, "modem.sim", "--link", str(link), "--log", str(log), *pace, *number])
            )
    own = [*python, "plp", "--config", str(installation.config)]
    return simulators + [(name, [*own, name]) for name in ("console", "modem", "jobs")]


def _answers(installation: Installation) -> bool:
    """True once somebody may open the console's address."""
    console = installation.settings().console
    try:
        socket.create_connection((console.host, console.port), timeout=1).close()
    except OSError:
        return False
    return True


def _announce(installation: Installation, link: str | None) -> None:
    """Say where the console answers."""
    click.echo(f"\n  plp-alerte : {console_url(installation)}")
    if installation.demo:
        click.echo(
            "  Démonstration : aucun SMS ne quitte cette machine, et un mot de passe suffit (pas de deuxième facteur)."
        )
    if link:
        click.echo(f"  Premier administrateur (lien à usage unique, 24 h) : {link}")
    click.echo("  Ctrl-C arrête tout.\n")


class Child:
    """One supervised process, started again when it ends by itself, with growing pauses."""

    def __init__(self, name: str, command: list[str], installation: Installation) -> None:
        self.name = name
        self._command = command
        self._environment = {**os.environ, "PLP_DEMO": "1" if installation.demo else "0"}
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = self._start_at = 0.0
        self._failures = 0

    def start(self) -> None:
        """Start it now. It ends with this process, whatever ends this process."""
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(
            self._command, env=self._environment, start_new_session=True, preexec_fn=_die_with_parent
        )

    def look_after(self) -> None:
        """Start it again when it ended and its pause is over."""
        now = time.monotonic()
        if self._process is not None:
            status = self._process.poll()
            if status is None:
                return
            self._process = None
            self._failures = 0 if now - self._started_at > 60 else self._failures + 1
            pause_s = min(2.0 ** (self._failures - 1), 30.0) if self._failures else 0.0
            _log.error("%s ended with status %d; again in %.0f s", self.name, status, pause_s)
            self._start_at = now + pause_s
        if now >= self._start_at:
            self.start()

    def ask_to_end(self) -> None:
        """SIGTERM, when it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_until(self, deadline: float) -> None:
        """Wait for its end; kill it at the deadline (monotonic seconds)."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _log.warning("%s did not end in time and was killed", self.name)
            self._process.kill()
            self._process.wait()


def _end(children: list[Child]) -> None:
    """The simulators last, so that a submit that is under way gets its answer."""
    deadline = time.monotonic() + 12
    for simulators in (False, True):
        group = [child for child in children if child.name.startswith("sim-") is simulators]
        for child in group:
            child.ask_to_end()
        for child in group:
            child.wait_until(deadline)


def _die_with_parent() -> None:
    """prctl(PR_SET_PDEATHSIG): a supervisor killed with -9 leaves nothing behind that holds ports and locks."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@click.command()
@click.pass_obj
def check(installation: Installation) -> None:
    """Configuration, base de données, ports, mail : une ligne chacun."""
    checks: list[tuple[str, Callable[[Installation], str]]] = [
        ("configuration", _check_configuration),
        ("secrets", _check_secrets),
        ("base de données", _check_schema),
        ("ports", _check_ports),
        ("mail", _check_mail),
        ("boîte aux lettres", _check_mailbox),
        ("plan B", _check_plan_b),
        ("sauvegarde", _check_backup),
    ]
    failed = False
    for name, look in checks:
        try:
            click.echo(f"ok    {name} : {look(installation)}")
        except Refusal as refusal:
            failed = True
            click.echo(f"NON   {name} : {refusal}")
            if name == "configuration":
                break  # the others would only say the same
    if failed:
        sys.exit(1)


def _check_configuration(installation: Installation) -> str:
    from console.web.serving import check_certificate, check_exposure

    console = installation.settings().console
    check_exposure(console)
    check_certificate(console)
    return str(installation.settings().path)


def _check_secrets(installation: Installation) -> str:
    files = secret_files(installation.settings())
    exposed = [str(file.trouble) for file in files if file.trouble]
    if exposed:
        raise Refusal("{exposed}", exposed=" ".join(exposed))
    said = (
        f"{file.key} ({file.owner}, {file.mode:04o}, pour {file.reader})" for file in files if file.mode is not None
    )
    return ", ".join(said) or "aucun fichier"


def _check_schema(installation: Installation) -> str:
    with installation.open_database():
        if trouble := write_trouble(thorough=True):
            raise Refusal("{trouble}", trouble=trouble.inside)
        if is_damage_untold():
            raise Refusal(
                "elle était abîmée à l'ouverture et les derniers instants manquent ; lancez le service des modems : "
                "il retient ce qui attend, et un policier décide"
            )
        return installation.database_name


def _check_ports(installation: Installation) -> str:
    from modem.daemon.ports.port_check import check_ports

    return check_ports(installation.settings())


def _check_mail(installation: Installation) -> str:
    from plp.jobs.smtp.checking import check_mail

    settings = installation.settings()
    if not settings.mail.sender:
        return "pas configuré ([mail] from est vide), aucun mail ne part"
    return check_mail(settings)


def _check_mailbox(installation: Installation) -> str:
    from plp.jobs.imap.watch import check_mailbox

    return check_mailbox(installation.settings().mail)


def _check_plan_b(installation: Installation) -> str:
    from plp.jobs.plan_b.nightly import password_of

    settings = installation.settings()
    if settings.plan_b.password_file is None:
        return "pas configuré ([plan_b] password_file est vide), aucun export"
    password_of(settings)
    return f"chaque nuit à {settings.plan_b.at:%H:%M}"


def _check_backup(installation: Installation) -> str:
    from db.operations.backup.places import backups_in, place_of

    settings = installation.settings()
    if not settings.backup.recipient:
        return "pas configurée ([backup] recipient est vide) : un disque qui meurt emporte tout"
    kept = backups_in(place_of(settings).names(), settings.host)
    return f"{len(kept)} gardées dans {settings.backup.to}, la dernière : {kept[0] if kept else '–'}"


if __name__ == "__main__":
    main()
