"""A house into which people write: who they are, what comes in, and what went back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from base.settings.values import ModemSettings, Settings, ZoneSettings
from db.alerts.orders import enqueue
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.inbound.received import apply_inbound
from db.inbound.replies.judging import verdicts
from db.models.broadcasts import Broadcast, BroadcastText, Message
from db.models.modem_records import InboundMessage, InboundVerdict
from db.models.people import Consent, Member
from rules.states import Stage
from tests.support.people import Text, order, person, place, ready_modem

CARD = "206010000000001"
OWN = "+32470000900"
STRANGER = "+32470099001"
ADDRESS = "quartier.plainevaux@example.org"
HOUR = timedelta(hours=1)

SETTINGS = Settings(
    path=Path("config.ini"), folder=Path(), zone=ZoneSettings(), modems=(ModemSettings("a", number=OWN),)
)


@dataclass(frozen=True)
class Delivered:
    sender: str
    text: str
    sent_at: datetime
    concatenation: None = None
    is_push: bool = False


def comes(text: str, sender: str, now: datetime, sent_at: datetime | None = None) -> int:
    """A text from `sender`, stored by the daemon; its id."""
    assert apply_inbound(CARD, Delivered(sender, text, sent_at or now), False, now)
    newest = InboundMessage.select().order_by(InboundMessage.id.desc()).first()
    return int(newest.id)


class PowerCut(BaseException):
    """This process is gone."""


@contextmanager
def cut_while_placing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The power goes between the two transactions of an order: nothing that would be done afterwards is done."""

    def cut(*_args: object) -> None:
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr(enqueue.BroadcastWriter, "fill", cut)
        broken.setattr(enqueue, "delete_preparing", lambda _condition: 0)
        with pytest.raises(PowerCut):
            yield
    assert [row.stage for row in Broadcast.select()].count(Stage.PREPARING) == 1


def went_back() -> list[tuple[str, str]]:
    """(number, text) of every answer in the outbox, in order."""
    rows = (
        Message.select(Message, BroadcastText)
        .join(BroadcastText)
        .join_from(Message, Broadcast)
        .where(Broadcast.kind == "answer")
        .order_by(Message.id)
    )
    return [(row.msisdn, row.text.body) for row in rows]


def wants_texts(number: str) -> list[bool]:
    """What each member with this number last said of texts."""
    query = Consent.select().join(Member).where(Member.mobile == number, Consent.channel == "sms").order_by(Member.id)
    return [row.given for row in query]


def is_done(inbound_id: int) -> bool:
    """Whether nobody needs to read it any more."""
    return InboundMessage.get_by_id(inbound_id).handled_at is not None


def alert(now: datetime, text: str = "Vol rue de la Station.") -> int:
    """An alert to everybody that the network took at `now`; its id."""
    modem = ready_modem("a", now)
    placed = order(now, Text(text, "gsm7", (text,)), again=True)
    for reference in range(placed.recipients):
        claim = claim_part(modem, now)
        mark_pdu_started(claim, now)
        mark_sent(claim, reference % 256, modem, now)
    return placed.id


def members_alerted(now: datetime) -> None:
    """Two members whom an alert reached an hour ago, and a modem."""
    place("Plainevaux", now - timedelta(days=1), ADDRESS)
    person(1, now - timedelta(days=1))
    person(2, now - timedelta(days=1), language="nl")
    ready_modem("a", now)
    alert(now - HOUR)
    ready_modem("a", now)


def answers(inbound_id: int) -> InboundVerdict:
    """What became of one text."""
    return verdicts([inbound_id])[inbound_id]
