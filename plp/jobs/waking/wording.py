"""The words of a call: what needs a person, in the language of whoever is called."""

from datetime import datetime

from db.alerts.orders.approval import waiting_approvals
from db.inbound.replies.alarms import ringing
from db.operations.incidents import incidents
from db.operations.waking.values import SummonsCard
from modem.sms.composition import Composition, compose, count
from plp.jobs.alarms.telling import one_part
from plp.jobs.waking.causes import subject_of
from plp.letters.words import DUTY
from plp.rules.calendar import LOCAL

_NEWEST = 200


def call_text(card: SummonsCard, language: str, now: datetime) -> Composition:
    """One SMS of one part. It names no citizen and shows no text: a telephone may lie open on a table."""
    words = DUTY.get(language, DUTY["fr"])
    told, ok = one_part(sentence_of(card, language, now)), words["ok"]
    while count(told + ok).parts > 1:
        told = told.rstrip(".").rpartition(" ")[0] + "..."
    return compose(told + ok)


def sentence_of(card: SummonsCard, language: str, now: datetime) -> str:
    """The subject in one sentence; an incident's own sentence is in French."""
    words = DUTY.get(language, DUTY["fr"])
    if card.kind == "incident":
        return _of_incidents(card, words)
    if card.kind == "approval":
        times = [each.lapses_at for each in waiting_approvals(now) if str(each.broadcast_id) in card.subjects]
    else:
        times = [each.received_at for each in ringing(now) if str(each.inbound_id) in card.subjects]
    at = min(times, default=card.opened_at).astimezone(LOCAL)
    return words[card.kind].format(time=at.strftime(words["time"]))


def _of_incidents(card: SummonsCard, words: dict[str, str]) -> str:
    about = [each for each in incidents(_NEWEST) if subject_of(each) in card.subjects]
    lasting = [each for each in about if each.ended_at is None]
    # What stops every SMS comes first.
    shown = sorted(lasting or about, key=lambda each: each.kind != "no_modem")
    what = " ".join(each.sentence for each in shown)
    return words["incident" if lasting else "over"].format(what=what)
