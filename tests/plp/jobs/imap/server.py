"""A real IMAP server (pymap, in memory) in a thread of its own: stopped, started again and renumbered at will."""

import asyncio
import socket
import threading
from argparse import Namespace
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer, IMAPService
from pymap.parsing.message import AppendMessage
from pysasl.hashing import BuiltinHash

from db.engine.clock import utc_now

USER, PASSWORD = "plp", "un mot de passe de boîte"


class ImapServer:
    """`with ImapServer() as server`: listening on `server.port`, with one empty INBOX.

    `certificate` (certificate and key files) makes it offer STARTTLS, with `implicit` speak TLS from the first byte.
    """

    def __init__(self, certificate: tuple[Path, Path] | None = None, implicit: bool = False) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._certificate, self._implicit = certificate, implicit
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="imap-server")
        self._stack: AsyncExitStack | None = None
        self._appended: list[AppendMessage] = []

    def __enter__(self) -> "ImapServer":
        self._thread.start()
        self._run(self._prepare())
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def start(self) -> None:
        """Listen."""
        self._run(self._start())

    def stop(self) -> None:
        """End every connection and listen no more. What lies in the mailbox stays."""
        self._run(self._stop())

    def append(self, raw: bytes, at: datetime | None = None) -> None:
        """A mail arrives."""
        message = AppendMessage(raw, at or utc_now(), frozenset())
        self._run(self._append(message))

    def renumber(self) -> None:
        """The same mails under another UIDVALIDITY, their UIDs counted anew, as after a move to another server."""
        self._run(self._renumber())

    def flags(self) -> list[set[str]]:
        """What is marked at each mail, in order."""
        return self._run(self._flags())

    def _run(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _prepare(self) -> None:
        certificate, key = (str(file) for file in self._certificate) if self._certificate else (None, None)
        arguments = Namespace(
            host="127.0.0.1",
            port=self.port,
            debug=False,
            cert=certificate,
            key=key,
            tls=self._certificate is not None and not self._implicit,
            proxy_protocol=None,
            passlib_cfg=None,
            inherited_sockets=None,
            demo_data=False,
            demo_user=USER,
            demo_password=PASSWORD,
        )
        options = {} if self._certificate and not self._implicit else {"secure_auth": False}
        quick = {"hash_context": BuiltinHash(rounds=1), "cpu_subsystem": Subsystem.for_asyncio()}  # no thread for it
        self._config = Config.from_args(arguments, invalid_user_sleep=0, **quick, **options)
        login = Login(self._config)
        await DictBackend._add_demo_user(self._config, login)
        self._backend = DictBackend(login, self._config)

    async def _start(self) -> None:
        self._stack = AsyncExitStack()
        await self._stack.__aenter__()
        self._config.apply_context()
        await self._backend.start(self._stack)
        if not self._implicit:
            await IMAPService(self._backend, self._config).start(self._stack)
            return
        talk = ProxyProtocolReader(self._config.proxy_protocol).get_callback(
            IMAPServer(self._backend.login, self._config)
        )
        server = await asyncio.start_server(talk, "127.0.0.1", self.port, ssl=self._config.ssl_context)
        await self._stack.enter_async_context(server)

    async def _stop(self) -> None:
        if self._stack is not None:
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self._stack.aclose()
            self._stack = None

    async def _mailboxes(self) -> MailboxSet:
        self._config.apply_context()
        return self._config.set_cache.setdefault(USER, (MailboxSet(), FilterSet()))[0]

    async def _append(self, message: AppendMessage) -> None:
        self._appended.append(message)
        inbox = await (await self._mailboxes()).get_mailbox("INBOX")
        await inbox.append(message, recent=True)

    async def _renumber(self) -> None:
        mailboxes = await self._mailboxes()
        old = mailboxes._inbox
        mailboxes._inbox = new = MailboxData(mailboxes._content_cache, mailboxes._thread_cache)
        new._uid_validity = old.uid_validity + 1
        for message in self._appended:
            await new.append(message)

    async def _flags(self) -> list[set[str]]:
        inbox = await (await self._mailboxes()).get_mailbox("INBOX")
        return [{str(flag) for flag in message.permanent_flags} async for message in inbox.messages()]
