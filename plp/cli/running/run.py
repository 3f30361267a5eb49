"""`plp run`: the console, the modems and the jobs, and the simulators of `device = sim`."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

import click

from plp.cli.process import log_to_stderr, stop_on_signals
from plp.cli.running.children import Child, Notices, end, environment

END_WITHIN_S = 12.0


class Prepared(TypedDict):
    """Answer of the preparation: how the simulators are started (arguments of `python -m` by name), and where the
    console will answer. `link` is the first admin's, when one is owed.
    """

    link: str | None
    simulators: dict[str, list[str]]
    url: str
    address: tuple[str, int]
    log_level: str


@click.command()
@click.option("--demo", is_flag=True, help="Démonstration : modem simulé, aucun SMS n'est réellement envoyé.")
@click.pass_obj
def run(config: Path, demo: bool) -> None:
    """Lancer la console, le service des modems et les tâches automatiques, sous surveillance."""
    demo = demo or os.environ.get("PLP_DEMO") == "1"
    prepared = _prepare(config, demo)
    log_to_stderr(prepared["log_level"])
    stop = stop_on_signals()
    notices = Notices()
    around = environment(demo, notices)
    # First, so that the daemon finds them; last to end, so that a submit that is under way gets its answer.
    simulators = [Child(name, arguments, around, speaks=False) for name, arguments in prepared["simulators"].items()]
    own = [
        Child(name, ["plp", "--config", str(config), name], around, speaks=True)
        for name in ("console", "modem", "jobs")
    ]
    try:
        for child in (*simulators, *own):
            child.start()
        announced = False
        while not stop.wait(0.2):
            for pid, said in notices.read():
                for child in own:
                    child.hear(pid, said)
            for child in (*simulators, *own):
                child.look_after()
            if not announced and _answers(prepared["address"]):
                announced = True
                _announce(prepared, demo)
    finally:
        end(own, END_WITHIN_S)
        end(simulators, 1.0)
        notices.close()


def _prepare(config: Path, demo: bool) -> Prepared:
    """Run the preparation and pass on its messages; when it fails, end this process with its status."""
    done = subprocess.run(
        [sys.executable, "-m", "plp.cli.running.preparation", str(config)],
        env={**os.environ, "PLP_DEMO": "1" if demo else "0"},
        capture_output=True,
    )
    click.echo(done.stderr, nl=False, err=True)
    if done.returncode:
        sys.exit(done.returncode)
    prepared: Prepared = json.loads(done.stdout)
    return prepared


def _answers(address: tuple[str, int]) -> bool:
    """True once somebody may open the console's address."""
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


def _announce(prepared: Prepared, demo: bool) -> None:
    """Say where the console answers."""
    click.echo(f"\n  plp-alerte : {prepared['url']}")
    if demo:
        click.echo(
            "  Démonstration : aucun SMS n'est réellement envoyé ; un mot de passe suffit (pas de deuxième facteur)."
        )
    if link := prepared["link"]:
        click.echo(f"  Premier administrateur (lien à usage unique, 24 h) : {link}")
    click.echo("  Ctrl-C arrête tout.\n")
