"""Senders that get no automatic answer: numbers that nobody should text, our own SIMs, machines, old texts. Each of
these rules alone ends a loop of two machines that answer one another."""

from datetime import datetime, timedelta

from rules.numbers import parse_mobile
from rules.refusals import Refusal
from rules.replies.meaning import Reading
from rules.replies.values import Silence

# What lay on a SIM through an outage is answered by nobody any more.
OLD = timedelta(hours=24)
# However many numbers a storm comes from: the rest waits for an officer.
ANSWERS_PER_HOUR = 60
# Senders can be forged: what strangers write does not use up what tells a member that they left.
MOST_ANSWERS_PER_HOUR = 2 * ANSWERS_PER_HOUR
STOPS_AT_LEAST = 5
# Of a day too: a few in every hour would empty a small list overnight.
STOPS_SHARE, STOPS_SHARE_OF_DAY = 50, 20


def most_stops(members: int, configured: int) -> int:
    """The number of members' STOPs of one hour that count; more are held. `configured` 0: a fiftieth of the list."""
    return configured or max(STOPS_AT_LEAST, members // STOPS_SHARE)


def most_stops_of_day(members: int, configured: int) -> int:
    """The same for a day: a twentieth of the list, and never less than of an hour."""
    return max(most_stops(members, configured), members // STOPS_SHARE_OF_DAY)


def can_be_answered(sender: str) -> bool:
    """True for a Belgian mobile as a network gives it, as the modems' own guard dials
    (`may_dial`): no short code, name, landline, 070, 090x or foreign number.
    """
    try:
        return parse_mobile(sender) == sender
    except Refusal:
        return False


def silence_for(sender: str, is_own: bool, reading: Reading, sent_at: datetime, now: datetime) -> Silence:
    """The reason why this text gets no answer; NONE if there is no objection to one."""
    if is_own:
        return Silence.OWN
    if not can_be_answered(sender):
        return Silence.NO_NUMBER
    if reading.author == "echo":
        return Silence.ECHO
    if reading.author != "person":
        return Silence.AUTOMATIC
    return Silence.OLD if sent_at < now - OLD else Silence.NONE
