"""`plp jobs`."""

import click

from db.house import House
from db.stopping import stop_on_signals
from jobs import loop


@click.command()
@click.pass_obj
def jobs(house: House) -> None:
    """Ce qui se fait tout seul : messages de bienvenue."""
    with house.open_database():
        pass
    loop.run(house.settings(), stop_on_signals())
