"""Incidents: an alert with what followed it, open until somebody ends or closes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import fn

from db.alerts.orders.chosen import filled_by
from db.alerts.progress.counts import has_told
from db.alerts.progress.progress import BroadcastCard, broadcast_cards
from db.alerts.progress.report import family
from db.alerts.progress.threads import somebody_has_it
from db.alerts.templates import template, wordings
from db.engine.base import grouped
from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import Broadcast, BroadcastPlace, BroadcastText, Part
from db.models.people import Neighbourhood
from db.people.geography import spot_of
from rules.collation import spelled
from rules.languages import MAIN_LANGUAGE
from rules.orders.texts import corrected_text
from rules.states import CORRECTED, MAY_BE_THERE, Stage

# What is older nobody ends by habit: it stands apart until somebody closes it.
OPEN_FOR = timedelta(hours=24)
# The field of a ready-made alert that says where (db/alerts/templates.toml).
PLACE_FIELD = "lieu"
_OVER = ("finished", "cancelled")
_IS_ORDERED = Broadcast.stage.not_in([Stage.PREPARING, Stage.AWAITING_APPROVAL])
_ALERTS = Broadcast.select().where(Broadcast.kind == "alert", Broadcast.closed_at.is_null())
_NOT_CLOSED = _ALERTS.order_by(Broadcast.id.desc())
_RECENT = Prepared(_NOT_CLOSED.where(Broadcast.created_at > given("since"), _IS_ORDERED))
_END = Broadcast.alias()
_IS_END = (_END.original == Broadcast.id) & (_END.kind == "end") & (_END.stage != Stage.CANCELLED)
# Mails and calls are read only where people with a mobile were mailed: this looks at every alert that ever was.
_PARTS = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(MAY_BE_THERE))
_IS_KNOWN = fn.EXISTS(_PARTS) | ((Broadcast.by_mail != "") & has_told(Broadcast.id))
_NOT_ENDED = _NOT_CLOSED.where(~fn.EXISTS(_END.select(_END.id).where(_IS_END)), _IS_KNOWN)
_EARLIER = Prepared(_NOT_ENDED.where(Broadcast.created_at <= given("before")).limit(given("most")))
_SPOKEN_OF = Prepared(lambda ids: Broadcast.select(Broadcast.original).where(Broadcast.original.in_(ids)))
# The corrections that stand, with their main text, an alert's newest last.
_CORRECTIONS = Prepared(
    lambda ids: (
        Broadcast.select(Broadcast.original, Broadcast.id, BroadcastText.body)
        .join(BroadcastText, on=(BroadcastText.broadcast == Broadcast.id))
        .where(Broadcast.original.in_(ids), Broadcast.kind == "correction")
        .where(_IS_ORDERED, (Broadcast.stage != Stage.CANCELLED) | somebody_has_it())
        .order_by(Broadcast.id, BroadcastText.id.desc())
    )
)
_CHOSEN = BroadcastPlace.select(BroadcastPlace.broadcast, Neighbourhood.name, BroadcastPlace.near).join(Neighbourhood)
_PLACES = Prepared(lambda ids: _CHOSEN.where(BroadcastPlace.broadcast.in_(ids)).tuples())


@dataclass(frozen=True, slots=True)
class Incident:
    """`kind` is the title of the ready-made alert, empty for a text by hand; `place` as typed, else the neighbourhood,
    else empty; `text` what people received last, ignoring an end; all as corrected. `last` is the newest broadcast of
    its thread, which may be the alert; `runs`: one of them does."""

    alert: BroadcastCard
    kind: str
    place: str
    text: str
    last: BroadcastCard
    neighbourhoods: frozenset[str]
    runs: bool


def open_incidents(now: datetime) -> list[Incident]:
    """The alerts of the last day that run or that somebody has, and that nobody ended or closed; newest first."""
    return incidents_by_age(now, 0)[0]


def incidents_by_age(now: datetime, older: int) -> tuple[list[Incident], list[Incident]]:
    """`open_incidents`, and the newest `older` of earlier alerts that somebody has and nobody ended or closed."""
    rows = _RECENT.results(since=now - OPEN_FOR)
    if older:
        rows.extend(_EARLIER.results(before=now - OPEN_FOR, most=older))
    not_ended = (card for card in broadcast_cards(rows, now) if card.followed != "end")
    standing = _incidents([card for card in not_ended if card.went_out or card.state not in _OVER], now)
    recent = [incident for incident in standing if incident.alert.created_at > now - OPEN_FOR]
    return recent, standing[len(recent) :]


def incident_of(broadcast_id: int, now: datetime) -> Incident:
    """The incident that this alert began, open or not."""
    return _incidents(broadcast_cards([Broadcast.get_by_id(broadcast_id)], now), now)[0]


def moved_to(incident: Incident, now: datetime) -> tuple[str, ...]:
    """Neighbourhoods that its corrected place or text names, and that no alert about these facts reached."""
    if incident.last.kind not in ("correction", CORRECTED):
        return ()
    return not_alerted(incident, incident.place if incident.kind else incident.text, now)


def not_alerted(incident: Incident, place: str, now: datetime) -> tuple[str, ...]:
    """Neighbourhoods that `place` names, of a text by hand the text, and that no alert about these facts reached. An
    alert about other facts that went there does not count: its people know nothing of these."""
    if not incident.neighbourhoods:
        return ()
    named = spot_of(place).neighbourhoods
    alerted = {*incident.neighbourhoods}
    if not incident.kind:  # by hand: what it named from the beginning was left out knowingly
        alerted |= {*spot_of(incident.alert.text).neighbourhoods}
    if alerted.issuperset(named):
        return ()
    for other in open_incidents(now):
        if other.alert.id > incident.alert.id and _is_about(other, incident.kind, place):
            alerted |= other.neighbourhoods
    return tuple(name for name in named if name not in alerted)


def _is_about(other: Incident, kind: str, place: str) -> bool:
    """True for an alert about these facts: the same ready-made alert at the same place, or the same text by hand."""
    if other.kind != kind:
        return False
    if not kind:
        return _bare(other.text) == _bare(place)
    there, here = spot_of(other.place), spot_of(place)
    return spelled(other.place) == spelled(place) or (bool(here.street) and there == here)


def _bare(text: str) -> str:
    """The words of a text without those that every alert or correction begins with."""
    prefix = wordings()[MAIN_LANGUAGE].prefix
    return spelled(corrected_text(text, prefix)).removeprefix(spelled(prefix).rstrip() if prefix else "")


def mark_closed(broadcast_id: int, now: datetime) -> bool:
    """Note that its incident is closed, inside the caller's transaction; False where it was before."""
    still_open = (Broadcast.id == broadcast_id) & Broadcast.closed_at.is_null()
    return bool(Broadcast.update(closed_at=now).where(still_open).execute())


def closed_at(broadcast_id: int) -> datetime | None:
    """The time at which somebody closed it without a text; None for open, or ended by one."""
    return Broadcast.select(Broadcast.closed_at).where(Broadcast.id == broadcast_id).scalar() or None


def _incidents(alerts: list[BroadcastCard], now: datetime) -> list[Incident]:
    ids = [card.id for card in alerts]
    corrections = {original: (number, body) for original, number, body in _CORRECTIONS.rows(ids=ids)}
    filled = filled_by([*ids, *(number for number, _body in corrections.values())])
    places = grouped((broadcast_id, (name, near)) for broadcast_id, name, near in _PLACES.results(ids=ids))
    spoken_of = {number for (number,) in _SPOKEN_OF.rows(ids=ids)}
    incidents = []
    for card in alerts:
        number, text = corrections.get(card.id, (card.id, card.text))
        form = filled.get(number)
        ready_made = template(form.template_id) if form else None
        names = [name for name, _near in places.get(card.id, ())]
        near = [name for name, near in places.get(card.id, ()) if near] or (names if len(names) == 1 else [])
        typed = dict(form.answers).get(PLACE_FIELD, "") if form else ""
        title = ready_made.title if ready_made else ""
        thread = [card, *(_later(card, now) if card.id in spoken_of else ())]
        runs = any(each.state not in _OVER for each in thread)
        place = typed or "".join(near[:1])
        incidents.append(Incident(card, title, place, text, thread[-1], frozenset(names), runs))
    return incidents


def _later(alert: BroadcastCard, now: datetime) -> list[BroadcastCard]:
    """The broadcasts that followed the alert, the oldest first."""
    later = [number for number in family(alert.id) if number != alert.id]
    rows = Broadcast.select().where(Broadcast.id.in_(later), Broadcast.stage != Stage.PREPARING)
    return broadcast_cards(list(rows.order_by(Broadcast.id)), now) if later else []
