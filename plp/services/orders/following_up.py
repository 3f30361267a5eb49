"""A correction or an end stops the rest of the original, then goes, before anything else, to those who may have it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from base.settings.values import SendingSettings
from db.alerts.incidents.left_out import without_mobile_of
from db.alerts.orders import follow_up as storage
from db.alerts.orders.enqueue import Taken, digest_of
from db.alerts.progress.progress import Progress
from db.alerts.values import FOLLOW_UP_VALIDITY, Agreement, FollowUpOrder, Kind, Order, Plan
from db.people.audience import Audience, Recipient
from db.people.zone import policy
from plp.services.accounts.telling import tell_others
from plp.services.broadcasts import require_agreed
from plp.services.orders.approving import record_without_code, require_hand
from plp.services.orders.placing import enqueue, require_possible
from plp.services.orders.planning import agreement_of, mailed
from plp.services.orders.twins import placed_before
from plp.services.texts import NO_ANSWERS, Answers, all_composed, judged, require_texts
from rules.orders.agreement import WITHOUT_AGREEMENT, Hand
from rules.orders.texts import Composed, main_first, used
from rules.refusals import Missing, WrongState, required
from rules.states import CORRECTED, LANE_URGENT, NOT_BEGUN
from rules.text_guard import TextFinding, require_meant

# A correction of a text to free numbers would be a way around the second person.
FOLLOWED = ("alert", "drill")


def follow_up(
    texts: Mapping[str, str],
    original: Progress,
    wanted: FollowUpOrder,
    sending: SendingSettings,
    now: datetime,
    answers: Answers = NO_ANSWERS,
    hand: Hand | None = None,
    *,
    for_rest: bool = False,
) -> tuple[int, int | None]:
    """Send a text for every language to those whom `original` reached by any channel; returns its id and, for a
    correction with `for_rest`, that of the same text as an alert to the others, None if everybody has it. The same key
    orders what a crash prevented. Both can be undone for as many seconds as an alert to all of these. Raises as
    `place`.
    """
    whole = all_composed(texts, original.drill, wanted.kind)
    corrected = all_composed(texts, original.drill, "corrected") if for_rest else {}
    rest = replace(wanted, idempotency_key=_rest_key(wanted.idempotency_key), seen=None)
    others = storage.untouched(original.id) if for_rest else []
    readers = Counter(person.language for person in [*storage.reached(original.id), *others])
    readers.update(without_mobile_of(original.id, informed=None if for_rest else True))
    undo_s = policy().undo_seconds(sending.undo_seconds, readers.total())
    if followed_before(wanted.idempotency_key, now) is None:
        if hand is not None and follows_late(original.id, now):
            require_hand(hand, wanted.by, readers.total(), now, drill=original.drill)
        require_follow_up_answered(texts, readers.most_common(), original.drill, for_rest, answers)
    placed = place_follow_up(
        wanted, whole, now, lambda number: record_without_code(number, hand, wanted.by, now), undo_s
    )
    return placed, place_corrected(rest, corrected, sending.validity_urgent, now, undo_s) if for_rest else None


def place_follow_up(
    wanted: FollowUpOrder,
    texts: Mapping[str, Composed],
    now: datetime,
    taken: Taken = lambda number: None,
    undo_s: int = 0,
) -> int:
    """Stop the unsent part of the original, then order this to those whom it reached. No ceiling or budget stops it,
    nor, for a day, the lack of a second person (`follows_late`). Raises Refusal if the original reached nobody by any
    channel, or is neither alert nor drill; then nothing is stopped either.
    """
    original, order, texts = _ordered(wanted, wanted.kind, texts)
    before = placed_before(order.idempotency_key, digest_of(order, texts), now)
    if before is not None:
        return before
    require_possible(texts, now, urgent=order.lane == LANE_URGENT, waits=not order.drill)
    nobody = WrongState(
        "L'envoi {id} n'a alerté personne : arrêtez-le, puis envoyez le bon texte comme alerte.", id=original.id
    )
    people = required(storage.stop_the_rest(original.id, wanted.by, now), nobody)
    return _enqueue(original, _planned(original, order, texts, people, FOLLOW_UP_VALIDITY, undo_s, now), now, taken)


def place_corrected(
    wanted: FollowUpOrder, texts: Mapping[str, Composed], validity: timedelta, now: datetime, undo_s: int = 0
) -> int | None:
    """After a correction, order the corrected text to those whom the original did not reach; None if it reached all."""
    original, order, texts = _ordered(wanted, CORRECTED, texts)
    before = placed_before(order.idempotency_key, digest_of(order, texts), now)
    people = [] if before else storage.untouched(original.id)
    if before is not None or not (people or without_mobile_of(original.id, informed=False)):
        return before
    return _enqueue(original, _planned(original, order, texts, people, validity, undo_s, now), now)


def _ordered(
    wanted: FollowUpOrder, kind: Kind, texts: Mapping[str, Composed]
) -> tuple[storage.Original, Order, Mapping[str, Composed]]:
    original = followable(wanted.original_id)
    order = Order(
        Audience(),
        kind,
        "urgent",
        wanted.by,
        wanted.idempotency_key,
        wanted.again,
        follows=original.id,
        drill=original.kind == "drill",
        filled=wanted.filled,
        seen=wanted.seen,
    )
    return original, order, main_first(texts)


def _planned(
    original: storage.Original,
    order: Order,
    texts: Mapping[str, Composed],
    people: Sequence[Recipient],
    validity: timedelta,
    undo_s: int,
    now: datetime,
) -> Plan:
    """The plan of a follow-up to these people, with the agreement that it needs late."""
    digest, going = digest_of(order, texts), used(texts, people)
    agreement = _agreement(original, order, people, now) if _late(original, now) else ""
    return Plan(order, people, going, validity, digest, agreement, mailed(order, now), undo_s=undo_s)


def _agreement(original: storage.Original, order: Order, people: Sequence[Recipient], now: datetime) -> Agreement:
    return agreement_of(order, original.kind, (person.msisdn for person in people), now)


def followable(broadcast_id: int) -> storage.Original:
    """The alert or drill that a correction or an end refers to. Raises Missing or WrongState for anything else."""
    original = required(storage.original_of(broadcast_id), Missing("L'envoi {id} n'existe pas.", id=broadcast_id))
    if original.kind not in FOLLOWED:
        raise WrongState("L'envoi {id} n'est ni une alerte ni un exercice : correction impossible.", id=broadcast_id)
    if original.stage in NOT_BEGUN:
        raise WrongState("L'envoi {id} n'a pas commencé : annulez-le plutôt.", id=broadcast_id)
    require_agreed(broadcast_id)
    return original


def _enqueue(original: storage.Original, plan: Plan, now: datetime, taken: Taken = lambda number: None) -> int:
    """Take the plan; the others are told of one that would need an agreement and needs none yet."""
    by = plan.order.by
    unagreed = not _late(original, now) and _agreement(original, plan.order, plan.people, now)

    def told(number: int) -> None:
        taken(number)
        if unagreed:
            words = f"{by} a corrigé ou clôturé l'envoi {original.id} : {len(plan.people)} SMS, sans validation."
            lines = [words, "Le texte, les destinataires et les suites sont dans la console : « Historique »."]
            tell_others(f"follow_up:{number}", f"Envoi {number} : suite d'une alerte", lines, by, now)

    def refuse_sent_again() -> None:
        if storage.is_sent_again(original.id):
            raise WrongState("Un collègue vient de renvoyer l'envoi {id} : recommencez.", id=original.id)

    return enqueue(plan, now, refuse_sent_again, told)


def followed_before(key: str | None, now: datetime, for_rest: bool = False) -> int | None:
    """The id of the earlier follow-up with this key; None for a new key, or where that `for_rest` is missing."""
    first = placed_before(key, "", now)
    second = placed_before(_rest_key(key), "", now)
    return first if second is not None or not for_rest else None


def _rest_key(key: str | None) -> str | None:
    return None if key is None else f"{key}/rest"


def follows_late(original_id: int, now: datetime) -> bool:
    """True when the thread began over a day ago: a correction or an end then needs the agreement of an alert."""
    original = storage.original_of(original_id)
    return original is not None and _late(original, now)


def _late(original: storage.Original, now: datetime) -> bool:
    """True when the correction is no longer urgent: then it is an ordinary text to those who had that alert."""
    return now - original.begun_at > WITHOUT_AGREEMENT


def follow_up_findings(texts: Mapping[str, str], drill: bool, for_rest: bool) -> tuple[TextFinding, ...]:
    """Findings to confirm. A correction may have to say that an alert was a drill; an alert (`for_rest`) may not."""
    return tuple(finding for finding in judged(texts, drill) if finding.asks and (for_rest or not finding.blocks))


def require_follow_up_answered(
    texts: Mapping[str, str], languages: Iterable[tuple[str, int]], drill: bool, for_rest: bool, answers: Answers
) -> None:
    """Raise MissingText or FindingsRefused, as `place` does, for a correction or an end of alert."""
    if not answers.one_language:
        require_texts(texts, languages)
    require_meant(follow_up_findings(texts, drill, for_rest), answers.accepted)
