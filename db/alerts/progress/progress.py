"""Progress of a broadcast: exact counts of messages by state, and the people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from peewee import JOIN, fn

from db.alerts.progress.counts import Tally, called_off_messages, has_told, incomplete_messages, tallies, worst_parts
from db.alerts.progress.report import times
from db.alerts.progress.threads import Aftermath, aftermath, first_of, followed_by, row_of, standing_follow_up
from db.engine.base import Page, card_of, grouped, page_of, tuples
from db.engine.cached_queries import Prepared
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.people import Member, Neighbourhood
from db.modems.forecast import Forecast, forecast
from db.modems.readiness import all_simulated
from rules.sentences import Sentence, stored_sentence
from rules.states import AUTOMATIC, LANE_URGENT, MAY_BE_THERE, WORST_FIRST, PartState, Stage, broadcast_state

COUNT_ORDER = ("queued", "sending", "sent", "delivered", "undelivered", "failed", "unconfirmed", "expired", "cancelled")
# What waits for a second person does not run: nothing of it moves.
_NOT_RUNNING = (Stage.AWAITING_APPROVAL, Stage.FINISHED, Stage.CANCELLED)
_NOT_BEGUN = (Stage.PREPARING, Stage.AWAITING_APPROVAL, Stage.SCHEDULED)
_BY_SMS_ALONE = ("drill", *AUTOMATIC)
_OVER = ("finished", "cancelled")
_REMAINING = (PartState.QUEUED, PartState.SENDING)
_RUNNING = Prepared(
    Broadcast.select()
    .where(Broadcast.stage.not_in(_NOT_RUNNING), Broadcast.kind.not_in(AUTOMATIC))
    .order_by(Broadcast.id.desc())
    .limit(10)
)
_TOLD = Prepared(
    lambda ids: Broadcast.select(Broadcast.id).where(
        Broadcast.id.in_(ids), Broadcast.stage.not_in(_NOT_BEGUN), has_told(Broadcast.id)
    )
)
_OF_PART = (Part.message, Part.state, Part.reason, Part.changed_at)
_OF_PERSON = (Message.id, Message.msisdn, Member.first_name, Member.last_name, Neighbourhood.name)
_NAMED = Message.select(*_OF_PERSON).join(Member, JOIN.LEFT_OUTER).join(Neighbourhood, JOIN.LEFT_OUTER)
_PEOPLE = Prepared(lambda ids: _NAMED.where(Message.id.in_(ids)))
_PARTS = Prepared(lambda ids: Part.select(*_OF_PART).where(Part.message.in_(ids)).tuples())


@dataclass(frozen=True, slots=True)
class BroadcastCard:
    """A broadcast in a list. `counts` are of messages; `taken` ones were accepted by the network whole. `went_out`:
    somebody may have it by any road. `followed`: kind of the newest valid correction or end; `undoable`: it still is.
    """

    id: int
    kind: str
    state: str
    text: str
    recipients: int
    counts: dict[str, int]
    taken: int
    simulated: bool
    ordered_by: str
    created_at: datetime
    went_out: bool = False
    followed: str = ""
    undoable: bool = False

    @property
    def waiting(self) -> int:
        """Messages that have not left yet, or are leaving."""
        return self.counts.get("queued", 0) + self.counts.get("sending", 0)

    @property
    def not_sent(self) -> int:
        """Messages that the network certainly does not have whole, and that nothing will send automatically."""
        return self.recipients - self.taken - self.waiting - self.counts.get("unconfirmed", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(BroadcastCard):
    """One broadcast in full. `incomplete` lost their SIM after a first part, `called_off` were stopped while others
    went out; both and `last_sent_at` are known only at the end. `before` counts the SMS of others that are sent before
    its last one; `quiet` numbers were spared. `follows` is the broadcast that this one corrects or ends, `follow_ups`
    those that do so to this one; `superseded`: one is valid."""

    encoding: str
    segments: int
    parts: int
    texts: tuple[BroadcastText, ...]
    audience: Sentence
    incomplete: int
    called_off: int
    release_at: datetime | None
    deadline_at: datetime
    last_sent_at: datetime | None
    last_phone_at: datetime | None
    before: int
    drill: bool
    quiet: int
    follows: int | None
    follow_ups: tuple[Broadcast, ...]
    superseded: bool


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One person of a broadcast. `reason` is the code that the daemon stored with the worst part."""

    message_id: int
    name: str
    msisdn: str
    neighbourhood: str
    state: str
    reason: str
    changed_at: datetime


RecipientPage: TypeAlias = Page[RecipientRow]


def progress(broadcast_id: int, now: datetime) -> Progress | None:
    """The broadcast with its counts; None for an unknown id."""
    row = row_of(broadcast_id)
    if row is None:
        return None
    tally = tallies([row])[row.id]
    state, cancelled = broadcast_state(row.stage, tally.parts), tally.messages.get(PartState.CANCELLED)
    expected, after = _expected(row, state, tally, now), aftermath([row.id]).get(row.id, Aftermath())
    return card_of(
        Progress,
        row,
        state=state,
        text=tally.text.body,
        encoding=tally.text.encoding,
        segments=tally.segments,
        # Of a single text without counting rows, so that it is known while they are written.
        parts=row.recipients * tally.segments if len(tally.texts) == 1 else sum(tally.parts.values()),
        texts=tally.texts,
        audience=stored_sentence(row.audience),
        counts=_named(tally),
        taken=tally.taken,
        incomplete=len(incomplete_messages(row.id, now)) if tally.segments > 1 else 0,
        called_off=len(called_off_messages(row.id)) if cancelled and state in _OVER else 0,
        simulated=_simulated(row, tally, now),
        last_sent_at=times(row.id).last_sent_at if state == "finished" else None,
        last_phone_at=expected.last_phone_at,
        before=expected.before,
        drill=first_of(row).kind == "drill",  # not by its lane, which others use too
        went_out=bool(_went_out([row], {row.id: tally})),
        follows=row.original_id,
        follow_ups=tuple(followed_by(row)),
        superseded=standing_follow_up(row.id) is not None,
        followed=after.kind,
        undoable=after.is_undoable,
    )


def running(now: datetime) -> list[BroadcastCard]:
    """The broadcasts of people that are under way, alerts before drills, then the newest. Cheap: every page asks."""
    open_ones = [card for card in broadcast_cards(_RUNNING.results(), now, followed=False) if card.state != "finished"]
    return sorted(open_ones, key=lambda card: card.kind == "drill")


def recipients(
    broadcast_id: int,
    state: str | None = None,
    page: int = 1,
    per_page: int = 100,
    steady: bool = False,
    place_id: int | None = None,
) -> RecipientPage:
    """The people of a broadcast, worst first, or `steady` in the order of sending."""
    query = Message.select(Message.id).where(Message.broadcast == broadcast_id)
    if place_id is not None:
        query = query.where(Message.member.in_(Member.select(Member.id).where(Member.neighbourhood == place_id)))
    if state is None and steady:
        query = query.where(fn.EXISTS(Part.select(Part.id).where(Part.message == Message.id))).order_by(Message.id)
    else:
        worst = worst_parts([broadcast_id])
        query = query.join(worst, on=(worst.c.message_id == Message.id))
        query = query.order_by(*(() if steady else (worst.c.rank,)), Message.id)
    if state is not None:
        wanted = [rank for rank, known in enumerate(WORST_FIRST) if known.value == state]
        query = query.where(worst.c.rank.in_(wanted or [-1]))
    total = query.order_by().count()
    return page_of(query, total, page, per_page, lambda rows: recipient_rows([row[0] for row in tuples(rows)]))


def first_people(ids: Sequence[int], most: int) -> RecipientPage:
    """The first `most` of these messages with their people."""
    return Page(recipient_rows(ids[:most]), len(ids), 1, 1)


def recipient_rows(ids: Sequence[int]) -> list[RecipientRow]:
    """These messages with their people, in this order."""
    parts: dict[int, list[tuple[PartState, str, datetime]]] = grouped(
        (message_id, tuple(part)) for message_id, *part in _PARTS.results(ids=list(ids))
    )
    rows = {}
    for message_id, msisdn, first, last, place in _PEOPLE.rows(ids=list(ids)):
        state, reason, _at = min(parts[message_id], key=lambda part: WORST_FIRST.index(part[0]))
        name, changed_at = f"{first or ''} {last or ''}".strip(), max(part[2] for part in parts[message_id])
        rows[message_id] = RecipientRow(message_id, name, msisdn, place or "", state.value, reason, changed_at)
    return [rows[message_id] for message_id in ids]


def broadcast_cards(rows: list[Broadcast], now: datetime, followed: bool = True) -> list[BroadcastCard]:
    """These broadcasts for a list, in this order; `followed`, and `went_out` by mail or call, only on request."""
    counted, since = tallies(rows), aftermath(row.id for row in rows) if followed else {}
    went_out = _went_out(rows, counted, by_any_road=followed)
    return [
        card_of(
            BroadcastCard,
            row,
            state=broadcast_state(row.stage, counted[row.id].parts),
            text=counted[row.id].text.body,
            counts=_named(counted[row.id]),
            taken=counted[row.id].taken,
            simulated=_simulated(row, counted[row.id], now),
            went_out=row.id in went_out,
            followed=since.get(row.id, Aftermath()).kind,
            undoable=since.get(row.id, Aftermath()).is_undoable,
        )
        for row in rows
    ]


def _went_out(rows: Sequence[Broadcast], counted: dict[int, Tally], *, by_any_road: bool = True) -> set[int]:
    """Those of these that somebody has; mails and calls are looked for only where no phone has it."""
    by_sms = {row.id for row in rows if any(counted[row.id].parts.get(state) for state in MAY_BE_THERE)}
    others = [row.id for row in rows if by_any_road and row.id not in by_sms and row.kind not in _BY_SMS_ALONE]
    return by_sms | ({number for (number,) in _TOLD.rows(ids=others)} if others else set())


def _named(tally: Tally) -> dict[str, int]:
    return {name: tally.messages.get(PartState(name), 0) for name in COUNT_ORDER}


def _simulated(row: Broadcast, tally: Tally, now: datetime) -> bool:
    """Permanently True once it went through a simulator; before the first attempt, true if it would now."""
    if tally.went_through_simulator:
        return True
    untouched = tally.messages.get(PartState.QUEUED, 0) == row.recipients
    return untouched and all_simulated(now)


def _expected(row: Broadcast, state: str, tally: Tally, now: datetime) -> Forecast:
    """The forecast of what waits of it; without a time for what does not go out."""
    waiting = sum(tally.parts.get(remaining, 0) for remaining in _REMAINING)
    if state not in ("scheduled", "queued", "sending") or not waiting:
        return Forecast(None, 0, 0.0)
    starts_at = row.release_at if row.stage is Stage.SCHEDULED else None
    return forecast(waiting, now, starts_at=starts_at, urgent=row.lane <= LANE_URGENT, own=row.id)
