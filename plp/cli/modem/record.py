"""`plp modem record`."""

import sys
from pathlib import Path

import click

from db.operations.installation import Installation
from plp.cli.terminal import operator


@click.command()
@click.argument("name", metavar="MODEM|PORT")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER")
@click.pass_obj
def record(installation: Installation, name: str, file: Path) -> None:
    """Enregistrer le dialogue avec un modem, masqué, au format du simulateur.

    Si le service est actif, le modem n'est pas dérangé ; sinon la commande l'interroge, sans rien envoyer.
    """
    from modem.doctor.transcript import transcript
    from plp.rules.refusals import Refusal

    found = transcript(installation, name, operator())
    try:
        file.write_text(found.text, encoding="utf-8")
    except OSError as error:
        raise Refusal("{file} ne peut pas être écrit : {why}.", file=file, why=error.strerror) from None
    click.echo(f"{file} : {found.lines} lignes. Les numéros, textes, codes et cartes sont masqués.")
    if found.trouble:
        click.echo(found.trouble, err=True)
        sys.exit(1)
