"""At each handing over: may this part go out now, by this card, and is it this one's turn?"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from db.engine.base import database
from db.modems.readiness import filtered_sims
from modem.driver.at import AtDriver
from modem.sms.message import OutgoingPart
from rules.calendar import day_of
from rules.states import LANE_NORMAL
from tests.world.world import OWNERS, World

HOUR_S = 3600.0
# The guard counts a part when it is handed over; a slow modem gives it to the network much later.
SLACK_S = 300.0
# Other urgent SMS that may go out while one of an urgent alert waits, per modem and open alert; beyond, it starves.
TURNS = 4
# More often than this in so many seconds nobody tries the same part.
IN_VAIN, IN_VAIN_S = 60, 300.0
# Of several hosts none knows what another has begun in this very moment.
TOGETHER_S = 3.0
# From the last look at what waits to the handing over; what is tried again only since then was not due.
LOOKED = timedelta(seconds=1)
# A receipt is in the database so soon, and a modem that was suspended has heard of it.
WRITTEN_S, HEARD_S = 60.0, 10.0
_CLAIM = """
SELECT b.id, b.kind, b.lane, b.stage, b.deadline_at, b.ordered_by, b.created_at, b.release_at,
       m.id, m.msisdn, m.imsi, a.imsi, a.id, p.id
FROM attempt a JOIN part p ON p.id = a.part_id JOIN message m ON m.id = p.message_id
JOIN broadcast b ON b.id = p.broadcast_id
WHERE a.modem = ? AND a.outcome = 'open' ORDER BY a.id DESC LIMIT 1
"""
_AGREES = """
SELECT 1 FROM consent c JOIN member m ON m.id = c.member_id
WHERE m.mobile = ? AND c.channel = 'sms' AND c.given AND m.restricted_at IS NULL
"""
_URGENT_WAITS = """
SELECT DISTINCT b.id FROM broadcast b JOIN part p ON p.broadcast_id = b.id JOIN message m ON m.id = p.message_id
WHERE b.stage = 'queued' AND b.lane <= 0 AND b.deadline_at > ? AND p.state = 'queued'
AND (p.not_before_at IS NULL OR p.not_before_at <= ?) AND m.imsi IS NULL ORDER BY b.id
"""
_APPROVAL = "SELECT outcome, decided_by, first_by FROM approval WHERE broadcast_id = ?"
_FAILED = "SELECT 1 FROM part WHERE message_id = ? AND state = 'failed'"
_BEGUN = "SELECT 1 FROM part WHERE message_id = ? AND (sent_at IS NOT NULL OR state = 'unconfirmed')"
_FOLLOWED = """
SELECT id FROM broadcast WHERE original_id = ? AND kind IN ('correction', 'end')
AND stage NOT IN ('cancelled', 'preparing', 'awaiting_approval') ORDER BY id
"""
_HALTED_NOW = """
SELECT 1 FROM audit_entry WHERE subject = ? AND action IN ('broadcast_paused', 'broadcast_cancelled') AND at >= ?
"""
_FIRST = "SELECT imsi FROM sim_card ORDER BY id LIMIT 1"
_OUTCOME = "SELECT outcome FROM attempt WHERE id = ?"
_TO_OTHERS = ("selftest", "proof", "alarm", "answer")


class Handing:
    """Looks at what a driver is asked to submit, in the moment in which it is asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._violate = world.story.violate
        self._waited: Counter[int] = Counter()
        # When each part was handed over, in seconds.
        self._tried_s: dict[int, list[float]] = defaultdict(list)
        # Since when an urgent broadcast was seen to wait.
        self._since_s: dict[int, float] = {}

    def watch(self, driver: AtDriver, name: str) -> AtDriver:
        submit = driver.submit

        def watched(part: OutgoingPart, on_pdu_start: Callable[[], None]) -> int:
            self._world.stirred_at_s = self._world.timeline.now_s
            put_backs = len(self._world.put_back_at)
            if self._world.box.is_shared:  # what others do until the intent is written counts, and nothing after it
                attempts: list[int] = []

                def started() -> None:
                    on_pdu_start()
                    attempts.append(self._check(part, name))

                reference = submit(part, started)
                attempt = attempts[0] if attempts else self._check(part, name)
            else:
                attempt = self._check(part, name)
                reference = submit(part, on_pdu_start)
            self._expect_receipt(attempt, put_backs)
            return reference

        driver.submit = watched
        return driver

    def _check(self, part: OutgoingPart, name: str) -> int:
        row = database.execute_sql(_CLAIM, (name,)).fetchone()
        if row is None:
            self._violate("claim", f"{name} hands over a part that it holds no claim of")
            return 0
        number, kind, lane, stage, deadline, by, created, release, message, msisdn, bound, imsi, attempt, part_id = row
        self._in_vain(part_id, message)
        now = _stored(self._world.timeline.now())
        if msisdn != part.msisdn or bound != imsi:
            self._violate("one card", f"message {message}: another number or card than it is bound to")
        in_time = self._is_released(number, created, release) and now < _stored(deadline)
        # Of several hosts somebody may stop it between the commit of the intent and this look at it.
        lately = _stored(self._world.timeline.now() - LOOKED)
        is_late = self._world.box.is_shared and database.execute_sql(_HALTED_NOW, (str(number), lately)).fetchone()
        if (stage != "queued" or not in_time or number in self._world.memory.halted) and not is_late:
            self._violate("stopped", f"{name} hands over a part of broadcast {number}, which is {stage}")
        if database.execute_sql(_FAILED, (message,)).fetchone():
            self._violate("useless", f"message {message} goes on after a part of it failed")
        if kind in ("alert", "drill") and database.execute_sql(_FOLLOWED, (number,)).fetchone():
            self._violate("followed", f"broadcast {number} goes on after it was corrected or ended")
        self._wanted(kind, number, message, msisdn)
        self._turns(number, lane, now, self._begins_all(name, imsi))
        self._agreed(number, kind, by)
        self._card(self._world.sticks[name].imsi, name)
        if lane == LANE_NORMAL and kind not in _TO_OTHERS:
            self._budget(imsi, name, message)
        return attempt

    def _is_released(self, number: int, created: datetime | str, release: datetime | str | None) -> bool:
        """Its undo seconds are over; what was set free once stays so where the clock was set back after that."""
        if _stored(release) <= _stored(self._world.timeline.now()):
            return True
        waits = datetime.fromisoformat(_stored(release)) - datetime.fromisoformat(_stored(created))
        return waits.total_seconds() <= self._world.ledger.age_s(number)

    def _in_vain(self, part_id: int, message: int) -> None:
        """A part that does not leave waits between two tries."""
        since_s = self._world.timeline.now_s - IN_VAIN_S
        tried = self._tried_s[part_id] = [at_s for at_s in self._tried_s[part_id] if at_s > since_s]
        tried.append(self._world.timeline.now_s)
        if len(tried) > IN_VAIN:
            self._violate("in vain", f"message {message} is handed over again and again, and never goes out")

    def _wanted(self, kind: str, number: int, message: int, msisdn: str) -> None:
        agrees = database.execute_sql(_AGREES, (msisdn,)).fetchone() is not None
        if kind not in _TO_OTHERS and (not agrees or msisdn in self._world.memory.out):
            self._violate("consent", f"message {message} of {kind} {number} goes to somebody who wants none")

    def _begins_all(self, name: str, imsi: str) -> bool:
        """False for a card that leaves urgent work to others: its budget may be used up, or nothing is reported on."""
        return not self._day_limit(name) and imsi not in filtered_sims()

    def _day_limit(self, name: str) -> int:
        return next(modem.day_limit for modem in self._world.settings.modems if modem.name == name)

    def _turns(self, number: int, lane: int, now: str, begins_all: bool) -> None:
        """Urgent before normal, and of urgent ones each has its turn."""
        due = _stored(self._world.timeline.now() - LOOKED)
        urgent = [row[0] for row in database.execute_sql(_URGENT_WAITS, (now, due)).fetchall()]
        if lane > 0 and self._long_enough(urgent) and begins_all:
            self._violate("urgent first", f"broadcast {number} goes before the urgent {urgent}")
        if lane > 0:
            return
        fair = TURNS * len(self._world.sticks) * (len(urgent) + 1)
        self._waited = Counter({waiting: self._waited[waiting] + 1 for waiting in urgent if waiting != number})
        for waiting, often in self._waited.items():
            if often > fair:
                self._violate("turns", f"urgent broadcast {waiting} waits while others go out")

    def _long_enough(self, urgent: list[int]) -> bool:
        """True when one of them waits since before this part was claimed."""
        now_s = self._world.timeline.now_s
        self._since_s = {waiting: self._since_s.get(waiting, now_s) for waiting in urgent}
        box = self._world.box
        # Elsewhere nothing comes between a claim and its start.
        patience_s = TOGETHER_S if box.is_shared or now_s < box.slow_until_s else 0.0
        return any(since_s <= now_s - patience_s for since_s in self._since_s.values())

    def _agreed(self, number: int, kind: str, by: str) -> None:
        row = database.execute_sql(_APPROVAL, (number,)).fetchone()
        if row is None:
            if kind == "alert" and self._world.ledger.wanted_second(number):
                self._violate("agreed", f"broadcast {number} goes out, and nobody was asked to agree")
            return
        outcome, decided_by, first_by = row
        if outcome not in ("approved", "alone"):
            self._violate("agreed", f"broadcast {number} goes out, and its approval is {outcome}")
        if outcome == "approved" and human(decided_by) in (human(by), human(first_by)):
            self._violate("two people", f"broadcast {number} of {by} was approved by {decided_by}")

    def _card(self, imsi: str, name: str) -> None:
        world = self._world
        limit = next(modem.hour_limit for modem in world.settings.modems if modem.name == name)
        since = world.timeline.now_s - HOUR_S + SLACK_S
        # A copy that was put back does not know what went out since it was made, nor a clock that was set how long ago.
        # A modem that hangs hands over later what it was handed.
        if (
            not world.put_back_at
            and not world.clock_was_set_within(HOUR_S)
            and sum(taken.imsi == imsi and taken.began_s > since for taken in world.carrier.taken) >= limit
        ):
            self._violate("hour limit", f"{name} sends more than {limit} in an hour")
        is_first = database.execute_sql(_FIRST).fetchone() == (imsi,)
        if not is_first and imsi not in world.memory.accepted | world.memory.unsure:
            self._violate("card", f"{name} sends through a card that nobody accepted")
        suspended_s = world.memory.suspended.get(name)
        if suspended_s is not None and world.timeline.now_s > suspended_s + HEARD_S:
            self._violate("suspended", f"{name} sends although it was suspended")

    def _budget(self, imsi: str, name: str, message: int) -> None:
        """Normal work begins nothing beyond the day's budget of a card, as far as the database knows: a copy that was
        put back lacks what went out since it was made, and each SMS counts for the day that the clock showed then.
        """
        limit = self._day_limit(name)
        if not limit or self._world.put_back_at or message in self._world.memory.given:
            return
        if database.execute_sql(_BEGUN, (message,)).fetchone():
            return
        today = day_of(self._world.timeline.now())
        days = (day_of(taken.shown_at) for taken in self._world.carrier.taken if taken.imsi == imsi)
        if sum(day == today for day in days) >= limit:
            self._violate("budget", f"{name} begins message {message} beyond its budget of {limit} a day")

    def _expect_receipt(self, attempt: int, put_backs: int) -> None:
        """The modem told the reference: unless its process dies in this moment, or an older copy is put in place, the
        database has it soon. `put_backs` is how many had been when the part was handed over: in a copy that came later
        the attempt's number may be given again.
        """
        world, timeline = self._world, self._world.timeline
        box, before = world.box, (world.box.crashes, put_backs)

        def look() -> None:
            writable_s = max(
                box.full_until_s, box.server_away_until_s, *(host.cut_until_s for host in box.hosts.values())
            )
            if timeline.now_s < writable_s + WRITTEN_S:
                timeline.at(writable_s + WRITTEN_S, look)
                return
            row = database.execute_sql(_OUTCOME, (attempt,)).fetchone()
            is_same = (box.crashes, len(world.put_back_at)) == before
            if is_same and row is not None and row[0] != "sent":
                self._violate("receipt", f"attempt {attempt} had a receipt, and is {row[0]}")

        timeline.after(WRITTEN_S, look)


def _stored(time: datetime | str | None) -> str:
    """As SQLite keeps it; PostgreSQL's are times."""
    if isinstance(time, datetime):
        return time.replace(tzinfo=None).isoformat(" ", "microseconds")
    return time or ""


def human(actor: str) -> str:
    """Whoever stands behind an actor's text: a terminal is its account's, a token its owner's."""
    name = actor.removesuffix(" (terminal)").removeprefix("API ")
    return OWNERS.get(name, name).casefold()
