"""The one plan of an order, with its people, texts and cost: page and command show it, and `placing` executes it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from base.settings.values import SendingSettings
from db.alerts.orders.earlier import counting_within_hour, ordered_within_hour, words_alone
from db.alerts.orders.enqueue import digest_of
from db.alerts.values import Agreement, ByMail, Order, Plan
from db.modems.budgets import shares_of
from db.modems.forecast import Forecast, forecast
from db.modems.readiness import readiness
from db.people.audience import AudienceIds, Recipient, recipients, without_mobile
from db.people.zone import policy
from plp.services.orders.audiences import resolve
from plp.services.texts import NO_ANSWERS, Answers, Written, judged, judged_drill, require_texts
from rules.orders.agreement import needs_second
from rules.orders.budgets import Share
from rules.orders.texts import MAIN_LANGUAGE, Composed, parts_per_person, used
from rules.refusals import AllQuiet, OverLimit, Refusal
from rules.states import AUTOMATIC, LANE_NORMAL, LANE_URGENT
from rules.text_guard import TextFinding, kinds_of

# Mail and calls go at once, the SMS when a modem is back (docs/adr/0095-an-alert-is-always-taken.md).
TAKEN_WITHOUT_MODEM = ("alert", "correction", "end", "corrected")
Remarks = tuple[tuple[str, object], ...]


def plan_order(
    order: Order, written: Written, sending: SendingSettings, now: datetime, answers: Answers = NO_ANSWERS
) -> Plan:
    """The plan of what somebody writes to many. Raises Refusal, MissingText, FindingsRefused for a misleading drill."""
    drill, typed = order.kind == "drill", written.typed
    if drill:
        judged_drill({MAIN_LANGUAGE: typed.get(MAIN_LANGUAGE, "")})
    audience = resolve(order.audience)
    everybody = recipients(audience, now)
    awake = [person for person in everybody if not person.quiet]
    people = awake if order.spares_quiet else everybody
    if everybody and not people:
        raise AllQuiet("Tous les destinataires sont dans leurs heures calmes. Choisissez de les alerter aussi.")
    quiet = len(everybody) - len(awake) + without_mobile(audience) - without_mobile(audience, now)
    if not written.one_language:
        require_texts(typed, Counter(person.language for person in people).most_common())
    read = {language: typed[language] for language in used(written.composed, people)}
    findings = judged_drill(read) if drill else judged(read, drill=False)
    remarks = order.remarks
    if order.kind == "alert":  # nobody has to answer for a drill
        remarks = _answered(findings, answers) + remarks
    if quiet and order.spares_quiet:
        remarks = (*remarks, ("quiet", quiet))
    plan = plan_composed(order, audience, written.composed, people, sending, now, remarks)
    return replace(plan, findings=findings, quiet=quiet)


def plan_composed(
    order: Order,
    audience: AudienceIds,
    texts: Mapping[str, Composed],
    people: Sequence[Recipient],
    sending: SendingSettings,
    now: datetime,
    remarks: Remarks = (),
) -> Plan:
    """The plan of texts that the guard has checked, or need not check, to these people. Raises Refusal."""
    digest = digest_of(order, texts)
    texts = used(texts, people)
    if not people:
        raise Refusal("Aucun destinataire : GSM et consentement requis.")
    validity = sending.validity(urgent=order.priority == "urgent")
    # Counted at the order: the report must not change when somebody gets a mobile.
    left_out = without_mobile(audience, awake_at(order, now))
    remarks = remarks or order.remarks
    if left_out:
        remarks = (*remarks, ("without_mobile", left_out))
    if order.kind in AUTOMATIC:
        ceiling = sending.hourly_ceiling
        return Plan(order, people, texts, validity, digest, remarks=remarks, ceiling=ceiling, audience=audience)
    shares = list[Share]()
    if order.lane != LANE_NORMAL:
        shares = shares_of([person.msisdn for person in people], parts_per_person(texts, people), now)
    return Plan(
        order,
        people,
        texts,
        validity,
        digest,
        agreement_of(order, order.kind, (person.msisdn for person in people), now),
        mailed(order, now),
        remarks,
        undo_s=policy().undo_seconds(sending.undo_seconds, len(people)),
        shares=shares,
        ceiling=sending.hourly_ceiling,
        audience=audience,
    )


def _answered(findings: tuple[TextFinding, ...], answers: Answers) -> Remarks:
    """The journal's remarks on an alert: findings that somebody answered for, and their reason."""
    kinds = kinds_of(findings)
    remarks = (
        ("guard", kinds),
        ("guard_reason", answers.reason if kinds else ""),
        ("one_language", answers.one_language),
    )
    return tuple((name, value) for name, value in remarks if value)


def expected(plan: Plan, now: datetime) -> Forecast:
    """The moment when the last phone rings."""
    starts_at = now + timedelta(seconds=plan.undo_s)
    return forecast(plan.parts, now, starts_at, urgent=plan.order.lane == LANE_URGENT)


def over_ceiling(plan: Plan, now: datetime) -> OverLimit | None:
    """The refusal of what would pass an hour's ceiling, of what left, may have left or waits; None within it."""
    automatic = plan.order.kind in AUTOMATIC  # what nobody ordered keeps no alert back, but is kept back by them
    most = ordered_within_hour(now, automatic=automatic) + len(plan.people)
    if plan.ceiling is None or most <= plan.ceiling:
        return None
    total = most if automatic else counting_within_hour(now) + len(plan.people)
    if total <= plan.ceiling:
        return None
    return OverLimit(
        "Avec cet envoi : {total} messages en une heure ; plafond : {ceiling}. Indiquez un motif pour le dépasser.",
        total=total,
        ceiling=plan.ceiling,
    )


def mailed(order: Order, now: datetime) -> ByMail:
    """The people with a mobile who get a mail too; those without one do anyway."""
    if order.kind not in TAKEN_WITHOUT_MODEM or order.drill:
        return ""
    if not readiness(now).ready:
        return "failing"
    return "always" if policy().mail_always else ""


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
