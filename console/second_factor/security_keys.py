"""Security keys (WebAuthn level 2): the options for browsers, and the check of their answers.

Browsers take part under TLS with a certificate that they trust and a name, not an address (5.1.3, "effective domain"),
and on this machine itself. The challenge of the last page that wanted one is in the session's cookie, of which anybody
may keep a copy: the console remembers for five minutes what it gave out, and takes an answer once.
"""

import ipaddress
import json
from typing import Any, cast
from urllib.parse import urlsplit

from flask import request, session

from console.web.acting import actor
from console.web.limits import limiter
from db.engine.clock import utc_now
from db.people.accounts.accounts import AccountCard
from db.people.accounts.factors import credentials
from plp.services.accounts.signing_in import add_key, use_key
from rules.refusals import Refusal

_CHALLENGE = "key_challenge"
_ASKED_FOR_S = 300
# A touch is enough: the password was the first factor.
_TOUCH = cast(Any, "discouraged")


def can_be_used() -> bool:
    """True when browsers offer keys under the address of this request."""
    host = _host()
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host == "localhost" or request.is_secure
    return False


def signing(who: AccountCard) -> str:
    """The options for signing with a key, as JSON; empty where this account has none or none can be used."""
    known = _known(who)
    if not known or not can_be_used():
        return ""
    options, challenge = _server().authenticate_begin(known, user_verification=_TOUCH)
    _remember(challenge)
    return json.dumps(dict(options)["publicKey"])


def signed(who: AccountCard, answer: str) -> bool:
    """True when one of the account's keys signed the challenge; it is used up with it."""
    from fido2.webauthn import AuthenticationResponse

    challenge = _taken()
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        key_id = _server().authenticate_complete(challenge, _known(who), response)
        count = response.response.authenticator_data.counter
    except (ValueError, TypeError, KeyError):
        return False
    return use_key(who, bytes(key_id), count, request.remote_addr or "", utc_now())


def offered(who: AccountCard) -> str:
    """The options for making a new key, as JSON; empty where none can be used."""
    from fido2.webauthn import PublicKeyCredentialUserEntity

    if not can_be_used():
        return ""
    user = PublicKeyCredentialUserEntity(id=str(who.id).encode(), name=who.name, display_name=who.name)
    options, challenge = _server().register_begin(user, _known(who), user_verification=_TOUCH)
    _remember(challenge)
    return json.dumps(dict(options)["publicKey"])


def take(who: AccountCard, name: str, answer: str) -> None:
    """A new key of the account. Raises Refusal."""
    challenge = _taken()
    try:
        made = _server().register_complete(challenge, json.loads(answer))
    except (ValueError, TypeError, KeyError):
        raise Refusal("Réponse de la clé non valable. Essayez encore une fois.") from None
    if made.credential_data is None:
        raise Refusal("Réponse de la clé non valable. Essayez encore une fois.")
    add_key(who, name, bytes(made.credential_data), made.counter, actor(), utc_now())


def _remember(challenge: Any) -> None:
    session[_CHALLENGE] = challenge
    limiter.storage.incr(f"{_CHALLENGE} {challenge['challenge']}", _ASKED_FOR_S)


def _taken() -> Any:
    """The challenge that this session was to sign; None when it is too old, or was already answered."""
    challenge = session.pop(_CHALLENGE, None)
    times = limiter.storage.incr(f"{_CHALLENGE} {challenge['challenge']}", _ASKED_FOR_S) if challenge else 0
    return challenge if times == 2 else None  # once when it was given out, once now


def _known(who: AccountCard) -> list[Any]:
    from fido2.webauthn import AttestedCredentialData

    return [AttestedCredentialData(stored) for stored in credentials(who.id)]


def _server() -> Any:
    from fido2.server import Fido2Server  # it reads a list of all public domains: 3 MB that few zones need
    from fido2.webauthn import PublicKeyCredentialRpEntity

    return Fido2Server(PublicKeyCredentialRpEntity(name="plp-alerte", id=_host()))


def _host() -> str:
    return urlsplit(request.host_url).hostname or ""
