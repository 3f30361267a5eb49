"""`plp console` and `plp broadcast …`: the same orders as the pages and the API, with the same refusals."""

import getpass
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import Any, Literal, Protocol, TypeVar

import click

from console.ordering import at_once, composed, place
from console.serving import serve
from console.shapes import placed_shape, progress_shape
from db.audience import Audience, size
from db.clock import utc_now
from db.outbox import Order, cancel_broadcast, release_broadcast, resend_broadcast
from db.progress import Progress, progress
from db.refusals import Refusal
from db.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


class House(Protocol):
    """What the front door hands to each command as `ctx.obj`."""

    def settings(self) -> Settings: ...

    def open_database(self) -> AbstractContextManager[Any]: ...


@contextmanager
def refusals_told() -> Iterator[None]:
    """A refusal is one line on stderr and exit status 1."""
    try:
        yield
    except Refusal as refusal:
        click.echo(str(refusal), err=True)
        raise SystemExit(1) from None


def told(command: Command) -> Command:
    """`refusals_told` around a whole command."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        with refusals_told():
            return command(*args, **kwargs)

    return guarded  # type: ignore[return-value]


@click.command()
@click.pass_obj
@told
def console(house: House) -> None:
    """Serve the web console until SIGTERM or Ctrl-C."""
    serve(house.settings(), demo=os.environ.get("PLP_DEMO") == "1")


@click.group()
def broadcast() -> None:
    """Send a text to many people, and see what became of it."""


@broadcast.command()
@click.option("--text", required=True, help="The text, as members will read it.")
@click.option("--all", "everyone", is_flag=True, help="To all members.")
@click.option("--neighbourhood", "neighbourhoods", multiple=True, metavar="NAME", help="Nearest first; repeatable.")
@click.option("--to", "numbers", multiple=True, metavar="MSISDN", help="A member's or user's number; repeatable.")
@click.option("--priority", type=click.Choice(["urgent", "normal"]), default="urgent", show_default=True)
@click.option("--drill", is_flag=True, help="Starts and ends with EXERCICE.")
@click.option("--override-budget", metavar="REASON", help="Pass a ceiling, for this reason.")
@click.option("--again", is_flag=True, help="The same text to the same people within 10 minutes is meant.")
@click.option("--yes", is_flag=True, help="Really send.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
@told
def send(house: House, /, text: str, yes: bool, as_json: bool, **asked: Any) -> None:
    """Send TEXT to all, to neighbourhoods, or to single numbers."""
    order = _order(**asked)
    with house.open_database():
        if not yes:
            _preview(text, order)
        placed = place(text, order, at_once(house.settings().sending), utc_now())
    if as_json:
        click.echo(json.dumps(placed_shape(placed), ensure_ascii=False))
        return
    simulated = " (simulé : aucun SMS ne part)" if placed.simulated else ""
    click.echo(f"Envoi {placed.id} : {placed.recipients} personnes, {placed.parts} SMS{simulated}.")


@broadcast.command()
@click.argument("broadcast_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
@told
def show(house: House, broadcast_id: int, as_json: bool) -> None:
    """What became of a broadcast, in messages by state."""
    with house.open_database():
        found = _existing(broadcast_id)
    if as_json:
        click.echo(json.dumps(progress_shape(found), ensure_ascii=False))
        return
    simulated = " (simulé)" if found.simulated else ""
    click.echo(f"Envoi {found.id}{simulated} : {found.state}, {found.recipients} personnes")
    for state, count in found.counts.items():
        if count:
            click.echo(f"  {state:<12} {count}")


@broadcast.command()
@click.argument("broadcast_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.pass_obj
@told
def cancel(house: House, broadcast_id: int) -> None:
    """Stop: what has not left yet will not."""
    with house.open_database():
        count = cancel_broadcast(broadcast_id, _who(), utc_now())
    click.echo(f"Envoi {broadcast_id} arrêté : {count} SMS ne partiront pas.")


@broadcast.command()
@click.argument("broadcast_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.option("--only", type=click.Choice(["failed", "unconfirmed"]), required=True)
@click.pass_obj
@told
def resend(house: House, broadcast_id: int, only: Literal["failed", "unconfirmed"]) -> None:
    """Send again to those whom the network refused, or of whom nobody knows (they may get it twice)."""
    with house.open_database():
        count = resend_broadcast(broadcast_id, only, _who(), house.settings().sending, utc_now())
    click.echo(f"Envoi {broadcast_id} : renvoyé à {count} personnes.")


@broadcast.command()
@click.argument("broadcast_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.pass_obj
@told
def release(house: House, broadcast_id: int) -> None:
    """Send work that is held after a stop of the machine."""
    with house.open_database():
        count = release_broadcast(broadcast_id, _who(), house.settings().sending, utc_now())
    click.echo(f"Envoi {broadcast_id} : {count} SMS remis dans la file.")


def _order(
    everyone: bool,
    neighbourhoods: tuple[str, ...],
    numbers: tuple[str, ...],
    priority: str,
    drill: bool,
    override_budget: str | None,
    again: bool,
) -> Order:
    if sum((everyone, bool(neighbourhoods), bool(numbers))) != 1:
        raise click.UsageError("Choisissez un seul destinataire : --all, --neighbourhood NAME … ou --to MSISDN …")
    return Order(
        audience=Audience(everyone, neighbourhoods, numbers),
        kind="drill" if drill else "alert",
        priority="normal" if priority == "normal" else "urgent",
        by=_who(),
        again=again,
        override_reason=override_budget,
    )


def _preview(text: str, order: Order) -> None:
    """Without --yes nothing is sent: say what would be, on stderr, and end as a usage error."""
    composition = composed(text, drill=order.kind == "drill")
    people = size(order.audience).people
    parts = len(composition.segments)
    click.echo(composition.text, err=True)
    click.echo(
        f"→ {order.audience.words()} : {people} personnes, {parts} SMS par personne, {people * parts} en tout.",
        err=True,
    )
    click.echo("Rien n'est parti. Ajoutez --yes pour l'envoyer.", err=True)
    raise SystemExit(2)


def _existing(broadcast_id: int) -> Progress:
    found = progress(broadcast_id, utc_now())
    if found is None:
        raise Refusal("Il n'y a pas d'envoi {id}.", id=broadcast_id)
    return found


def _who() -> str:
    """The name for the audit."""
    try:
        return f"{getpass.getuser()} (terminal)"
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return f"uid {os.getuid()} (terminal)"
