"""`plp modem doctor`."""

import sys
from collections.abc import Callable, Iterator

import click

from db.engine.clock import utc_now
from db.operations.installation import Installation
from plp.cli.process import stop_on_signals
from plp.cli.terminal import json_option, tell_json
from rules.calendar import LOCAL

WATCH_EVERY_S = 10.0


@click.command()
@click.argument("device", required=False, metavar="[MODEM|PORT]")
@json_option
@click.option(
    "--watch", is_flag=True, help="Recommencer jusqu'à Ctrl-C ; seuls les changements sont affichés, avec l'heure."
)
@click.pass_obj
def doctor(installation: Installation, device: str | None, as_json: bool, watch: bool) -> None:
    """Examiner les modems et indiquer que faire.

    La première ligne résume le résultat. Un modem utilisé par le service n'est pas dérangé.
    """
    from modem.doctor.gathering import gather
    from modem.doctor.report import (  # ports, USB and the codec only where they are needed
        diagnose,
        is_healthy,
        report_lines,
        report_shape,
    )

    def report() -> list[str]:
        facts = gather(installation, device)
        return "\n".join(report_lines(facts, diagnose(facts))).split("\n\n")

    if watch and as_json:
        raise click.UsageError("--watch et --json sont incompatibles.")
    if watch:
        _watch(report)
        return
    facts = gather(installation, device)
    findings = diagnose(facts)
    if as_json:
        tell_json(report_shape(facts, findings))
    else:
        for line in report_lines(facts, findings):
            click.echo(line)
    sys.exit(0 if is_healthy(facts, findings) else 1)


def _watch(report: Callable[[], list[str]]) -> None:
    """Repeat until Ctrl-C. `report` gives its verdict, then a paragraph per finding."""
    stop, before = stop_on_signals(), list[str]()
    while not stop.is_set():
        paragraphs = report()
        for change in _changes(before, paragraphs):
            click.echo(f"{utc_now().astimezone(LOCAL):%H:%M:%S}  {change}")
        before = paragraphs
        stop.wait(WATCH_EVERY_S)


def _changes(before: list[str], after: list[str]) -> Iterator[str]:
    """New paragraphs, and the titles of those that are over."""
    yield from (paragraph for paragraph in after if paragraph not in before)
    titles = {paragraph.splitlines()[0] for paragraph in after}
    for title in (paragraph.splitlines()[0] for paragraph in before[1:]):
        if title not in titles:
            yield f"Résolu : {title[5:]}"
