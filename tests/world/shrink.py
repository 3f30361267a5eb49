"""A failing night made small: crashes, faults, events and people are left out as long as the same rule is broken."""

from collections.abc import Iterator
from dataclasses import replace

from tests.world.night import Night, Outcome
from tests.world.outside.carrier import Weather
from tests.world.plan import Plan


def shrunk(outcome: Outcome, most: int = 60) -> Outcome:
    """The smallest night of at most so many trials that breaks a rule which `outcome` broke."""
    smallest, rules, left = outcome, outcome.oracles, most
    goes_on = True
    while goes_on and left > 0:
        goes_on = False
        for plan in _smaller(smallest.plan):
            left -= 1
            trial = Night(plan).run()
            if trial.oracles & rules:
                smallest, goes_on = trial, True
                break
            if left <= 0:
                break
    return smallest


def _smaller(plan: Plan) -> Iterator[Plan]:
    """The same night with less in it, the largest steps first."""
    if plan.fuses:
        yield replace(plan, fuses=())
    if any(stick.faults for stick in plan.sticks):
        yield replace(plan, sticks=tuple(replace(stick, faults=()) for stick in plan.sticks))
    if plan.weather != Weather():
        yield replace(plan, weather=Weather())
    count = len(plan.events)
    for size in (count // 2, count // 4, 1):
        if size:
            yield from (plan.without(range(at, at + size)) for at in range(0, count, size))
    least = len(plan.hosts) or 1
    if len(plan.sticks) > least:
        yield replace(plan, sticks=plan.sticks[:least])
    for people in (plan.people // 4, plan.people // 2):
        if people > 1:
            yield replace(plan, people=people, dead=min(plan.dead, people), off=0)
    if len(plan.fuses) > 1:
        yield from (replace(plan, fuses=plan.fuses[:at] + plan.fuses[at + 1 :]) for at in range(len(plan.fuses)))


def described(plan: Plan) -> str:
    """The night in a few lines, for whoever reads what became of it."""
    sticks = "; ".join(f"{stick.profile} {stick.submit_s} s {' '.join(stick.faults)}" for stick in plan.sticks)
    events = "\n".join(f"  {event.at_s:9.3f} {event.kind} ({event.seed})" for event in plan.events)
    hosts = f" on {', '.join(plan.hosts)}" if plan.hosts else ""
    head = f"seed {plan.seed} ({plan.kind}){hosts}: {plan.people} people, {sticks}"
    return "\n".join((head, str(plan.sending), str(plan.weather), f"fuses {plan.fuses}", events))
