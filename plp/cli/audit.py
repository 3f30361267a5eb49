"""`plp audit verify`: does the journal still say what it said?"""

from pathlib import Path

import click

from db.journal.verification import ChainCheck, heads_in, noted_heads
from db.journal.verification import verify as walk
from plp.cli.terminal import content, in_database, json_option, tell_json
from rules.refusals import Refusal


@click.group()
def audit() -> None:
    """Journal des actions."""


@audit.command()
@click.option(
    "--head", "given", multiple=True, metavar="N:HASH", help="Tête de journal notée auparavant ; option répétable."
)
@click.option("--heads", "file", type=click.Path(path_type=Path), help="Fichier contenant des têtes de journal.")
@json_option
@in_database
def verify(given: tuple[str, ...], file: Path | None, as_json: bool) -> None:
    """Vérifier l'intégrité du journal : aucune entrée modifiée, supprimée ou ajoutée. Statut 1 sinon."""
    text = "\n".join([*given, content(file).decode("utf-8", "replace") if file else ""])
    heads = heads_in(text)
    if len(heads) < len(given) or (file and not heads):
        raise Refusal("Une tête s'écrit numéro:empreinte, par exemple 812:9f3c…, avec 64 chiffres après le « : ».")
    verdict = walk([*heads, *noted_heads()])
    if as_json:
        tell_json(_document(verdict))
    else:
        _tell(verdict)
    if verdict.faults:
        raise click.exceptions.Exit(1)


def _document(verdict: ChainCheck) -> dict[str, object]:
    return {
        "ok": not verdict.faults,
        "sealed": verdict.sealed,
        "waiting": verdict.waiting,
        "last_hash": verdict.last_hash,
        "head": str(verdict.head or ""),
        "heads": verdict.heads,
        "faults": list(verdict.faults),
    }


def _tell(verdict: ChainCheck) -> None:
    for fault in verdict.faults:
        click.echo(fault, err=True)
    state = "Journal non intègre" if verdict.faults else "Journal intègre"
    sealed = "1 entrée scellée" if verdict.sealed == 1 else f"{verdict.sealed} entrées scellées"
    waiting = f", {verdict.waiting} à sceller" if verdict.waiting else ""
    click.echo(f"{state} : {sealed}{waiting}, {verdict.heads} têtes comparées. Tête : {verdict.head or '–'}")
