"""Sends the answers of officers: by e-mail under the zone's name, or as one SMS, every press once."""

import logging
from datetime import datetime, timedelta

from base.settings.values import Settings
from db.engine.connection import writing
from db.inbound.inbox.answers import InboxAnswer, mark_reply_refused, mark_reply_sent, owed_replies
from db.journal.audit import put_back_at
from db.mail.enqueue import enqueue_letter, writes_mail
from db.mail.values import Copy, Letter
from db.people.zone import station_of, zone
from modem.sms.composition import Composition, compose, one_part, propose_gsm7
from plp.letters.rendering import REPLY, SMS, rendered, to_call
from plp.services.orders.automatic import place_answer
from rules.refusals import NotReady, Refusal, required
from rules.sentences import CodedRefusal

_log = logging.getLogger(__name__)

# An answer by SMS that no modem took in a day says nothing to its reader any more.
PATIENCE = timedelta(hours=24)
# So much of what somebody wrote comes back below the answer.
QUOTED_LINES = 30


def send_replies(settings: Settings, now: datetime) -> bool:
    """Send the answers that are due; True when some were. One that cannot leave is marked with the reason."""
    is_busy = False
    for owed in owed_replies():
        if (put_back := put_back_at()) and owed.at < put_back:
            mark_reply_refused(owed.id, CodedRefusal("reply_restored"))
            continue
        try:
            _send(owed, settings.sending.validity_normal, now)
        except NotReady:
            if now < owed.at + PATIENCE:
                continue
            mark_reply_refused(owed.id, CodedRefusal("reply_no_modem", hours=round(PATIENCE.total_seconds() / 3600)))
        except Refusal as refusal:
            _log.warning("answer %d: %s", owed.id, refusal.template)
            mark_reply_refused(owed.id, refusal if isinstance(refusal, CodedRefusal) else CodedRefusal("reply_refused"))
        is_busy = True
    return is_busy


def _send(owed: InboxAnswer, validity: timedelta, now: datetime) -> None:
    language = owed.language
    if owed.item.ref.channel == "sms":
        text = compose(owed.body) if owed.kind == "text" else _station_text(language, owed.person.neighbourhood)
        broadcast = place_answer(owed.item.ref.id, text, owed.key, validity, now, owed.by)
        mark_reply_sent(owed.id, text.text, broadcast=broadcast)
        return
    body = owed.body or REPLY[language]["station"].format(**_station(language, owed.person.neighbourhood))
    if not writes_mail():
        raise CodedRefusal("reply_mail_off")
    # In one transaction, so that it is in the queue exactly when it is no longer owed.
    with writing():
        (letter,) = enqueue_letter(*_letter(owed, body), now)
        if not mark_reply_sent(owed.id, body, letter=letter):
            raise CodedRefusal("reply_gone")


def _letter(owed: InboxAnswer, body: str) -> tuple[Letter, list[Copy]]:
    if not owed.address:
        raise CodedRefusal("reply_group")
    item, words = owed.item, REPLY[owed.language]
    subject = item.subject or words["subject"]
    if item.subject and not subject.casefold().startswith(("re:", "re :")):
        subject = f"Re: {subject}"
    quoted = item.text.splitlines()[:QUOTED_LINES]
    name = owed.person.names[0] if owed.person.names else item.sender_name
    wrote = words["wrote"].format(name=name or item.sender)
    text, html = rendered("reply", owed.language, subject=subject, words=body, quoted=quoted, wrote=wrote)
    copy = Copy(owed.key, owed.address, name, text, html, owed.person.member_id)
    return Letter("answer", subject, in_reply_to=item.message_id), [copy]


def _station(language: str, neighbourhood: str) -> dict[str, str]:
    """The words of an answer: the local police station with its contact, and the numbers to call."""
    entry, here = required(station_of(neighbourhood), CodedRefusal("reply_no_station")), zone()
    called = {"urgent": to_call(here, language), "emergency": here.emergency}
    return {"service": entry.service, "contact": entry.contact, **called}


def _station_text(language: str, neighbourhood: str) -> Composition:
    """The whole text where it is one part, else the short one."""
    values = _station(language, neighbourhood)
    whole, short = (SMS[language][key].format(**values) for key in ("station", "station_short"))
    return one_part([whole]) or compose(propose_gsm7(short) or short)
