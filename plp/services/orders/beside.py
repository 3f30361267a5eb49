"""The alert beside a correction: to neighbourhoods that its new place names, where nobody knows of these facts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from base.settings.values import SendingSettings
from db.alerts.incidents.incidents import incident_of, not_alerted
from db.alerts.orders.chosen import chosen
from db.alerts.progress.progress import Progress
from db.alerts.progress.report import family
from db.alerts.values import FollowUpOrder, Order
from db.engine.connection import writing
from db.journal import audit
from db.people.audience import Audience
from plp.services.broadcasts import existing
from plp.services.orders.approving import require_hand
from plp.services.orders.following_up import follow_up
from plp.services.orders.placing import place
from plp.services.orders.planning import plan_order
from plp.services.orders.twins import placed_before
from plp.services.texts import Answers, arriving, written
from rules.orders.agreement import Hand
from rules.text_guard import require_answered


@dataclass(frozen=True, slots=True)
class Beside:
    """The answer about neighbourhoods without an alert, by name: those to alert with the same press, for whom
    the number of people was `typed`, and those left out knowingly. The street `near_street` is served first."""

    alerted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    typed: str = ""
    near_street: str = ""


def places_beside(broadcast_id: int, place_named: str, now: datetime) -> tuple[str, ...]:
    """Neighbourhoods that a correction of this broadcast names, as a place or in a text by hand, and that no alert
    about the same facts reached; none for a drill."""
    root = existing(family(broadcast_id)[0], now)
    return not_alerted(incident_of(root.id, now), place_named, now) if root.kind == "alert" else ()


def correct_and_alert(
    texts: Mapping[str, str],
    original: Progress,
    wanted: FollowUpOrder,
    sending: SendingSettings,
    now: datetime,
    answers: Answers,
    hand: Hand,
    beside: Beside,
    *,
    for_rest: bool = False,
) -> tuple[int, int | None]:
    """Send a correction as `follow_up` does, and its text as an alert to other neighbourhoods, which every rule of an
    alert holds for: both ids, None where there are none. What would refuse the alert refuses both, before any goes."""
    order = _order(wanted, beside)
    alert = {
        language: arriving(text, drill=False, kind="corrected", language=language) for language, text in texts.items()
    }
    alerts, hand_beside = bool(beside.alerted), replace(hand, typed=beside.typed)
    if alerts and placed_before(order.idempotency_key, "", now) is None:
        plan = plan_order(order, written(alert, drill=False, one_language=answers.one_language), sending, now)
        require_hand(hand_beside, order.by, len(plan.people), now)
        require_answered(plan.findings, answers.accepted, answers.reason)
    corrected, _rest = follow_up(texts, original, wanted, sending, now, answers, hand, for_rest=for_rest)
    if beside.left_out:
        with writing():
            audit.record(now, wanted.by, "broadcast_places_left_out", str(corrected), places=list(beside.left_out))
    return corrected, place(alert, order, sending, now, answers, hand_beside) if alerts else None


def beside_before(wanted: FollowUpOrder, beside: Beside, now: datetime) -> bool:
    """True where nothing of the alert beside is missing: none is wanted, or it was placed with the same key."""
    return not beside.alerted or placed_before(_key(wanted.idempotency_key), "", now) is not None


def _order(wanted: FollowUpOrder, beside: Beside) -> Order:
    """The order of the alert: it happened when the corrected one says."""
    was = chosen(family(wanted.original_id)[0])
    near = next(iter(beside.alerted), "")
    return Order(
        Audience(neighbourhoods=beside.alerted, near=near, near_street=beside.near_street),
        "alert",
        "urgent",
        wanted.by,
        _key(wanted.idempotency_key),
        wanted.again,
        happened=was.happened if was is not None else "",
        late_because=was.late_because if was is not None else "",
        filled=wanted.filled,
    )


def _key(key: str | None) -> str | None:
    return None if key is None else f"{key}/beside"
