"""Orders, plans, claims and their results as values (docs/adr/0214)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from db.people.audience import NOBODY, Audience, AudienceIds, Recipient
from rules.members import Quiet
from rules.orders.budgets import Share
from rules.orders.texts import Composed, FollowUp, language_for, total_parts
from rules.states import LANE_CALL, LANE_DRILL, LANE_NORMAL, LANE_URGENT
from rules.text_guard import TextFinding

# A text that speaks of an earlier one, or takes its place for those who had not got it.
Following = Literal["correction", "end", "corrected"]
Kind = Literal["alert", Following, "drill", "welcome", "renewal", "selftest", "proof", "alarm", "test", "answer"]
# `call`: an SMS to somebody on duty, before alerts.
Priority = Literal["urgent", "normal", "call"]
# What an order needs besides its own officer: nobody, a second person, or the record that none could be reached.
Agreement = Literal["", "second", "alone"]
# The mails about an alert, besides those to people without a mobile: to nobody, to everybody, to whom no SMS reached.
ByMail = Literal["", "always", "failing"]

# Of a correction: docs/reference/modem-facts.md, "Validity, references, class".
FOLLOW_UP_VALIDITY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Filled:
    """The ready-made alert that a text was made from without changes, and the answers in its fields by name."""

    template_id: int
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """An order as somebody gives it; nothing writes into it. `again`: repeating a text within ten minutes is intended.
    `imsi` is the only SIM that may send it, in the modem `seat` (host/name); None for any. `follows` is the broadcast
    that a correction or an end refers to. `remarks` go to the journal: never words of the text. `alone_because`: why no
    second person can be reached. `happened` is now or earlier, empty if not stated; `late_because` the reason for an
    SMS about earlier facts. `seen` is the newest order on the page that the officer confirmed; None for no page.
    `quiet`: whether people in quiet hours get it. `filled` is None for a text by hand."""

    audience: Audience
    kind: Kind
    priority: Priority
    by: str
    idempotency_key: str | None = None
    again: bool = False
    override_reason: str | None = None
    imsi: str | None = None
    seat: str | None = None
    follows: int | None = None
    drill: bool = False
    remarks: tuple[tuple[str, object], ...] = ()
    alone_because: str | None = None
    happened: str = ""
    late_because: str = ""
    filled: Filled | None = None
    seen: int | None = None
    quiet: Quiet = ""

    @property
    def spares_quiet(self) -> bool:
        """True where those in quiet hours get nothing: without a word, of a drill and of what is not urgent."""
        waits = self.kind == "drill" or (self.kind == "alert" and self.priority == "normal")
        return self.quiet == "spare" or (waits and not self.quiet)

    @property
    def lane(self) -> int:
        """Calls on duty, alerts, then what a person waits for (drills, tests, alarms), then the rest."""
        if self.priority == "call":
            return LANE_CALL
        if self.drill or self.kind in ("drill", "selftest", "alarm", "test"):
            return LANE_DRILL
        return LANE_NORMAL if self.priority == "normal" else LANE_URGENT


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan that is worked out of an order: its `people` in the order of sending, and `texts` by language that
    somebody gets, the main one first. `digest` is of the whole order; `remarks` go to the journal. `findings` are the
    guard's; `undo_s` how long it can be stopped; `shares` those of SIMs whose budgets may refuse it, `ceiling` that of
    an hour (None: no limit). `quiet` counts all in quiet hours, also without a mobile; `audience` is the order's.
    """

    order: Order
    people: Sequence[Recipient]
    texts: Mapping[str, Composed]
    validity: timedelta
    digest: str = ""
    agreement: Agreement = ""
    by_mail: ByMail = ""
    remarks: tuple[tuple[str, object], ...] = ()
    undo_s: int = 0
    findings: tuple[TextFinding, ...] = ()
    shares: Sequence[Share] = ()
    ceiling: int | None = None
    quiet: int = 0
    audience: AudienceIds = NOBODY

    @property
    def readers(self) -> Counter[str]:
        """The number of people who get the text of a language."""
        return Counter(language_for(self.texts, person.language) for person in self.people)

    @property
    def parts(self) -> int:
        return total_parts(self.texts, self.people)

    @property
    def left_quiet(self) -> int:
        """The number of people who get nothing because they are in quiet hours."""
        return self.quiet if self.order.spares_quiet else 0


@dataclass(frozen=True, slots=True)
class FollowUpOrder:
    """An order of a correction or an end of the broadcast `original_id`; its other values are those of an Order."""

    original_id: int
    kind: FollowUp
    by: str
    idempotency_key: str | None = None
    again: bool = False
    filled: Filled | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """The SIM in a modem on a host, as it asks for work. `stick` is the modem's IMEI while nobody accepted the two."""

    host: str
    modem: str
    imsi: str
    simulated: bool
    stick: str | None = None

    @property
    def seat(self) -> str:
        return f"{self.host}/{self.modem}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A part that one modem holds: `text` is its segment, `retries` the person's, `last_reason` of the try before.
    `rest`: the other parts of its message where a modem takes messages whole; they share its fate."""

    attempt_id: int
    part_id: int
    message_id: int
    broadcast_id: int
    lane: int
    msisdn: str
    text: str
    encoding: str
    seq: int
    total: int
    reference: int
    retries: int
    last_reason: str
    deadline_at: datetime
    rest: tuple["Claim", ...] = ()

    @property
    def parts(self) -> tuple["Claim", ...]:
        """All that is handed over together, in order."""
        return tuple(sorted((self, *self.rest), key=lambda part: part.seq)) if self.rest else (self,)
