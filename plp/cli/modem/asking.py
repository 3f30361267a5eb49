"""`plp modem accept`, `resume`, `suspend` and `restart`: what a technician asks of a modem, as on its page."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from db.engine.clock import utc_now
from db.modems.status import ModemCard
from db.operations.installation import Installation
from plp.cli.terminal import operator
from plp.rules.numbers import half_masked
from plp.services import modems


@click.command()
@click.argument("name", metavar="MODEM")
@click.option("--yes", is_flag=True, help="Autoriser la carte ; sans cette option, l'afficher seulement.")
@click.pass_obj
def accept(installation: Installation, name: str, yes: bool) -> None:
    """Autoriser la nouvelle carte SIM de ce modem : il peut ensuite envoyer."""
    with _modem(installation, name) as modem:
        card = modems.waiting_card(modem)
        if card is None:
            click.echo(f"Aucune carte à autoriser dans le modem {modem.name}.", err=True)
            raise click.exceptions.Exit(1)
        told = f"ICCID {half_masked(card.iccid)}, IMSI {half_masked(card.imsi)}"
        if not yes:
            click.echo(f"Carte à autoriser : {told}. Vérifiez qu'elle est à vous, puis ajoutez --yes.")
            raise click.exceptions.Exit(2)
        modems.accept_card(modem, card.id, operator(), utc_now())
    click.echo(f"Carte autorisée ({told}) : le modem {modem.name} enverra dès qu'il aura le réseau.")


@click.command()
@click.argument("name", metavar="MODEM")
@click.option("--reason", default="", help="Motif, conservé dans l'historique.")
@click.pass_obj
def resume(installation: Installation, name: str, reason: str) -> None:
    """Remettre en service un modem arrêté, en pause ou suspendu."""
    with _modem(installation, name) as modem:
        modems.resume(modem, reason, operator(), utc_now())
    click.echo(f"Remise en service demandée : le modem {modem.name} réessaie immédiatement.")


@click.command()
@click.argument("name", metavar="MODEM")
@click.option("--reason", required=True, help="Motif, conservé dans l'historique et affiché avec l'état du modem.")
@click.pass_obj
def suspend(installation: Installation, name: str, reason: str) -> None:
    """Suspendre un modem : il reçoit encore, mais n'envoie rien jusqu'à « plp modem resume »."""
    with _modem(installation, name) as modem:
        modems.suspend(modem, reason, operator(), utc_now())
    click.echo(f"Suspension demandée : le modem {modem.name} n'envoie plus. Un autre, s'il y en a, prend le relais.")


@click.command()
@click.argument("name", metavar="MODEM")
@click.pass_obj
def restart(installation: Installation, name: str) -> None:
    """Redémarrer un modem : pendant une minute au plus, il n'envoie et ne reçoit rien."""
    with _modem(installation, name) as modem:
        modems.restart(modem, operator(), utc_now())
    click.echo(f"Redémarrage demandé : le modem {modem.name} s'arrête pendant une minute au plus.")


@contextmanager
def _modem(installation: Installation, name: str) -> Iterator[ModemCard]:
    """The modem of that name, with the database open. Raises Refusal."""
    with installation.open_database():
        yield modems.modem_named(name, installation.settings().host, utc_now())
