"""Invented people, texts and modems for the database's tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from db.alerts.orders.orders import place_order
from db.alerts.progress.progress import Progress
from db.alerts.values import Order, Sender
from db.engine.base import database
from db.models.people import Neighbourhood
from db.modems import status
from db.people.audience import Audience
from db.people.members.saving import MemberDraft, save_member, save_neighbourhood
from db.settings.values import SendingSettings
from plp.services.approving import approve_broadcast
from plp.services.broadcasts import Request
from rules.agreement import Hand
from rules.people import Actor
from tests.support.rosters import import_members

SENDING = SendingSettings(undo_seconds=0)


@dataclass(frozen=True)
class Text:
    """A composed text, without modem.sms: the database takes any splitting."""

    text: str = "Vol avec violence rue de la Station."
    encoding: str = "gsm7"
    segments: tuple[str, ...] = field(default=("Vol avec violence rue de la Station.",))


LONG = Text("unDEUXtrois", "gsm7", ("un", "DEUX", "trois"))


def place(name: str, now: datetime, address: str = "") -> int:
    known = Neighbourhood.get_or_none(Neighbourhood.name == name)
    return known.id if known else save_neighbourhood(None, name, address, "test", now)


def person(number: int, now: datetime, neighbourhood: str = "Plainevaux", **changes: object) -> int:
    """Member number N, mobile +324700000NN."""
    values: dict[str, object] = {
        "first_name": f"Prénom{number}",
        "last_name": f"Nom{number:03}",
        "mobile": mobile(number),
        "email": "",
        "language": "fr",
        "neighbourhood_id": place(neighbourhood, now),
    }
    return save_member(None, MemberDraft(**(values | changes)), "test", now)  # type: ignore[arg-type]


def people(count: int, now: datetime) -> None:
    """Members number 0 and on, as `person` makes them, in one go: one by one takes twenty times as long."""
    lines = (f"Prénom{number},Nom{number:03},{mobile(number)},fr,Plainevaux" for number in range(count))
    content = "\n".join(("first_name,last_name,mobile,language,neighbourhood", *lines))
    assert import_members(content.encode(), "members.csv", "test", now).added == count


def mobile(number: int) -> str:
    return f"+324700{number:05}"


def ready_modem(name: str, now: datetime, imsi: str = "206010000000001", **changes: object) -> Sender:
    """A modem that its daemon shows as ready, and the sender that it is."""
    values = {"device": f"/dev/{name}", "state": "ready", "imsi": imsi, "simulated": False} | changes
    status.save_modem("box", name, values, now)
    status.beat("box", "modem", 4242, now)
    return Sender("box", name, imsi, bool(values["simulated"]))


def order(now: datetime, text: Text | None = None, sending: SendingSettings = SENDING, **changes: object) -> Progress:
    values: dict[str, object] = {
        "audience": Audience(everyone=True),
        "kind": "alert",
        "priority": "urgent",
        "by": "test",
    }
    return place_order(Order(**(values | changes)), text or Text(), sending, now)  # type: ignore[arg-type]


def approve(broadcast_id: int, by: str, typed: object, sending: SendingSettings, now: datetime) -> None:
    """This person agrees to it in the console, and types that number."""
    approve_broadcast(broadcast_id, Hand("" if typed is None else str(typed)), Request(Actor.read(by), sending, now))


def plans_of(deed: Callable[[], object]) -> list[str]:
    """How SQLite answers each query of `deed`, asked with the same places for values."""
    asked: list[tuple[str, Any]] = []
    opened = database.obj
    execute = opened.execute_sql

    def watched(sql: str, params: Any = None, *rest: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, *rest)

    opened.execute_sql = watched
    try:
        deed()
    finally:
        del opened.execute_sql
    queries = [(sql, params) for sql, params in asked if sql.startswith("SELECT")]
    return [str(opened.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()) for sql, params in queries]


def later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)
