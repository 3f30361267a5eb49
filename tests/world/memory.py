"""What people did and were told that it was done: the world holds the box to it, whatever its database says."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Memory:
    """Numbers are E.164. A deed in which the console crashed may be done or not: nothing is remembered of it, and its
    subject is in `unsure`.
    """

    # Broadcasts that a door said it took.
    taken: set[int] = field(default_factory=set)
    # Of these, what was ordered while the machine's clock had begun in 1970.
    undated: set[int] = field(default_factory=set)
    # Parts that had expired before dawn, by whatever clock.
    expired: set[int] = field(default_factory=set)
    # Broadcasts that nobody may send: stopped or paused, until a person says otherwise.
    halted: dict[int, str] = field(default_factory=dict)
    # People who withdrew on paper, or were erased: no SMS but answers until they agree again.
    out: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    unsure: set[object] = field(default_factory=set)
    # Modems that a technician took out of service, with the moment.
    suspended: dict[str, float] = field(default_factory=dict)
    # Modems without a network, with the moment at which a look saw it first.
    off_network: dict[str, float] = field(default_factory=dict)
    # Cards that a technician answered for.
    accepted: set[str] = field(default_factory=set)
    # Messages that a technician gave to a SIM, which had room then.
    given: set[int] = field(default_factory=set)
    # Entries that the journal must have.
    entries: Counter[str] = field(default_factory=Counter)
    # Mails that a person had sent again, by number.
    mailed_again: Counter[int] = field(default_factory=Counter)
    # What was written to which card: (sender, words), and whose last word was STOP, with the moment.
    written: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrote_at: dict[tuple[str, str, str], int] = field(default_factory=dict)
    stopped: dict[str, float] = field(default_factory=dict)

    def agrees(self, number: str) -> None:
        """On paper, or a list: whatever was said before is past."""
        self.out.discard(number)
        self.erased.discard(number)
        self.stopped.pop(number, None)
        self.unsure.discard(number)
