"""`plp jobs` and `plp plan-b`."""

import click

from db.clock import utc_now
from db.house import House
from db.stopping import stop_on_signals
from jobs import loop
from jobs.plan_b.nightly import export


@click.command()
@click.pass_obj
def jobs(house: House) -> None:
    """Ce qui se fait tout seul : mails, réponses, bienvenue, alarmes, plan B, durées de conservation."""
    with house.open_database():
        pass
    loop.run(house.settings(), stop_on_signals())


@click.command("plan-b")
@click.pass_obj
def plan_b(house: House) -> None:
    """Fait maintenant l'export chiffré de la nuit : liste des membres et arbre d'appel sur papier."""
    with house.open_database():
        path = export(house.settings(), utc_now())
    click.echo(str(path))
