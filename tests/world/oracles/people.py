"""At dawn, about people: a STOP holds, whoever was erased is gone, and each text is kept and answered once."""

from collections import Counter
from datetime import UTC, datetime

from db.engine.base import tuples
from db.models.broadcasts import Broadcast, Message
from db.models.modem_records import InboundMessage, InboundVerdict
from db.models.people import Consent, Member
from db.models.zone import AuditEntry
from rules.states import AUTOMATIC
from tests.world.world import World


def check_people(world: World) -> None:
    """What the world remembers against what the database holds."""
    _stops(world)
    _erasures(world)
    if not world.put_back_at:
        _texts(world)


def _stops(world: World) -> None:
    """A STOP counts, unless it waits for a person because many came at once; and unless nobody can read it any more:
    it is on a card that was taken out, or a copy that was put back lacks it.
    """
    lost = {(text.sender, text.sent_at) for text in world.left_on_cards} | (world.unkept - world.kept_texts)
    held = InboundVerdict.select(InboundVerdict.inbound).where(InboundVerdict.silence == "held")
    waiting = {row.sender for row in InboundMessage.select().where(InboundMessage.id.in_(held))}
    agreeing = Consent.select(Member.mobile).join(Member).where(Consent.channel == "sms", Consent.given)
    for (number,) in tuples(agreeing.order_by(Member.id)):
        memory = world.memory
        wrote_at = datetime.fromtimestamp(int(memory.stopped.get(number, 0)), UTC)
        if number in memory.stopped and (number, wrote_at) not in lost and number not in waiting | memory.unsure:
            world.story.violate("stop", f"phone …{number[-3:]} wrote STOP, and still gets SMS")
        if number in memory.out - memory.unsure:
            world.story.violate("consent", f"member …{number[-3:]} withdrew, and agrees again by nobody's doing")


def _erasures(world: World) -> None:
    erased = world.memory.erased - world.memory.unsure
    ordered = Message.select(Message.msisdn).join(Broadcast, on=(Message.broadcast == Broadcast.id))
    named = {number for (number,) in tuples(ordered.where(Broadcast.kind.not_in(AUTOMATIC)))}
    for number in sorted(erased):
        if number in named:
            world.story.violate("erasure", f"…{number[-3:]} was erased, and messages have the number")
        if Member.select().where(Member.mobile == number).exists():
            world.story.violate("erasure", f"…{number[-3:]} was erased, and is a member again")
    kept = {known.msisdn for known in world.ledger.messages.values()} - world.memory.erased - world.memory.unsure
    emptied = {number for (number,) in tuples(Message.select(Message.id).where(Message.msisdn == ""))}
    for known in world.ledger.messages.values():
        if known.id in emptied and known.msisdn in kept:
            world.story.violate("erasure", f"message {known.id} lost its number, and nobody was erased")


def _texts(world: World) -> None:
    """Each text once, and no more answers than texts."""
    rows = Counter(
        (sender, text) for sender, text in tuples(InboundMessage.select(InboundMessage.sender, InboundMessage.text))
    )
    for (sender, text), often in rows.items():
        if often > world.memory.written[sender, text]:
            world.story.violate("inbound", f"« {text} » of …{sender[-3:]} is kept {often} times")
    rows.update((text.sender, text.text) for text in world.left_on_cards)
    for (sender, text), often in world.memory.written.items():
        if rows[sender, text] < often and sender not in world.memory.erased | world.memory.unsure:
            world.story.violate("inbound", f"« {text} » of …{sender[-3:]} was lost")
    wrote = Counter(sender for sender, _text in world.memory.written.elements())
    answers = Message.select(Message.msisdn).join(Broadcast, on=(Message.broadcast == Broadcast.id))
    for number, often in Counter(tuples(answers.where(Broadcast.kind == "answer"))).items():
        if number[0] and often > wrote[number[0]]:
            world.story.violate("answers", f"…{number[0][-3:]} was answered {often} times")


def check_entries(world: World) -> None:
    """The journal has an entry for each deed that was taken."""
    for action, often in sorted(world.memory.entries.items()):
        if action and AuditEntry.select().where(AuditEntry.action == action).count() < often:
            world.story.violate("journal", f"{often} times {action} was done, and the journal has fewer")
