"""`plp modem selftest`."""

import sys
import time

import click

from db.engine.clock import utc_now
from db.operations.installation import Installation
from plp.cli.terminal import operator

LOOK_EVERY_S = 0.2


@click.command()
@click.argument("name")
@click.pass_obj
def selftest(installation: Installation, name: str) -> None:
    """Envoyer un SMS de test par ce modem, à lui-même si son numéro est connu.

    Attendre une minute au plus l'envoi, l'accusé de réception et l'arrivée du SMS.
    """
    from modem.daemon.selftest import PATIENCE, Trial, modem_to_test, target_of

    target = target_of(installation.settings(), name)
    with installation.open_database():
        began_at = utc_now()
        trial = Trial(modem_to_test(name, began_at), target, operator(), began_at)
        whom = "à lui-même" if target.own else "au GSM de garde"
        click.echo(f"Le modem {name} s'écrit {whom} ; {PATIENCE.seconds} s au plus.")
        while True:
            now = utc_now()
            for what in trial.look(now):
                click.echo(f"{(now - began_at).total_seconds():6.1f} s  {what}")
            if trial.done(now):
                break
            time.sleep(LOOK_EVERY_S)
        click.echo(trial.end(now))
    sys.exit(0 if trial.passed else 1)
