"""`plp stops`: the unsubscriptions that came in a burst and wait for a person."""

import click

from db.engine.clock import utc_now
from db.inbound.replies.waiting import held_stops
from plp.cli.terminal import in_database, json_option, operator, tell_json
from plp.services.inbox import decide_held_stops
from rules.numbers import shown


@click.group()
def stops() -> None:
    """Désinscriptions arrivées en trop grand nombre, en attente de décision."""


@stops.command("list")
@json_option
@in_database
def list_stops(as_json: bool) -> None:
    """Afficher les demandes en attente, la plus ancienne d'abord."""
    held = held_stops()
    if as_json:
        tell_json(
            [
                {"id": each.inbound_id, "name": each.name, "mobile": each.sender, "at": each.received_at.isoformat()}
                for each in held
            ]
        )
        return
    for each in held:
        click.echo(f"{each.inbound_id}  {each.received_at:%d/%m %H:%M}  {shown(each.sender)}  {each.name}")
    if not held:
        click.echo("Aucune désinscription en attente.")


@stops.command("apply")
@click.argument("ids", nargs=-1, type=int, metavar="[ID]…")
@click.option("--yes", is_flag=True, required=True, help="Confirmer : ces membres ne recevront plus de SMS.")
@in_database
def apply_stops(ids: tuple[int, ...], yes: bool) -> None:
    """Désinscrire ces membres, ou tous ceux en attente ; chacun reçoit un SMS de confirmation."""
    done = decide_held_stops(_chosen(ids), True, operator(), utc_now())
    click.echo(f"Désinscriptions effectuées : {done}.")


@stops.command("reject")
@click.argument("ids", nargs=-1, type=int, metavar="[ID]…")
@in_database
def reject_stops(ids: tuple[int, ...]) -> None:
    """Rejeter ces demandes, ou toutes celles en attente : les membres restent inscrits, sans en être informés."""
    done = decide_held_stops(_chosen(ids), False, operator(), utc_now())
    click.echo(f"Demandes rejetées : {done}.")


def _chosen(ids: tuple[int, ...]) -> set[int]:
    return set(ids or (each.inbound_id for each in held_stops()))
