"""Tips (« signalements »), decided in the turn of the inbox, so that two officers see one another's acts."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from base.settings.values import MailSettings
from db.alerts.progress.threads import kinds_of
from db.alerts.templates import outcome_words, templates
from db.engine.connection import writing
from db.inbound import tips as stored
from db.inbound.inbox.answers import reply_language
from db.inbound.inbox.items import AnswerKind, Item, Ref, is_group, items_of, person_of, station_address, writers_of
from db.inbound.replies.leaving import out_on
from db.inbound.tips import TipCard, TipDraft
from db.journal import audit
from db.mail.enqueue import mail_configured
from db.people.members.listing import homes, member, neighbourhood_names
from db.people.neighbourhoods import neighbourhood_named
from db.people.zone import station_of
from plp.services.inbox import answer_once, can_be_answered, existing, handle, station_key
from plp.services.texts import known, with_emergency
from rules.languages import TRAITS
from rules.numbers import parse_mobile
from rules.orders.warning import ICON_OF_THE_END, TemplateCard
from rules.refusals import FieldRefusal, Missing, Overtaken, Refusal, required
from rules.text_guard import FindingsRefused, require_impersonal
from rules.tips import ANSWERED, LONGEST_PV, LONGEST_STREET, LONGEST_WORDS, OUTCOMES, TELLERS, require_pv

_TELLERS = {"coordinator": "coordinator", "reference": "coordinator", "member": "member", "": "other"}


@dataclass(frozen=True, slots=True)
class TellerAnswer:
    """The answers that a tip's teller can get, by outcome ("": the station's); `refused` is why they get none."""

    item: Item
    language: str
    words: dict[str, str]
    refused: str = ""

    def to(self, outcome: str) -> tuple[AnswerKind, str] | None:
        """Kind and words of the answer for this outcome; None where none is written."""
        if self.refused or outcome not in self.words:
            return None
        if outcome not in ANSWERED:
            return "station", ""
        return "text" if self.item.ref.channel == "sms" else "letter", self.words[outcome]


def kinds() -> list[TemplateCard]:
    """The ready-made alerts that a tip may be of: drills and ends are none."""
    return [card for card in templates() if card.kind == "alert" and card.icon != ICON_OF_THE_END]


def make_tip(ref: Ref, by: str, now: datetime) -> int:
    """Make a tip of an entry of the inbox, once; the entry is handled by that. Returns its id."""
    item = existing(ref)
    person = person_of(item)
    teller = member(person.member_id) if person.member_id is not None else None
    # What a restricted member wrote tells something; it is kept of nobody.
    is_restricted = teller is not None and teller.restricted_at is not None
    draft = TipDraft(
        at=item.at,
        told_by=_TELLERS[person.tie],
        member_id=None if is_restricted else person.member_id,
        neighbourhood_id=neighbourhood_named(person.neighbourhood) if person.neighbourhood else None,
    )
    with writing("inbox"):
        # SQLite gives the number of a message that is forgotten to another one.
        key = f"{ref.channel}:{ref.id}:{item.at.isoformat()}"
        tip_id, is_new = stored.enqueue_tip(key, draft, None if is_restricted else ref, by, now)
        if is_new:
            audit.record(now, by, "tip_added", str(tip_id))
            handle([ref], by, now)
        return tip_id


def save_tip(
    tip_id: int | None, draft: TipDraft, contact: str, language: str, nonce: str, by: str, now: datetime
) -> int:
    """Add a tip, or change its facts; its id. `contact`: the teller's mobile or e-mail, "" for the one it has."""
    draft = _checked(draft, language, now)
    if contact:
        try:
            known_as = contact.casefold() if "@" in contact else parse_mobile(contact)
        except Refusal as refusal:
            raise FieldRefusal.of("contact", refusal) from None
        writers = [card for card in writers_of(known_as) if card.restricted_at is None]
        if len(writers) != 1:
            raise FieldRefusal(
                "contact", "Aucun membre, ou plusieurs, avec ce GSM ou cet e-mail : corrigez-le ou videz ce champ."
            )
        place = draft.neighbourhood_id if draft.neighbourhood_id is not None else homes().get(writers[0].id)
        draft = replace(draft, member_id=writers[0].id, told_by=writers[0].role, neighbourhood_id=place)
    with writing("inbox"):
        if tip_id is None:
            added, is_new = stored.enqueue_tip(f"form:{nonce}", draft, None, by, now)
            if is_new:
                audit.record(now, by, "tip_added", str(added))
            return added
        before = _existing(tip_id)
        if not contact:
            draft = replace(draft, member_id=before.member_id)
        stored.put_tip(tip_id, draft)
        audit.record(now, by, "tip_changed", str(tip_id))
        return tip_id


def forget_teller(tip_id: int, by: str, now: datetime) -> None:
    """Delete the link to a person who does not want to be known: they can no longer be answered."""
    with writing():
        stored.mark_anonymous(_existing(tip_id).id)
        audit.record(now, by, "tip_teller_removed", str(tip_id))


def decide(
    tip_id: int, outcome: str, seen: str, answers: bool, mail: MailSettings, by: str, now: datetime
) -> AnswerKind | None:
    """Say what came of it as `seen` on the page and, if `answers`, tell its teller once; the kind of the answer."""
    if outcome not in OUTCOMES:
        raise Refusal("Choisissez la suite donnée au signalement.")
    with writing("inbox"):
        card = _existing(tip_id)
        if card.outcome == outcome and card.outcome_by == by and outcome != seen:
            return None  # a second press of the same button
        if card.outcome != seen:
            raise Overtaken("{who} a déjà indiqué une suite. Vérifiez avant de la modifier.", who=card.outcome_by)
        teller = teller_answer(card, mail) if answers else None
        answer = teller.to(outcome) if teller else None
        stored.mark_outcome(tip_id, outcome, by, now)
        audit.record(now, by, "tip_decided", str(tip_id), outcome=outcome, answer=answer[0] if answer else "nothing")
        if teller is None or answer is None:
            return None
        kind, body = answer
        key = station_key(teller.item) if kind == "station" else f"tip:{tip_id}:{card.added_at.isoformat()}:{outcome}"
        answer_once(teller.item, kind, body, key, by, now)
        return kind


def teller_answer(card: TipCard, mail: MailSettings) -> TellerAnswer | None:
    """The answers that its teller can get, in the words of the zone; None where nothing can be written to them."""
    item = next(iter(items_of([card.ref])), None) if card.ref else None
    if item is None or not can_be_answered(item):
        return None
    person = person_of(item)
    language, is_text = reply_language(item, person), item.ref.channel == "sms"
    words = outcome_words()[language]
    shown: dict[str, str] = {
        outcome: with_emergency(words[outcome], language) if is_text else words[outcome] for outcome in ANSWERED
    }
    if station_of(person.neighbourhood) is not None:
        shown["elsewhere"] = ""
    return TellerAnswer(item, language, shown, _refused(item, person.member_id, mail))


def tie(alert_id: int, tip_ids: Collection[int], by: str, now: datetime) -> int:
    """These tips are about this alert, as an officer confirms, if they still fit; returns how many."""
    if kinds_of([alert_id]).get(alert_id) != "alert":
        raise Missing("Cette alerte n'existe plus.")
    with writing("inbox"):
        fitting = {card.id for card in stored.tips_fitting(alert_id)}
        tied = stored.mark_about(fitting.intersection(tip_ids), alert_id)
        if tied:
            audit.record(now, by, "tips_tied", str(alert_id), tips=tied)
        return tied


def untie(tip_id: int, by: str, now: datetime) -> None:
    """It is not about its alert after all."""
    with writing("inbox"):
        if stored.mark_about([_existing(tip_id).id], None):
            audit.record(now, by, "tip_untied", str(tip_id))


def _existing(tip_id: int) -> TipCard:
    return required(stored.tip(tip_id), Missing("Ce signalement n'existe plus."))


def _refused(item: Item, member_id: int | None, mail: MailSettings) -> str:
    writer = member(member_id) if member_id is not None else None
    if writer is not None and writer.restricted_at is not None:
        return "stopped"
    if item.ref.channel == "sms":
        return "stopped" if out_on(item.sender) else ""
    if is_group(item.answer_to) or not station_address(item):
        return "group"
    return "" if mail_configured(mail) else "mail_off"


def _checked(draft: TipDraft, language: str, now: datetime) -> TipDraft:
    """The facts without outer spaces. Raises Refusal."""
    words, street, pv = (" ".join(text.split()) for text in (draft.words, draft.street, draft.pv))
    if draft.at > now:
        raise FieldRefusal("at", "L'heure du signalement est dans le futur : corrigez-la.")
    if draft.told_by not in TELLERS:
        raise FieldRefusal("told_by", "Indiquez qui a fait le signalement.")
    if draft.neighbourhood_id is not None and draft.neighbourhood_id not in neighbourhood_names():
        raise FieldRefusal("neighbourhood", "Ce quartier n'existe plus : choisissez-en un autre.")
    if draft.kind_id is not None and draft.kind_id not in {card.id for card in kinds()}:
        raise FieldRefusal("kind", "Ce type de faits n'existe plus : choisissez-en un autre.")
    limits = ((words, LONGEST_WORDS, "words"), (street, LONGEST_STREET, "street"), (pv, LONGEST_PV, "pv"))
    for text, most, field in limits:
        if len(text) > most:
            raise FieldRefusal(field, "Texte trop long : {most} caractères au plus.", most=most)
    require_pv(pv)
    for text, field in ((words, "words"), (street, "street")):
        try:
            require_impersonal(text, known(), bool(TRAITS[language].get("capital_nouns")))
        except FindingsRefused as refusal:
            raise FieldRefusal.of(field, refusal) from None
    return replace(draft, words=words, street=street, pv=pv)
