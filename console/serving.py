"""The console's web server: gunicorn with threads, in this process and one worker of its own."""

import errno
import ipaddress
import logging
import re
import socket
import ssl
from typing import Any
from urllib.parse import quote

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from console import create_app
from db.refusals import Refusal
from db.settings import ConsoleSettings, Settings

THREADS = 8
# A browser that keeps its connection must not hold the stop: systemd and Ctrl-C wait for this (tried.md).
GRACEFUL_TIMEOUT_S = 1
# The fragments are asked again each second; on one connection that costs no handshake.
KEEP_ALIVE_S = 5
PRIVATE_UMASK = 0o077

# Whoever has one of these needs no password.
_SECRET_LINK = re.compile(r"^/(setup|relay)/.*", re.DOTALL)


def serve(settings: Settings, demo: bool = False) -> None:
    """Serve until SIGTERM or SIGINT; ends the process by SystemExit.

    Raises Refusal when the address is not loopback and has no TLS, is taken or is not this machine's, or when the
    certificate cannot be used.
    """
    check_exposure(settings.console)
    check_certificate(settings.console)
    listener = listening_socket(settings.console)
    _Server(settings, demo, listener.detach()).run()


def check_exposure(console: ConsoleSettings) -> None:
    """Passwords and numbers never cross a network in the clear: only loopback may do without TLS."""
    if bool(console.certificate) != bool(console.key):
        raise Refusal("[console] : certificate et key vont ensemble ; il en manque un.")
    if console.certificate is None and not _is_loopback(console.host):
        raise Refusal(
            "[console] listen = {host}:{port} : une adresse visible du réseau demande certificate et key. "
            "Donnez-les, ou écoutez sur 127.0.0.1.",
            host=console.host,
            port=console.port,
        )


def check_certificate(console: ConsoleSettings) -> None:
    """Read the certificate and its key now, so that a mistake is told at the start and not to the first visitor."""
    if console.certificate is None or console.key is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(console.certificate, console.key)
    except (OSError, ssl.SSLError) as error:
        raise Refusal(
            "[console] : le certificat {certificate} et la clé {key} ne peuvent pas servir : {error}.",
            certificate=console.certificate,
            key=console.key,
            error=error,
        ) from None


def listening_socket(console: ConsoleSettings) -> socket.socket:
    """Take the address. Raises Refusal when another program has it or it is not this machine's."""
    address = (console.host, console.port)
    try:
        family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server(address, family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(
                "Un autre programme écoute déjà sur {host}:{port}. Arrêtez-le, ou changez listen dans [console].",
                host=console.host,
                port=console.port,
            ) from None
        raise Refusal(
            "Il n'est pas possible d'écouter sur {host}:{port} : {error}.",
            host=console.host,
            port=console.port,
            error=error.strerror or error,
        ) from None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told everything by the settings and nothing by its own files or arguments."""

    def __init__(self, settings: Settings, demo: bool, descriptor: int) -> None:
        self._settings = settings
        self._demo = demo
        self._descriptor = descriptor
        super().__init__(prog="plp console")

    def load_config(self) -> None:
        console, level = self._settings.console, self._settings.log.level
        options: dict[str, Any] = {
            "bind": f"fd://{self._descriptor}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": KEEP_ALIVE_S,
            "graceful_timeout": GRACEFUL_TIMEOUT_S,
            "umask": PRIVATE_UMASK,
            "control_socket_disable": True,
            "proc_name": "plp console",
            "logger_class": ConsoleLogger,
            "accesslog": "-",
            "access_log_format": "%(h)s %(m)s %(U)s %(s)s %(B)s %(M)sms",
            "loglevel": "debug" if level == "debug" else "warning",
        }
        if console.certificate and console.key:
            options |= {"certfile": str(console.certificate), "keyfile": str(console.key)}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(self._settings, self._demo)


class ConsoleLogger(Logger):  # type: ignore[misc]
    """gunicorn's two logs, sent where the product's go (stderr), without query strings and secret links."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in list(log.handlers):
                log.removeHandler(handler)
            log.propagate = True

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        # Quoted again: a decoded line end in a path would write a line of its own into the log.
        found["U"] = quote(_SECRET_LINK.sub(r"/\1/***", environ.get("PATH_INFO", "")), safe="/*")
        return found

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """Live parts that went well are asked each second and would bury the rest: only at debug."""
        polled = "HTTP_HX_REQUEST" in environ or environ.get("PATH_INFO", "").startswith("/static/")
        went_well = str(resp.status)[:1] in ("2", "3")
        if not (polled and went_well) or self.error_log.isEnabledFor(logging.DEBUG):
            super().access(resp, req, environ, request_time)
