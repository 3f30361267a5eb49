"""One connection to the SMTP server of `[mail]`: greeted, encrypted, logged in; and one mail after the other over it.

smtplib speaks the protocol. The end of a text is sent apart from the text, because whoever asks for it must know
whether the server may have it.
"""

import re
import select
import smtplib
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from db.settings.values import MailSettings
from plp.jobs.smtp import policy
from plp.jobs.smtp.deadline import Deadline
from plp.jobs.smtp.opening import Unreachable, opened
from plp.jobs.smtp.verdicts import SmtpOutcome, Stage, verdict
from plp.rules.mail_verdicts import without_name

_DOT = re.compile(rb"^\.", re.MULTILINE)


class Link:
    """Made by `Link.open`. Not for several threads at once."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server
        self._mails = 0
        self._used_s = time.monotonic()

    @classmethod
    def open(cls, settings: MailSettings, host: str) -> "Link":
        """Connect as this machine, `host`. Raises Unreachable with the reason."""
        return cls(opened(settings, host))

    @property
    def encryption(self) -> str:
        """`TLSv1.3`; empty where nothing is encrypted."""
        version = getattr(self._server.sock, "version", None)
        return str(version() or "") if version else ""

    def is_usable(self) -> bool:
        """Whether another mail may go over it: asks the server, which may have hung up."""
        if self._server.sock is None or self._mails >= policy.MAILS_PER_CONNECTION:
            return False
        try:
            with Deadline(policy.ASIDE_S, self._server.sock):
                return self._server.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def is_idle(self) -> bool:
        """True when it was kept long enough for nothing."""
        return time.monotonic() - self._used_s > policy.KEEP_S

    def deliver(self, sender: str, reader: str, content: bytes, may_end: Callable[[], bool]) -> SmtpOutcome | None:
        """One mail. `may_end` is asked when all of the text went out but its end: None when it says no.

        The server's words in the verdict do not name the reader.

        Whatever happens to the connection is part of the verdict; after a loss it is not usable any more.
        """
        self._mails += 1
        with Deadline(policy.ATTEMPT_S, self._server.sock):
            said = self._dialogue(sender, reader, content, may_end)
        self._used_s = time.monotonic()
        return replace(said, reply=without_name(said.reply, reader)) if said is not None else None

    def close(self) -> None:
        """Say goodbye, briefly, and close."""
        with suppress(OSError, smtplib.SMTPException):
            if self._server.sock is not None:
                self._server.sock.settimeout(2.0)
                with Deadline(policy.ASIDE_S, self._server.sock):
                    self._server.quit()
        self._server.close()

    def _dialogue(self, sender: str, reader: str, content: bytes, may_end: Callable[[], bool]) -> SmtpOutcome | None:
        largest = self._server.esmtp_features.get("size", "")
        if largest.isdigit() and 0 < int(largest) < len(content):
            return SmtpOutcome("refused", "too_big", f"SIZE {largest}")
        options = [f"size={len(content)}"] if "size" in self._server.esmtp_features else []
        steps: tuple[tuple[Stage, Callable[[], tuple[int, bytes]], tuple[int, ...]], ...] = (
            (Stage.MAIL, lambda: self._server.mail(sender, options), (250,)),
            (Stage.RCPT, lambda: self._server.rcpt(reader), (250, 251)),
            (Stage.DATA, lambda: self._server.docmd("DATA"), (354,)),
        )
        for stage, ask, good in steps:
            try:
                code, text = ask()
            except (OSError, smtplib.SMTPException) as error:
                return self._lost(error)
            if code not in good:
                return self._answered(stage, code, text)
        return self._text(content, may_end)

    def _text(self, content: bytes, may_end: Callable[[], bool]) -> SmtpOutcome | None:
        try:
            self._server.send(_DOT.sub(b"..", content))
            if self._hung_up():
                raise smtplib.SMTPServerDisconnected("closed within the text")
        except (OSError, smtplib.SMTPException) as error:
            return self._lost(error)
        if not may_end():
            self._server.close()  # without its end it is no mail
            return None
        try:
            if self._server.sock is not None:
                self._server.sock.settimeout(policy.FINAL_S)
            self._server.send(b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
            code, text = self._server.getreply()
            if self._server.sock is not None:
                self._server.sock.settimeout(policy.STEP_S)
        except (OSError, smtplib.SMTPException) as error:
            self._server.close()
            return SmtpOutcome("later", "doubt", _words(error), perhaps_taken=True, server_waits=True)
        return self._answered(Stage.END, code, text)

    def _answered(self, stage: Stage, code: int, text: bytes) -> SmtpOutcome:
        if code in (421, -1):
            self._server.close()
        if code == -1 and stage is Stage.END:  # no answer in any protocol: it may mean yes
            return SmtpOutcome("later", "doubt", "", perhaps_taken=True, server_waits=True)
        return verdict(stage, code, text.decode("utf-8", "replace"))

    def _lost(self, error: Exception) -> SmtpOutcome:
        self._server.close()
        reason = "silent" if "timed out" in str(error) else "lost"
        return SmtpOutcome("later", reason, _words(error), server_waits=True)

    def _hung_up(self) -> bool:
        """A server that closed before the end of the text cannot have it: seen here, nothing is in doubt."""
        sock = self._server.sock
        if sock is None or not select.select([sock], [], [], 0)[0]:
            return False
        with socket.socket(fileno=socket.dup(sock.fileno())) as plain, suppress(OSError):
            return plain.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        return False


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


__all__ = ["Link", "Unreachable"]
