"""A mail that cannot even be kept as unreadable is passed over, so that the others come; people are told of it."""

from datetime import datetime, timedelta

from db.inbound.mailbox.arrivals import MailPosition
from db.inbound.mailbox.position import mark_skipped
from db.operations.incidents import close_incident, open_incident, open_incidents
from plp.rules.sentences import coded

INCIDENT = "mailbox"
_MARK = " #"
# Nothing ends by itself here: so long it is shown to whoever comes by.
SHOWN_FOR = timedelta(days=1)


def leave_aside(place: MailPosition, now: datetime) -> None:
    """Move the position past this mail, and open an incident that it was not read."""
    tell_left_aside(place, now)
    mark_skipped(place.account, place.uidvalidity, place.uid, now)


def tell_left_aside(place: MailPosition, now: datetime) -> None:
    """Open an incident: somebody must look at this mail in the mailbox itself."""
    domain = place.account.rpartition("@")[2]
    told = coded("mailbox_left_aside", house=domain, day=f"{now:%d/%m/%Y}")
    open_incident(INCIDENT, _subject(place), told.stored, now)


def close_left_aside(now: datetime) -> None:
    """End these incidents a day after they were told."""
    for incident in open_incidents():
        if incident.kind == INCIDENT and _MARK in incident.subject and incident.opened_at <= now - SHOWN_FOR:
            close_incident(INCIDENT, incident.subject, now)


def _subject(place: MailPosition) -> str:
    return f"{place.account.rpartition('@')[2]}{_MARK}{place.uid}"
