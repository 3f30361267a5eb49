"""A real SMTP server (aiosmtpd) that takes mail, refuses it, hangs up or says nothing, as it is told.

    def test_something(office, carry, now):                # the fixtures of tests/plp/jobs/smtp/conftest.py
        enqueue_letter(letter(), [copy(1)], now)
        carry(office, now)                                  # a postman sends all that is due
        assert office.mails[0].subject == "…"
        office.answers["rcpt"] = "550 5.1.1 no such user"

`answers` holds, by stage, what is said instead: `connect`, `ehlo`, `auth`, `mail`, `rcpt`, `data` (instead of 354),
`text` (within the text) and `end` (after the end of the text). A value is a reply; DROP closes the connection; SILENT
answers nothing; a function of what the client said gives one of these, or None for the ordinary answer. DROP_TAKEN
as the answer at `end` takes the mail and then hangs up.
"""

# ruff: noqa: N802  (names that aiosmtpd asks for)

import asyncio
import email
import email.policy
import socket
import ssl
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = CERTIFICATES / "authority.pem"
DROP, SILENT, DROP_TAKEN = "drop", "silent", "drop taken"
# It does not fit into the buffers between the two sockets: who hangs up in it is noticed in it.
BIG_TEXT = ("x" * 70 + "\n") * 8_000

Answer = str | Callable[[str], str | None]


@dataclass(frozen=True)
class Taken:
    """A mail that the server took: its envelope, its bytes, and what they say."""

    sender: str
    readers: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        assert [part.defects for part in parsed.walk() if part.defects] == []
        return parsed

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    def text(self, kind: str = "plain") -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


@dataclass
class PostOffice:
    """A server of this machine at a port that stays its own. `users` asks for a login; `starttls`, `implicit`: TLS."""

    users: dict[str, str] = field(default_factory=dict)
    certificate: str = ""
    implicit: bool = False
    must_encrypt: bool = False
    largest_bytes: int = 2**25
    answers: dict[str, Answer] = field(default_factory=dict)
    mails: list[Taken] = field(default_factory=list)
    connections: int = 0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._controller: _Controller | None = None

    def start(self) -> None:
        self._controller = _Controller(self)
        self._controller.start()
        self.connections, self.said = 0, []  # the controller's own look

    def stop(self) -> None:
        controller, self._controller = self._controller, None
        if controller is not None:
            asyncio.run_coroutine_threadsafe(controller.hang_up(), controller.loop).result(5)
            controller.stop()

    @property
    def readers(self) -> list[str]:
        return [reader for mail in self.mails for reader in mail.readers]

    def answer(self, stage: str, said: str = "") -> str | None:
        told = self.answers.get(stage)
        return told(said) if callable(told) else told


class _Controller(Controller):
    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self.servers: list[SMTP] = []
        context = None
        if office.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / f"{office.certificate}.pem")
        options: dict[str, Any] = {"ident": "essai", "data_size_limit": office.largest_bytes}
        if office.users:
            options |= {"authenticator": self._knows, "auth_required": True, "auth_require_tls": False}
        if context is not None and not office.implicit:
            options |= {"tls_context": context, "require_starttls": office.must_encrypt}
        super().__init__(
            _Desk(office),
            hostname="127.0.0.1",
            port=office.port,
            ssl_context=context if office.implicit else None,
            server_hostname="essai.example.org",
            **options,
        )

    async def hang_up(self) -> None:
        """Let no connection outlive the loop that serves it."""
        for server in self.servers:
            if server.transport is not None:
                # Python 3.11.2, Debian 12's, fails at the abort of a TLS connection that ended already.
                with suppress(AttributeError):
                    server.transport.abort()
        for _ in range(20):
            await asyncio.sleep(0)

    def _create_server(self) -> Any:
        """With a small buffer, so that the client knows how far its text came."""
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        listening.bind(("127.0.0.1", self.port))
        return self.loop.create_server(self._factory_invoker, sock=listening, ssl=self.ssl_context)

    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", UserWarning
            )  # that a password may cross in the clear: a test wants to see it
            server = _Server(self._office, self.handler, **self.SMTP_kwargs)
        self.servers.append(server)
        return server

    def _knows(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        name, secret = data.login.decode(), data.password.decode()
        return AuthResult(success=self._office.users.get(name) == secret, handled=False)


class _Server(SMTP):
    def __init__(self, office: PostOffice, handler: Any, **options: Any) -> None:
        super().__init__(handler, **options)
        self._office = office

    async def _handle_client(self) -> None:
        self._office.connections += 1
        told = self._office.answer("connect")
        if told is not None:
            if told not in (DROP, SILENT):
                await self.push(told)
            await instead(self, told)
            self.transport.close()
            return
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:
        told = self._office.answer("data")
        if told is not None:
            if await instead(self, told):
                return
            await self.push(told)
            return
        if self._office.answer("text") is not None:
            await self.push("354 go on")
            await self._reader.read(4096)
            await instead(self, DROP)
            return
        await super().smtp_DATA(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        told = self._office.answer("auth")
        if told is None:
            await super().smtp_AUTH(arg)
        elif not await instead(self, told):
            await self.push(told)


class _Desk:
    """aiosmtpd's hooks: each answers, or says why not."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office

    async def handle_EHLO(self, server: SMTP, session: Any, _env: Envelope, name: str, lines: list[str]) -> list[str]:
        session.host_name = name
        told = await self._told(server, "ehlo", name)
        return [told] if told is not None else lines

    async def handle_HELO(self, server: SMTP, session: Any, _env: Envelope, name: str) -> str:
        session.host_name = name
        told = await self._told(server, "ehlo", name)
        return told if told is not None else "250 essai"

    async def handle_MAIL(self, server: SMTP, _session: Any, envelope: Envelope, address: str, options: Any) -> str:
        told = await self._told(server, "mail", address)
        if told is not None:
            return told
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 ok"

    async def handle_RCPT(self, server: SMTP, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        told = await self._told(server, "rcpt", address)
        if told is not None:
            return told
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Envelope) -> str:
        taken = Taken(str(envelope.mail_from), tuple(envelope.rcpt_tos), bytes(envelope.content or b""))
        told = self._office.answer("end", taken.readers[0])
        if told == DROP_TAKEN:
            self._office.mails.append(taken)
            told = DROP
        if told is not None:
            await instead(server, told)
            return told
        self._office.mails.append(taken)
        return "250 2.0.0 Ok: queued as 4B1D"

    async def _told(self, server: SMTP, stage: str, said: str) -> str | None:
        self._office.said.append(f"{stage} {said}")
        told = self._office.answer(stage, said)
        if told is not None:
            await instead(server, told)
        return told


async def instead(server: SMTP, told: str) -> bool:
    """Hang up, or wait for the other to; True where that was it."""
    if told == DROP:
        server.transport.abort()
    elif told != SILENT:
        return False
    await asyncio.Event().wait()  # ended with the connection
    return True
