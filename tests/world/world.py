"""One world: the machine, its sticks, the network, the people, and the books of what happened."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from base.settings.values import BackupSettings, DatabaseSettings, MailSettings, ModemSettings, ProofSettings, Settings
from db.engine.base import database, tuples
from db.engine.connection import UNAVAILABLE
from db.engine.files import state_folder
from db.models.modem_records import InboundMessage
from db.models.zone import AuditEntry
from modem.daemon.clock import Boots
from modem.sms.message import Deliver
from plp.services.broadcasts import Request
from rules.people import Actor
from rules.refusals import Refusal
from tests.simulator.dialects import PROFILES
from tests.support.people import mobile
from tests.world.ledger import Ledger
from tests.world.machine.box import Box
from tests.world.machine.clocks import Kernel
from tests.world.memory import Memory
from tests.world.outside.carrier import Carrier
from tests.world.outside.inbox import Inbox
from tests.world.outside.relay import Relay
from tests.world.outside.stick import Stick
from tests.world.plan import Plan
from tests.world.store.sqlite import URL, ZONE
from tests.world.story import Story
from tests.world.timeline import Crash, Timeline

OFFICERS, ADMIN, TECHNICIAN = ("Anne", "Benoît"), "Chloé", "Tom"
# Programs' tokens, with the person that they belong to.
OWNERS = {"radio": "Anne"}
STIR_S = 90.0
# Where nothing happens for so long but that SMS go out, whoever looks at them does so less often.
EVEN_S, EVEN_PACE = 60.0, 2.5
# After the clock was set, whoever rests needs so long at most to notice what is due.
SETTLES_S = 600.0
# Of the mails that came to their reader so many come back later.
COMES_BACK = 0.05
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
    put_back_at: list[datetime] = field(default_factory=list)
    # Texts that were kept, and were not in the copy that was put back.
    unkept: set[tuple[str, datetime]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.story = Story(self.timeline)
        self.chance = random.Random(self.plan.seed ^ 0x5EED)
        self.carrier = Carrier(self.timeline, self.plan.weather, random.Random(self.plan.seed ^ 0xCA44))
        self.memory = Memory()
        self.pairs: set[tuple[str, str]] = set()
        self.settings = self._settings()
        self.relay: Relay | None = None
        self.inbox: Inbox | None = None
        if self.plan.mail_trouble is not None:
            self._set_up_mail(self.plan.mail_trouble)
        self.sticks = {
            f"m{number}": Stick(
                *(self.timeline, f"m{number}", number, self.carrier, PROFILES[stick.profile], stick.submit_s)
            )
            for number, stick in enumerate(self.plan.sticks, 1)
        }
        self.box = Box(
            *(self.timeline, self._settings_of_hosts(), self.sticks, random.Random(self.plan.seed ^ 0xB0)),
            self.story.tell,
        )
        self.ledger = Ledger(self.story, self.carrier, self.box.touched)
        self.box.busy, self.box.pace = self.is_busy, self.pace
        self.box.stalls, self.box.stall_s = self.plan.stalls, self.plan.stall_s
        self.box.violate = self.story.violate
        self.box.struck = lambda: self.strike(CRASH)
        self.box.tears = self.plan.tears
        for server in (self.relay, self.inbox):
            if server is not None:
                server.crash_point = self.box.crash_point
        dice = random.Random(self.plan.seed ^ 0xC10)
        for host in self.box.hosts.values():
            host.kernel = Kernel(self.timeline, host.settings.folder, self.plan.battery, dice)
            host.kernel.on_set = host.look
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
            database=DatabaseSettings(database.obj.database if self.plan.hosts else URL, "box"),
            sending=self.plan.sending,
            modems=modems,
            proof=ProofSettings(at=()),
            backup=BackupSettings(),
        )

    def _set_up_mail(self, trouble: float) -> None:
        dice = random.Random(self.plan.seed ^ 0x3A1)
        self.settings = with_mail(self.settings)
        self.relay, self.inbox = Relay(self.timeline, trouble, dice), Inbox(self.timeline, trouble, dice)

        def arrived(message_id: str, reader: str) -> None:
            if dice.random() < COMES_BACK and not self.dawn_at and self.inbox is not None:
                self.timeline.after(dice.uniform(5, 600), lambda: self.inbox.bounce(message_id, reader))

        self.relay.on_arrival = arrived

    def _settings_of_hosts(self) -> list[Settings]:
        """The settings of each machine: its modems, and its folder. Several share them evenly."""
        whole, hosts = self.settings, self.plan.hosts
        if not hosts:
            return [whole]
        for name in hosts:
            Path(self.folder, name, "var").mkdir(parents=True)
        return [
            replace(
                whole,
                path=self.folder / name / "config.ini",
                folder=self.folder / name,
                database=DatabaseSettings(whole.database.url, name),
                modems=whole.modems[number :: len(hosts)],
            )
            for number, name in enumerate(hosts)
        ]

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

    def boots(self, folder: Path) -> Boots:
        """What the daemon asks of the kernel of the machine whose own files are there."""
        host = next(host for host in self.box.hosts.values() if state_folder(host.settings) == folder)
        assert host.kernel is not None
        return host.kernel.boots(folder)

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

    def pace(self) -> float:
        """From one look to the next it is so many times as long as usual."""
        return EVEN_PACE if self.timeline.now_s - self.story.told_at_s > EVEN_S else 1.0

    @property
    def clock_was_set(self) -> bool:
        """Lately: what follows from it is not done yet."""
        return self.clock_was_set_within(SETTLES_S)

    def clock_was_set_within(self, seconds: float) -> bool:
        kernels = (host.kernel for host in self.box.hosts.values())
        return any(kernel is not None and self.timeline.now_s < kernel.set_at_s + seconds for kernel in kernels)

    @property
    def left_on_cards(self) -> list[Deliver]:
        """Texts that nobody reads any more: they are on cards which were taken out, and nowhere else."""
        kept = self.kept_texts
        left = {text for stick in self.sticks.values() for text in stick.left}
        return [text for text in left if (text.sender, text.sent_at) not in kept]

    @property
    def kept_texts(self) -> set[tuple[str, datetime]]:
        """The texts that the database has, each as its sender and the second in which it was written."""
        return set(tuples(InboundMessage.select(InboundMessage.sender, InboundMessage.sent_at)))

    def burn(self, most: int) -> None:
        """One of so many next steps crashes."""
        self.box.fuse = self.chance.randrange(1, most)

    def strike(self, fault: str) -> None:
        """Note in which states this fault found parts and broadcasts; whoever is cut off from the server sees none."""
        with suppress(*UNAVAILABLE):
            self.pairs |= {(fault, state) for (state,) in database.execute_sql(_STATES).fetchall()}

    def something_waits(self) -> bool:
        """True while anything is on its way to the phones by itself."""
        if self.box.is_shared:
            return bool(database.obj.observed(_WAITING))
        return bool(database.execute_sql(_WAITING).fetchone()[0])

    def remember(self, memory: Memory) -> None:
        """An older copy of the database was put back: what was done since is not done, and the texts are not known."""
        changed = (memory.out ^ self.memory.out) | (memory.erased ^ self.memory.erased)
        memory.unsure |= self.memory.unsure | changed | set(self.memory.stopped) ^ set(memory.stopped)
        memory.accepted |= self.memory.accepted
        self.memory = memory
        self.put_back_at.append(self.timeline.now())

    def compared_at(self, put_back_at: datetime) -> datetime | None:
        """The moment at which the first daemon saw that the copy which was put back then lacks what was sent."""
        restored = AuditEntry.select(AuditEntry.at).where(AuditEntry.action == "database_restored")
        return min((at for (at,) in tuples(restored) if at >= put_back_at), default=None)

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
        perhaps: Callable[[], object] = lambda: None,
    ) -> None:
        """A person does something at a door: it is taken, and then `then` holds, and `entry` is in the journal; or it
        is refused; or the process crashes in it, and nobody knows what became of it and of what it is `about`; or the
        answer of the server is lost, and then `perhaps` is allowed.
        """
        if self.timeline.now_s < self.box.off_until_s:
            return
        if self.box.is_shared and self.timeline.running is None:
            self.visit(who, lambda: self.act(who, what, deed, then, entry, about, perhaps))
            return
        self._act(who, what, deed, then, entry, about, perhaps)

    def visit(self, who: str, deeds: Callable[[], object]) -> None:
        """Somebody is at the console of one of several machines, and takes the time that it takes there."""
        on = [host.name for host in self.box.hosts.values() if host.is_on()]

        def visit() -> None:
            self.ledger.acting += 1
            try:
                deeds()
            except UNAVAILABLE:
                self.story.tell(f"{who}: the database is away")
                self.ledger.is_behind = True
            finally:
                self.ledger.acting -= 1

        if on:
            actor = self.timeline.spawn(who, visit, lambda: None)
            actor.place = "" if self.dawn_at else self.chance.choice(on)

    def _act(
        self,
        who: str,
        what: str,
        deed: Callable[[], object],
        then: Callable[[], object],
        entry: str,
        about: object,
        perhaps: Callable[[], object],
    ) -> None:
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
            self.box.survive()
            self.story.tell(f"{who}: {what}: the console crashed")
            assert not database.in_transaction()
            self.memory.unsure.add(about)
        except UNAVAILABLE:
            self.story.tell(f"{who}: {what}: the database is away")
            self.memory.unsure.add(about)
            if self.box.is_shared:
                perhaps()
        except Exception as error:  # noqa: BLE001  (a person would see a page of error 500)
            self.story.tell(f"{who}: {what}: failed")
            self.story.violate("defect", f"{what}: {type(error).__name__}: {error}")
        else:
            then()
            self.memory.entries[entry] += 1
            self.story.tell(f"{who}: {what}" + (f": {done}" if done not in (None, "") else ""))
        self.ledger.read(by_person=True)


def with_mail(settings: Settings) -> Settings:
    """The settings of a zone that sends and reads mail."""
    password = settings.folder / "password"
    password.write_text("geheim\n", encoding="ascii")
    mail = MailSettings(
        sender="plp@police.example",
        tls="off",
        imap_host="localhost",
        imap_port=143,
        imap_user="plp",
        imap_password_file=password,
        public_url="https://plp.police.example",
    )
    return replace(settings, mail=mail)
