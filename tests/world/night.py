"""One night from its plan: `Night(plan_of(seed)).run()`."""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from db.engine.base import database
from db.engine.connection import writing
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast
from db.models.mail import Mail
from db.models.zone import Modem
from db.people.zone import Policy, write_policy
from modem.daemon import daemon, witness
from modem.daemon.policy import pacing
from plp.jobs.smtp import connection, postman
from plp.services.accounts.links import add_token
from plp.services.accounts.rights import add_account
from rules.mail import MailState
from rules.people import Actor
from rules.states import Stage
from tests.world.acts.admins import first_list
from tests.world.acts.happening import happen
from tests.world.acts.mails import first_readers
from tests.world.acts.mending import mend
from tests.world.acts.restoring import schedule
from tests.world.acts.technicians import accept_cards
from tests.world.machine.box import seeded
from tests.world.oracles.dawn import at_dawn, expired_parts
from tests.world.oracles.doors import look
from tests.world.oracles.handing import Handing
from tests.world.outside.members import Members
from tests.world.outside.port import ports_in_memory
from tests.world.plan import START, Plan
from tests.world.store.postgres import shared_server
from tests.world.store.sqlite import disk
from tests.world.story import Story
from tests.world.timeline import Timeline
from tests.world.world import ADMIN, OFFICERS, OWNERS, TECHNICIAN, World

LOOK_EVERY_S = 30.0
# How long a night lasts after its last event at most, and from its last SMS to its end: late reports come meanwhile.
DAWN_S, REST_S = 6 * 3600.0, 2000.0
# Whoever decides at dawn does so after the daemon has seen that the clock was set.
NOTICED_S = 1.0
PASSWORD = "quatre mots faciles à retenir"


@dataclass(frozen=True)
class Outcome:
    """What became of a night. `moves` are the transitions of parts that were seen, `pairs` faults with the states in
    which they struck.
    """

    plan: Plan
    story: Story
    taken: int
    crashes: int
    moves: frozenset[tuple[str, str]]
    pairs: frozenset[tuple[str, str]]

    @property
    def oracles(self) -> set[str]:
        return {violation.oracle for violation in self.story.violations}


class Turn:
    """Of the hosts' postmen each has its own; in one process nobody else is it."""

    def is_held(self) -> bool:
        return True


class _Defects(logging.Handler):
    """A defect that the product's loops outlive is in its log."""

    def __init__(self, story: Story) -> None:
        super().__init__(logging.ERROR)
        self._story = story

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            self._story.violate("defect", f"{record.name}: {type(error).__name__}: {error}")


class _Broken(Exception):
    """A rule is broken, and no more is wanted of this night."""


class Night:
    """A world from dusk to dawn."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def run(self, until_broken: bool = False) -> Outcome:
        """What becomes of it; `until_broken`: till a rule is broken, if one is."""
        timeline = Timeline(START)
        box: list[World] = []
        with ExitStack() as house:
            commit = lambda commit: box[0].box.commit(commit) if box else commit()  # noqa: E731
            if self.plan.hosts:
                folder = house.enter_context(shared_server(timeline, random.Random(self.plan.seed ^ 0x5E2)))
            else:
                folder = house.enter_context(disk(commit))
            house.enter_context(timeline.rules())
            chance = random.Random(self.plan.seed ^ 0xD1CE)
            house.enter_context(seeded(chance))
            dice = SimpleNamespace(Random=lambda: random.Random(chance.random()))
            house.enter_context(patch.object(pacing, "random", dice))
            world = World(self.plan, timeline, folder)
            house.enter_context(ports_in_memory(world.stick_at))
            house.enter_context(patch.object(daemon, "Boots", world.boots))
            house.enter_context(patch.object(witness, "write_whole", world.box.write_whole))
            house.enter_context(_heard(world.story))
            if world.relay is not None and world.inbox is not None:
                house.enter_context(world.relay.in_place())
                house.enter_context(world.inbox.in_place())
                house.enter_context(patch.object(postman, "alone", lambda *_: nullcontext(Turn())))
                house.enter_context(patch.object(connection, "tls_context", lambda *_, **__: SimpleNamespace()))
                send_as(world.settings.mail)
                house.callback(send_as, None)
            self._populate(world)
            world.box.touched.watch()
            box.append(world)
            if until_broken:
                timeline.after_each = lambda: _end_if_broken(world.story)
            try:
                self._pass(world)
            except _Broken:
                world.story.tell("a rule is broken")
            finally:
                world.box.fuse = None
                world.box.stop()
        seen, pairs = frozenset(world.box.touched.moves), frozenset(world.pairs)
        return Outcome(self.plan, world.story, len(world.carrier.taken), world.box.crashes, seen, pairs)

    def _populate(self, world: World) -> None:
        settled = world.timeline.now() - timedelta(days=3)
        for officer in OFFICERS:
            add_account(officer, ["officer"], PASSWORD, "test", settled)
        add_account(ADMIN, ["admin"], PASSWORD, "test", settled)
        for name, owner in OWNERS.items():
            add_token(name, "officer", Actor.read(ADMIN), settled, owner=owner)
        add_account(TECHNICIAN, ["technician"], PASSWORD, "test", settled)
        with writing():
            write_policy(Policy(approval=self.plan.approval))
        first_list(world)
        if world.relay is not None:
            first_readers(world)

    def _pass(self, world: World) -> None:
        timeline, box, start_s = world.timeline, world.box, world.timeline.now_s
        self._wire(world)
        box.start()
        timeline.run_until(start_s + 4)
        for name, stick in zip(world.sticks, self.plan.sticks, strict=True):
            world.sticks[name].modem.phone.faults.replace((*stick.faults, *world.refused_numbers()))
        accept_cards(world, random.Random(0))
        fuses = list(self.plan.fuses)
        for event in self.plan.events:
            if event.kind == "put_back":
                schedule(world, start_s + event.at_s, random.Random(event.seed))
            else:
                timeline.at(start_s + event.at_s, lambda event=event: happen(world, event))
        self._burn(world, fuses)
        self._look(world)
        timeline.run_until(start_s + max((event.at_s for event in self.plan.events), default=0) + 60)
        fuses.clear()
        self._dawn(world)

    def _wire(self, world: World) -> None:
        box = world.box
        box.watched = Handing(world).watch
        if box.is_shared:
            database.obj.on_commit, database.obj.violate = box.commit, world.story.violate
            database.obj.reaches, database.obj.loses_answer = box.reaches, box.loses_answer
        world.carrier.on_delivery = Members(world).got

    def _burn(self, world: World, fuses: list[int]) -> None:
        """One crash after the other, a while after the one before."""
        if fuses and world.box.fuse is None:
            world.box.fuse = fuses.pop(0)
        if fuses:
            world.timeline.after(20, lambda: self._burn(world, fuses))

    def _look(self, world: World) -> None:
        look(world)
        every_s = LOOK_EVERY_S * world.pace() if world.is_busy() else 120.0
        world.timeline.after(every_s, lambda: self._look(world))

    def _dawn(self, world: World) -> None:
        """Everything is mended, everybody decides, and the queue empties."""
        timeline, box = world.timeline, world.box
        box.fuse = None
        # Nobody mends a machine that has no power.
        timeline.run_until(max(timeline.now_s, *(host.off_until_s for host in box.hosts.values())))
        end_s = timeline.now_s + DAWN_S
        world.story.tell("dawn")
        for host in box.hosts.values():
            if host.kernel is not None:
                host.kernel.learn()
                host.look()
        timeline.run_until(timeline.now_s + NOTICED_S)
        world.dawn_at = timeline.now()
        self._visited(world, lambda: world.memory.expired.update(expired_parts()))
        for rest_s in (REST_S, 0.0):  # a late text may be answered in the meantime
            while timeline.now_s < end_s:
                self._visited(world, lambda: mend(world))
                timeline.run_until(timeline.now_s + 300)
                if not self._is_open(world):
                    break
            timeline.run_until(timeline.now_s + rest_s)
        look(world, whole_night=True)
        at_dawn(world)

    def _visited(self, world: World, act: Callable[[], None]) -> None:
        if world.box.is_shared:
            world.visit("everybody", act)
        else:
            act()

    def _is_open(self, world: World) -> bool:
        over = (Stage.FINISHED, Stage.CANCELLED)
        on_its_way = Mail.state.in_((MailState.QUEUED, MailState.SENDING))
        if world.relay is not None and Mail.select().where(on_its_way).exists():
            return True
        if Modem.select().where(Modem.state == "quarantined").exists():  # its card is accepted the next time
            return True
        return world.something_waits() or bool(Broadcast.select().where(Broadcast.stage.not_in(over)).exists())


def _end_if_broken(story: Story) -> None:
    if story.violations:
        raise _Broken


@contextmanager
def _heard(story: Story) -> Iterator[None]:
    """The product's log is read for defects, and printed nowhere."""
    root = logging.getLogger()
    handler, handlers, level = _Defects(story), root.handlers[:], root.level
    root.handlers, root.level = [handler], logging.ERROR
    try:
        yield
    finally:
        root.handlers, root.level = handlers, level
