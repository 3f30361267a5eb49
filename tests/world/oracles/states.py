"""Every change of a part's state, as the triggers of the database note them."""

from rules.states import PART_TRANSITIONS, PartState
from tests.world.world import World


def check_states(world: World) -> None:
    """Each of them is in the table."""
    for source, target in sorted(world.box.touched.moves):
        if PartState(target) not in PART_TRANSITIONS[PartState(source)]:
            world.story.violate("states", f"a part went from {source} to {target}")
