"""`plp stops`: the unsubscriptions that came in a burst and wait for a person."""

import json

import click

from db.engine.clock import utc_now
from db.inbound.replies.held import held_stops
from db.operations.installation import Installation
from plp.cli.terminal import operator
from plp.rules.numbers import shown
from plp.services.held_stops import apply_held_stops, reject_held_stops


@click.group()
def stops() -> None:
    """Désinscriptions arrivées en trop grand nombre, en attente de décision."""


@stops.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def list_stops(installation: Installation, as_json: bool) -> None:
    """Afficher les demandes en attente, la plus ancienne d'abord."""
    with installation.open_database():
        held = held_stops()
    if as_json:
        rows = [
            {"id": each.inbound_id, "name": each.name, "mobile": each.sender, "at": each.received_at.isoformat()}
            for each in held
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for each in held:
        click.echo(f"{each.inbound_id}  {each.received_at:%d/%m %H:%M}  {shown(each.sender)}  {each.name}")
    if not held:
        click.echo("Aucune désinscription en attente.")


@stops.command("apply")
@click.argument("ids", nargs=-1, type=int, metavar="[ID]…")
@click.option("--yes", is_flag=True, required=True, help="Confirmer : ces membres ne recevront plus de SMS.")
@click.pass_obj
def apply_stops(installation: Installation, ids: tuple[int, ...], yes: bool) -> None:
    """Désinscrire ces membres, ou tous ceux en attente ; chacun reçoit un SMS de confirmation."""
    with installation.open_database():
        done = apply_held_stops(_chosen(ids), operator(), utc_now())
    click.echo(f"Désinscriptions effectuées : {done}.")


@stops.command("reject")
@click.argument("ids", nargs=-1, type=int, metavar="[ID]…")
@click.pass_obj
def reject_stops(installation: Installation, ids: tuple[int, ...]) -> None:
    """Rejeter ces demandes, ou toutes celles en attente : les membres restent inscrits, sans en être informés."""
    with installation.open_database():
        done = reject_held_stops(_chosen(ids), operator(), utc_now())
    click.echo(f"Demandes rejetées : {done}.")


def _chosen(ids: tuple[int, ...]) -> set[int]:
    return set(ids or (each.inbound_id for each in held_stops()))
