"""Texts that came in: stored once, their parts joined. Personal data: in these tables only, in no log or audit."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, utc_of
from db.engine.connection import delete_in_chunks, writing
from db.models.modem_records import InboundMessage, InboundPart, InboundVerdict, UnreadablePdu
from db.modems.proof import apply_proof
from rules.calendar import day_of
from rules.replies.mms import mms_notice

# References wrap at 256 and are used again: parts that the service centre stamped further apart are of two texts.
TOGETHER = timedelta(hours=24)
# So long after its first part nobody waits for a missing one any more.
PATIENCE = timedelta(hours=24)
GAP = "[…]"
# The few that are open come from their index; by their age it would be every text of the last months.
_OPEN = Prepared(
    InboundMessage.select(InboundMessage.id, InboundMessage.received_at).where(
        InboundMessage.completed_at.is_null(), InboundMessage.given_up_at.is_null()
    )
)


def apply_inbound(imsi: str, deliver: Any, simulated: bool, now: datetime, stick: str | None = None) -> bool:
    """Store one part in the text that it belongs to, durably; False when it is known. `imsi` is the card that it was
    sent to, `stick` as in InboundMessage. A text that gets another part waits again. A proof of life of one of our SIMs
    is noted as that, and is no text for anybody. One whose service centre told no time has that of its arrival."""
    place = deliver.concatenation
    digest, *others = _digests(imsi, deliver, now)
    if deliver.sent_at is None:
        deliver = replace(deliver, sent_at=now)
    with writing():
        if InboundPart.select().where(InboundPart.digest.in_([digest, *others])).exists():
            return False
        if place is None and stick is None and apply_proof(imsi, deliver.text, now):
            return True
        message = _waiting_for(imsi, stick, deliver, place) if place is not None and place.total > 1 else None
        if message is None:
            message = InboundMessage.create(
                imsi=imsi,
                stick=stick,
                sender=_writable(deliver.sender),
                reference=place.reference if place else None,
                total=place.total if place else 1,
                text="",
                sent_at=deliver.sent_at,
                received_at=now,
                simulated=simulated,
                mms_octets=0 if deliver.is_push else None,
            )
        seq = place.seq if place else 1
        InboundPart.create(message=message.id, seq=seq, text=_writable(deliver.text), digest=digest)
        _join(message, deliver, simulated, now)
        return True


def _digests(imsi: str, deliver: Any, now: datetime) -> list[str]:
    """The digest of a part, and others under which it may be known. One without a time is known for a day or two:
    read twice it is one text, and a second STOP next month is not lost."""
    place = deliver.concatenation
    where = (place.reference, place.seq, place.total) if place else ()
    marks: list[object]
    if deliver.sent_at is None:
        marks = [f"{deliver.stamp} {day_of(now - days)}" for days in (timedelta(), timedelta(days=1))]
    else:
        marks = [deliver.sent_at.timestamp()]
    facts = [[imsi, deliver.sender, mark, *where, deliver.text] for mark in marks]
    return [hashlib.sha256(json.dumps(fact).encode()).hexdigest() for fact in facts]


def give_up_incomplete(now: datetime) -> int:
    """Wait no longer for parts that are missing for a day: what came is all. Returns how many texts."""
    overdue = [number for number, received_at in _OPEN.rows() if utc_of(received_at) <= now - PATIENCE]
    if not overdue:
        return 0
    with writing():
        given_up = InboundMessage.update(given_up_at=now, judged_at=None)
        return int(given_up.where(InboundMessage.id.in_(overdue), InboundMessage.completed_at.is_null()).execute())


def apply_unreadable(imsi: str, pdu: str, now: datetime) -> bool:
    """Keep what no rule can decode, for a later analysis; False if it is already known."""
    with writing():
        if UnreadablePdu.select().where(UnreadablePdu.imsi == imsi, UnreadablePdu.pdu == pdu).exists():
            return False
        UnreadablePdu.create(imsi=imsi, pdu=pdu, received_at=now)
        return True


def mark_handled(message_id: int, now: datetime) -> bool:
    """The person who answers has handled it; False if somebody else had."""
    this = (InboundMessage.id == message_id) & InboundMessage.handled_at.is_null()
    with writing():
        return bool(InboundMessage.update(handled_at=now).where(this).execute())


def forget_inbound_before(when: datetime) -> int:
    """Retention: texts and unreadable PDUs that came before `when` go, handled or not. Returns how many."""
    # A STOP that waits for a person is no text of months ago: somebody may have left by it.
    held = InboundVerdict.select(InboundVerdict.inbound).where(InboundVerdict.silence == "held")
    texts = delete_in_chunks(InboundMessage, (InboundMessage.received_at < when) & InboundMessage.id.not_in(held))
    return texts + delete_in_chunks(UnreadablePdu, UnreadablePdu.received_at < when)


def _writable(text: str) -> str:
    """A phone may cut a surrogate pair in two; no database takes half a character, and then nothing at all."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def delays(imsi: str, since: datetime) -> list[timedelta]:
    """Clock of the service centre to ours, of the texts on this card since then, newest first; may be negative."""
    times = InboundMessage.select(InboundMessage.received_at, InboundMessage.sent_at)
    lately = times.where(InboundMessage.imsi == imsi, InboundMessage.received_at > since)
    return [received - sent for received, sent in tuples(lately.order_by(InboundMessage.received_at.desc()))]


def _waiting_for(imsi: str, stick: str | None, deliver: Any, place: Any) -> InboundMessage | None:
    """The text nearest in time that lacks this part; one that has it is older, under the same reference."""
    fitting: list[InboundMessage] = [
        row
        for row in InboundMessage.select().where(
            InboundMessage.completed_at.is_null(),
            InboundMessage.imsi == imsi,
            InboundMessage.sender == _writable(deliver.sender),
            InboundMessage.reference == place.reference,
            InboundMessage.total == place.total,
            InboundMessage.mms_octets.is_null(not deliver.is_push),
            InboundMessage.sent_at.between(deliver.sent_at - TOGETHER, deliver.sent_at + TOGETHER),
        )
        if row.stick == stick and place.seq not in _parts(row)
    ]
    return min(fitting, key=lambda row: abs(row.sent_at - deliver.sent_at), default=None)


def _join(message: InboundMessage, deliver: Any, simulated: bool, now: datetime) -> None:
    """A part was added: the text as it reads now, inside the caller's transaction."""
    parts = _parts(message)
    whole = len(parts) == message.total
    content: dict[str, Any] = {}
    if message.mms_octets is None:
        # One mark for a run of missing parts.
        places = range(1, message.total + 1)
        content = {"text": "".join(parts.get(seq, "" if seq > 1 and seq - 1 not in parts else GAP) for seq in places)}
    elif whole:
        push = "".join(part for _seq, part in sorted(parts.items()))
        notice = mms_notice(bytes.fromhex(push))
        if notice is None:  # an operator's settings, or an advertisement
            apply_unreadable(message.imsi, push, now)
            message.delete_instance()
            return
        content = {"sender": notice.sender or message.sender, "mms_octets": notice.octets}
    values: dict[str, Any] = {
        **content,
        "sent_at": min(message.sent_at, deliver.sent_at),
        "completed_at": now if whole else None,
        "simulated": message.simulated or simulated,
        "judged_at": None,
        # Whoever was done with it, or took it upon them, did not see this part.
        "taken_by": "",
        "taken_at": None,
        "handled_by": "",
        "handled_at": None,
    }
    InboundMessage.update(values).where(InboundMessage.id == message.id).execute()


def _parts(message: InboundMessage) -> dict[int, str]:
    return dict(tuples(InboundPart.select(InboundPart.seq, InboundPart.text).where(InboundPart.message == message.id)))
