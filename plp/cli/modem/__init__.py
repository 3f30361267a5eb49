"""`plp modem`: the daemon, and what people ask about modems at the command line."""

import logging

import click

from db.engine.connection import Taken, alone
from db.operations.installation import Installation
from modem.doctor.on_call import doctor_on_call
from plp.cli.modem.asking import accept, list_modems, record, restart, resume, selftest, suspend
from plp.cli.modem.doctor import doctor
from plp.cli.modem.report import report
from plp.cli.process import stop_on_signals
from plp.watchdog import keep_loaded
from rules.refusals import Refusal


@click.group(invoke_without_command=True)
@click.pass_context
def modem(ctx: click.Context) -> None:
    """Lancer le service des modems ; « plp modem list » affiche leur état."""
    if ctx.invoked_subcommand is not None:
        logging.getLogger().setLevel(logging.ERROR)  # the command says itself what is to be said
        return
    from modem.daemon import daemon  # pyserial and libgammu only where a port may be opened

    installation: Installation = ctx.obj
    settings = installation.settings()
    try:
        with installation.open_database() as database, alone("modem", settings, database) as lock:
            stop = stop_on_signals()
            keep_loaded()
            with doctor_on_call(settings, stop):
                daemon.run(settings, database, lock, stop)
    except Taken as taken:
        raise _runs_already(settings.host, taken.pid) from None


def _runs_already(host: str, pid: str) -> Refusal:
    """Two daemons would hand the same part over twice after a recovery."""
    if pid:
        return Refusal(
            "Un service des modems est déjà en marche avec cette base (pid {pid}) : arrêtez-le d'abord.", pid=pid
        )
    return Refusal(
        "Un service des modems est déjà en marche avec cette base sous le nom « {host} » : "
        "arrêtez-le d'abord. Si c'est "
        "un autre serveur, donnez un autre nom à celui-ci ([database] host).",
        host=host,
    )


for command in (list_modems, doctor, selftest, record, report, accept, resume, suspend, restart):
    modem.add_command(command)
