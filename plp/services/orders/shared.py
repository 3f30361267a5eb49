"""Welcomes and the yearly question: their words, and the agreement of an officer, or two, where they go to many."""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from datetime import datetime
from typing import TypeVar

from db.alerts.orders import shared
from db.engine.connection import writing
from db.journal import audit
from db.people.members import welcome
from db.people.members.renewal import close_renewals
from db.people.members.welcome import Newcomers
from db.people.zone import ZoneCard, policy, zone
from modem.sms.composition import compose
from plp.letters.rendering import SMS
from plp.services.accounts.second_person import second_person_refusal
from plp.services.orders.approving import require_hand
from rules.orders.agreement import SHARED_PEOPLE, Hand, require_read
from rules.refusals import AgreementWanted, Refusal, none_of, required

Group = TypeVar("Group", bound=Hashable)


def welcome_words(language: str, place: str, address: str, zone_card: ZoneCard, *, whole: bool) -> str:
    """The welcome in a language; `whole` with the welcome mail's words on rights and leaving."""
    words = SMS[language]
    return (words["welcome"] + (words["welcome_rights"] if whole else "")).format(
        place=place,
        emergency=zone_card.emergency,
        phone=zone_card.phone,
        coordinator=address or words["coordinator"],
    )


def welcome_of(group: Newcomers, zone_card: ZoneCard, *, mail: bool) -> str:
    """The welcome of these newcomers; with `mail`, one that they get brings the details."""
    whole = not (mail and group.has_email)
    return welcome_words(group.language, group.neighbourhood, group.reference_address, zone_card, whole=whole)


def free_to_go(kind: str, owed: Mapping[Group, tuple[str, int]], now: datetime) -> set[Group]:
    """The groups, given with their text and people, whose text may go now; for the others an agreement is asked."""
    bodies = {group: compose(text).text for group, (text, _people) in owed.items()}
    people = Counter[str]()
    for group, (_text, number) in owed.items():
        people[bodies[group]] += number
    agreed = {body: shared.agreement_for(kind, body, now) for body in people}
    lacking = {body: number - (agreement[1] if (agreement := agreed[body]) else 0) for body, number in people.items()}
    lacking = {body: number for body, number in lacking.items() if number > 0}
    if sum(lacking.values()) + (shared.gone_alone(now) if lacking else 0) <= SHARED_PEOPLE:
        shared.ask_for(kind, {}, now)
        return set(owed)
    shared.ask_for(kind, lacking, now)
    return {group for group, body in bodies.items() if agreed[body] is not None}


def agreement_of(kind: str, bodies: Collection[str], now: datetime) -> int | None:
    """The agreement that this message uses up; None for one of the few that need none. Raises AgreementWanted."""
    for body in bodies:
        if (agreement := shared.agreement_for(kind, body, now)) is not None:
            return agreement[0]
    if shared.gone_alone(now) < SHARED_PEOPLE:
        return None
    raise AgreementWanted(
        "Ce texte va à plus de {most} personnes : un policier doit d'abord l'accepter.", most=SHARED_PEOPLE
    )


def agree(text_id: int, hand: Hand, by: str, now: datetime, seen: str | None = None) -> bool:
    """Agree to a text, as it was `seen`, as to an alert to so many; False where one more person must, in this zone.
    Raises Refusal.
    """
    with writing("shared texts"):
        card = _waiting(text_id)
        require_read(card.seen, seen)
        require_hand(hand, by, card.people, now)
        if card.first_by:
            none_of(second_person_refusal(by, card.first_by, "officer", now))
        is_agreed = policy().approval != "second" or bool(card.first_by)
        if is_agreed:
            shared.mark_agreed(text_id, by, now)
        else:
            shared.mark_first(text_id, by)
        act = "text_agreed" if is_agreed else "text_agreed_first"
        audit.record(now, by, act, str(text_id), kind=card.kind, recipients=card.people)
    return is_agreed


def refuse(text_id: int, mail: bool, by: str, now: datetime) -> None:
    """Nobody gets it: who was owed this welcome gets none by SMS, and the yearly question ends. Raises Refusal."""
    with writing("shared texts"):
        card = _waiting(text_id)
        audit.record(now, by, "text_refused", str(text_id), kind=card.kind, recipients=card.people)
        if card.kind == "renewal":
            end_renewal(by, now)
        else:
            texts = {group: compose(welcome_of(group, zone(), mail=mail)).text for group in welcome.owed_groups()}
            welcome.mark_groups_welcomed([group for group, text in texts.items() if text == card.body], now)
        waiting = {one.body: one.people for one in shared.waiting_texts() if one.kind == card.kind}
        gone = set(waiting) if card.kind == "renewal" else {card.body}
        shared.ask_for(card.kind, {body: people for body, people in waiting.items() if body not in gone}, now)


def end_renewal(by: str, now: datetime) -> None:
    """No more questions are sent, and no more answers counted."""
    with writing():
        for renewal_id in close_renewals(now):
            audit.record(now, by, "renewal_ended", str(renewal_id))


def _waiting(text_id: int) -> shared.SharedCard:
    return required(shared.lock_waiting(text_id), Refusal("Ce texte est déjà accepté, refusé ou modifié : relisez-le."))
