"""`plp modem`: the daemon, and what people ask about modems at the command line."""

import logging

import click

from db.operations.installation import Installation
from plp.cli.modem.doctor import doctor
from plp.cli.modem.listing import list_modems
from plp.cli.modem.record import record
from plp.cli.modem.selftest import selftest
from plp.cli.stopping import stop_on_signals


@click.group(invoke_without_command=True)
@click.pass_context
def modem(ctx: click.Context) -> None:
    """Le service des modems ; « plp modem list » les montre."""
    if ctx.invoked_subcommand is not None:
        logging.getLogger().setLevel(logging.ERROR)  # what there is to say, the command says itself
        return
    from modem.daemon import daemon  # pyserial and libgammu only where a port may be opened
    from modem.daemon.lock import only_daemon

    installation: Installation = ctx.obj
    settings = installation.settings()
    with installation.open_database() as database, only_daemon(settings, database) as lock:
        daemon.run(settings, database, lock, stop_on_signals())


for command in (list_modems, doctor, selftest, record):
    modem.add_command(command)
