"""Technicians at the box and in the queue, and what happens to machines: plugs, cards, restarts, power."""

import random
from collections.abc import Callable

from db.engine.base import tuples
from db.models.broadcasts import Message, Part
from db.modems.sims import SimCard, waiting_cards
from plp.services import modems
from plp.services.modems import accept_card, modem_named
from plp.services.orders import queue
from rules.people import Actor
from rules.states import PartState
from tests.world.outside.stick import Stick
from tests.world.world import TECHNICIAN, World

Act = Callable[[World, random.Random], None]


def _stick(world: World, chance: random.Random) -> Stick:
    return world.sticks[chance.choice(sorted(world.sticks))]


def unplug(world: World, chance: random.Random) -> None:
    stick, away_s = _stick(world, chance), chance.choice((3.0, 30.0, 400.0, 1200.0))
    world.story.tell(f"{stick.name} is unplugged for {away_s:.0f} s")
    stick.unplug()
    world.timeline.after(away_s, stick.plug_in)


def swap_card(world: World, chance: random.Random) -> None:
    stick, seconds = _stick(world, chance), chance.uniform(20, 40)  # longer than a submit takes
    world.story.tell(f"{stick.name} gets another card within {seconds:.0f} s")
    stick.swap_card(seconds)


def lose_network(world: World, chance: random.Random) -> None:
    stick, seconds = _stick(world, chance), chance.choice((5.0, 60.0, 1200.0))
    world.story.tell(f"{stick.name} has no network for {seconds:.0f} s")
    stick.phone.now = world.timeline.now_s
    stick.phone.lose_network(seconds)
    stick.step()


def hang(world: World, chance: random.Random) -> None:
    stick, seconds = _stick(world, chance), chance.choice((10.0, 90.0, 400.0))
    world.story.tell(f"{stick.name} hangs for {seconds:.0f} s")
    stick.modem.power.hang(world.timeline.now_s + seconds)
    stick.step()


def kill_modem(world: World, chance: random.Random) -> None:
    world.box.one(chance).kill("modem")


def kill_jobs(world: World, chance: random.Random) -> None:
    world.box.one(chance).kill("jobs")


def power_cut(world: World, chance: random.Random) -> None:
    off_s, host = chance.choice((3.0, 90.0, 900.0)), world.box.one(chance)
    world.story.tell(f"the power{world.box.of(host)} is cut for {off_s:.0f} s")
    host.lose_power(off_s)


def accept_cards(world: World, chance: random.Random) -> None:
    for card in waiting_cards():

        def deed(card: SimCard = card) -> None:
            now = world.timeline.now()
            accept_card(modem_named(card.modem, world.box.host_of(card.modem).name, now), card.id, TECHNICIAN, now)

        def then(card: SimCard = card) -> None:
            world.memory.accepted.add(card.imsi)

        world.act(TECHNICIAN, f"accepts the card in {card.modem}", deed, then, about=card.imsi, perhaps=then)


def _asked(verb: str) -> Act:
    def ask(world: World, chance: random.Random) -> None:
        name = chance.choice(sorted(world.sticks))

        def deed() -> None:
            now = world.timeline.now()
            card = modem_named(name, world.box.host_of(name).name, now)
            modems.request(card, verb, TECHNICIAN, now, "Travaux sur le réseau.")

        def then() -> None:
            if verb == "suspend":
                world.memory.suspended[name] = world.timeline.now_s
            elif verb == "resume":
                world.memory.suspended.pop(name, None)

        forget = lambda: world.memory.suspended.pop(name, None)  # noqa: E731
        world.act(TECHNICIAN, f"{verb} {name}", deed, then, perhaps=forget)

    return ask


def resend_one(world: World, chance: random.Random) -> None:
    number = _message(chance, (PartState.FAILED, PartState.UNCONFIRMED))
    if number is not None:
        deed = lambda: queue.resend(number, world.request(TECHNICIAN), perhaps_twice=True)  # noqa: E731
        world.ledger.read()
        if known := world.ledger.messages.get(number):
            world.memory.halted.pop(known.broadcast_id, None)
        world.act(TECHNICIAN, f"sends message {number} again", deed)


def move_one(world: World, chance: random.Random) -> None:
    number = _message(chance, (PartState.QUEUED,))
    seat = chance.choice(("", *(f"{world.box.host_of(name).name}/{name}" for name in sorted(world.sticks))))
    if number is not None:
        by = Actor.read(TECHNICIAN)
        if chance.random() < 0.5:
            world.act(TECHNICIAN, f"cancels message {number}", lambda: queue.cancel(number, by, world.timeline.now()))
        else:
            deed = lambda: queue.hand_over(number, seat, by, world.timeline.now())  # noqa: E731
            given = lambda: world.memory.given.add(number)  # noqa: E731
            world.act(TECHNICIAN, f"gives message {number} to {seat or 'any modem'}", deed, given, perhaps=given)


def _message(chance: random.Random, states: tuple[PartState, ...]) -> int | None:
    rows = Message.select(Message.id).join(Part).where(Part.state.in_(states)).distinct().order_by(Message.id)
    ids = [row[0] for row in tuples(rows)]
    return chance.choice(ids) if ids else None


def fill_disk(world: World, chance: random.Random) -> None:
    seconds = chance.choice((2.0, 20.0, 90.0))
    until_s = world.timeline.now_s + seconds
    host = world.box.one(chance)
    if world.box.is_shared and chance.random() < 0.5:
        world.story.tell(f"the disk of {host.name} itself is full for {seconds:.0f} s")
        host.full_until_s = until_s
        return
    world.story.tell(f"the disk is full for {seconds:.0f} s")
    world.box.full_until_s, world.box.no_room = until_s, "database or disk is full"


def read_only(world: World, chance: random.Random) -> None:
    seconds = chance.choice((5.0, 60.0, 300.0))
    world.story.tell(f"the disk is read-only for {seconds:.0f} s")
    world.box.full_until_s = world.timeline.now_s + seconds
    world.box.no_room = "attempt to write a readonly database"


def slow_disk(world: World, chance: random.Random) -> None:
    seconds = chance.choice((30.0, 200.0))
    world.story.tell(f"the disk is slow for {seconds:.0f} s")
    world.box.slow_until_s = world.timeline.now_s + seconds


def set_clock(world: World, chance: random.Random) -> None:
    """By hand, or by a server after the box ran wrong for long."""
    by_s = chance.choice((-7200.0, -900.0, -70.0, -5.0, 5.0, 70.0, 900.0, 7200.0))
    world.story.tell(f"the clock is set by {by_s:.0f} s")
    for host in world.box.hosts.values():
        if host.kernel is not None:
            host.kernel.set(world.timeline.off_s + by_s)


def cut_off(world: World, chance: random.Random) -> None:
    """A host loses the server, perhaps just when it waits for the answer to a COMMIT; its modems go on."""
    host, seconds = world.box.one(chance), chance.choice((3.0, 20.0, 90.0, 800.0))
    world.story.tell(f"{host.name} is cut off from the server for {seconds:.0f} s")
    if chance.random() < 0.3:
        host.cut_at_commit_s = seconds
    else:
        world.box.cut(host, seconds)


def restart_server(world: World, chance: random.Random) -> None:
    seconds = chance.choice((0.5, 5.0, 60.0))
    world.story.tell(f"the server restarts, for {seconds:.0f} s")
    world.box.restart_server(seconds)


ACTS: dict[str, Act] = {
    "cut_off": cut_off,
    "restart_server": restart_server,
    "read_only": read_only,
    "slow_disk": slow_disk,
    "set_clock": set_clock,
    "fill_disk": fill_disk,
    "unplug": unplug,
    "swap_card": swap_card,
    "lose_network": lose_network,
    "hang": hang,
    "kill_modem": kill_modem,
    "kill_jobs": kill_jobs,
    "power_cut": power_cut,
    "accept_cards": accept_cards,
    "restart_modem": _asked("restart"),
    "suspend_modem": _asked("suspend"),
    "resume_modem": _asked("resume"),
    "resend_one": resend_one,
    "move_one": move_one,
}
