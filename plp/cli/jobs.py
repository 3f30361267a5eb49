"""`plp jobs` and `plp plan-b`."""

import click

from db.engine.clock import utc_now
from db.operations.installation import Installation
from plp.cli.process import stop_on_signals
from plp.jobs.plan_b.nightly import export
from plp.jobs.scheduler import loop


@click.command()
@click.pass_obj
def jobs(installation: Installation) -> None:
    """Ce qui se fait tout seul : mails, réponses, bienvenue, alarmes, plan B, durées de conservation."""
    with installation.open_database():
        pass
    loop.run(installation.settings(), stop_on_signals())


@click.command("plan-b")
@click.pass_obj
def plan_b(installation: Installation) -> None:
    """Fait maintenant l'export chiffré de la nuit : liste des membres et arbre d'appel sur papier."""
    with installation.open_database():
        path = export(installation.settings(), utc_now())
    click.echo(str(path))
