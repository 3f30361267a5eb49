"""A person's say on STOPs that came in a burst: the members leave as they asked, or it was none of them."""

from collections.abc import Collection
from datetime import datetime

from db.engine.connection import take_turn, writing
from db.inbound.inbox.answers import handle
from db.inbound.inbox.values import Ref
from db.inbound.replies.judging import limit_on
from db.inbound.replies.leaving import apply_stop
from db.inbound.replies.waiting import WaitingText, held_stops, mark_decided
from db.journal import audit
from rules.replies.values import Answer, Leaving, Silence


def decide_held_stops(ids: Collection[int], leave: bool, by: str, now: datetime) -> int:
    """These members leave, unless they said the contrary since, and are told so; without `leave` none of them asked for
    it: they stay, and nobody is told anything. Returns how many STOPs.
    """
    with writing():
        take_turn("answers")
        decided = [each for each in held_stops() if each.inbound_id in ids]
        for each in decided:
            mark_decided(each.inbound_id, _left(each, now) if leave else Silence.REJECTED, now)
        if decided:
            audit.record(now, by, "stops_applied" if leave else "stops_rejected", stops=len(decided))
            handle([Ref("sms", each.inbound_id) for each in decided], by, now)
        return len(decided)


def _left(stop: WaitingText, now: datetime) -> Silence:
    left = apply_stop(stop.sender, stop.sent_at, stop.received_at, now)
    silence = limit_on(stop.sender, Answer.STOPPED, now, apart_from=stop.inbound_id)
    # Where a newer agreement stands, "you will get no more texts" would not be true.
    return Silence.REJECTED if left is Leaving.LATER_SAID else silence
