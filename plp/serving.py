"""The console's address, certificate and secret key, with a sentence when they cannot be used."""

import errno
import ipaddress
import socket
import ssl
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from base.settings.values import ConsoleSettings
from db.engine.files import SECRET_KEY, file_mode, make_folder, make_secret
from rules.refusals import Refusal

# Of every answer's head; `plp check` knows a console by it.
SERVER = "plp-alerte"
# Of TLS 1.2, what RFC 9325 (4.2) recommends: a key of its own for every connection, and no CBC.
_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"
# A console of this machine answers within; one that listens on every address is looked for at this one.
_PATIENCE_S = 3
_KEY_LENGTH = 64
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def check_certificate(console: ConsoleSettings) -> ssl.SSLContext | None:
    """Read the certificate and its key now, so that a mistake is reported at the start and not to the first visitor.
    Passwords and numbers never cross a network in the clear: only loopback may do without TLS.
    """
    if console.certificate is None or console.key is None:
        if _is_loopback(console.host):
            return None
        raise Refusal(
            "[console] listen = {host}:{port} : une adresse visible du réseau demande certificate et key. "
            "Donnez-les, ou écoutez sur 127.0.0.1.",
            host=console.host,
            port=console.port,
        )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_SUITES)
    try:
        context.load_cert_chain(console.certificate, console.key)
    except (OSError, ssl.SSLError) as error:
        raise Refusal(
            "[console] : le certificat {certificate} et la clé {key} ne peuvent pas servir : {error}.",
            certificate=console.certificate,
            key=console.key,
            error=error,
        ) from None
    return context


def listening_socket(console: ConsoleSettings) -> socket.socket:
    """Bind the address. Raises Refusal when another program uses it or it is not this machine's."""
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


def is_served(console: ConsoleSettings) -> bool:
    """True when a console already listens at its address, which the header of its answer shows."""
    host = _HERE.get(console.host, console.host)
    try:
        if console.certificate is None:
            connection = HTTPConnection(host, console.port, timeout=_PATIENCE_S)
        else:  # whose certificate it is does not matter here
            unverified = ssl._create_unverified_context()  # noqa: S323
            connection = HTTPSConnection(host, console.port, timeout=_PATIENCE_S, context=unverified)
        with closing(connection):
            connection.request("GET", "/healthz")
            return (connection.getresponse().getheader("Server") or "").strip() == SERVER
    except (OSError, HTTPException):
        return False


def secret_key(state: Path) -> str:
    """The key in this machine's file SECRET_KEY, made when missing. Raises Refusal when it is unreadable or damaged."""
    path = state / SECRET_KEY
    try:
        state.mkdir(parents=True, exist_ok=True)
        make_folder(path.parent)
        make_secret(path, file_mode(path.parent))  # the jobs back it up
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("Impossible de lire la clé {path} : {error}.", path=path, error=error) from None
    if len(key) < _KEY_LENGTH:
        raise Refusal("La clé {path} est endommagée : supprimez ce fichier, chacun devra se reconnecter.", path=path)
    return key


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
