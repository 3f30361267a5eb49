"""Kinds of nights: what happens often in a night of a kind, and among which values its dice choose. What is found only
where several things meet is found in few nights, and these are short.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any


@dataclass(frozen=True)
class Kind:
    """`often`: by event, how many times as often as usual; `others`: the same of the others, one is chosen for each.
    `values`: what the dice choose from, by the name that `tests.world.plan` gives it. Every modem has `faults`, too;
    what `never` happens would hide from the oracles what the night looks for.
    """

    name: str = "any"
    often: Mapping[str, int] = field(default_factory=dict)
    others: Sequence[int] = (0, 1, 1, 5)
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    never: frozenset[str] = frozenset()

    def among(self, name: str, usual: Sequence[Any]) -> Sequence[Any]:
        """What the dice choose from."""
        return self.values.get(name, usual)


SELDOM, MANY = (0, 0, 0, 1), range(8, 20)
UNCOPIED = frozenset({"put_back"})
ANY = Kind()
# What waits for longer than it may: short deadlines and small limits, modems that are away.
DEADLINES = Kind(
    "deadlines",
    {"order": 4, "lose_network": 4, "unplug": 4, "suspend_modem": 2, "kill_modem": 5, "pause": 2, "resend": 2},
    SELDOM,
    {
        "people": (50, 75), "sticks": (1, 1, 2), "length_s": (1200.0, 2400.0), "events": range(8, 16),
        "validity_urgent": (10, 20), "validity_normal": (8, 15), "stale_after_min": (30,), "day_limit": (0,),
        "approval": ("none", "typed"), "hour_limit": (8, 12), "crashes": (0, 1), "answers": (0.02,),
    },
    never=UNCOPIED,
)  # fmt: skip
# Second people, at every door.
AGREEMENT = Kind(
    "agreement",
    {"order": 2, "approve": 5, "alone": 3, "refuse": 3, "policy": 2, "correct": 2},
    SELDOM,
    {
        "people": (25, 50), "events": MANY, "approval": ("second",), "by_program": (0.5,), "undo_seconds": (0, 0, 10),
        "length_s": (600.0, 2400.0), "day_limit": (0, 60), "not_urgent": (0.4,),
    },
    never=UNCOPIED,
)  # fmt: skip
# Machines that stop, and what technicians do to them.
MACHINES = Kind(
    "machines",
    {
        "order": 6, "unplug": 1, "swap_card": 1, "lose_network": 1, "hang": 1, "kill_modem": 2, "kill_jobs": 1,
        "power_cut": 2, "restart_modem": 1, "fill_disk": 1, "put_back": 1, "suspend_modem": 3, "accept_cards": 2,
        "resume_modem": 1, "release": 6, "expire": 2, "press_twice": 4,
    },
    SELDOM,
    {"people": (30, 50), "events": MANY, "crashes": (2, 4), "cut_short": (0.4,), "stale_after_min": (1, 5),
     "approval": ("none", "typed"), "length_s": (600.0, 2400.0)},
)  # fmt: skip
# People who stop, pause, correct and press twice while modems have claimed what comes next.
HALTS = Kind(
    "halts",
    {
        "order": 3, "drill": 2, "press_twice": 3, "correct": 4, "end": 3, "cancel": 3, "pause": 10, "resume": 7,
        "resend": 3, "move_one": 2,
    },
    SELDOM,
    {
        "people": (30, 50), "sticks": (1, 1, 2), "events": MANY, "approval": ("none", "typed"), "crashes": (0,),
        "undo_seconds": (0, 0, 10), "stalls": (0.4,), "stall_s": (12.0,), "answers": (0.02,), "submit_s": (2.8, 4.0),
        "length_s": (200.0, 600.0),
    },
    never=UNCOPIED,
)  # fmt: skip
# Reports and receipts that are late, early, lost or of another.
REPORTS = Kind(
    "reports",
    {"order": 2, "resend": 4, "resend_one": 4, "unplug": 1, "kill_modem": 1},
    SELDOM,
    {
        "people": (38, 62), "sticks": (2, 2, 3), "events": range(4, 12), "off": (6, 20), "dead": (1, 3),
        "delay_s": (4.0, 40.0), "trying": (0.7,), "other_centre": (0.0, 0.3), "report_twice": (0.0, 0.2),
        "answers": (0.02, 0.06), "crashes": (0, 1), "approval": ("none", "typed"), "profile": ("default",),
        "long_texts": (0.0, 0.3, 0.9), "gives_up": (0.0, 0.1, 0.6),
        "late": ("resend", "resend", "resend", "resend_one", "unplug"),
    },
    ("unanswered@0.15", "report-early@0.2", "late:25@0.05", "cms:1@0.2"),
    UNCOPIED,
)  # fmt: skip
# Members who write, leave and come back, and the list.
PEOPLE = Kind(
    "people",
    {
        "order": 2, "withdraw": 6, "come_back": 3, "erase": 6, "import_list": 4, "add_member": 2, "stop": 3, "pause": 2,
        "resume": 2,
    },
    SELDOM,
    {
        "people": (30, 50), "sticks": (1, 2), "events": MANY, "answers": (0.5,), "heard_badly": (0.2, 0.6),
        "crashes": (1, 2), "stalls": (0.3,), "approval": ("none", "typed"), "long_texts": (0.3, 0.9),
    },
    ("inbound-twice@0.5",),
    UNCOPIED | {"swap_card"},
)  # fmt: skip
DIRECTED = (DEADLINES, AGREEMENT, MACHINES, HALTS, REPORTS, PEOPLE)


def kind_of(seed: int) -> Kind:
    """Two nights of each kind, and six of any kind, in turn."""
    place = (seed - 1) % (3 * len(DIRECTED))
    return DIRECTED[place % len(DIRECTED)] if place < 2 * len(DIRECTED) else ANY


def seeds_of(kind: str) -> Iterator[int]:
    """The seeds whose nights are of this kind."""
    return (seed for seed in count(1) if kind_of(seed).name == kind)
