"""The open alerts, as home and the wall show them: one card each, by what happened and where, with what followed it as
lines beneath, counted as on every other page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from console.alerts.following.following import incident_title
from console.i18n.labels import KINDS
from console.people.arrival import aimed, arrival
from console.web.page_header import PageHeader
from db.alerts.incidents.incidents import Incident, incident_of
from db.alerts.incidents.thread_cards import ThreadCard, thread_cards
from db.alerts.orders.approval import ApprovalCard
from db.alerts.progress.progress import BroadcastCard
from db.alerts.progress.report import family
from db.people.members.listing import neighbourhoods

# So many have a place of their own, which stays theirs; the heading counts the others.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """`of_kind` is the title where no word of a text may be read; `awaits` the approval that it waits for."""

    title: str
    of_kind: str
    thread: ThreadCard
    awaits: ApprovalCard | None = None

    @property
    def card(self) -> BroadcastCard:
        """The broadcast that it began with."""
        return self.thread.card

    @property
    def is_alert(self) -> bool:
        return self.card.kind == "alert"

    @property
    def key(self) -> int:
        return self.card.id


def open_alerts(
    incidents: list[Incident], header: PageHeader, now: datetime, shown: Sequence[int] = ()
) -> list[OpenAlert]:
    """The open alerts: those that wait for approval, those that the page shows, then what runs, then the newest."""
    known = {incident.alert.id: incident for incident in incidents}
    waiting = {card.broadcast_id: card for card in header.approvals if card.kind == "alert"}
    # What runs belongs to the alert that it speaks of, also one that is ended or closed meanwhile.
    begun = [family(card.id)[0] for card in header.running]
    for number in (*waiting, *begun):
        if number not in known:
            known[number] = incident_of(number, now)
    threads = thread_cards([incident.alert for incident in known.values()], now)
    alerts = [_open_alert(incident, threads, waiting) for incident in known.values()]
    places = {key: place for place, key in enumerate(shown)}

    def turn(alert: OpenAlert) -> tuple[bool, int, bool, int]:
        return alert.awaits is None, places.get(alert.key, len(places)), not alert.thread.running, -alert.key

    return sorted(alerts, key=turn)


def who_has_it(alerts: Sequence[OpenAlert], now: datetime, *, linked: bool) -> dict[str, Any]:
    """The `map`: whom the first of them reached; with none, whom an alert would reach. `of` names the alert. `linked`:
    its neighbourhoods lead to their people.
    """
    if not alerts:
        return {"map": aimed({(place.id, place.name): place.reachable for place in neighbourhoods()}), "of": None}
    first = alerts[0]
    address = url_for("alerts.people", broadcast_id=first.key) if linked else ""
    return {"map": arrival(first.key, now, address=address), "of": first}


def _open_alert(
    incident: Incident, threads: Mapping[int, ThreadCard], waiting: Mapping[int, ApprovalCard]
) -> OpenAlert:
    number = incident.alert.id
    if incident.alert.kind != "alert":
        words = str(KINDS.get(incident.alert.kind, KINDS["alert"])[0])
        return OpenAlert(words, words, threads[number])
    title = incident_title(incident)
    # What was written by hand has no title but its own first words, and they may name somebody.
    of_kind = title if incident.kind else " · ".join(filter(None, (str(KINDS["alert"][0]), incident.place)))
    return OpenAlert(title, of_kind, threads[number], waiting.get(number))
