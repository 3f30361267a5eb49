"""The manual page and the completion of `plp`, made from its commands."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime

import click

from plp.cli.main import main


def roff(text: str) -> str:
    """The text, with what roff would take for its own escaped."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command with its full name, groups before what is in them."""
    context = click.Context(command, info_name=name)
    yield name, command, context
    if isinstance(command, click.Group):
        for own_name in command.list_commands(context):
            if (member := command.get_command(context, own_name)) is not None:
                yield from commands(member, f"{name} {own_name}")


def section(name: str, command: click.Command, context: click.Context) -> Iterator[str]:
    """One command: how it is called, what it does, its options."""
    yield f".SS {roff(' '.join([name, *command.collect_usage_pieces(context)]))}"
    yield roff((command.help or "").strip())
    for parameter in command.get_params(context):
        if record := parameter.get_help_record(context):
            yield f".TP\n.B {roff(record[0])}\n{roff(record[1])}"


def page(at: datetime) -> str:
    """plp(1), in French as the commands are."""
    lines = [f'.TH PLP 1 "{at:%Y-%m-%d}" "plp-alerte"', ".SH NOM", f"plp \\- {roff(main.help or '')}"]
    lines += [".SH COMMANDES"]
    for name, command, context in commands(main, "plp"):
        lines += section(name, command, context)
    lines += [".SH FICHIERS", ".TP\n.I /etc/plp-alerte/config.ini\nLa configuration, chaque clé avec sa raison."]
    lines += [".TP\n.I /var/lib/plp-alerte\nLa base de données, le journal, les clés de cette machine."]
    lines += [".SH VOIR AUSSI", ".BR systemctl (1),\n.BR journalctl (1)"]
    return "\n".join(lines) + "\n"


def completion() -> str:
    """The completion of `plp` for bash: it asks plp itself, so it is never out of date."""
    environment = {**os.environ, "_PLP_COMPLETE": "bash_source"}
    code = "from plp.cli.main import main; main(prog_name='plp')"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    if "_plp_completion" not in done.stdout:
        raise RuntimeError(done.stderr)
    return done.stdout
