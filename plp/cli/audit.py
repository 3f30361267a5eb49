"""`plp audit verify`: does the journal still say what it said?"""

import json

import click

from db.journal.chain import verify as walk
from db.operations.installation import Installation


@click.group()
def audit() -> None:
    """Le journal de ce qui a été fait."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def verify(installation: Installation, as_json: bool) -> None:
    """Vérifier la chaîne : rien n'a été changé, enlevé ni ajouté après coup. Statut 1 si elle ne tient pas."""
    with installation.open_database():
        verdict = walk()
    if as_json:
        whole = {
            "ok": not verdict.faults,
            "sealed": verdict.sealed,
            "waiting": verdict.waiting,
            "last_hash": verdict.last_hash,
            "faults": list(verdict.faults),
        }
        click.echo(json.dumps(whole, ensure_ascii=False))
    else:
        for fault in verdict.faults:
            click.echo(fault, err=True)
        state = "La chaîne ne tient pas" if verdict.faults else "La chaîne tient"
        sealed = "1 entrée scellée" if verdict.sealed == 1 else f"{verdict.sealed} entrées scellées"
        waiting = f", {verdict.waiting} à sceller" if verdict.waiting else ""
        click.echo(f"{state} : {sealed}{waiting}. Dernier sceau : {verdict.last_hash or '–'}")
    if verdict.faults:
        raise click.exceptions.Exit(1)
