"""An event of the plan becomes an act: a function of the world and the event's own dice."""

import random
from collections.abc import Callable

from tests.world.acts import admins, officers, technicians
from tests.world.outside.members import stop
from tests.world.plan import ROUGH, Event
from tests.world.world import World

Act = Callable[[World, random.Random], None]

ACTS: dict[str, Act] = {**officers.ACTS, **technicians.ACTS, **admins.ACTS, "stop": stop}


def happen(world: World, event: Event) -> None:
    """Do it now."""
    if event.kind in ROUGH:
        world.strike(event.kind)
    ACTS[event.kind](world, random.Random(event.seed))
