"""Watch of the zone's mailbox: new mails are stored; a failure becomes an incident, and is tried again later."""

import logging
import threading
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

BATCH = 20
# A mailbox that was never read holds years of mail: what is older than this is somebody else's work.
FIRST_DAYS = 7
# After a new numbering, what came before the last reading is known; a day for zones and clocks.
AGAIN_DAYS = 2
PAUSES_S = (5, 15, 60, 300)
# A lock-out comes after a few wrong passwords; nobody corrects one within minutes.
WRONG_PASSWORD_PAUSE_S = 900
# A mail that the server refuses, or that ends the connection or this process, every time is left alone after so many:
# once, a server without its storage refuses any.
TRIES = 3
# A server that restarts is no incident.
INCIDENT_AFTER_FAILURES = 2


class Watch:
    """One mailbox; mails from `own_addresses` are our own. `step` waits only for the server, `wait` does only that."""

    def __init__(self, account: MailboxLogin, own_addresses: frozenset[str]) -> None:
        self._account = account
        self._own = own_addresses
        self._session: Session | None = None
        self._failures = 0
        self._not_before_at: datetime | None = None

    def step(self, now: datetime) -> bool:
        """Read some of the new mails; True when more may wait."""
        if self._not_before_at is not None and now < self._not_before_at:
            return False
        try:
            if self._session is None:
                self._session = open_session(self._account)
                mailbox.mark_generation(self._account.name, self._session.uidvalidity)
            position = mailbox.mailbox_position(self._account.name)
            since = None
            if position.last_uid == 0:  # SEARCH SINCE knows whole days in the server's own zone
                read_at = position.read_at
                since_at = now - timedelta(FIRST_DAYS) if read_at is None else read_at - timedelta(AGAIN_DAYS)
                since = since_at.date()
            waiting = self._session.new_uids(position.last_uid, since)
            for uid in waiting[:BATCH]:
                self._take_in(self._session, uid, now)
        except (CodedRefusal, *BROKEN, IMAPClientError) as error:
            self._fail(error, now)
            return False
        self._failures, self._not_before_at = 0, None
        mailbox.mark_mailbox_read(self._account.name, now)
        close_incident(INCIDENT, self._account.host, now)
        close_left_aside(now)
        # Also after the last: the server may have announced a new one meanwhile, and does so once.
        return bool(waiting)

    def wait(self, stop: threading.Event, now: datetime) -> None:
        """Wait until something may be new, or the pause after a failure is over, or `stop`."""
        if self._session is None:
            pause = (self._not_before_at - now).total_seconds() if self._not_before_at else 0.0
            alive(pause)
            stop.wait(max(pause, 0.0))
            return
        try:
            self._session.wait(stop)
        except (*BROKEN, IMAPClientError) as error:
            self._fail(error, now)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _take_in(self, session: Session, uid: int, now: datetime) -> None:
        place = mailbox.MailPosition(self._account.name, session.uidvalidity, uid)
        # Written down before it is touched: what ends this process too is counted.
        if mailbox.mark_trying(place.account, place.uid) > TRIES:
            take_in_unreadable(None, place, now)
            tell_left_aside(place, now)
        elif (fetched := session.fetch(place.uid)) is None:
            mailbox.mark_skipped(place, now)
        else:
            take_in(fetched, place, self._own, now)

    def _fail(self, error: Exception, now: datetime) -> None:
        """Disconnect, and reconnect after a growing pause; a failure that lasts is an incident."""
        refusal = error if isinstance(error, CodedRefusal) else _lost(error)
        if self._session is not None:
            self._session.abandon()
            self._session = None
        pause_s = PAUSES_S[min(self._failures, len(PAUSES_S) - 1)]
        self._failures += 1
        wrong_password = isinstance(refusal, WrongPassword)
        self._not_before_at = now + timedelta(seconds=WRONG_PASSWORD_PAUSE_S if wrong_password else pause_s)
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
    try:
        while not stop.is_set():
            alive()
            if not watch.step(utc_now()):
                watch.wait(stop, utc_now())
    finally:
        watch.close()


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
