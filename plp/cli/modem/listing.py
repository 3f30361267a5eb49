"""`plp modem list`."""

import json

import click
from rich.console import Console
from rich.table import Table

from db.engine.clock import utc_now
from db.modems.status import ModemCard, modem_cards, on_several_hosts
from db.operations.installation import Installation
from plp.services.contract_json import modems_shape


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def list_modems(installation: Installation, as_json: bool) -> None:
    """Afficher les modems et leur état."""
    with installation.open_database():
        cards = modem_cards(utc_now())
    if as_json:
        click.echo(json.dumps(modems_shape(cards), ensure_ascii=False))
    elif cards:
        Console().print(_table(cards))
    else:
        click.echo("Aucun modem : branchez-en un. « plp modem doctor » indique que faire.")


def _table(cards: list[ModemCard]) -> Table:
    with_host = on_several_hosts(cards)
    table = Table("modem", "état", "opérateur", "réseau", "signal", "envoyés ce jour", "")
    for card in cards:
        signal = f"{card.signal_dbm} dBm" if card.signal_dbm is not None else ""
        table.add_row(
            f"{card.name} ({card.host})" if with_host else card.name,
            card.state,
            card.operator or "",
            card.technology or "",
            signal,
            str(card.sent_today),
            "simulé" if card.simulated else card.sentence,
        )
    return table
