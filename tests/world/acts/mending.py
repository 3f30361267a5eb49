"""The end of a night: what is broken is mended, and what waits for a person gets an answer."""

import random

from db.alerts.orders.approval import waiting_approvals
from db.engine.base import tuples
from db.models.broadcasts import Broadcast
from db.modems.status import modem_cards
from plp.services import broadcasts
from plp.services.modems import request
from plp.services.orders import approving, going_on
from rules.refusals import Refusal
from rules.states import Stage
from tests.world.acts.technicians import accept_cards
from tests.world.world import OFFICERS, TECHNICIAN, World


def mend(world: World) -> None:
    """Every stick is in and well, every card is accepted, and nothing waits for a decision."""
    now = world.timeline.now()
    for stick in world.sticks.values():
        stick.modem.phone.faults.replace([])
        stick.modem.power.resume()
        stick.phone.now = world.timeline.now_s
        stick.phone.network_lost_until = 0.0
        stick.plug_in()
        stick.step()
    world.memory.suspended.clear()
    _well_again(world)
    world.unharmed(world.box.beat)  # else a modem whose daemon rests looks absent
    accept_cards(world, random.Random(0))
    for card in modem_cards(now):
        if card.state in ("out_of_service", "suspended", "paused"):
            _quietly(lambda card=card: request(card, "resume", TECHNICIAN, now))
    for waiting in waiting_approvals(now) if world.plan.seed % 2 else ():  # every other night they end by themselves
        _quietly(lambda card=waiting: approving.refuse_broadcast(card.broadcast_id, OFFICERS[0], "Trop tard.", now))
    world.ledger.read()
    for number, stage in tuples(Broadcast.select(Broadcast.id, Broadcast.stage).order_by(Broadcast.id)):
        asked = world.request(OFFICERS[0])
        if stage == Stage.HELD:
            _quietly(lambda number=number, asked=asked: broadcasts.expire(number, asked))
        elif stage == Stage.PAUSED:
            world.memory.halted.pop(number, None)
            _quietly(lambda number=number, asked=asked: going_on.resume(number, asked))
    world.ledger.read(by_person=True)


def _well_again(world: World) -> None:
    """Machines, and the servers that they need."""
    now_s = world.timeline.now_s  # whoever waits for it tries again soon after
    world.box.full_until_s, world.box.server_away_until_s = (
        min(until_s, now_s) for until_s in (world.box.full_until_s, world.box.server_away_until_s)
    )
    for server in (world.relay, world.inbox):
        if server is not None:
            server.trouble = server.away_until_s = 0.0
    for host in world.box.hosts.values():
        host.off_until_s = host.cut_until_s = 0.0


def _quietly(deed) -> None:
    try:
        deed()
    except Refusal:
        return
