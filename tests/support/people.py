"""Invented people, texts and modems for the database's tests."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from base.settings.values import SendingSettings
from db.alerts.orders import shared
from db.alerts.orders.control import Only
from db.alerts.orders.shared import waiting_texts
from db.alerts.progress.progress import Progress, progress
from db.alerts.values import FollowUpOrder, Order, Sender
from db.engine.base import database
from db.models.people import Neighbourhood
from db.modems import status
from db.people.audience import Audience
from plp.services import broadcasts
from plp.services.broadcasts import Request
from plp.services.orders import approving, following_up, going_on
from plp.services.orders.approving import approve_broadcast
from plp.services.orders.placing import place_composed
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.orders.agreement import Hand
from rules.orders.texts import MAIN_LANGUAGE
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
    wanted = Order(**(values | changes))  # type: ignore[arg-type]
    return broadcasts.existing(place_composed(wanted, by_language(text or Text()), sending, now), now)


def by_language(text: Text | Mapping[str, Text]) -> Mapping[str, Text]:
    """One text for all is the main language's."""
    return {MAIN_LANGUAGE: text} if isinstance(text, Text) else text


def place_follow_up(wanted: FollowUpOrder, text: Text | Mapping[str, Text], now: datetime) -> Progress:
    return broadcasts.existing(following_up.place_follow_up(wanted, by_language(text), now), now)


def place_corrected(
    wanted: FollowUpOrder, text: Text | Mapping[str, Text], validity: timedelta, now: datetime
) -> Progress | None:
    placed = following_up.place_corrected(wanted, by_language(text), validity, now)
    return None if placed is None else broadcasts.existing(placed, now)


def approve(broadcast_id: int, by: str, typed: object, sending: SendingSettings, now: datetime) -> None:
    """This person agrees to it in the console, and types that number."""
    approve_broadcast(broadcast_id, Hand("" if typed is None else str(typed)), Request(Actor.read(by), sending, now))


def break_glass(broadcast_id: int, by: str, reason: str, sending: SendingSettings, now: datetime) -> None:
    typed = str(progress(broadcast_id, now).recipients)
    approving.break_glass(broadcast_id, Hand(typed), reason, Request(Actor.read(by), sending, now))


def _request(by: str, now: datetime, sending: SendingSettings = SENDING) -> Request:
    return Request(Actor.read(by), sending, now)


def cancel_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    return broadcasts.cancel(broadcast_id, _request(by, now))


def pause_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    return broadcasts.pause(broadcast_id, _request(by, now))


def resume_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    return going_on.resume(broadcast_id, _request(by, now))


def expire_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    return broadcasts.expire(broadcast_id, _request(by, now))


def release_broadcast(
    broadcast_id: int, by: str, sending: SendingSettings, now: datetime, *, rest: bool = False
) -> int:
    return going_on.release(broadcast_id, _request(by, now, sending), rest=rest)


def resend_broadcast(
    broadcast_id: int,
    only: Only,
    by: str,
    sending: SendingSettings,
    now: datetime,
    idempotency_key: str | None = None,
    among: Collection[int] | None = None,
) -> int:
    request = _request(by, now, sending)
    return going_on.resend(broadcast_id, request, only=only, idempotency_key=idempotency_key, among=among)


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


def agree_to_all(now: datetime, by: str = "Luc") -> None:
    """An officer agrees to every welcome and question that waits."""
    for card in waiting_texts():
        shared.mark_agreed(card.id, by, now)
