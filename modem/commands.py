"""`plp modem`: the daemon, and what it sees."""

import json

import click
from rich.console import Console
from rich.table import Table

from db.clock import utc_now
from db.house import House
from db.modems import ModemCard, modem_cards
from db.shapes import modems_shape
from db.stopping import stop_on_signals


@click.group(invoke_without_command=True)
@click.pass_context
def modem(ctx: click.Context) -> None:
    """Le service des modems ; « plp modem list » les montre."""
    if ctx.invoked_subcommand is not None:
        return
    from modem.service import daemon  # pyserial and libgammu only where a port may be opened
    from modem.service.lock import only_daemon

    house: House = ctx.obj
    with house.open_database() as database, only_daemon(house.database_path):
        daemon.run(house.settings(), database, stop_on_signals())


@modem.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def list_modems(house: House, as_json: bool) -> None:
    """Les modems et leur état."""
    with house.open_database():
        cards = modem_cards(utc_now())
    if as_json:
        click.echo(json.dumps(modems_shape(cards), ensure_ascii=False))
    elif cards:
        Console().print(_table(cards))
    else:
        click.echo("Aucun modem : ajoutez une section [modem:NOM] à config.ini, avec device = /dev/…")


def _table(cards: list[ModemCard]) -> Table:
    table = Table("modem", "état", "opérateur", "réseau", "signal", "envoyés ce jour", "")
    for card in cards:
        signal = f"{card.signal_dbm} dBm" if card.signal_dbm is not None else ""
        table.add_row(
            card.name,
            card.state,
            card.operator or "",
            card.technology or "",
            signal,
            str(card.sent_today),
            "simulé" if card.simulated else card.sentence,
        )
    return table
