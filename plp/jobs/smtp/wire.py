"""smtplib's client over a connection that somebody watches from its first byte on."""

import smtplib
import socket
import ssl
from typing import Any

from plp.jobs.smtp.deadline import Deadline


class WatchedSmtp(smtplib.SMTP):
    """Connected and welcomed once it is made. Raises what `smtplib.SMTP` raises, and `ssl.SSLError`.

    `encrypted_by`  encrypts from the first byte on; None: as it comes
    """

    def __init__(
        self,
        where: tuple[str, int],
        name: str,
        timeout_s: float,
        deadline: Deadline,
        encrypted_by: ssl.SSLContext | None = None,
    ) -> None:
        self._deadline, self._encrypted_by = deadline, encrypted_by
        super().__init__(*where, local_hostname=name, timeout=timeout_s)

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        """Reach `host` and read its first words."""
        sock = socket.create_connection((host, port), self.timeout, source_address)
        self.sock = sock  # closed with us, whatever comes
        self._deadline.guard(sock)
        if self._encrypted_by is not None:
            self.sock = self._encrypted_by.wrap_socket(sock, server_hostname=host)
        return self.getreply()
