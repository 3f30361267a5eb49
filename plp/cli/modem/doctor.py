"""`plp modem doctor`."""

import json
import sys

import click

from db.operations.installation import Installation
from plp.cli.terminal import operator


@click.command()
@click.argument("device", required=False, metavar="[MODEM|PORT]")
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def doctor(installation: Installation, device: str | None, as_json: bool) -> None:
    """Trouve ce qui ne va pas, et dit quoi faire.

    La première ligne dit si tout est en ordre. Un modem que le service utilise n'est pas dérangé.
    """
    from modem.doctor.diagnosis import diagnose, is_healthy  # ports, USB and the codec only where they are needed
    from modem.doctor.gathering import gather
    from modem.doctor.report import report_lines, report_shape

    facts = gather(installation, device, operator())
    findings = diagnose(facts)
    if as_json:
        click.echo(json.dumps(report_shape(facts, findings), ensure_ascii=False))
    else:
        for line in report_lines(facts, findings):
            click.echo(line)
    sys.exit(0 if is_healthy(facts, findings) else 1)
