"""Acts of officers on incoming messages: take one, mark it done, answer it; and the decision on a burst of STOPs."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from base.settings.values import MailSettings
from db.engine.connection import writing
from db.inbound.inbox.answers import answered_by_hand, enqueue_answer, mark_done, mark_not_done, mark_taken
from db.inbound.inbox.items import AnswerKind, Item, Ref, is_group, items_of, person_of, station_address
from db.inbound.replies.judging import limit_on
from db.inbound.replies.leaving import apply_stop, out_on
from db.inbound.replies.thread import InboundMessage, held_stops, mark_decided, ringing
from db.journal import audit
from db.mail.enqueue import mail_configured
from plp.services.accounts.telling import tell_others
from plp.services.machine import mark_opened
from plp.services.texts import in_one_text, judged, with_emergency
from rules.numbers import may_dial
from rules.orders.agreement import SHARED_PEOPLE
from rules.refusals import Missing, Refusal, required
from rules.replies.values import Answer, Leaving, Silence
from rules.sentences import CodedRefusal
from rules.text_guard import require_meant

LONGEST_REPLY = 10_000


class StoppedReader(Refusal, code="stopped"):
    """Somebody on this number wants no SMS, and the officer has not confirmed this one."""


def open_messages(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """An officer opens these: nobody on duty is called about their texts any more."""
    mark_opened("message", [str(ref.id) for ref in refs if ref.channel == "sms"], by, now)


def take(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """This officer takes care of it, even if somebody else had taken it; the alarm of a text ends."""
    _mark(refs, lambda ref: mark_taken(ref, by, now), "inbox_taken", by, now)


def take_ringing(inbound_id: int, by: str, now: datetime) -> bool:
    """Take a text that raises an alarm; False if somebody else took it before."""
    with writing("inbox"):
        rings = any(text.id == inbound_id for text in ringing(now))
        if rings:
            take([Ref("sms", inbound_id)], by, now)
        return rings


def handle(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """Mark these as handled, but no message that arrived while they were read; the first person who did so is kept."""
    _mark(refs, lambda ref: mark_done(ref, by, now), "inbox_handled", by, now)


def reopen(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """Let anybody look again at messages that a person was done with."""
    _mark(refs, mark_not_done, "inbox_reopened", by, now)


def _mark(refs: Iterable[Ref], mark: Callable[[Ref], bool], action: str, by: str, now: datetime) -> None:
    with writing("inbox"):
        for ref in refs:
            if mark(ref):
                audit.record(now, by, action, f"{ref.channel} {ref.id}")


def existing(ref: Ref) -> Item:
    """This message. Raises Missing if it was deleted."""
    return required(next(iter(items_of([ref])), None), Missing("Ce message n'existe plus."))


def can_be_answered(item: Item) -> bool:
    """True for an e-mail address or a Belgian mobile; an automatic message is never answered."""
    return not item.is_automatic and ("@" in item.answer_to if item.ref.channel == "mail" else may_dial(item.sender))


def reply_by_mail(ref: Ref, body: str, nonce: str, mail: MailSettings, by: str, now: datetime) -> None:
    """Answer a mail with these words; it is handled by that. The same `nonce` answers once. Raises Refusal."""
    if ref.channel != "mail":
        raise Refusal("Seuls les e-mails reçoivent une réponse par e-mail.")
    if len(body) > LONGEST_REPLY:
        raise Refusal("La réponse est trop longue : {most} caractères au plus.", most=LONGEST_REPLY)
    answer_once(_answerable(ref, mail), "letter", _written(body), f"reply:{nonce}", by, now)


def reply_by_text(ref: Ref, body: str, accepted: bool, nonce: str, by: str, now: datetime) -> None:
    """Answer a text by one SMS, with the emergency number where it fits; it is handled by that. `accepted`: what was
    warned of is meant. The same `nonce` answers once. Raises Refusal, StoppedReader, FindingsRefused.
    """
    if ref.channel != "sms":
        raise Refusal("Impossible de répondre à cet expéditeur.")
    item = _answerable(ref)
    text = in_one_text(_written(body))
    language = person_of(item).language
    require_meant(tuple(finding for finding in judged({language: text}, drill=False) if finding.asks), accepted)
    if (stopped := out_on(item.sender)) and not accepted:
        raise StoppedReader(
            "Aucun SMS n'a été envoyé. {names} ne souhaite plus de SMS : confirmez, ou téléphonez.",
            names=", ".join(stopped),
        )
    answer_once(item, "text", with_emergency(text, language), f"text:{nonce}", by, now)


def point_to_station(ref: Ref, mail: MailSettings, by: str, now: datetime) -> None:
    """Point to the proximity station, in the writer's language, once per message; it is handled by that."""
    item = _answerable(ref, mail)
    if not station_address(item):
        raise CodedRefusal("reply_group")
    answer_once(item, "station", "", station_key(item), by, now)


def station_key(item: Item) -> str:
    """The key of its one answer that points to the station. SQLite gives the number of a forgotten message again."""
    return f"station:{item.ref.channel}:{item.ref.id}:{item.at.isoformat()}"


def _written(body: str) -> str:
    if not body.strip():
        raise Refusal("Rédigez la réponse avant de l'envoyer.")
    return body.strip()


def _answerable(ref: Ref, mail: MailSettings | None = None) -> Item:
    """This message, if it can be answered, a mail by these settings. Raises Refusal."""
    if ref.channel == "mail" and mail is not None and not mail_configured(mail):
        raise CodedRefusal("reply_mail_off")
    item = required(next(iter(items_of([ref])), None), CodedRefusal("reply_gone"))
    if not can_be_answered(item):
        raise Refusal("Impossible de répondre à cet expéditeur.")
    return item


def answer_once(item: Item, kind: AnswerKind, body: str, key: str, by: str, now: datetime) -> None:
    """Store an answer for the jobs to send, one for a key; the message is handled by that."""
    with writing("inbox"):
        if enqueue_answer(item.ref, kind, body, key, by, now):
            audit.record(now, by, "inbox_answered", f"{item.ref.channel} {item.ref.id}", answer=kind)
            handle([item.ref], by, now)
            _tell_of_many(item, key, by, now)


def _tell_of_many(item: Item, key: str, by: str, now: datetime) -> None:
    """Tell the others where a person's own words reach many: by many answers in a day, or by one to a group."""
    where = "Les réponses sont dans la console, sous « Messages »."
    if answered_by_hand(by, now) > SHARED_PEOPLE:
        lines = [f"{by} a répondu à plus de {SHARED_PEOPLE} messages en un jour.", where]
        tell_others(f"answers:{by}:{now:%Y-%m-%d}", f"Réponses de {by} à de nombreux messages", lines, by, now)
    if key.startswith("reply:") and is_group(item.answer_to):
        lines = [f"{by} a répondu à l'adresse d'un groupe : tous ses membres lisent cette réponse.", where]
        tell_others(f"group_{key}", f"Réponse de {by} à un groupe", lines, by, now)


def decide_held_stops(ids: Collection[int], leave: bool, by: str, now: datetime) -> int:
    """These members are unsubscribed, unless they wrote the contrary since, and get a confirmation; without `leave` the
    STOPs are ignored: they stay, and nobody gets an answer. Returns how many STOPs.
    """
    with writing("answers"):
        decided = [stop for stop in held_stops() if stop.id in ids]
        for stop in decided:
            mark_decided(stop.id, _left(stop, now) if leave else Silence.REJECTED, now)
        if decided:
            audit.record(now, by, "stops_applied" if leave else "stops_rejected", stops=len(decided))
            handle([Ref("sms", stop.id) for stop in decided], by, now)
        return len(decided)


def _left(stop: InboundMessage, now: datetime) -> Silence:
    left = apply_stop(stop.sender, stop.sent_at, stop.received_at, now)
    silence = limit_on(stop.sender, Answer.STOPPED, now, apart_from=stop.id)
    # Where a newer agreement stands, "you will get no more texts" would not be true.
    return Silence.REJECTED if left is Leaving.LATER_SAID else silence
