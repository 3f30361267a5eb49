"""`plp jobs` and `plp plan-b`."""

import click

from base.watchdog import keep_loaded
from db.engine.clock import utc_now
from db.operations.installation import Installation
from plp.cli.terminal import answer
from plp.jobs import scheduler
from plp.jobs.backup import export
from plp.process import log_oddities, stop_on_signals


@click.command()
@click.pass_obj
def jobs(installation: Installation) -> None:
    """Lancer les tâches automatiques : e-mails, réponses, bienvenue, incidents, plan de secours, conservation."""
    with installation.open_database():
        pass  # one that cannot be used is refused before anything begins
    log_oddities(installation.settings())
    keep_loaded()
    scheduler.run(installation.settings(), stop_on_signals())


@click.command("plan-b")
@click.pass_obj
def plan_b(installation: Installation) -> None:
    """Créer maintenant l'export chiffré du plan de secours : liste des membres et arbre d'appel à imprimer."""
    with installation.open_database():
        path = export(installation.settings(), utc_now())
    answer(path=str(path))
    click.echo(str(path))
