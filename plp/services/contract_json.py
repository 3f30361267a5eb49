"""The JSON of the command line and the API, as docs/reference/contract.md, "JSON of the commands" promises it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from db.alerts.incidents.reach import Reach
from db.alerts.incidents.roads import roads
from db.alerts.incidents.thread_cards import ThreadCard, thread_cards
from db.alerts.orders.holding import HoldCard
from db.alerts.progress.progress import BroadcastCard, Progress
from db.modems.status import ModemCard
from db.operations.events import Event
from plp.services.texts import MissingText
from rules.numbers import half_masked, masked
from rules.sentences import stored_sentence
from rules.states import PartState
from rules.text_guard import FindingsRefused

Shape = dict[str, Any]


def placed_shape(placed: Progress, without_mobile: int | None = None) -> Shape:
    """`broadcast send --json`; `without_mobile` is None for a correction, which has no audience."""
    shape = _of(placed, "id", "state", "recipients", "parts", "encoding", "simulated", "quiet")
    return shape if without_mobile is None else shape | {"without_mobile": without_mobile}


def corrected_shape(placed: Progress, not_alerted: Iterable[str], rest: Progress | None, *, for_rest: bool) -> Shape:
    """`broadcast correct --json`: with the neighbourhoods that the text names and nobody alerted about these facts."""
    shape = placed_shape(placed) | {"not_alerted": list(not_alerted)}
    return shape | {"rest": placed_shape(rest) if rest else None} if for_rest else shape


def progress_shape(progress: Progress, now: datetime, hold: HoldCard | None = None) -> Shape:
    """`broadcast show --json`, with `hold` only while it is held."""
    shape = _of(progress, "id", "state", "recipients", "taken", "simulated", "quiet")
    shape["counts"] = _counts(progress.counts)
    if not progress.drill:
        shape["roads"] = asdict(roads(progress))
    shape |= _card(thread_cards([progress], now)[progress.id])
    if progress.last_phone_at is not None:
        shape |= {"last_phone_at": progress.last_phone_at.isoformat(timespec="seconds"), "before": progress.before}
    if hold is not None:
        shape["hold"] = _of(hold, "reason", "may_have", "nothing")
    return shape | {"incomplete": progress.incomplete} if progress.incomplete else shape


def event_shape(event: Event) -> Shape:
    """An event of the API and of a webhook."""
    shape = {"id": event.id, "type": event.kind, "at": event.at.isoformat(timespec="seconds"), "state": event.state}
    if event.kind == "delivery":
        return shape | {"broadcast": int(event.of), "message": event.subject}
    return shape | {"incident": event.subject, "kind": event.of, "sentence": str(stored_sentence(event.sentence))}


def findings_shape(refusal: FindingsRefused | MissingText) -> list[Shape]:
    """The findings that refused an order, for programs, which log their answers: a telephone number is masked."""
    if isinstance(refusal, MissingText):
        return [{"kind": "missing_text", "language": language, "excerpt": ""} for language in refusal.languages]
    return [
        {
            "kind": finding.kind,
            "language": finding.language,
            "excerpt": masked(finding.excerpt) if finding.kind == "phone" else finding.excerpt,
        }
        for finding in refusal.findings
    ]


def cards_shape(cards: Sequence[BroadcastCard], now: datetime) -> list[Shape]:
    """`broadcast list --json`."""
    threads = thread_cards(cards, now)
    return [_card_shape(card) | _card(threads[card.id]) for card in cards]


def _card(thread: ThreadCard) -> Shape:
    """The people of a broadcast by state, and what followed it, as every page shows them."""
    lines = [_of(line.card, "id", "kind", "state") | {"reach": _reach(line.reach)} for line in thread.lines]
    return {"reach": _reach(thread.reach), "followed_by": lines}


def _reach(counted: Reach) -> Shape:
    by = {"sms": counted.sms, "mail": counted.mail, "called": counted.called}
    return _of(counted, "people", "received", "sent", "waiting", "otherwise") | {"received_by": by}


def _card_shape(card: BroadcastCard) -> Shape:
    shape = _of(card, "id", "kind", "state", "text", "recipients", "taken", "simulated")
    shape |= {"counts": _counts(card.counts), "ordered_by": card.ordered_by}
    return shape | {"created_at": card.created_at.isoformat(timespec="seconds")}


def _of(card: object, *fields: str) -> Shape:
    return {field: getattr(card, field) for field in fields}


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    return {state.value: counts.get(state.value, 0) for state in PartState}


def modems_shape(cards: Iterable[ModemCard]) -> list[Shape]:
    """`modem list --json`. Half of an IMEI and an IMSI is masked; a program can still distinguish two cards."""
    return [
        _of(card, "host", "name", "state")
        | {name: number and half_masked(number) for name, number in (("imei", card.imei), ("imsi", card.imsi))}
        | _of(card, "operator", "technology", "signal_dbm", "sent_today", "simulated")
        for card in cards
    ]
