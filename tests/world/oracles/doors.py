"""At each look: no door says more than the phones got, and all say the same."""

from datetime import timedelta

from db.alerts.progress import history, progress
from db.engine.base import database
from db.models.broadcasts import Attempt
from db.models.policy import Approval
from db.modems.status import modem_cards
from plp.services import contract_json
from tests.world.oracles.mails import look_at_mails
from tests.world.world import World

MOST = 50
CLAIMED_AT_MOST, LAPSED_FOR = timedelta(minutes=8), timedelta(minutes=6)
# The daemon of a calm night rests for minutes, and a modem may have to end a submit that nobody answers.
OFF_NETWORK_S = 420.0
_WAITS = """
SELECT b.id FROM approval a JOIN broadcast b ON b.id = a.broadcast_id
WHERE a.outcome = 'waiting' AND b.stage = 'awaiting_approval' AND a.lapses_at < ?
"""
_FORGOTTEN = "SELECT 1 FROM attempt WHERE outcome = 'open' AND pdu_started_at IS NULL AND claimed_at < ?"


def look(world: World, whole_night: bool = False) -> None:
    """Compare what pages, commands and API read with the network and the phones: of the broadcasts that changed since
    the last look, or of all.
    """
    world.ledger.read()
    world.unharmed(world.box.beat)
    now, changed = world.timeline.now(), world.box.touched.broadcasts
    look_at_mails(world)
    _no_claim_is_forgotten(world)
    _no_request_is_forgotten(world)
    _no_modem_is_ready_without_a_network(world)
    numbers = [number for number in world.ledger.ordered_by_people() if whole_night or number in changed]
    changed.clear()
    if not numbers:
        return
    listed = {card.id: card for card in history.newest(MOST, now)}
    shown = {card.id: card for card in progress.running(now)}
    for number in numbers:
        whole = progress.progress(number, now)
        if whole is None:
            world.story.violate("doors", f"broadcast {number} is shown no more")
            continue
        figures = {"page": (whole.taken, whole.counts["delivered"], whole.state)}
        figures["API"] = _figures(contract_json.progress_shape(whole, now))
        for door, cards in (("list", listed), ("header", shown)):
            if number in cards:
                card = cards[number]
                figures[door] = (card.taken, card.counts["delivered"], card.state)
        if number in listed:
            figures["API list"] = _figures(contract_json.cards_shape([listed[number]], now)[0])
        if len(set(figures.values())) > 1:
            world.story.violate("doors", f"broadcast {number}: the doors differ: {figures}")
        _compare(world, number, whole.taken, whole.counts)


def _figures(shape: dict) -> tuple[int, int, str]:
    return shape["taken"], shape["counts"]["delivered"], shape["state"]


def _compare(world: World, number: int, taken: int, counts: dict[str, int]) -> None:
    ledger, violate = world.ledger, world.story.violate
    if taken > (there := ledger.with_network(number)):
        violate("shown better", f"broadcast {number}: {taken} are shown as sent, the network has {there}")
    if counts["delivered"] > (there := ledger.on_phones(number)):
        violate("shown better", f"broadcast {number}: {counts['delivered']} are shown as received, phones have {there}")
    people = len(ledger.of(number))
    if sum(counts.values()) != people:
        violate("doors", f"broadcast {number}: counts add up to {sum(counts.values())}, its people are {people}")


def _no_request_is_forgotten(world: World) -> None:
    """A request for agreement that nobody answers ends by itself. In an older copy that was put back it waits again."""
    due = world.timeline.now() - LAPSED_FOR
    is_settled = all(put_back_at < due for put_back_at in world.put_back_at)
    before = Approval.lapses_at.db_value(due)
    if is_settled and not world.clock_was_set and world.box.off_until_s < world.timeline.now_s - LAPSED_FOR.seconds:
        for (number,) in database.execute_sql(_WAITS, (before,)).fetchall():
            world.story.violate("lapsed", f"broadcast {number} waits for agreement beyond its time")


def _no_claim_is_forgotten(world: World) -> None:
    """Whoever claims a part hands it over or gives it back, long before its lease ends it. The claims of a copy that
    was put back are from its time: they end when the first daemon compares it, which here may rest, or be killed.
    """
    since = world.timeline.now() - CLAIMED_AT_MOST
    before = Attempt.claimed_at.db_value(since)
    was_on = world.box.off_until_s < world.timeline.now_s - CLAIMED_AT_MOST.seconds
    if was_on and not world.clock_was_set and database.execute_sql(_FORGOTTEN, (before,)).fetchone():
        if any(at > since and world.compared_at(at) is None for at in world.put_back_at[-1:]):
            return
        world.story.violate("forgotten", "a part is claimed for minutes, and nobody hands it over")


def _no_modem_is_ready_without_a_network(world: World) -> None:
    """A modem that has no network is soon shown so, where it answers, and its machine works, all the while."""
    now_s, since = world.timeline.now_s, world.memory.off_network
    works = world.box.works()
    for stick in world.sticks.values():
        stick.phone.now = now_s
        if works and stick.plugged and not stick.modem.power.away and not stick.phone.registered:
            since.setdefault(stick.name, now_s)
        else:
            since.pop(stick.name, None)
    late = {name for name, at_s in since.items() if now_s - at_s > OFF_NETWORK_S}
    for card in modem_cards(world.timeline.now()) if late else ():
        if card.alive and card.state == "ready" and card.name in late:
            world.story.violate("shown better", f"{card.name} is shown ready, and has no network")
