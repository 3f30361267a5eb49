"""The sender of queued mail, one per host: one MIME message (RFC 5322) at a time, to one reader, who sees no other."""

import logging
import random
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from math import inf

from base.settings.values import MailSettings, Settings
from base.watchdog import alive
from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE, Taken, alone
from db.mail import claim as queue
from db.mail.enqueue import mail_configured
from db.people.zone import zone
from plp.jobs.smtp.connection import Connection, NoConnection, SmtpOutcome
from rules.mail import ascii_address, header_line
from rules.refusals import Refusal

_log = logging.getLogger(__name__)

# Minutes until the next attempt, by how many failed in a row: of a mail, of a domain of readers, of the zone's server.
_MAIL_MIN = (1, 2, 5, 10, 20, 40, 60)
_DOMAIN_MIN = (1, 2, 4, 8, 15)
_SERVER_MIN = (0.25, 0.5, 1, 2, 4, 8, 15)
# How often a dead process's claims are looked for.
_RECOVER_EVERY = timedelta(minutes=1)
IDLE_S = 1.0
# A box boots before its network is up: only a server that stays away this long lets what is overdue expire.
_AWAY = timedelta(hours=1)
# RFC 3834 § 5: mails that no person wrote, so that no automatic answer comes back.
_BY_NO_PERSON = frozenset({"welcome", "alarm", "daily", "account", "export", "members", "answer"})
# A quoted name that does not fit into one line is folded without its quotes by Python (3.11 to 3.13): with a comma in
# it, it would be two addresses. A quote or a backslash takes two characters.
_NAME_CHARACTERS = 60
_QUOTED_CHARACTERS = 64


class Postman:
    """Sends the mail of one host; once `stop` is set, an outcome that the database does not take is given up."""

    def __init__(self, settings: MailSettings, host: str, stop: threading.Event | None = None) -> None:
        self._settings, self._host = settings, host
        self._stop = stop if stop is not None else threading.Event()
        self._failing_since: datetime | None = None
        self._server = f"{settings.smtp_host}:{settings.smtp_port}"
        self._pace = timedelta(minutes=1) / settings.domain_per_minute if settings.domain_per_minute else timedelta(0)
        self._connection: Connection | None = None
        self._recovered_at: datetime | None = None

    def step(self, now: datetime) -> bool:
        """One mail, where one is due and the server can be reached; True when more may be due."""
        if self._recovered_at is None or abs(now - self._recovered_at) >= _RECOVER_EVERY:
            left = queue.recover_mail(now, self._host if self._recovered_at is None else None)
            self._recovered_at = now
            if left:
                _log.warning("%d mails were left in the middle and are taken up again", left)
        if not queue.mail_due(now):
            if self._connection is not None and self._connection.is_idle():
                self.close()
            return False
        connection = self._connected(now)
        claim = queue.claim_mail(self._host, now, self._pace) if connection is not None else None
        if connection is None or claim is None:
            return False
        self._send(connection, claim, now)
        return True

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self, now: datetime) -> Connection | None:
        if self._connection is not None:
            if self._connection.is_usable():
                return self._connection
            self.close()
        known = queue.mail_server(self._host, self._server)
        if known is not None and known.next_at is not None and now < known.next_at:
            return None
        try:
            self._connection = Connection(self._settings, self._host)
        except NoConnection as trouble:
            self._is_down(trouble.reason, trouble.reply, now)
        except Refusal as refusal:
            self._is_down("config", str(refusal), now)
        return self._connection

    def _is_down(self, reason: str, reply: str, now: datetime) -> None:
        known = queue.mail_server(self._host, self._server)
        failures = known.failures if known is not None else 0
        if not failures:
            _log.warning("mail waits: %s", reason)
        queue.mark_server_down(self._host, self._server, reason, reply, _again_at(_SERVER_MIN, failures + 1, now), now)
        if self._failing_since is None or self._failing_since > now:  # the clock was set back
            self._failing_since = now
        if now - self._failing_since >= _AWAY:
            queue.expire_overdue(reason, now)

    def _send(self, connection: Connection, claim: queue.Mail, now: datetime) -> None:
        try:
            content = mime(claim, self._settings.sender, zone().name)
        except (ValueError, LookupError) as error:
            _log.error("mail %d cannot be written: %s", claim.id, type(error).__name__)
            queue.mark_refused(claim, "defect", type(error).__name__, now)
            return
        reader = ascii_address(claim.address)
        outcome = connection.deliver(self._settings.sender, reader, content, lambda: queue.mark_handed(claim, now))
        if outcome is None:
            _log.error("mail %d was taken up by another process", claim.id)
        else:
            self._note(claim, outcome, now)

    def _note(self, claim: queue.Mail, outcome: SmtpOutcome, now: datetime) -> None:
        """Write the mail's outcome first: were the process to end here, it must not be lost."""

        def mark() -> bool:
            if outcome.end == "accepted":
                return queue.mark_accepted(claim, outcome.reply, now)
            if outcome.end == "refused":
                return queue.mark_refused(claim, outcome.reason, outcome.reply, now)
            again_at = _again_at(_MAIL_MIN, claim.attempts, now)
            return queue.mark_later(claim, outcome.reason, outcome.reply, again_at, now, outcome.perhaps_taken)

        written(mark, self._stop)
        _log.info("mail %d: %s (%s)", claim.id, outcome.end, outcome.reason)
        if outcome.domain_waits:
            again_at = _again_at(_DOMAIN_MIN, claim.domain_failures + 1, now)
            queue.mark_domain_waits(claim.domain, outcome.reason, outcome.reply, again_at)
        if outcome.server_waits:
            self.close()
            self._is_down(outcome.reason, outcome.reply, now)
        else:
            self._failing_since = None
            queue.mark_server_up(self._host, self._server, now)


def _again_at(steps_min: Sequence[float], failed: int, now: datetime) -> datetime:
    """Random by ±20 %, to spread mails that failed together."""
    step = steps_min[min(max(failed, 1), len(steps_min)) - 1]
    return now + timedelta(minutes=step) * random.uniform(0.8, 1.2)  # noqa: S311  (nobody gains by guessing it)


def written(write: Callable[[], bool], stop: threading.Event) -> bool:
    """The result of `write`, once the database takes it, perhaps twice. Raises its error only once `stop` is set."""
    is_logged = False
    while True:
        alive()
        try:
            return write()
        except UNAVAILABLE:
            if stop.is_set():
                raise
            if not is_logged:
                _log.warning("the database is away; what became of a mail is kept until it is back")
                is_logged = True
            stop.wait(IDLE_S)


def carry_mail(settings: Settings, stop: threading.Event) -> None:
    """Send queued mail until `stop` is set. Returns early when another process of this host does it."""
    if not mail_configured(settings.mail):
        alive(inf)
        stop.wait()
        return
    with (
        suppress(Taken),
        alone("post", settings, database.obj) as turn,
        closing(Postman(settings.mail, settings.host, stop)) as postman,
    ):
        while turn.is_held() and not stop.is_set():
            alive()
            if not postman.step(utc_now()):
                stop.wait(IDLE_S)


def display_name(text: str) -> str:
    """A name as allowed before an address, cut if it is too long for a line."""
    name = header_line(text, _NAME_CHARACTERS)
    quoted = len(name) + name.count('"') + name.count("\\")
    return name if quoted <= _QUOTED_CHARACTERS else " ".join(re.sub(r'["\\]', " ", name).split())


def mime(claim: queue.Mail, sender: str, zone_name: str) -> bytes:
    """The whole message with CRLF, from `zone_name` at `sender`. The same claim gives the same Message-ID and Date."""
    letter, message = claim.letter, EmailMessage(SMTP)
    message["From"] = Address(display_name(zone_name), addr_spec=ascii_address(sender))
    message["To"] = Address(display_name(claim.name), addr_spec=ascii_address(claim.address))
    if letter.reply_to:
        message["Reply-To"] = Address(addr_spec=ascii_address(letter.reply_to))
    message["Subject"] = letter.subject
    message["Date"] = claim.queued_at
    message["Message-ID"] = claim.message_id
    if letter.in_reply_to:
        message["In-Reply-To"] = message["References"] = letter.in_reply_to
    if letter.kind in _BY_NO_PERSON:
        message["Auto-Submitted"] = "auto-replied" if letter.kind == "answer" else "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(claim.text, charset="utf-8", cte="quoted-printable")
    if claim.html:
        message.add_alternative(claim.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for enclosure in letter.enclosures:
        maintype, _, subtype = enclosure.media_type.partition("/")
        message.add_attachment(enclosure.content, maintype=maintype, subtype=subtype, filename=enclosure.filename)
    return message.as_bytes()
