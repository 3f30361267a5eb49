"""Alarms to another program: JSON by HTTP POST, signed with HMAC-SHA256 as standardwebhooks.com describes. The address
is looked up at every attempt; a private one must stand in config.ini, as others may control the DNS of its name.
"""

import base64
import hmac
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from base.settings import kinds
from base.settings.reading import secret_in
from base.settings.values import Settings, config_key
from db.operations.incidents import Alarm, IncidentCard
from plp.conversation import Limits, Place, connect, places_of, within
from rules.refusals import Refusal

QUIET: tuple[str, ...] = ()
QUEUES, WAITS = False, True
# Of a step, and of the whole: a program that takes longer is as good as away. The answer is a status and some headers.
STEP_S, WHOLE_S = 10.0, 20.0
MOST_ANSWER_BYTES = 64 * 1024
_LEAST_SECRET = 24
_STANDARD_PREFIX = "whsec_"  # then it is base64
_Network = IPv4Network | IPv6Network


def _networks(value: str, _folder: Path) -> tuple[_Network, ...]:
    """Addresses and networks, separated by commas."""
    try:
        return tuple(ip_network(word.strip()) for word in value.split(",") if word.strip())
    except ValueError:
        raise ValueError(
            f"« {value} » ne contient pas que des adresses IP ou des réseaux, par exemple 10.0.0.5"
        ) from None


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Section [alarm:webhook]. Only for `private` addresses may it be http. With `events`, events are posted too."""

    url: str = config_key("", kinds.web_address)
    secret_file: Path = config_key(None, kinds.optional(kinds.file))
    private: tuple[_Network, ...] = config_key((), _networks)
    # vouches for the receiver's certificate, where the machine's own authorities do not
    ca_file: Path | None = config_key(None, kinds.optional(kinds.file))
    events: bool = config_key(False, kinds.yes_or_no)


def is_open(settings: Settings, _now: datetime) -> bool:
    """True where config.ini has its section. Raises Refusal where something in it is missing or wrong."""
    wanted = settings_of(settings)
    return wanted is not None and bool(_secret(wanted.secret_file))


def send(alarm: Alarm, settings: Settings, now: datetime) -> bool:
    """Post it. Raises OSError where the receiver did not accept it."""
    wanted = settings_of(settings)
    if wanted is None:
        return False
    post(wanted, alarm.key, document(alarm, settings), now)
    return True


def post(wanted: WebhookSettings, key: str, what: Mapping[str, object], now: datetime) -> None:
    """Post a document, which the receiver knows again by its key. Raises OSError where it was not accepted."""
    body = json.dumps(what, ensure_ascii=False).encode()
    status = _post(wanted, body, signed(key, body, _secret(wanted.secret_file), now))
    if not 200 <= status < 300:
        raise OSError(f"HTTP {status}")


def settings_of(settings: Settings) -> WebhookSettings | None:
    """Its section of config.ini; None without one. Raises Refusal for what is missing."""
    section = settings.channel("webhook")
    if section is None:
        return None
    wanted: WebhookSettings = section.read(WebhookSettings)
    if not wanted.url or not wanted.secret_file:
        raise Refusal("[alarm:webhook] demande url et secret_file, le fichier de la clé qui signe.")
    return wanted


def document(alarm: Alarm, settings: Settings) -> dict[str, object]:
    """The JSON: no names of SIMs or people. `text` is what chat programs show."""
    lines = [
        *(f"Incident : {card.sentence}" for card in alarm.opened),
        *(f"Résolu : {card.sentence}" for card in alarm.ended),
    ]
    return {
        "type": "plp.alarm",
        "host": settings.host,
        "text": "\n".join(lines),
        "opened": _shapes(alarm.opened),
        "ended": _shapes(alarm.ended),
    }


def _shapes(cards: Sequence[IncidentCard]) -> list[dict[str, object]]:
    return [
        {
            "id": card.id,
            "kind": card.kind,
            "sentence": card.sentence,
            "opened_at": card.opened_at.isoformat(),
            "ended_at": card.ended_at.isoformat() if card.ended_at else None,
            "reopened": card.reopened,
        }
        for card in cards
    ]


def signed(key: str, body: bytes, secret: bytes, now: datetime) -> dict[str, str]:
    """The headers of a post: its id stays the same when it is tried again."""
    at = str(int(now.timestamp()))
    mac = hmac.digest(secret, b".".join((key.encode(), at.encode(), body)), "sha256")
    return {
        "Content-Type": "application/json",
        "User-Agent": "plp-alerte",
        "webhook-id": key,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _secret(path: Path) -> bytes:
    text = secret_in(path, "alarm:webhook", "secret_file").strip()
    secret = text.encode()
    if text.startswith(_STANDARD_PREFIX):
        try:
            secret = base64.b64decode(text.removeprefix(_STANDARD_PREFIX))
        except ValueError:
            raise Refusal("La clé du webhook ({path}) n'est pas du base64 après whsec_.", path=path) from None
    if len(secret) < _LEAST_SECRET:
        raise Refusal(
            "La clé du webhook ({path}) est trop courte : {least} caractères au moins.", path=path, least=_LEAST_SECRET
        )
    return secret


def _post(wanted: WebhookSettings, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer. No redirection is followed."""
    url = urlsplit(wanted.url)
    host, secure = str(url.hostname), url.scheme == "https"
    port = url.port or (443 if secure else 80)
    limits = Limits(STEP_S, WHOLE_S, MOST_ANSWER_BYTES)
    connection = HTTPConnection(host, port)
    connection.sock = connect([_place(host, port, wanted.private, secure, limits)], limits)
    try:
        if secure:
            context = within(ssl.create_default_context(cafile=wanted.ca_file), limits)
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        connection.request("POST", (url.path or "/") + (f"?{url.query}" if url.query else ""), body, headers)
        return connection.getresponse().status
    except HTTPException as error:
        raise OSError(f"{host}: {error!r}") from error
    finally:
        connection.close()


def _place(host: str, port: int, private: Sequence[_Network], secure: bool, limits: Limits) -> Place:
    for family, address in places_of(host, port, limits):
        ip = ip_address(str(address[0]).partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if any(ip in network for network in private) or (secure and ip.is_global and not ip.is_multicast):
            return family, address
    raise OSError(f"{host}: private address, or no TLS; [alarm:webhook] private does not name it")
