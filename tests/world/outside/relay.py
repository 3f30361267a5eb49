"""The zone's mail relay (SMTP) in memory, and its readers' boxes: it refuses, is silent, or breaks off, also after a
text whose answer never comes; and it may bring a mail twice.
"""

import random
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from plp.jobs.smtp import connection
from tests.world.timeline import Timeline

# What it does instead of its duty at a step; `KEPT` are those of the last step in which the reader gets the mail.
TROUBLES = {
    "EHLO": ("421 4.3.2 closing", "silent", "break"),
    "MAIL": ("451 4.3.0 later", "421 4.3.2 closing", "break"),
    "RCPT": ("450 4.2.1 later", "452 4.2.2 full", "550 5.1.1 unknown", "silent"),
    "DATA": ("451 4.3.0 later", "554 5.7.1 no", "break", "silent"),
    "end": ("451 4.3.0 later", "554 5.6.0 no", "break", "silent", "break kept", "silent kept", "slow", "twice"),
}
ANSWERS = {"EHLO": "250-relay\r\n250 SIZE 20000000", "DATA": "354 go on", "QUIT": "221 bye"}
ANSWER_S, SLOW_S = (0.02, 0.4), (70.0, 200.0)
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.M | re.I)


class Relay:
    """`trouble` is the chance of it at each step. `got` counts, by Message-ID, how often it came to its reader, and
    `doubled` how often that was the relay's own doing.
    """

    def __init__(self, timeline: Timeline, trouble: float, chance: random.Random) -> None:
        self.timeline, self.trouble, self._chance = timeline, trouble, chance
        self.away_until_s = 0.0
        self.got: Counter[str] = Counter()
        self.doubled: Counter[str] = Counter()
        # Hears the Message-ID and the reader of each mail that arrives.
        self.on_arrival: Callable[[str, str], None] = lambda _message_id, _reader: None
        self.crash_point: Callable[[], None] = lambda: None

    def roll(self, step: str) -> str:
        """What goes wrong at this step; mostly nothing."""
        troubles = TROUBLES.get(step, ())
        return self._chance.choice(troubles) if troubles and self._chance.random() < self.trouble else ""

    def pause_s(self, slow: bool = False) -> float:
        return self._chance.uniform(*(SLOW_S if slow else ANSWER_S))

    def bring(self, text: bytes, reader: str, often: int = 1) -> None:
        named = _MESSAGE_ID.search(text)
        message_id = named[1].decode("ascii") if named else ""
        self.got[message_id] += often
        self.doubled[message_id] += often - 1
        self.on_arrival(message_id, reader)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Every connection of smtplib leads here during the block."""

        def connect(_client: connection._Smtp, _host: str, _port: int, _timeout: object) -> RelaySocket:
            if self.timeline.now_s < self.away_until_s:
                raise ConnectionRefusedError(111, "Connection refused")
            return RelaySocket(self, connection.CONNECT_S)

        with patch.object(connection._Smtp, "_get_socket", connect):
            yield


class RelaySocket:
    """The client's end, as smtplib uses a socket and its file."""

    def __init__(self, relay: Relay, timeout_s: float) -> None:
        self._relay, self._timeout_s = relay, timeout_s
        self._heard, self._reader, self._in_text, self._ends = b"", "", False, False
        self._says: deque[tuple[float, bytes]] = deque()
        self._say("220 relay")

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 0

    def settimeout(self, seconds: float) -> None:
        self._timeout_s = seconds

    def makefile(self, _mode: str) -> "RelaySocket":
        return self

    def close(self) -> None:
        self._ends = True

    def sendall(self, data: bytes) -> None:
        self._relay.crash_point()
        if self._ends:
            raise BrokenPipeError(32, "Broken pipe")
        self._heard += data
        while not self._ends:
            end = b"\r\n.\r\n" if self._in_text else b"\r\n"
            said, ended, rest = self._heard.partition(end)
            if not ended:
                return
            self._heard = rest
            if self._in_text:
                self._take(said)
            else:
                self._obey(said.decode("ascii", "replace"))

    def readline(self, _most: int = -1) -> bytes:
        timeline = self._relay.timeline
        until_s = timeline.now_s + self._timeout_s
        while True:
            actor = timeline.running
            if actor is None or actor.is_dying:
                raise OSError("nobody waits")
            if self._says and self._says[0][0] <= timeline.now_s:
                return self._says.popleft()[1]
            if self._ends and not self._says:
                return b""
            if timeline.now_s >= until_s:
                raise TimeoutError("timed out")
            due_s = self._says[0][0] if self._says else until_s
            timeline.sleep(max(0.001, min(due_s, until_s) - timeline.now_s))

    def _obey(self, line: str) -> None:
        verb = line[:4].upper()
        trouble = self._relay.roll(verb)
        if trouble:
            self._refuse(trouble)
            return
        if verb == "RCPT":
            self._reader = line.partition("<")[2].partition(">")[0]
        self._in_text = verb == "DATA"
        self._say(ANSWERS.get(verb, "250 ok"))
        self._ends = verb == "QUIT"

    def _take(self, text: bytes) -> None:
        self._in_text = False
        trouble = self._relay.roll("end")
        if trouble.endswith("kept") or trouble in ("", "slow", "twice"):
            self._relay.bring(text, self._reader, 2 if trouble == "twice" else 1)
        if trouble in ("", "slow", "twice"):
            self._say("250 2.0.0 taken", slow=trouble == "slow")
        else:
            self._refuse(trouble)

    def _refuse(self, trouble: str) -> None:
        """`silent` says nothing more."""
        if trouble.startswith("break"):
            self._ends = True
        elif not trouble.startswith("silent"):
            self._say(trouble)
            self._ends = trouble.startswith("421")

    def _say(self, words: str, slow: bool = False) -> None:
        due_s = self._relay.timeline.now_s + self._relay.pause_s(slow)
        for line in words.split("\r\n"):
            self._says.append((due_s, f"{line}\r\n".encode("ascii")))
