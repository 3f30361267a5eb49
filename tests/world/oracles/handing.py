"""At each handing over: may this part go out now, and is it this one's turn?"""

from collections import Counter
from collections.abc import Callable

from db.engine.base import database
from modem.driver.at import AtDriver
from modem.sms.message import OutgoingPart
from tests.world.world import World

HOUR_S = 3600.0
# The guard counts a part when it is handed over; a slow modem gives it to the network much later.
SLACK_S = 300.0
# Other urgent SMS that may go out while one of an urgent alert waits, per modem and open alert; beyond, it starves.
TURNS = 4
_CLAIM = """
SELECT b.id, b.kind, b.lane, b.stage, b.deadline_at, b.ordered_by, m.id, m.msisdn, m.imsi, a.imsi
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
_TO_OTHERS = ("selftest", "proof", "alarm", "answer")


class Handing:
    """Looks at what a driver is asked to submit, in the moment in which it is asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waited: Counter[int] = Counter()

    def watch(self, driver: AtDriver, name: str) -> AtDriver:
        submit = driver.submit

        def watched(part: OutgoingPart, on_pdu_start: Callable[[], None]) -> int:
            self._world.stirred_at_s = self._world.timeline.now_s
            self._check(part, name)
            return submit(part, on_pdu_start)

        driver.submit = watched
        return driver

    def _check(self, part: OutgoingPart, name: str) -> None:
        row = database.execute_sql(_CLAIM, (name,)).fetchone()
        violate = self._world.story.violate
        if row is None:
            violate("claim", f"{name} hands over a part that it holds no claim of")
            return
        number, kind, lane, stage, deadline, by, message, msisdn, bound, imsi = row
        now = self._world.timeline.now().replace(tzinfo=None).isoformat(" ", "microseconds")
        if msisdn != part.msisdn or bound != imsi:
            violate("one card", f"message {message} goes to another number or through another card than it is bound to")
        if stage != "queued" or deadline <= now:
            violate("stopped", f"{name} hands over a part of broadcast {number}, which is {stage} until {deadline}")
        if kind not in _TO_OTHERS and database.execute_sql(_AGREES, (msisdn,)).fetchone() is None:
            violate("consent", f"message {message} of {kind} {number} goes to somebody who wants none")
        self._turns(number, lane, now)
        self._agreed(number, kind, by)
        self._hour(imsi, name)

    def _turns(self, number: int, lane: int, now: str) -> None:
        """Urgent before normal, and of urgent ones each has its turn."""
        urgent = [row[0] for row in database.execute_sql(_URGENT_WAITS, (now, now)).fetchall()]
        if lane > 0 and urgent:
            self._world.story.violate("urgent first", f"broadcast {number} goes before the urgent {urgent}")
        if lane > 0:
            return
        fair = TURNS * len(self._world.sticks) * (len(urgent) + 1)
        self._waited = Counter({waiting: self._waited[waiting] + 1 for waiting in urgent if waiting != number})
        for waiting, often in self._waited.items():
            if often > fair:
                self._world.story.violate("turns", f"urgent broadcast {waiting} waits while {often} others go out")

    def _agreed(self, number: int, kind: str, by: str) -> None:
        row = database.execute_sql(_APPROVAL, (number,)).fetchone()
        if row is None:
            return
        outcome, decided_by, first_by = row
        if outcome not in ("approved", "alone"):
            self._world.story.violate("agreed", f"broadcast {number} goes out, and its approval is {outcome}")
        if outcome == "approved" and human(decided_by) in (human(by), human(first_by)):
            self._world.story.violate("two people", f"broadcast {number} of {by} was approved by {decided_by}")

    def _hour(self, imsi: str, name: str) -> None:
        limit = next(modem.hour_limit for modem in self._world.settings.modems if modem.name == name)
        since = self._world.timeline.now_s - HOUR_S + SLACK_S
        lately = sum(taken.imsi == imsi and taken.at_s > since for taken in self._world.carrier.taken)
        if lately >= limit:
            self._world.story.violate("hour limit", f"{name} sends more than {limit} in an hour")


def human(actor: str) -> str:
    """Whoever stands behind an actor's text: a terminal is its account's; the program is nobody's."""
    return actor.removesuffix(" (terminal)").casefold()
