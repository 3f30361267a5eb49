"""An event of the plan becomes an act: a function of the world and the event's own dice."""

import random
from collections.abc import Callable

from tests.world.acts import admins, mails, officers, technicians
from tests.world.outside.members import stop
from tests.world.plan import HARD, Event
from tests.world.world import World

Act = Callable[[World, random.Random], None]

ACTS: dict[str, Act] = {**officers.ACTS, **technicians.ACTS, **admins.ACTS, **mails.ACTS, "stop": stop}


def happen(world: World, event: Event) -> None:
    """Do it now."""
    if event.kind in HARD:
        world.strike(event.kind)
    deed = lambda: ACTS[event.kind](world, random.Random(event.seed))  # noqa: E731
    if world.box.is_shared and event.kind not in HARD:
        world.visit(event.kind, deed)
    else:
        deed()
