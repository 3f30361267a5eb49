"""Modems that share one alert, each on a clock of its own: whoever is furthest behind in time goes next."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from db.alerts.progress.progress import Progress
from modem.errors import CmsError
from tests.modem.daemon.bench import Bench
from tests.support.people import mobile, order, person

SUBMIT_S = 3.0
# AT+CFUN, registration and the rest of a set-up.
OPEN_S = 5.0


@dataclass
class Fleet:
    """`dead` are numbers that the network refuses with `code`, whoever sends and however often."""

    benches: list[Bench]
    people: int
    placed: Progress
    began_at: datetime
    # What each modem was shown as, one after the other.
    states: list[list[str]] = field(default_factory=list)

    @classmethod
    def ordered(cls, now: datetime, modems: int, people: int, dead: set[int], code: int) -> "Fleet":
        benches = [Bench(now, name=f"m{n}", imsi=f"20601000000{n:04}") for n in range(modems)]
        for bench in benches:
            _slow(bench)
            bench.driver.always = {mobile(number): CmsError("AT+CMGS", code) for number in dead}
            bench.run()
        for number in range(people):
            person(number, now)
        placed = order(max(bench.clock.now for bench in benches))
        return cls(benches, people, placed, now, [[] for _ in benches])

    def until_taken(self, count: int, within: timedelta = timedelta(hours=3)) -> float | None:
        """Seconds until the network has taken so many; None when it does not within that time."""
        return self._until(lambda: len(self.taken()) >= count, within)

    def until_settled(self, within: timedelta = timedelta(hours=3)) -> float | None:
        """Seconds until nobody waits any more; None when somebody does for ever."""
        return self._until(lambda: not self.counts().keys() & {"queued", "sending"}, within)

    def taken(self) -> set[str]:
        return {part.msisdn for bench in self.benches for part in bench.driver.taken}

    def counts(self) -> dict[str, int]:
        return self.benches[0].counts(self.placed)

    def _until(self, holds, within: timedelta) -> float | None:
        while not holds():
            bench = min(self.benches, key=lambda one: one.clock.now)
            if bench.clock.now - self.began_at > within:
                return None
            busy = bench.worker.step(bench.clock.now)
            seen = self.states[self.benches.index(bench)]
            if seen[-1:] != [bench.worker.status.state]:
                seen.append(bench.worker.status.state)
            if not busy:
                bench.clock.forward(max(0.05, bench.worker.idle_s(bench.clock.now)))
        return (max(bench.clock.now for bench in self.benches) - self.began_at).total_seconds()


def _slow(bench: Bench) -> None:
    """What a modem does takes its time."""
    driver = bench.driver
    submit, opened = driver.submit, driver.open

    def slow_submit(part, on_pdu_start):
        bench.clock.forward(SUBMIT_S)
        return submit(part, on_pdu_start)

    def slow_open(before=None):
        bench.clock.forward(OPEN_S)
        return opened(before)

    driver.submit, driver.open = slow_submit, slow_open
