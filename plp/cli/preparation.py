"""Preparation of `plp run`, in a process that ends: its modules would stay in the supervisor's memory."""

import json
import os
import sys
from pathlib import Path

from db.engine import schema
from db.engine.clock import utc_now
from db.operations.installation import Installation
from db.people.accounts.accounts import admin_exists
from modem.daemon.ports.requests import simulator_link
from plp.cli.administration import console_url, setup_url
from plp.cli.speech import of_environment, said, speak
from plp.process import log_to_stderr
from plp.services.accounts.links import issue_link
from plp.services.machine import bring_up_to_date
from plp.services.people import demonstration
from plp.serving import check_certificate, listening_socket
from rules.people import MACHINE
from rules.refusals import Spoken


def prepare(installation: Installation) -> dict[str, object]:
    """Values for `plp.cli.run.Prepared`, written to stdout as JSON. Raises Refusal."""
    settings = installation.settings()
    log_to_stderr(settings.log.level)
    # Told now: a console that another program's port keeps from starting would be started again and again.
    check_certificate(settings.console)
    listening_socket(settings.console).close()
    return {
        "link": _database(installation),
        "simulators": _simulators(installation),
        "url": console_url(installation),
        "address": (settings.console.host, settings.console.port),
        "log_level": settings.log.level,
    }


def _database(installation: Installation) -> str | None:
    """Create it where none exists; refuse an old one. Returns the first admin's link, when one is owed."""
    with installation.any_database() as database:
        if schema.is_empty(database):
            # The demonstration stays one link and one password.
            bring_up_to_date(database, installation.settings().zone, second_factor=not installation.demo)
    with installation.open_database():
        if installation.demo:
            demonstration.invent(utc_now())
        return None if admin_exists() else setup_url(installation, issue_link(None, MACHINE, utc_now()))


def _simulators(installation: Installation) -> dict[str, list[str]]:
    simulators = {}
    for modem in installation.settings().modems:
        if modem.device == "sim":
            link = simulator_link(installation.settings(), modem.name)
            files = ["--link", str(link), "--log", str(link.with_suffix(".jsonl"))]
            # So that a self-test comes back, and a proof of life arrives at the next one.
            number = ["--number", modem.number, "--neighbours", str(link.parent)] if modem.number else []
            pace = ["--submit-ms", "400", "--report-ms", "1500"]
            simulators[f"sim-{modem.name}"] = ["modem.sim", *files, *pace, *number]
    return simulators


if __name__ == "__main__":
    os.umask(0o077)
    try:
        prepared = prepare(Installation(Path(sys.argv[1]), demo=os.environ.get("PLP_DEMO") == "1"))
    except Spoken as refusal:
        speak(of_environment(os.environ))
        sys.exit(said(refusal))
    sys.stdout.write(json.dumps(prepared))
