"""Faults of what is shown: each at one door, or at all of them."""

from dataclasses import replace

from db.alerts.progress import counts, history, progress
from plp.services import contract_json
from rules.states import PartState
from tests.world.planted.faults import Table

TABLE = Table("agreement")
plant = TABLE.plant
_tallies, _cards, _shape, _counts = (
    counts.tallies,
    progress.broadcast_cards,
    contract_json.progress_shape,
    contract_json._counts,
)


def _all_that_does_not_wait(rows):
    told = _tallies(rows)
    return {
        row.id: replace(told[row.id], taken=row.recipients - told[row.id].messages.get(PartState.QUEUED, 0))
        for row in rows
    }


def _with_unconfirmed(rows):
    return {
        number: replace(tally, taken=tally.taken + tally.messages.get(PartState.UNCONFIRMED, 0))
        for number, tally in _tallies(rows).items()
    }


def _received_is_sent(rows):
    told = {}
    for number, tally in _tallies(rows).items():
        moved = tally.messages.get(PartState.SENT, 0)
        messages = tally.messages | {
            PartState.DELIVERED: tally.messages.get(PartState.DELIVERED, 0) + moved,
            PartState.SENT: 0,
        }
        told[number] = replace(tally, messages=messages)
    return told


def _any_part(rows):
    return {number: replace(tally, messages=tally.parts) for number, tally in _tallies(rows).items()}


def _cards_without(rows, now, followed=True):
    return [replace(card, taken=card.recipients - card.waiting) for card in _cards(rows, now, followed)]


plant("sent is all that does not wait, at every door", (progress, "tallies", _all_that_does_not_wait))
plant("unconfirmed is told as sent", (progress, "tallies", _with_unconfirmed))
plant("sent is told as received", (progress, "tallies", _received_is_sent))
plant("parts are counted as people", (progress, "tallies", _any_part))
plant("the list counts all that does not wait", (history, "broadcast_cards", _cards_without))
plant("the header counts all that does not wait", (progress, "broadcast_cards", _cards_without))
plant(
    "the API counts what is on its way",
    (
        contract_json,
        "_counts",
        lambda given: _counts(given) | {"delivered": given.get("delivered", 0) + given.get("sent", 0)},
    ),
)
plant(
    "the worst part does not name the message",
    (counts, "WORST_FIRST", tuple(reversed(counts.WORST_FIRST))),
    (progress, "WORST_FIRST", tuple(reversed(progress.WORST_FIRST))),
)
