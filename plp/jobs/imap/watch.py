"""Watch of the zone's mailbox: new mails are stored; a failure becomes an incident, and is tried again later."""

import logging
import threading
from contextlib import closing
from datetime import datetime, timedelta
from email.utils import parseaddr
from math import inf

from imapclient.exceptions import IMAPClientError

from db.engine.clock import utc_now
from db.inbound import mailbox
from db.operations.incidents import close_incident, open_incident, open_incidents
from plp.jobs.imap.intake import INCIDENT, close_left_aside, take_in, take_in_unreadable, tell_left_aside
from plp.jobs.imap.session import BROKEN, MailboxLogin, Session, WrongPassword, mailbox_account, open_session
from plp.settings.values import MailSettings, Settings
from plp.watchdog import alive
from rules.sentences import CodedRefusal

_log = logging.getLogger(__name__)

# No mail is urgent, and a server that is away is asked again as often.
EVERY_S = 60.0
# A mailbox that was never read holds years of mail: what is older than this is somebody else's work.
FIRST_DAYS = 7
# After a new numbering, what came before the last reading is known; a day for zones and clocks.
AGAIN_DAYS = 2
# A lock-out comes after a few wrong passwords; nobody corrects one within minutes.
WRONG_PASSWORD_PAUSE = timedelta(minutes=15)
# A mail that the server refuses, or that ends the connection or this process, every time is left alone after so many:
# once, a server without its storage refuses any.
TRIES = 3
# A server that restarts is no incident.
INCIDENT_AFTER_FAILURES = 2


class Watch:
    """One mailbox; mails from `own_addresses` are our own. `step` signs in, reads what is new, and leaves again."""

    def __init__(self, account: MailboxLogin, own_addresses: frozenset[str]) -> None:
        self._account = account
        self._own = own_addresses
        self._failures = 0
        self._not_before_at: datetime | None = None

    def step(self, now: datetime) -> None:
        """Read the new mails; after a wrong password, not before its pause is over."""
        if self._not_before_at is not None and now < self._not_before_at:
            return
        try:
            with closing(open_session(self._account)) as session:
                self._read(session, now)
        except (CodedRefusal, *BROKEN, IMAPClientError) as error:
            self._fail(error, now)
            return
        self._failures, self._not_before_at = 0, None
        mailbox.mark_mailbox_read(self._account.name, now)
        close_incident(INCIDENT, self._account.host, now)
        close_left_aside(now)

    def _read(self, session: Session, now: datetime) -> None:
        mailbox.mark_generation(self._account.name, session.uidvalidity)
        position, since = mailbox.mailbox_position(self._account.name), None
        if position.last_uid == 0:  # SEARCH SINCE knows whole days in the server's own zone
            read_at = position.read_at
            since_at = now - timedelta(FIRST_DAYS) if read_at is None else read_at - timedelta(AGAIN_DAYS)
            since = since_at.date()
        for uid in session.new_uids(position.last_uid, since):
            place = mailbox.MailPosition(self._account.name, session.uidvalidity, uid)
            # Written down before it is touched: what ends this process too is counted.
            if mailbox.mark_trying(place.account, uid) > TRIES:
                take_in_unreadable(None, place, now)
                tell_left_aside(place, now)
            elif (fetched := session.fetch(uid)) is None:
                mailbox.mark_skipped(place, now)
            else:
                take_in(fetched, place, self._own, now)

    def _fail(self, error: Exception, now: datetime) -> None:
        refusal = error if isinstance(error, CodedRefusal) else _lost(error)
        self._failures += 1
        wrong_password = isinstance(refusal, WrongPassword)
        self._not_before_at = now + WRONG_PASSWORD_PAUSE if wrong_password else None
        _log.warning("mailbox: %s", refusal.template)
        if wrong_password or self._failures >= INCIDENT_AFTER_FAILURES:
            mailbox.mark_mailbox_trouble(self._account.name, refusal.stored)
            open_incident(INCIDENT, self._account.host, refusal.stored, now)


def watch_mailbox(settings: Settings, stop: threading.Event) -> None:
    """The job: read the zone's mailbox until `stop`. Without one it only waits."""
    try:
        account = mailbox_account(settings.mail)
    except CodedRefusal as refusal:
        _log.warning("mailbox: %s", refusal.template)
        open_incident(INCIDENT, settings.mail.imap_host, refusal.stored, utc_now())
        account = None
    if account is None:
        for incident in open_incidents() if not settings.mail.imap_host else ():
            if incident.kind == INCIDENT:  # of a mailbox that is not read any more
                close_incident(INCIDENT, incident.subject, utc_now())
        alive(inf)
        stop.wait()
        return
    own = parseaddr(settings.mail.sender)[1].casefold()
    watch = Watch(account, frozenset({own} if own else ()))
    while not stop.is_set():
        alive()
        watch.step(utc_now())
        alive(EVERY_S)
        stop.wait(EVERY_S)


def check_mailbox(mail: MailSettings) -> str:
    """For `plp check`: sign in, and look how far it was read. Raises Refusal with what is wrong."""
    account = mailbox_account(mail)
    if account is None:
        return "pas configurée ([mail] imap est vide), aucun e-mail n'est relevé"
    open_session(account).close()
    return f"{account.host}:{account.port}"


def _lost(error: Exception) -> CodedRefusal:
    """Without the error's own words, which may quote a mail."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return CodedRefusal("mailbox_lost", why=why)
