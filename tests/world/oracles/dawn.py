"""At dawn, when nothing moves any more: nobody lost, nobody texted twice, every order over, a journal that holds."""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from db.engine.base import tuples
from db.journal.verification import verify
from db.models.broadcasts import Attempt, Broadcast, Message, Part
from rules.states import PartState, Stage
from tests.world.ledger import Known
from tests.world.oracles.mails import check_mails
from tests.world.oracles.people import check_entries, check_people
from tests.world.oracles.states import check_states
from tests.world.world import World

# How long the mended modems have for what waits, and the hourly limit of a modem that has none.
MENDED, UNLIMITED = timedelta(minutes=45), 5000
_EXPIRED = (Part.state == PartState.EXPIRED) & (Part.reason == "deadline")
_WENT_OUT = (PartState.SENT, PartState.DELIVERED)
_NEVER_WENT_OUT = (PartState.FAILED, PartState.CANCELLED, PartState.QUEUED)


def expired_parts() -> set[int]:
    return {part for (part,) in tuples(Part.select(Part.id).where(_EXPIRED))}


def at_dawn(world: World) -> None:
    world.ledger.read()
    _lost_and_doubled(world)
    _ends(world)
    check_states(world)
    check_people(world)
    check_entries(world)
    check_mails(world)
    _reported(world)
    _sent_in_time(world)
    for fault in verify().faults:
        world.story.violate("journal", str(fault))


def _lost_and_doubled(world: World) -> None:
    takes, violate = world.ledger.takes, world.story.violate
    wanted: dict[tuple[str, str], list[tuple[Known, PartState]]] = defaultdict(list)
    unnoticed = _ended_unnoticed(world)
    for message, seq, state in tuples(Part.select(Part.message, Part.seq, Part.state).order_by(Part.id)):
        if known := world.ledger.messages.get(message):
            wanted[known.msisdn, known.segments[seq - 1]].append((known, state))
    for (to, text), copies in wanted.items():
        often, at_least = takes[to, text], sum(state in _WENT_OUT for _, state in copies)
        told = f"broadcast {copies[0][0].broadcast_id}, message {copies[0][0].id}"
        if often < at_least:
            violate("lost", f"{told}: shown as sent, and the network never had it")
        if often > sum(known.copies for known, _ in copies) + world.ledger.gone[to, text]:
            violate("doubled", f"{told}: the network has it {often} times")
        since_then = often > world.ledger.gone[to, text]  # automatic answers have one text, before and after a copy
        if since_then and all(
            state in _NEVER_WENT_OUT and known.copies == 1 and known.id not in unnoticed for known, state in copies
        ):
            violate("hidden", f"{told}: the network has it, and it is shown as {copies[0][1]}")
    for (to, text), often in takes.items():
        if (to, text) not in wanted and not world.ledger.gone[to, text]:
            violate("unordered", f"the network has {often} SMS to …{to[-3:]} that nobody ordered")


def _ended_unnoticed(world: World) -> set[int]:
    """Messages that a person or a STOP ended after an older copy was put in place behind the services' back, and before
    the daemon had compared it with its note: till then nobody knows that phones may have them.
    """
    rows = Part.select(Part.message).where(Part.state == PartState.CANCELLED)
    ended: set[int] = set()
    for put_back_at in world.put_back_at:
        until = world.compared_at(put_back_at) or put_back_at
        ended |= {message for (message,) in tuples(rows.where(Part.changed_at.between(put_back_at, until)))}
    return ended


def _ends(world: World) -> None:
    stages = list(tuples(Broadcast.select(Broadcast.id, Broadcast.stage).order_by(Broadcast.id)))
    rows = Part.select(Part.broadcast).where(Part.state.in_((PartState.QUEUED, PartState.SENDING)))
    waiting = Counter(number for (number,) in tuples(rows))
    # A message that began with a card that was taken out waits for it till its deadline, of an end of alert a day.
    begun = rows.join(Message).join(Broadcast, on=(Part.broadcast == Broadcast.id))
    begun = begun.where(~_is_here(world), Broadcast.deadline_at > world.timeline.now())
    for_their_card = Counter(number for (number,) in tuples(begun))
    for number in sorted(world.memory.taken - {number for number, _stage in stages}):
        world.story.violate("taken", f"broadcast {number} was taken at a door, and is gone")
    for number, stage in stages:
        if waiting[number] and waiting[number] == for_their_card[number]:
            continue
        if stage not in (Stage.FINISHED, Stage.CANCELLED) or waiting[number]:
            world.story.violate("ends", f"broadcast {number} is {stage} at dawn, {waiting[number]} parts wait")
    unconfirmed = (Attempt.outcome == "unconfirmed") & Attempt.pdu_started_at.is_null()
    if Attempt.select().where(unconfirmed).exists():
        world.story.violate("unconfirmed", "an attempt that never began is told as unconfirmed")
    if Attempt.select().where(Attempt.outcome == "open").exists():
        world.story.violate("ends", "a claim is open at dawn")


def _reported(world: World) -> None:
    """In a night in which nothing goes wrong with reports, whoever has it is shown to have it. Not who was erased: a
    report that comes after the message lost their number would bring it back, and is not kept (docs/adr/0032).
    """
    if not world.plan.is_calm:
        return
    rows = Part.select(Part.message, Part.state).join(Message).where(Message.msisdn != "")
    for message, state in tuples(rows.order_by(Part.id)):
        known = world.ledger.messages[message]
        phone = world.carrier.handset(known.msisdn)
        if state == PartState.SENT and len(known.segments) == 1 and phone.shows(set(known.segments)):
            world.story.violate("shown worse", f"message {message} is on its phone, and shown as sent alone")


def _sent_in_time(world: World) -> None:
    """With every modem mended and no budget in the way, nothing waits until its deadline, but what began with a card
    that is in no modem any more, and what was ordered in 1970: if the power fails again before the daemon has seen the
    clock set, its deadline is long past.
    """
    if any(stick.day_limit or stick.hour_limit < UNLIMITED for stick in world.plan.sticks):
        return
    mended_at = world.dawn_at + MENDED
    # An order that is sent again has a new deadline; its parts that expired at the old one may stay so.
    late = (Broadcast.deadline_at > mended_at) & (Part.changed_at > mended_at)
    rows = Part.select(Part.id, Part.broadcast).join(Message).join(Broadcast, on=(Part.broadcast == Broadcast.id))
    rows = rows.where(late, _EXPIRED, Part.sent_at.is_null(), _is_here(world))
    # By a clock that was ahead some expired before dawn at a later time than now.
    numbers = {number for part, number in tuples(rows) if part not in world.memory.expired}
    for number in sorted(numbers - world.memory.undated):
        world.story.violate("not sent", f"broadcast {number} waited until its deadline, and modems were well")


def _is_here(world: World) -> Any:
    """Condition on messages: not begun, or with a card that is in a modem."""
    return Message.imsi.is_null() | Message.imsi.in_([stick.imsi for stick in world.sticks.values()])
