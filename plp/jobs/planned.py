"""Sends the drills and bulletins that are due: once, at their hour, or not at all (docs/adr/0047)."""

import logging
from datetime import datetime

from base.settings.values import Settings
from db.alerts.planned import GRACE, PlannedCard, due, mark_ended
from db.alerts.values import Order
from plp.services.bulletins.relaying import send_bulletin
from plp.services.drills import drill_audience, require_planner
from plp.services.orders.placing import place
from plp.services.texts import Answers, MissingText
from rules.orders.texts import MAIN_LANGUAGE
from rules.people import Actor
from rules.refusals import NotReady, Refusal
from rules.sentences import coded

_log = logging.getLogger(__name__)


def send_planned(settings: Settings, now: datetime) -> bool:
    """Send what is due; True when something was. Missed ones are marked so, and not sent late automatically."""
    done = False
    for card in due(now):
        if now - card.due_at > GRACE:
            done |= mark_ended(card, "missed", now)
            continue
        try:
            broadcast_id = _send(card, settings, now)
        except NotReady:  # until the grace is over
            continue
        except Refusal as refusal:
            _log.warning("planned %d: %s", card.id, refusal.template)
            done |= mark_ended(card, "refused", now, why=coded("planned_refused", why=str(refusal)).stored)
            continue
        done |= mark_ended(card, "done", now, broadcast_id=broadcast_id)
    return done


def _send(card: PlannedCard, settings: Settings, now: datetime) -> int | None:
    """Its broadcast, None for a bulletin; it has the same key after a crash, so that nothing is sent twice."""
    require_planner(card)
    by = Actor.read(card.planned_by)
    if card.bulletin_id is not None:
        send_bulletin(card.bulletin_id, card.seen, by, now, Answers())
        return None
    order = Order(drill_audience(), "drill", "urgent", by, f"planned:{card.id}:{card.due_at.isoformat()}")
    if card.others:
        try:
            return place({MAIN_LANGUAGE: card.text, **dict(card.others)}, order, settings.sending, now)
        except MissingText:  # somebody of another language came into the group: the main text goes to all
            _log.warning("planned %d: a language of the drill group has no text", card.id)
    return place({MAIN_LANGUAGE: card.text}, order, settings.sending, now, Answers(one_language=True))
