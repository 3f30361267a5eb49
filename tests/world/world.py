"""One world: the machine, its sticks, the network, the people, and the books of what happened."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from db.engine.base import database
from db.engine.connection import UNAVAILABLE
from plp.services.broadcasts import Request
from plp.settings.values import BackupSettings, DatabaseSettings, ModemSettings, ProofSettings, Settings
from rules.people import Actor
from rules.refusals import Refusal
from tests.simulator.dialects import PROFILES
from tests.support.people import mobile
from tests.world.box import Box
from tests.world.disk import URL, ZONE
from tests.world.ledger import Ledger
from tests.world.memory import Memory
from tests.world.outside.carrier import Carrier
from tests.world.outside.stick import Stick
from tests.world.plan import Plan
from tests.world.story import Story
from tests.world.timeline import Crash, Timeline

OFFICERS, ADMIN, TECHNICIAN = ("Anne", "Benoît"), "Chloé", "Tom"
# Programs' tokens, with the person that they belong to.
OWNERS = {"radio": "Anne"}
STIR_S = 90.0
# The fault that is no event of the plan: a process ends in the middle of a step.
CRASH = "crash"
_STATES = "SELECT DISTINCT 'part ' || state FROM part UNION SELECT DISTINCT 'broadcast ' || stage FROM broadcast"
_WAITING = """
SELECT EXISTS (SELECT 1 FROM broadcast WHERE stage IN ('scheduled', 'preparing'))
OR EXISTS (SELECT 1 FROM part WHERE state = 'sending') OR EXISTS (
    SELECT 1 FROM broadcast b JOIN part p ON p.broadcast_id = b.id WHERE b.stage = 'queued' AND p.state = 'queued')
"""


@dataclass
class World:
    """`tags` counts the texts that were written, so that each is another. From `dawn_at` on
    nobody answers any more."""

    plan: Plan
    timeline: Timeline
    folder: Path
    story: Story = field(init=False)
    tags: int = 0
    stirred_at_s: float = 0.0
    dawn_at: datetime | None = None
    was_put_back: bool = False

    def __post_init__(self) -> None:
        self.story = Story(self.timeline)
        self.chance = random.Random(self.plan.seed ^ 0x5EED)
        self.carrier = Carrier(self.timeline, self.plan.weather, random.Random(self.plan.seed ^ 0xCA44))
        self.memory = Memory()
        self.pairs: set[tuple[str, str]] = set()
        self.settings = self._settings()
        self.sticks = {
            f"m{number}": Stick(
                *(self.timeline, f"m{number}", number, self.carrier, PROFILES[stick.profile], stick.submit_s)
            )
            for number, stick in enumerate(self.plan.sticks, 1)
        }
        self.box = Box(self.timeline, self.settings, self.sticks, random.Random(self.plan.seed ^ 0xB0), self.story.tell)
        self.ledger = Ledger(self.story, self.carrier, self.box.touched)
        self.box.busy = self.is_busy
        self.box.stalls, self.box.stall_s = self.plan.stalls, self.plan.stall_s
        self.box.violate = self.story.violate
        self.box.struck = lambda: self.strike(CRASH)
        self._set_up_phones()

    def _settings(self) -> Settings:
        modems = tuple(
            ModemSettings(
                *(f"m{number}", f"/dev/world-m{number}"),
                day_limit=stick.day_limit, hour_limit=stick.hour_limit, submit_timeout_s=60,
            )
            for number, stick in enumerate(self.plan.sticks, 1)
        )  # fmt: skip
        return Settings(
            path=self.folder / "config.ini",
            folder=self.folder,
            zone=ZONE,
            database=DatabaseSettings(URL, "box"),
            sending=self.plan.sending,
            modems=modems,
            proof=ProofSettings(at=()),
            backup=BackupSettings(),
        )

    def _set_up_phones(self) -> None:
        numbers = list(range(self.plan.people))
        self.chance.shuffle(numbers)
        for number in numbers[: self.plan.dead]:
            self.carrier.handset(mobile(number)).is_dead = True
        for number in numbers[self.plan.dead : self.plan.dead + self.plan.off]:
            off_s = self.chance.choice((600.0, 7200.0, 48 * 3600.0))
            self.carrier.handset(mobile(number)).off_until_s = self.timeline.now_s + off_s

    def refused_numbers(self) -> list[str]:
        """Every other night the network refuses dead numbers at once, instead of reporting on them."""
        dead = [phone.number for phone in self.carrier.handsets.values() if phone.is_dead]
        return [f"number:{number}=cms:1" for number in dead] if self.plan.seed % 2 else []

    def stick_at(self, device: str) -> Stick | None:
        """The stick that is plugged in under this name."""
        return next((stick for stick in self.sticks.values() if stick.device == device and stick.plugged), None)

    def request(self, by: str) -> Request:
        return Request(Actor.read(by), self.plan.sending, self.timeline.now())

    def is_busy(self) -> bool:
        """True while something goes out: then the loops look as often as they do."""
        if self.timeline.now_s - self.stirred_at_s > STIR_S:
            return False
        return self.something_waits()

    @property
    def cards_were_swapped(self) -> bool:
        """What came to a card that is in no modem any more is read by nobody."""
        return any(event.kind == "swap_card" for event in self.plan.events)

    def burn(self, most: int) -> None:
        """One of so many next steps crashes."""
        self.box.fuse = self.chance.randrange(1, most)

    def strike(self, fault: str) -> None:
        """Note in which states this fault found parts and broadcasts."""
        self.pairs |= {(fault, state) for (state,) in database.execute_sql(_STATES).fetchall()}

    def something_waits(self) -> bool:
        """True while anything is on its way to the phones by itself."""
        return bool(database.execute_sql(_WAITING).fetchone()[0])

    def remember(self, memory: Memory) -> None:
        """An older copy of the database was put back: what was done since is not done, and the texts are not known."""
        changed = (memory.out ^ self.memory.out) | (memory.erased ^ self.memory.erased)
        memory.unsure |= self.memory.unsure | changed | set(self.memory.stopped) ^ set(memory.stopped)
        memory.accepted |= self.memory.accepted
        self.memory = memory
        self.was_put_back = True

    def unharmed(self, deed: Callable[[], object]) -> None:
        """Do it while nothing can crash."""
        fuse, self.box.fuse = self.box.fuse, None
        deed()
        self.box.fuse = fuse

    def act(
        self,
        who: str,
        what: str,
        deed: Callable[[], object],
        then: Callable[[], object] = lambda: None,
        entry: str = "",
        about: object = None,
    ) -> None:
        """A person does something at a door: it is taken, and then `then` holds, and `entry` is in the journal; or it
        is refused; or the process crashes in it, and nobody knows what became of it and of what it is `about`.
        """
        if self.timeline.now_s < self.box.off_until_s:
            return
        self.stirred_at_s = self.timeline.now_s
        self.ledger.read()
        self.unharmed(self.box.beat)
        if self.plan.fuses and not self.dawn_at and self.chance.random() < self.plan.cut_short:
            self.burn(self.chance.choice((5, 5, 12)))
        try:
            done = deed()
        except Refusal as refusal:
            self.story.tell(f"{who}: {what}: refused: {refusal.template}")
        except Crash:
            self.box.is_dying = False
            self.story.tell(f"{who}: {what}: the console crashed")
            assert not database.in_transaction()
            self.memory.unsure.add(about)
        except UNAVAILABLE:
            self.story.tell(f"{who}: {what}: the database is away")
            self.memory.unsure.add(about)
        except Exception as error:  # noqa: BLE001  (a person would see a page of error 500)
            self.story.tell(f"{who}: {what}: failed")
            self.story.violate("defect", f"{what}: {type(error).__name__}: {error}")
        else:
            then()
            self.memory.entries[entry] += 1
            self.story.tell(f"{who}: {what}" + (f": {done}" if done not in (None, "") else ""))
        self.ledger.read(by_person=True)
