"""The open alerts, as home and the wall show them: by what happened and where, counted as on every other page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for

from console.alerts.following.following import incident_title
from console.alerts.following.progress_view import figures, other_roads, road_words, segments
from console.i18n.labels import KINDS
from console.people.arrival import aimed, arrival
from console.web.page_header import PageHeader
from db.alerts.incidents.incidents import Incident, incident_of
from db.alerts.orders.approval import ApprovalCard
from db.alerts.progress.progress import BroadcastCard
from db.people.members.listing import neighbourhoods

# So many have a place of their own, which stays theirs; the heading counts the others.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """`card` is the newest broadcast of it, which is counted; `alert` the first, None for what is no alert.

    `of_kind` is the title where no word of a text may be read; `by_road` is empty where SMS are the only way; `awaits`
    is the approval that it waits for.
    """

    title: str
    of_kind: str
    card: BroadcastCard
    alert: BroadcastCard | None
    runs: bool
    segments: list[tuple[str, int, int, int]]
    figures: list[tuple[str, int, str, str]]
    by_road: str
    awaits: ApprovalCard | None = None

    @property
    def key(self) -> int:
        """The number of the broadcast that it began with."""
        return (self.alert or self.card).id


def open_alerts(
    incidents: list[Incident], header: PageHeader, now: datetime, shown: Sequence[int] = ()
) -> list[OpenAlert]:
    """The open alerts: those that wait for approval, those that the page shows, then what runs, then the newest."""
    listed = {number for incident in incidents for number in (incident.alert.id, incident.last.id)}
    alerts = [_incident(incident) for incident in incidents]
    waiting = (card for card in header.approvals if card.kind == "alert")
    alerts += [replace(_incident(incident_of(card.broadcast_id, now)), awaits=card) for card in waiting]
    alerts += [_other(card) for card in header.running if card.id not in listed]
    places = {key: place for place, key in enumerate(shown)}

    def turn(alert: OpenAlert) -> tuple[bool, int, bool, int]:
        return alert.awaits is None, places.get(alert.key, len(places)), not alert.runs, -alert.key

    return sorted(alerts, key=turn)


def who_has_it(alerts: Sequence[OpenAlert], *, linked: bool) -> dict[str, Any]:
    """The `map`: whom the first of them reached; with none, whom an alert would reach. `of` names the alert. `linked`:
    its neighbourhoods lead to their people.
    """
    if not alerts:
        return {"map": aimed({(place.id, place.name): place.reachable for place in neighbourhoods()}), "of": None}
    first = alerts[0]
    address = url_for("alerts.people", broadcast_id=first.card.id) if linked else ""
    return {"map": arrival(first.card.id, only_sms=first.alert is None, address=address), "of": first}


def _incident(incident: Incident) -> OpenAlert:
    last, title = incident.last, incident_title(incident)
    # What was written by hand has no title but its own first words, and they may name somebody.
    of_kind = title if incident.kind else " · ".join(filter(None, (str(KINDS["alert"][0]), incident.place)))
    by_road = other_roads(last)
    numbers, words = figures(last, by_road), road_words(last, by_road)
    return OpenAlert(title, of_kind, last, incident.alert, incident.runs, segments(last), numbers, words)


def _other(card: BroadcastCard) -> OpenAlert:
    words = str(KINDS.get(card.kind, KINDS["alert"])[0])
    return OpenAlert(words, words, card, None, True, segments(card), figures(card, None), "")
