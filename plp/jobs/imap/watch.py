"""Watch of the zone's mailbox: new mails are stored; a failure becomes an incident, and is tried again later."""

import logging
import time
from contextlib import closing
from datetime import datetime, timedelta
from email.utils import parseaddr

from imapclient.exceptions import IMAPClientError

from base.settings.values import MailSettings, Settings
from db.inbound import mailbox
from db.operations.incidents import close_incident, open_incident
from plp.jobs.imap.intake import (
    INCIDENT,
    close_left_aside,
    close_others,
    take_in,
    take_in_unreadable,
    tell_left_aside,
)
from plp.jobs.imap.session import BROKEN, MailboxLogin, Session, WrongPassword, mailbox_account, open_session
from rules.sentences import CodedRefusal, Sentence

_log = logging.getLogger(__name__)

# No mail is urgent, and a server that is away is asked again as often.
MAILBOX_EVERY_S = 60.0
# One visit ends after the mail at which so much time has passed; the next one goes on behind it.
VISIT_S = 600.0
# A mailbox that was never read holds years of mail: what is older than this is somebody else's work.
FIRST_DAYS = 7
# After a new numbering, what came before the last reading is known; a day for zones and clocks.
AGAIN_DAYS = 2
# A lock-out comes after a few wrong passwords; nobody corrects one, or gives one that lacks, within minutes.
WRONG_PASSWORD_PAUSE = timedelta(minutes=15)
# A mail that the server refuses, or that ends the connection or this process, every time is left alone after so many:
# once, a server without its storage refuses any.
TRIES = 3
# A server that restarts is no incident.
INCIDENT_AFTER_FAILURES = 2


class MailboxWatch:
    """`step` signs in, reads what is new, and leaves again."""

    def __init__(self) -> None:
        self._failures = 0
        self._not_before_at: datetime | None = None
        self._has_begun = False

    def step(self, settings: Settings, now: datetime) -> bool:
        """Read the new mails; after a wrong password, or without one, not before the pause is over. Always False: what
        is new was read."""
        if self._not_before_at is not None and now < self._not_before_at <= now + WRONG_PASSWORD_PAUSE:
            return False  # a longer one is of a clock that was set back
        account = None
        try:
            account = mailbox_account(settings.mail)
            if not self._has_begun:  # later ones are of another host, which reads one
                close_others(account, now)
                self._has_begun = True
            if account is None:
                return False
            with closing(open_session(account)) as session:
                own = parseaddr(settings.mail.sender)[1].casefold()
                _read(session, account.name, frozenset({own} if own else ()), now)
        except (CodedRefusal, *BROKEN, IMAPClientError) as error:
            self._fail(error, account, settings.mail.imap_host, now)
            return False
        self._failures, self._not_before_at = 0, None
        mailbox.mark_mailbox_read(account.name, now)
        close_incident(INCIDENT, account.host, now)
        close_left_aside(now)
        return False

    def _fail(self, error: Exception, account: MailboxLogin | None, host: str, now: datetime) -> None:
        refusal = error if isinstance(error, CodedRefusal) else _lost(error)
        self._failures += 1
        is_ours = account is None or isinstance(refusal, WrongPassword)
        self._not_before_at = now + WRONG_PASSWORD_PAUSE if is_ours else None
        _log.warning("mailbox: %s", refusal.template)
        if is_ours or self._failures >= INCIDENT_AFTER_FAILURES:
            if account is not None:
                mailbox.mark_mailbox_trouble(account.name, refusal.stored)
            open_incident(INCIDENT, host, refusal.stored, now)


def _read(session: Session, account: str, own_addresses: frozenset[str], now: datetime) -> None:
    mailbox.mark_generation(account, session.uidvalidity)
    position, since = mailbox.mailbox_position(account), None
    if position.last_uid == 0:  # SEARCH SINCE knows whole days in the server's own zone
        read_at = position.read_at
        since_at = now - timedelta(FIRST_DAYS) if read_at is None else read_at - timedelta(AGAIN_DAYS)
        since = since_at.date()
    until_s = time.monotonic() + VISIT_S
    for uid in session.new_uids(position.last_uid, since):
        if time.monotonic() > until_s:
            break
        place = mailbox.MailPosition(account, session.uidvalidity, uid)
        # Written down before it is touched: what ends this process too is counted.
        if mailbox.mark_trying(account, uid) > TRIES:
            take_in_unreadable(None, place, now)
            tell_left_aside(place, now)
        elif (fetched := session.fetch(uid)) is None:
            mailbox.mark_skipped(place, now)
        else:
            take_in(fetched, place, own_addresses, now)


def check_mailbox(mail: MailSettings) -> Sentence:
    """For `plp check`: sign in and open the folder. Raises Refusal with what is wrong."""
    account = mailbox_account(mail)
    if account is None:
        return Sentence("pas configurée ([mail] imap est vide), aucun e-mail n'est relevé")
    open_session(account).close()
    return Sentence("{where}", {"where": f"{account.host}:{account.port}"})


def _lost(error: Exception) -> CodedRefusal:
    """Without the error's own words, which may quote a mail."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return CodedRefusal("mailbox_lost", why=why)
