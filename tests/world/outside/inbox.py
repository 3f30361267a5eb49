"""The zone's mailbox (IMAP) in memory: it breaks off, is silent, refuses a command, and may number its mails anew."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

from imapclient.exceptions import IMAPClientError

from plp.jobs.imap import session
from tests.world.timeline import Timeline

BOUNCE = """From: MAILER-DAEMON@relay.example\r
To: plp@police.example\r
Subject: Undelivered Mail\r
Message-ID: <bounce-{number}@relay.example>\r
Auto-Submitted: auto-replied\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b{number}\r
MIME-Version: 1.0\r
\r
--b{number}\r
Content-Type: text/plain\r
\r
It did not arrive.\r
--b{number}\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; relay.example\r
\r
Final-Recipient: rfc822; {reader}\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 unknown\r
--b{number}\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: {about}\r
--b{number}--\r
"""
LETTER = """From: Prénom <m{number}@example.org>\r
To: plp@police.example\r
Subject: =?utf-8?q?Signalement?= {number}\r
Message-ID: <letter-{number}@example.org>\r
Content-Type: text/plain; charset=utf-8\r
MIME-Version: 1.0\r
\r
Une camionnette blanche passe depuis hier, numéro {number}.\r
"""


class Kept(NamedTuple):
    """A mail as the server has it."""

    message_id: str
    raw: bytes
    at: datetime


class Inbox:
    """`trouble` is its chance at each command; `came` are the Message-IDs of what came in, each once, and `asked` how
    often each was to be read.
    """

    def __init__(self, timeline: Timeline, trouble: float, chance: random.Random) -> None:
        self.timeline, self.trouble, self.chance = timeline, trouble, chance
        self.uidvalidity, self.away_until_s = 7, 0.0
        self.mails: dict[int, Kept] = {}
        self.came: list[str] = []
        self.asked: Counter[str] = Counter()
        # Our mails that came back.
        self.came_back: set[str] = set()
        self.crash_point: Callable[[], None] = lambda: None

    def write(self, twice: bool = False) -> str:
        """A member writes; some providers bring it twice."""
        number = len(self.came) + 1
        self._add(f"<letter-{number}@example.org>", LETTER.format(number=number), twice)
        return f"mail {number}"

    def bounce(self, about: str, reader: str) -> None:
        self.came_back.add(about)
        number = len(self.came) + 1
        words = BOUNCE.format(number=number, about=about, reader=reader)
        self._add(f"<bounce-{number}@relay.example>", words, twice=False)

    def _add(self, message_id: str, words: str, twice: bool) -> None:
        self.came.append(message_id)
        for _ in range(2 if twice else 1):
            at = datetime.fromtimestamp(self.timeline.now_s, UTC).replace(microsecond=0)
            self.mails[max(self.mails, default=0) + 1] = Kept(message_id, words.encode(), at)

    def number_anew(self) -> None:
        """After a move of the mailbox: other numbers, the same mails."""
        self.uidvalidity += 1
        self.mails = {uid + 1: mail for uid, (_, mail) in enumerate(sorted(self.mails.items()), 3)}

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Every connection of IMAPClient leads here during the block."""
        no_context = lambda cafile=None: SimpleNamespace()  # noqa: E731
        with (
            patch.object(session, "LimitedClient", lambda *_how: Client(self)),
            patch.object(session.ssl, "create_default_context", no_context),
        ):
            yield


class Client:
    """As much of IMAPClient as the product uses."""

    normalise_times = True

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._is_open = True
        self.limits = SimpleNamespace(allow=lambda *_much: None)
        self._works()

    def _works(self) -> None:
        """A command and its answer."""
        inbox, actor = self._inbox, self._inbox.timeline.running
        inbox.crash_point()
        if actor is None or actor.is_dying or not self._is_open:
            raise OSError("connection lost")
        inbox.timeline.sleep(inbox.chance.uniform(0.01, 0.2))
        trouble = inbox.chance.random() < inbox.trouble
        if inbox.timeline.now_s < inbox.away_until_s or (trouble and inbox.chance.random() < 0.6):
            self._is_open = False
            raise ConnectionResetError(104, "Connection reset by peer")
        if trouble and inbox.chance.random() < 0.5:
            inbox.timeline.sleep(session.TIMEOUT_S)
            self._is_open = False
            raise TimeoutError("timed out")
        if trouble:
            raise IMAPClientError("refused")

    def has_capability(self, name: str) -> bool:
        return name != "STARTTLS"

    def plain_login(self, _user: str, _password: str) -> None:
        self._works()

    def select_folder(self, _name: str, readonly: bool) -> dict[bytes, int]:
        assert readonly
        self._works()
        return {b"UIDVALIDITY": self._inbox.uidvalidity}

    def search(self, criteria: list[object]) -> list[int]:
        """`n:*` has the last mail, even below n."""
        self._works()
        first = int(str(criteria[1]).partition(":")[0])
        uids = sorted(self._inbox.mails)
        since = criteria[3] if len(criteria) > 3 else None
        return [
            uid
            for uid in uids
            if (uid >= first or uid == uids[-1]) and (since is None or self._inbox.mails[uid].at.date() >= since)
        ]

    def fetch(self, uids: list[int], _items: list[str]) -> dict[int, dict[bytes, Any]]:
        self._inbox.asked.update(mail.message_id for uid, mail in self._inbox.mails.items() if uid in uids)
        self._works()
        mails = {uid: self._inbox.mails[uid] for uid in uids if uid in self._inbox.mails}
        return {
            uid: {b"RFC822.SIZE": len(mail.raw), b"INTERNALDATE": mail.at, b"BODY[]<0>": mail.raw}
            for uid, mail in mails.items()
        }

    def logout(self) -> None:
        self._works()
        self._is_open = False

    def shutdown(self) -> None:
        self._is_open = False
