"""Events for the program of [alarm:webhook], in their order: none is posted before one that was not accepted yet."""

from datetime import datetime, timedelta

from base.settings.values import Settings
from db.operations.events import events_after, mark_accepted, mark_of, note_deliveries, note_incidents
from plp.jobs.alarms.channels.webhook import post, settings_of
from plp.services.contract_json import event_shape

EVENTS_EVERY_S = 1.0
RECEIVER = "webhook"
# What is noted at once as accepted; after a kill in the middle they are posted again, with the ids that they had.
AT_ONCE = 20
FIRST_RETRY = timedelta(seconds=1)


def note_events(_settings: Settings, now: datetime) -> bool:
    """Number what happened; True when more may come."""
    note_incidents(now)
    return note_deliveries()


def post_events(settings: Settings, now: datetime) -> bool:
    """Post the next events; True when more may wait. Raises Refusal, and OSError where the first was not accepted."""
    wanted = settings_of(settings)
    if wanted is None or not wanted.events:
        return False
    before = accepted = mark_of(RECEIVER)
    events = events_after(before, AT_ONCE)
    try:
        for event in events:
            what = {"type": "plp.event", "host": settings.host, "event": event_shape(event)}
            post(wanted, f"event:{event.id}:{event.at.isoformat()}", what, now)
            accepted = event.id
    except OSError:
        if accepted == before:  # one behind it is tried again at once: who takes most of them is not waited for
            raise
    if accepted != before:
        mark_accepted(RECEIVER, before, accepted)
    return bool(events) and (len(events) == AT_ONCE or accepted != events[-1].id)
