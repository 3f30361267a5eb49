"""The one plan of an order, with its people, texts and cost: page and command show it, and `placing` executes it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.alerts.orders.earlier import counting_within_hour, ordered_within_hour, words_alone
from db.alerts.values import Agreement, Order
from db.modems.budgets import shares_of
from db.modems.forecast import Forecast, forecast
from db.people.audience import Recipient, recipients, without_mobile
from db.people.zone import policy
from plp.services.texts import Written, judged, judged_drill, require_texts
from plp.settings.values import SendingSettings
from rules.orders.agreement import needs_second
from rules.orders.budgets import Share
from rules.orders.texts import MAIN_LANGUAGE, Composed, language_for, parts_per_person, total_parts, used
from rules.refusals import AllQuiet, OverLimit, Refusal
from rules.states import AUTOMATIC, LANE_NORMAL, LANE_URGENT
from rules.text_guard import TextFinding


@dataclass(frozen=True, slots=True)
class Plan:
    """An order with its `people` in the order of sending, and `texts` by language that somebody gets, the main one
    first. `findings` are the guard's; `undo_s` how long it can be stopped; `shares` those of SIMs whose budgets may
    refuse it, `ceiling` that of an hour (None: no limit). `quiet` counts all in quiet hours, also without a mobile.
    """

    order: Order
    people: Sequence[Recipient]
    texts: Mapping[str, Composed]
    validity: timedelta
    undo_s: int = 0
    findings: tuple[TextFinding, ...] = ()
    shares: Sequence[Share] = ()
    ceiling: int | None = None
    quiet: int = 0

    @property
    def readers(self) -> Counter[str]:
        """The number of people who get the text of a language."""
        return Counter(language_for(self.texts, person.language) for person in self.people)

    @property
    def parts(self) -> int:
        return total_parts(self.texts, self.people)

    def forecast(self, now: datetime) -> Forecast:
        """The moment when the last phone rings."""
        starts_at = now + timedelta(seconds=self.undo_s)
        return forecast(self.parts, now, starts_at, urgent=self.order.lane == LANE_URGENT)

    def over_ceiling(self, now: datetime) -> OverLimit | None:
        """The refusal of what would pass an hour's ceiling, of what left, may have left or waits; None within it."""
        automatic = self.order.kind in AUTOMATIC  # what nobody ordered keeps no alert back, but is kept back by them
        most = ordered_within_hour(now, automatic=automatic) + len(self.people)
        if self.ceiling is None or most <= self.ceiling:
            return None
        total = most if automatic else counting_within_hour(now) + len(self.people)
        if total <= self.ceiling:
            return None
        return OverLimit(
            "Avec cet envoi : {total} messages en une heure ; plafond : {ceiling}. Indiquez un motif pour le dépasser.",
            total=total,
            ceiling=self.ceiling,
        )


def plan_order(order: Order, written: Written, sending: SendingSettings, now: datetime) -> Plan:
    """The plan of what somebody writes to many. Raises Refusal, MissingText, FindingsRefused for a misleading drill."""
    drill, typed = order.kind == "drill", written.typed
    if drill:
        judged_drill({MAIN_LANGUAGE: typed.get(MAIN_LANGUAGE, "")})
    everybody = recipients(order.audience, now)
    awake = [person for person in everybody if not person.quiet]
    people = awake if order.spares_quiet else everybody
    if everybody and not people:
        raise AllQuiet("Tous les destinataires sont dans leurs heures calmes. Choisissez de les alerter aussi.")
    quiet = len(everybody) - len(awake) + without_mobile(order.audience) - without_mobile(order.audience, now)
    if quiet and order.spares_quiet:
        order = replace(order, left_quiet=quiet, remarks=(*order.remarks, ("quiet", quiet)))
    if not written.one_language:
        require_texts(typed, Counter(person.language for person in people).most_common())
    going = used(written.composed, people)
    read = {language: typed[language] for language in going}
    findings = judged_drill(read) if drill else judged(read, drill=False)
    return replace(plan_composed(order, going, people, sending, now), findings=findings, quiet=quiet)


def plan_composed(
    order: Order, texts: Mapping[str, Composed], people: Sequence[Recipient], sending: SendingSettings, now: datetime
) -> Plan:
    """The plan of texts that the guard has checked, or need not check, to these people. Raises Refusal."""
    texts = used(texts, people)
    if not people:
        raise Refusal("Aucun destinataire : GSM et consentement requis.")
    validity = sending.validity(urgent=order.priority == "urgent")
    # Counted at the order: the report must not change when somebody gets a mobile.
    left_out = without_mobile(order.audience, awake_at(order, now))
    remarks = (*order.remarks, ("without_mobile", left_out)) if left_out else order.remarks
    order = replace(order, remarks=remarks)
    if order.kind in AUTOMATIC:
        return Plan(order, people, texts, validity, ceiling=sending.hourly_ceiling)
    rules, shares = policy(), list[Share]()
    if order.lane != LANE_NORMAL:
        shares = shares_of([person.msisdn for person in people], parts_per_person(texts, people), now)
    return Plan(
        replace(order, agreement=agreement_of(order, order.kind, (person.msisdn for person in people), now)),
        people,
        texts,
        validity,
        undo_s=rules.undo_seconds(sending.undo_seconds, len(people)),
        shares=shares,
        ceiling=sending.hourly_ceiling,
    )


def awake_at(order: Order, now: datetime) -> datetime | None:
    """The moment of whose quiet hours the order spares people; None where it spares nobody."""
    return now if order.spares_quiet else None


def agreement_of(order: Order, kind: str, numbers: Iterable[str], now: datetime) -> Agreement:
    """The agreement that an order of this kind to these numbers needs; drills and tests of a day count together, since
    many small ones reach everybody too.
    """
    rule, people = policy().approval, set(numbers)
    if rule == "second" and kind == "drill":
        people |= words_alone(now)
    if not needs_second(rule, kind, len(people)):
        return ""
    return "second" if order.alone_because is None else "alone"
