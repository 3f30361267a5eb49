"""`plp modem`: the daemon, and what people ask about modems at the command line."""

import logging

import click

from db.house import House
from db.stopping import stop_on_signals
from modem.commands.doctor import doctor
from modem.commands.listing import list_modems
from modem.commands.record import record
from modem.commands.selftest import selftest


@click.group(invoke_without_command=True)
@click.pass_context
def modem(ctx: click.Context) -> None:
    """Le service des modems ; « plp modem list » les montre."""
    if ctx.invoked_subcommand is not None:
        logging.getLogger().setLevel(logging.ERROR)  # what there is to say, the command says itself
        return
    from modem.service import daemon  # pyserial and libgammu only where a port may be opened
    from modem.service.lock import only_daemon

    house: House = ctx.obj
    settings = house.settings()
    with house.open_database() as database, only_daemon(settings, database) as lock:
        daemon.run(settings, database, lock, stop_on_signals())


for command in (list_modems, doctor, selftest, record):
    modem.add_command(command)
