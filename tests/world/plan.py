"""A night's plan, made of its seed alone: the list, the modems and what is wrong with them, the network's mood, the
settings, and who does what when. Each event has dice of its own, so that one may be left out without changing another.
"""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from base.settings.values import SendingSettings
from tests.simulator.dialects import PROFILES
from tests.world.kinds import Kind, kind_of
from tests.world.outside.carrier import Weather

START = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
# Kinds of events with their weights; the functions are those of `tests.world.acts`.
EVENTS = {
    "order": 7, "drill": 1, "press_twice": 1, "correct": 2, "end": 1, "cancel": 2, "pause": 1, "resume": 2,
    "resend": 2, "resend_one": 1, "move_one": 1, "approve": 6, "refuse": 1, "alone": 1, "release": 1, "expire": 1,
    "erase": 1, "withdraw": 1, "come_back": 1, "import_list": 1, "add_member": 1, "policy": 1, "stop": 3,
    "unplug": 2, "restart_modem": 1, "suspend_modem": 1, "resume_modem": 2, "accept_cards": 1, "swap_card": 1,
    "lose_network": 2, "kill_modem": 2, "kill_jobs": 1, "power_cut": 1, "hang": 1, "fill_disk": 1, "put_back": 1,
}  # fmt: skip
FAULTS = (
    "cms:38@0.05", "cms:500@0.03", "cms:41@0.08", "cms:1@0.03", "unanswered@0.04", "late:25@0.04", "slow:12@0.1",
    "report-early@0.1", "urc@0.1", "noprompt@0.02", "reset:taken/8@0.01", "reset:pdu/8@0.01", "hang:taken/40@0.01",
    "hang:pdu/40@0.01", "unplug:taken/15@0.01", "unplug:pdu/15@0.01", "unplug:prompt/15@0.01", "loss:30@0.02",
    "error@0.02", "dribble", "inbound-twice@0.2",
)  # fmt: skip
# What loses no report.
HARMLESS = ("report-early@0.1", "urc@0.1", "slow:12@0.1", "inbound-twice@0.2", "cms:38@0.05", "cms:1@0.03")
ROUGH = frozenset({
    "unplug", "swap_card", "lose_network", "hang", "kill_modem", "kill_jobs", "power_cut", "restart_modem", "fill_disk",
    "put_back",
})  # fmt: skip
# These come in nights of their own, too.
HARD = ROUGH | {"cut_off", "restart_server", "read_only", "slow_disk", "set_clock"}
# Every tenth night is of several hosts on one PostgreSQL, where these happen besides.
SHARED_OF, SHARED_AT = 10, 7
SHARED = {"cut_off": 3, "restart_server": 1, "kill_modem": 1, "power_cut": 1}
HOSTS = ("nord", "sud", "est")
# In every fifth night the machine itself is wrong: its clock and its disk.
WRONG_OF, WRONG_AT = 5, 3
# In two nights of five the zone sends and reads mail.
MAIL_OF, MAIL_AT = 5, (2, 4)
MAIL = {
    "bulletin": 3,
    "write_mail": 4,
    "number_anew": 1,
    "relay_away": 2,
    "mailbox_away": 1,
    "mail_again": 1,
    "erase": 1,
}
WRONG = {"set_clock": 4, "read_only": 1, "slow_disk": 2, "power_cut": 3}

# What leaves an order in a state that lasts until somebody acts.
OPENS = frozenset({"pause", "cancel", "correct", "order", "put_back", "power_cut", "refuse"})
LATE = (*sorted(ROUGH), "resend", "resend", "resend", "resend_one", "pause", "correct", "erase", "order")


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` at `at_s` after the start, with dice of its own."""

    at_s: float
    kind: str
    seed: int


@dataclass(frozen=True, slots=True)
class StickPlan:
    """One modem of the night; limits of its card are 0 where it has none."""

    profile: str
    submit_s: float
    faults: tuple[str, ...]
    day_limit: int = 0
    hour_limit: int = 5000


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the seed decides before the night begins; `fuses` are the steps between two crashes. Shares:
    `long_texts` of several parts, `answers` to an SMS, orders `by_program` and `not_urgent`, `stalls` after a step of a
    thread, which waits for `stall_s` at most; in a night of crashes what people do that is `cut_short`, and texts that
    are `heard_badly`. In a calm night no report is lost: neither by the network nor with a modem or a process.
    """

    seed: int
    kind: str
    people: int
    dead: int
    off: int
    sticks: tuple[StickPlan, ...]
    weather: Weather
    sending: SendingSettings
    approval: str
    long_texts: float
    answers: float
    by_program: float
    not_urgent: float
    stall_s: float
    stalls: float
    cut_short: float
    heard_badly: float
    fuses: tuple[int, ...]
    events: tuple[Event, ...]
    is_calm: bool = False
    # Of several machines on one PostgreSQL; none: one machine with its own file.
    hosts: tuple[str, ...] = ()
    # How the machine's clock goes on when there is no power, and how many crashes within a COMMIT are power cuts.
    battery: str = "kept"
    tears: float = 0.0
    # The chance of trouble at each step with a mail; None: the zone has no mail.
    mail_trouble: float | None = None

    def without(self, dropped: Collection[int]) -> "Plan":
        """The same night in which those events do not happen."""
        return replace(self, events=tuple(event for at, event in enumerate(self.events) if at not in dropped))


# Chooses among the usual values, or among those that this kind of night has under the name.
Pick = Callable[..., Any]


def plan_of(seed: int, postgres: bool = False) -> Plan:
    """The plan of this seed; every fourth night is calm, every tenth is of several hosts, as all are if wanted, and in
    every fifth the machine is wrong; two of five have mail.
    """
    plan = _plan_of(seed, kind_of(seed))
    if postgres or seed % SHARED_OF == SHARED_AT:
        plan = _shared(plan)
    elif seed % WRONG_OF == WRONG_AT:
        plan = _wrong(plan)
    if seed % MAIL_OF in MAIL_AT:
        plan = _with_mail(plan)
    return plan if seed % 4 else _calm(plan)


def plain_plan_of(seed: int) -> Plan:
    """The same night of one machine that is well, without mail: a short one, for what is looked for in it."""
    plan = _plan_of(seed, kind_of(seed))
    return plan if seed % 4 else _calm(plan)


def _calm(plan: Plan) -> Plan:
    sticks = tuple(replace(stick, faults=HARMLESS if stick.faults else ()) for stick in plan.sticks)
    weather = replace(plan.weather, no_report=0.0, report_late=0.0, filtered=0.0, gives_up=0.0)
    events = tuple(event for event in plan.events if event.kind not in HARD)
    return replace(plan, sticks=sticks, weather=weather, events=events, fuses=(), is_calm=True)


def _shared(plan: Plan) -> Plan:
    """The same night for two or three machines with a modem each at least, and what goes wrong between them."""
    chance = random.Random(plan.seed ^ 0x5A4ED)
    hosts = HOSTS[: chance.choice((2, 2, 3))]
    sticks = (*plan.sticks, *(chance.choice(plan.sticks) for _ in range(len(hosts) - len(plan.sticks))))
    last_s = max(event.at_s for event in plan.events)
    kinds = chance.choices(list(SHARED), list(SHARED.values()), k=chance.randrange(5))
    more = [Event(round(chance.uniform(6, last_s + 60), 3), kind, chance.getrandbits(32)) for kind in kinds]
    events = sorted((*plan.events, *more), key=lambda event: event.at_s)
    return replace(plan, hosts=hosts, sticks=sticks, events=tuple(events))


def _with_mail(plan: Plan) -> Plan:
    """The same night with mails out and in."""
    chance = random.Random(plan.seed ^ 0x3A11)
    last_s = max(event.at_s for event in plan.events)
    kinds = ["bulletin", "write_mail", *chance.choices(list(MAIL), list(MAIL.values()), k=chance.randrange(2, 9))]
    more = [Event(round(chance.uniform(6, last_s + 300), 3), kind, chance.getrandbits(32)) for kind in kinds]
    events = tuple(sorted((*plan.events, *more), key=lambda event: event.at_s))
    return replace(plan, events=events, mail_trouble=chance.choice((0.0, 0.05, 0.3)))


def _wrong(plan: Plan) -> Plan:
    """The same night on a machine whose clock and disk cannot be relied upon."""
    chance = random.Random(plan.seed ^ 0xC10C)
    last_s = max(event.at_s for event in plan.events)
    kinds = chance.choices(list(WRONG), list(WRONG.values()), k=chance.randrange(1, 5))
    more = [Event(round(chance.uniform(6, last_s + 60), 3), kind, chance.getrandbits(32)) for kind in kinds]
    events = tuple(sorted((*plan.events, *more), key=lambda event: event.at_s))
    battery, fuses = chance.choice(("kept", "saved", "1970")), tuple(chance.randrange(20, 900) for _ in range(3))
    return replace(plan, events=events, battery=battery, fuses=(*plan.fuses, *fuses), tears=0.7)


def _plan_of(seed: int, kind: Kind) -> Plan:
    chance = random.Random(seed)

    def pick(name: str, *usual: Any) -> Any:
        return chance.choice(kind.among(name, usual))

    people = pick("people", 24, 40, 60, 60, 100)
    length_s = pick("length_s", 200.0, 600.0, 600.0, 2400.0)
    sticks = tuple(_stick(chance, pick, kind.faults) for _ in range(pick("sticks", 1, 2, 2, 3)))
    return Plan(
        seed=seed,
        kind=kind.name,
        people=people,
        dead=pick("dead", 0, 0, 1, 3),
        off=pick("off", 0, 1, 4),
        sticks=sticks,
        weather=_weather(pick),
        sending=_sending(pick),
        approval=pick("approval", "none", "typed", "second"),
        long_texts=pick("long_texts", 0.0, 0.3, 0.9),
        answers=pick("answers", 0.02, 0.06, 0.5),
        by_program=pick("by_program", 0.25),
        not_urgent=pick("not_urgent", 0.2),
        stall_s=pick("stall_s", 0.5, 3.0, 12.0),
        stalls=pick("stalls", 0.08),
        cut_short=pick("cut_short", 0.15),
        heard_badly=pick("heard_badly", 0.2),
        fuses=tuple(chance.randrange(20, 1500) for _ in range(pick("crashes", 0, 1, 2, 6))),
        events=_events(chance, kind, length_s, people * sticks[0].submit_s / len(sticks)),
    )


def _sending(pick: Pick) -> SendingSettings:
    return SendingSettings(
        undo_seconds=pick("undo_seconds", 0, 0, 10, 120),
        stale_after_min=pick("stale_after_min", 1, 5, 30),
        validity_urgent=timedelta(minutes=pick("validity_urgent", 60, 240)),
        validity_normal=timedelta(minutes=pick("validity_normal", 120)),
        hourly_ceiling=pick("hourly_ceiling", 200, 1000, 1000),
    )


def _events(chance: random.Random, kind: Kind, length_s: float, alert_s: float) -> tuple[Event, ...]:
    """Most of them while an alert goes out, which takes about `alert_s`. Each night has kinds that are frequent, and
    others that are missing: what happens often together is found in few nights.
    """
    usual = {name: 1 if name == "order" else chance.choice(kind.others) for name in EVENTS}
    usual |= kind.often | dict.fromkeys(kind.never, 0)
    then = kind.among("late", LATE)
    rough, late = ([name for name in some if name not in kind.never] for some in (sorted(ROUGH), then))
    weights = [weight * usual[name] for name, weight in EVENTS.items()]
    events = [Event(5.0, "order", chance.getrandbits(32))]
    for _ in range(chance.choice(kind.among("events", range(3, 18)))):
        what = chance.choices(list(EVENTS), weights)[0]
        begun_s = chance.choice([event.at_s for event in events if event.kind == "order"])
        at_s = begun_s + chance.uniform(1, alert_s) if chance.random() < 0.65 else chance.uniform(6, length_s)
        events.append(Event(round(at_s, 3), what, chance.getrandbits(32)))
        if what in OPENS and chance.random() < 0.6:  # a fault comes while it is so
            later_s = chance.choice((1.0, 4.0, 60.0, 400.0))
            events.append(Event(round(at_s + later_s, 3), chance.choice(rough), chance.getrandbits(32)))
    if chance.random() < 0.4:  # when reports have come, and people look at what is left
        for _ in range(chance.randrange(3, 7)):
            at_s = length_s + chance.uniform(60, 2400)
            events.append(Event(round(at_s, 3), chance.choice(late), chance.getrandbits(32)))
    return tuple(sorted(events, key=lambda event: event.at_s))


def _stick(chance: random.Random, pick: Pick, always: tuple[str, ...]) -> StickPlan:
    faults = tuple(chance.sample(FAULTS, chance.choice((0, 0, 1, 2, 4))))
    if chance.random() < 0.3:
        faults = tuple(f"{fault.split('@')[0]}@0.25" if "@" in fault else fault for fault in faults[:2])
    if chance.random() < 0.15:
        faults += ("inbound-twice@0.5",)
    profile = pick("profile", "default", "default", *PROFILES)
    limits = {
        "day_limit": pick("day_limit", 0, 0, 0, 60),
        "hour_limit": pick("hour_limit", 5000, 5000, 5000, 30),
    }
    return StickPlan(profile, pick("submit_s", 1.5, 2.8, 4.0), (*faults, *always), **limits)


def _weather(pick: Pick) -> Weather:
    return Weather(
        delay_s=pick("delay_s", 0.5, 4.0, 40.0),
        no_report=pick("no_report", 0.0, 0.0, 0.1, 1.0),
        report_twice=pick("report_twice", 0.0, 0.0, 0.2),
        report_late=pick("report_late", 0.0, 0.0, 0.2),
        other_centre=pick("other_centre", 0.0, 0.0, 0.3),
        trying=pick("trying", 0.0, 0.0, 0.2, 0.7),
        filtered=pick("filtered", 0.0, 0.0, 0.1),
        gives_up=pick("gives_up", 0.0, 0.0, 0.1),
    )
