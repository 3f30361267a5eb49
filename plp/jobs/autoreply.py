"""Incoming SMS: one is interpreted once, and its effects are written in the same transaction; then it is answered. A
crash at any point does nothing twice: a verdict is stored or not, and the outbox recognises an answer by its key.
"""

import logging
from datetime import datetime, timedelta

from base.settings.values import Settings
from db.engine.connection import UNAVAILABLE, writing
from db.inbound.received import mark_handled
from db.inbound.replies import judging
from db.inbound.replies.judging import InboundMessage
from db.inbound.replies.leaving import apply_start, apply_stop, out_on
from db.inbound.replies.thread import answered_message, apply_choice, apply_ok, choice_in, is_burst, yield_to_start
from db.journal.audit import put_back_at
from db.operations.summons import apply_answer
from db.people.accounts.accounts import readers
from db.people.members.renewal import answer_by_sms
from db.people.zone import ZoneCard, station_of, zone
from modem.sms.composition import Composition, compose, one_part
from plp.letters.rendering import SMS, to_call, write_to_accounts
from plp.services.orders.automatic import place_answer
from rules.refusals import NotReady, Refusal
from rules.replies.meaning import OLD, Reading, plain, read, silence_for, takes_charge, without
from rules.replies.values import Answer, Leaving, Meaning, SenderCard, Silence

_log = logging.getLogger(__name__)

# A stranger's language is not known. The zone is French-speaking, and only Belgian numbers are answered.
STRANGERS_LANGUAGE = "fr"
# Where nothing else fits into one SMS.
SHORTEST = "101"


def answer_texts(settings: Settings, now: datetime) -> bool:
    """Judge new incoming SMS and send the answers that are due; True when anything was judged."""
    judging.apply_own_numbers(settings.host, {modem.name: modem.number for modem in settings.modems if modem.number})
    validity = settings.sending.validity_normal
    _answer(validity, now)
    came = [*judging.unheard(now), *judging.unjudged()]
    if came:
        lately = judging.texts_sent_lately(now)
        for card in came:
            # A text on which this fails is left to an officer, so that the others do not wait for it.
            try:
                if card.completed_at is None and card.given_up_at is None:
                    listen(card, lately, now)
                else:
                    judge(card, lately, settings, now)
            except UNAVAILABLE:
                raise
            except Exception as error:  # noqa: BLE001  (see above; what it says may hold the text)
                _log.error("text %d cannot be judged: %s", card.id, type(error).__name__)
                with writing():
                    if judging.begin_verdict(card, now):
                        judging.save_verdict(card.id, now, Meaning.OTHER, STRANGERS_LANGUAGE)
            # At once: the STOP that somebody wrote next cancels what waits for them.
            _answer(validity, now)
    return bool(came)


def judge(card: InboundMessage, sent_lately: list[str], settings: Settings, now: datetime) -> None:
    """Store one text's verdict with all its effects."""
    reading = read(card.text, sent_lately, judging.answers_sent_to(card.sender))
    with writing():
        if not judging.begin_verdict(card, now):
            return
        sender = judging.sender_card(card.sender)
        if sender.is_own:
            reading = Reading(Meaning.OTHER, author="echo")
        answered = answered_message(card.sender, card.sent_at)
        if answered and _counts_choice(card, reading, answered, sent_lately):
            reading = Reading(Meaning.CHOICE)
        answer, is_done, silence = _effect(card, reading, answered, settings, now)
        if silence is Silence.NONE:
            silence = _silence(card, reading, sender, answer, now)
        language = sender.language or reading.language or STRANGERS_LANGUAGE
        broadcast_id = answered[1] if answered else None
        judging.save_verdict(card.id, now, reading.meaning, language, answer, silence, broadcast_id)
        if is_done:
            mark_handled(card.id, now)


def _counts_choice(card: InboundMessage, reading: Reading, answered: tuple[int, int], sent_lately: list[str]) -> bool:
    """Count a number that the alert offered and the whole text is; a yes may be meant for somebody else."""
    if reading.author != "person" or reading.meaning is not Meaning.OTHER:
        return False
    number = choice_in(without(plain(card.text), sent_lately), answered[1])
    if number:
        apply_choice(*answered, card.sent_at, number)
    return bool(number)


def listen(card: InboundMessage, sent_lately: list[str], now: datetime) -> None:
    """Raise the alarm for a text that lacks parts; what else it means waits until it is whole, or given up."""
    reading = read(card.text, sent_lately)
    with writing():
        if not judging.begin_verdict(card, now) or reading.meaning is not Meaning.ALARM:
            return
        sender = judging.sender_card(card.sender)
        if not sender.is_own:
            answered = answered_message(card.sender, card.sent_at)
            language = sender.language or reading.language or STRANGERS_LANGUAGE
            judging.save_verdict(card.id, now, Meaning.ALARM, language, broadcast_id=answered and answered[1])


def _effect(
    card: InboundMessage, reading: Reading, answered: tuple[int, int] | None, settings: Settings, now: datetime
) -> tuple[Answer, bool, Silence]:
    """Do what the text asks for. Returns its answer, whether it is handled, and the reason why it may get no answer."""
    # The OK of somebody on duty who was called; what they wrote besides needs nobody.
    says_ok = reading.meaning is Meaning.OK or (reading.meaning is Meaning.OTHER and takes_charge(card.text))
    if says_ok and apply_answer(card.sender, card.sent_at, now):
        return Answer.NONE, True, Silence.NONE
    match reading.meaning:
        case Meaning.STOP:
            return _stop(card, settings, now)
        case Meaning.START:
            yield_to_start(card.sender, card.sent_at, now)
            if apply_start(card.sender, card.sent_at, now) in (Leaving.BACK, Leaving.AS_IT_WAS):
                return Answer.STARTED, True, Silence.NONE
            # Only a person may take back what a person withdrew; the answer says whom to write to.
            return Answer.NOT_READ, False, Silence.NONE
        case Meaning.OK:
            _ok(card, answered)
            return Answer.NONE, True, Silence.NONE
        case Meaning.CHOICE:  # counted before
            return Answer.NONE, True, Silence.NONE
        case _:
            nobody_needs_it = reading.author in ("echo", "machine")
            if card.handled_at is not None:
                return Answer.NONE, nobody_needs_it, Silence.NONE
            answer = Answer.NOT_READ if card.mms_octets is None else Answer.NO_PICTURES
            return answer, nobody_needs_it, Silence.NONE


def _ok(card: InboundMessage, answered: tuple[int, int] | None) -> None:
    """The yes is to the yearly question, or to the last alert."""
    later_alert = answered[1] if answered else None
    if answer_by_sms(card.sender, "yes", card.sent_at, later_alert) or answered is None:
        return
    if number := choice_in(plain(card.text), answered[1]):
        apply_choice(*answered, card.sent_at, number)
    else:
        apply_ok(*answered, card.sent_at)


def _stop(card: InboundMessage, settings: Settings, now: datetime) -> tuple[Answer, bool, Silence]:
    if is_burst(card.sender, settings.sending.stops_per_hour, now):
        return Answer.STOPPED, False, Silence.HELD
    left = apply_stop(card.sender, card.sent_at, card.received_at, now)
    if left is Leaving.LEFT and not judging.had_left(card.sender, now, apart_from=card.id):
        tell_admins(card, now)  # once a day, however often they come and go
    if left is Leaving.STRANGER:  # nothing is to be confirmed, and the sender may be forged
        return Answer.STOPPED, True, Silence.STRANGER
    out = left in (Leaving.LEFT, Leaving.AS_IT_WAS)
    return (Answer.STOPPED, True, Silence.NONE) if out else (Answer.NONE, False, Silence.NONE)


def _silence(card: InboundMessage, reading: Reading, sender: SenderCard, answer: Answer, now: datetime) -> Silence:
    if answer is Answer.NONE:
        return Silence.NONE
    silence = silence_for(card.sender, sender.is_own, reading, card.sent_at, now)
    return silence if silence is not Silence.NONE else judging.limit_on(card.sender, answer, now, apart_from=card.id)


def _answer(validity: timedelta, now: datetime) -> None:
    """Queue the answers that are due, in the normal lane. They wait while no modem can send, for a limited time."""
    owed = judging.owed_answers()
    if not owed:
        return
    zone_card, put_back = zone(), put_back_at()
    for verdict in owed:
        came, key = verdict.inbound, judging.answer_key(verdict.inbound_id, verdict.inbound.received_at)
        if came.sent_at < now - OLD or (put_back and came.sent_at < put_back):
            judging.mark_silent(verdict.inbound_id, Silence.OLD)
            continue
        sender = judging.sender_card(came.sender)
        station = station_of(sender.neighbourhood)
        text = answer_text(verdict.answer, verdict.language, sender, zone_card, station.contact if station else "")
        try:
            place_answer(verdict.inbound_id, text, key, validity, now)
        except NotReady:
            return
        except Refusal as refusal:
            _log.warning("answer to text %d: %s", verdict.inbound_id, refusal.template)
            judging.mark_silent(verdict.inbound_id, Silence.REFUSED)
            continue
        judging.mark_answered(verdict.inbound_id, now)


def tell_admins(card: InboundMessage, now: datetime) -> None:
    """Queue a mail to the admins, in the caller's transaction; without the number: it passes through other machines."""
    who = " et ".join(out_on(card.sender))
    heading = "Désinscription d'un membre par SMS"
    paragraphs = [
        f"STOP reçu par SMS de {who}. Ce numéro ne reçoit plus de SMS ; les SMS en attente sont annulés.",
        "Vous n'avez rien à faire : la fiche du membre et le journal gardent la date. S'il veut aussi quitter le "
        "groupe e-mail, modifiez les consentements sur sa fiche. Il peut se réinscrire en répondant START.",
    ]
    key = f"left:{card.id}:{card.received_at.isoformat()}:"
    write_to_accounts("account", key, readers("admin"), heading, paragraphs, now)


def answer_text(answer: Answer, language: str, sender: SenderCard, zone_card: ZoneCard, station: str) -> Composition:
    """The answer, one part: a member gets their coordinator's address, others the `station`'s contact, if known."""
    words, urgent = SMS[language], to_call(zone_card, language)
    if answer is not Answer.NOT_READ:
        texts = [words[answer.value].format(zone=name, urgent=urgent) for name in (zone_card.name, words["zone"])]
        return one_part(texts) or compose(SHORTEST)
    shortest = words["not_read"].format(urgent=urgent)
    longer = []
    if sender.is_member and sender.reference_address:
        longer.append(shortest + words["or_coordinator"].format(address=sender.reference_address))
    if station:
        longer.append(shortest + words["or_station"].format(station=station))
    return one_part([*longer, shortest]) or compose(SHORTEST)
