"""`plp`, the front door: joins the command groups of db, modem, jobs and console, loaded when one is typed."""

import importlib
import os
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from db.engine.privileges import step_down
from plp.cli.speech import french_help, in_language, of_environment, phrase, said, speak
from plp.cli.terminal import Unconfirmed, error_shape, tell_json, with_json
from plp.process import log_to_stderr
from rules.languages import MAIN_LANGUAGE
from rules.refusals import Spoken

_ROOT = Path(__file__).parents[2]
# Written by `make deb`, where nothing else remembers it.
_BAKED = Path(__file__).with_name("COMMIT")
_COMMANDS = {
    "run": "plp.cli.run:run",
    "console": "plp.cli.broadcast:console",
    "modem": "plp.cli.modem:modem",
    "jobs": "plp.cli.jobs:jobs",
    "plan-b": "plp.cli.jobs:plan_b",
    "migrate": "plp.cli.administration:migrate",
    "roles": "plp.cli.administration:roles",
    "check": "plp.cli.checking:check",
    "user": "plp.cli.accounts:user",
    "token": "plp.cli.accounts:token",
    "member": "plp.cli.administration:member",
    "broadcast": "plp.cli.broadcast:broadcast",
    "certificate": "plp.cli.setup:certificate",
    "audit": "plp.cli.audit:audit",
    "setup": "plp.cli.setup:setup",
    "backup": "plp.cli.backup:backup",
    "backup-key": "plp.cli.backup:backup_key",
    "restore": "plp.cli.backup:restore",
    "move": "plp.cli.backup:move",
    "join": "plp.cli.backup:join",
}

# Processes of their own, that a supervisor waits for.
_SERVICES = ("console", "modem", "jobs")
# They answer nothing, or in a language of their own (SQL).
_WITHOUT_JSON = ("run", "console", "jobs", "roles")
# In what the contexts of one run share: somebody typed --json, perhaps where it does not belong.
_JSON = "plp.json"


def tell_version(ctx: click.Context, _option: click.Parameter, is_typed: bool) -> None:
    """`plp-alerte 1.0.0 (1a2b3c4d5e6f)`; only the number if the commit is unknown."""
    if not is_typed:
        return
    from importlib.metadata import version

    commit = _BAKED.read_text(encoding="ascii").strip() if _BAKED.is_file() else _checked_out()
    click.echo(f"plp-alerte {version('plp-alerte')}" + (f" ({commit})" if commit else ""))
    ctx.exit()


def _checked_out() -> str:
    command = ["git", "-C", str(_ROOT), "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"]
    with suppress(OSError, subprocess.SubprocessError):
        if (_ROOT / ".git").exists():
            return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    return ""


def examples() -> dict[str, str]:
    """An example of every command: its whole name, and the words typed after it."""
    return tomllib.loads(Path(__file__).with_name("examples.toml").read_text(encoding="utf-8"))


def _with_examples(command: click.Command, name: str, typed: dict[str, str]) -> click.Command:
    """The command, and those below it, with an example at the end of its help."""
    if name in typed:
        command.epilog = f"\b\n{phrase('Exemple :')}\n  plp {name} {typed[name]}".rstrip()
    if isinstance(command, click.Group):
        for below, member in command.commands.items():
            _with_examples(member, f"{name} {below}", typed)
    return command


def _with_json(command: click.Command) -> click.Command:
    """The command, and those below it, each with --json, but for a group's bare name."""
    if isinstance(command, click.Group):
        for member in command.commands.values():
            _with_json(member)
    else:
        with_json(command)
    return command


def _loaded(name: str) -> click.Command:
    module, _, attribute = _COMMANDS[name].partition(":")
    command: click.Command = getattr(importlib.import_module(module), attribute)
    return command if name in _WITHOUT_JSON else _with_json(command)


def helped() -> dict[str, list[str]]:
    """The French of every command's help, by the module of the command: what a translator translates."""
    found = {__name__: french_help(main)}
    for name, place in _COMMANDS.items():
        found.setdefault(place.partition(":")[0], []).extend(french_help(_loaded(name)))
    return found


class FrontDoor(click.Group):
    """Commands by name, imported late; a Refusal is one line on stderr, with --json a document too, and status 1."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_JSON] = "--json" in args
        speak(MAIN_LANGUAGE if ctx.meta[_JSON] else of_environment(os.environ))  # programs match on sentences too
        in_language(self)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        if cmd_name != "move" and not _names_postgres(_path(ctx.params.get("config"))):
            sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]  # as if it were not installed
        return in_language(_with_examples(_loaded(cmd_name), cmd_name, examples()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Spoken as refusal:
            click.echo(said(refusal), err=True)
            if ctx.meta[_JSON]:
                tell_json(error_shape(refusal))
            ctx.exit(2 if isinstance(refusal, Unconfirmed) else 1)
        except click.UsageError as wrong:
            if ctx.meta[_JSON]:
                tell_json({"error": "usage", "message": wrong.format_message()})
            raise


@click.group(cls=FrontDoor, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), help="Par défaut $PLP_CONFIG, sinon ./config.ini.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=tell_version, help="Afficher la version."
)
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Alertes par SMS d'une zone de police, sans fournisseur tiers."""
    # The database holds phone numbers: what is made here is its owner's alone. Where three users share it (UMask of the
    # units), it is their group's too.
    if os.umask(0o077) == 0o007:
        os.umask(0o007)
    step_down()
    path = _path(config)
    if ctx.invoked_subcommand == "run":  # it knows neither database nor web
        ctx.obj = path
        return
    from db.operations.installation import Installation

    ctx.obj = installation = Installation(path, demo=os.environ.get("PLP_DEMO") == "1")
    if ctx.invoked_subcommand in _SERVICES:
        log_to_stderr(installation.settings().log.level)


def _path(config: Path | None) -> Path:
    return (config or Path(os.environ.get("PLP_CONFIG") or "config.ini")).absolute()


def _names_postgres(config: Path) -> bool:
    """False where it surely is SQLite: the driver of PostgreSQL takes 10 MB and a quarter of a command's start."""
    lines: list[bytes] = []
    with suppress(OSError):
        if config.is_file():  # a pipe would be waited for; reading the settings says what it is
            lines = config.read_bytes().splitlines()
    return any(b"postgres" in line.lower() for line in lines if not line.lstrip().startswith((b"#", b";")))


if __name__ == "__main__":
    main()
