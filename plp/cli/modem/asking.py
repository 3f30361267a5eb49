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
@click.option("--yes", is_flag=True, help="L'accepte ; sans lui, dit de quelle carte il s'agit.")
@click.pass_obj
def accept(installation: Installation, name: str, yes: bool) -> None:
    """Accepte la carte SIM qui attend dans ce modem : il peut envoyer."""
    with _modem(installation, name) as modem:
        card = modems.waiting_card(modem)
        if card is None:
            click.echo(f"Aucune carte n'attend dans le modem {modem.name}.", err=True)
            raise click.exceptions.Exit(1)
        told = f"ICCID {half_masked(card.iccid)}, IMSI {half_masked(card.imsi)}"
        if not yes:
            click.echo(f"Accepterait la carte {told}. Est-ce bien la vôtre ? Avec --yes, elle envoie.")
            raise click.exceptions.Exit(2)
        modems.accept_card(modem, card.id, operator(), utc_now())
    click.echo(f"Carte acceptée ({told}) : le modem {modem.name} envoie dès qu'il a le réseau.")


@click.command()
@click.argument("name", metavar="MODEM")
@click.option("--reason", default="", help="Pourquoi, pour l'historique.")
@click.pass_obj
def resume(installation: Installation, name: str, reason: str) -> None:
    """Remet en service un modem arrêté, en pause ou suspendu : il essaie tout de suite."""
    with _modem(installation, name) as modem:
        modems.resume(modem, reason, operator(), utc_now())
    click.echo(f"Demandé : le modem {modem.name} essaie tout de suite.")


@click.command()
@click.argument("name", metavar="MODEM")
@click.option("--reason", required=True, help="Pourquoi, pour l'historique et pour qui le verra arrêté.")
@click.pass_obj
def suspend(installation: Installation, name: str, reason: str) -> None:
    """Met un modem hors service : il reçoit encore, et n'envoie rien jusqu'à « plp modem resume »."""
    with _modem(installation, name) as modem:
        modems.suspend(modem, reason, operator(), utc_now())
    click.echo(f"Demandé : le modem {modem.name} n'envoie plus rien. Ce qui attend part par un autre, s'il y en a un.")


@click.command()
@click.argument("name", metavar="MODEM")
@click.pass_obj
def restart(installation: Installation, name: str) -> None:
    """Redémarre un modem : une minute au plus, il n'envoie et ne reçoit rien."""
    with _modem(installation, name) as modem:
        modems.restart(modem, operator(), utc_now())
    click.echo(f"Demandé : le modem {modem.name} redémarre, une minute au plus.")


@contextmanager
def _modem(installation: Installation, name: str) -> Iterator[ModemCard]:
    """The modem of that name, with the database open. Raises Refusal."""
    with installation.open_database():
        yield modems.modem_named(name, installation.settings().host, utc_now())
