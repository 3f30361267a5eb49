"""The world's own books: every message that was ordered, whoever it is to, however often a person had it sent. Kept
beside the database, from which an erasure takes numbers away.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass

from db.engine.base import database
from db.people.zone import policy
from rules.states import AUTOMATIC
from tests.world.outside.carrier import Carrier
from tests.world.store.touched import Touched
from tests.world.story import Story

_ORDERED = """
SELECT m.id, m.broadcast_id, m.msisdn, m.reference, t.segments, b.kind FROM message m
JOIN broadcast_text t ON t.id = m.text_id JOIN broadcast b ON b.id = m.broadcast_id
WHERE b.stage <> 'preparing' ORDER BY m.id
"""


@dataclass
class Known:
    """A message as it was ordered, at the true time `at_s`. `copies`: as often as people want it to be sent; `second`:
    the policy of that moment wants a second person."""

    id: int
    broadcast_id: int
    kind: str
    msisdn: str
    segments: tuple[str, ...]
    reference: int
    at_s: float
    copies: int = 1
    second: bool = False


# Of a moment: each message by its number, and its reference of then.
Kept = dict[int, tuple[Known, int]]


class Ledger:
    """`read` after whatever may have ordered something; `by_person`: a person acted since the last time. What is still
    being written is no order yet.
    """

    def __init__(self, story: Story, carrier: Carrier, touched: Touched) -> None:
        self._story, self._carrier, self._touched = story, carrier, touched
        self._read_at = -1
        self.messages: dict[int, Known] = {}
        self.by_broadcast: dict[int, list[Known]] = defaultdict(list)
        # (number, segment) of messages that a database that was put back knows nothing of.
        self.gone: Counter[tuple[str, str]] = Counter()
        self._counted = 0
        # People who act at this moment.
        self.acting = 0
        # Somebody acted, and lost the database before it was read.
        self.is_behind = False
        # How often the network took this text to this number.
        self._takes: Counter[tuple[str, str]] = Counter()

    def read(self, by_person: bool = False) -> None:
        """Note new messages, and those that wait again under a new reference."""
        often = self._touched.often
        if self._read_at == often:
            return
        by_person = by_person or self.acting > 0 or self.is_behind
        second: bool | None = None
        now_s = self._story.timeline.now_s
        for number, broadcast, msisdn, reference, segments, kind in database.execute_sql(_ORDERED).fetchall():
            known = self.messages.get(number)
            if known is None:
                segments = tuple(json.loads(segments))
                second = policy().approval == "second" if second is None else second
                known = Known(number, broadcast, kind, msisdn, segments, reference, now_s, second=second)
                self.messages[number] = known
                self.by_broadcast[broadcast].append(known)
            elif known.reference != reference:
                known.reference, known.copies = reference, known.copies + 1
                if not by_person:
                    self._story.violate("doubled", f"message {number} waits again, and no person wanted it")
        self._read_at, self.is_behind = often, False

    def as_it_is(self) -> Kept:
        """What a copy of the database that is made now has of messages."""
        self.read()
        return {number: (known, known.reference) for number, known in self.messages.items()}

    def go_back(self, kept: Kept) -> None:
        """The database is again the one of that moment. A number may have been given to another message since, and a
        message that an older copy lacked may be there again.
        """
        messages = {number: known for number, (known, _reference) in kept.items()}
        for number, known in self.messages.items():
            if messages.get(number) is not known:
                self.gone.update((known.msisdn, segment) for segment in known.segments)
        for number, (known, reference) in kept.items():
            if self.messages.get(number) is not known:
                self.gone.subtract((known.msisdn, segment) for segment in known.segments)
            known.reference = reference
        self.messages = messages
        self.by_broadcast.clear()
        for known in messages.values():
            self.by_broadcast[known.broadcast_id].append(known)

    @property
    def takes(self) -> Counter[tuple[str, str]]:
        for taken in self._carrier.taken[self._counted :]:
            self._takes[taken.to, taken.text] += 1
        self._counted = len(self._carrier.taken)
        return self._takes

    def with_network(self, broadcast_id: int) -> int:
        """Messages of it that the network has whole."""
        takes = self.takes
        return sum(all(takes[known.msisdn, segment] for segment in known.segments) for known in self.of(broadcast_id))

    def on_phones(self, broadcast_id: int) -> int:
        """Messages of it that a phone shows."""
        handset = self._carrier.handset
        return sum(handset(known.msisdn).shows(set(known.segments)) for known in self.of(broadcast_id))

    def wanted_second(self, broadcast_id: int) -> bool:
        """True where the policy wanted a second person when it was ordered."""
        return any(known.second for known in self.of(broadcast_id))

    def age_s(self, broadcast_id: int) -> float:
        """Seconds since it was ordered, whatever the clock was set to meanwhile; none for what nobody ordered."""
        ordered_s = min((known.at_s for known in self.of(broadcast_id)), default=self._story.timeline.now_s)
        return self._story.timeline.now_s - ordered_s

    def of(self, broadcast_id: int) -> list[Known]:
        return self.by_broadcast[broadcast_id]

    def ordered_by_people(self) -> list[int]:
        """The broadcasts that officers ordered."""
        return [number for number, known in self.by_broadcast.items() if known and known[0].kind not in AUTOMATIC]
