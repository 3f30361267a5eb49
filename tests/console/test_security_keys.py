"""Security keys: what a key signed opens the door once, also for who kept a copy of the cookie."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import AttestedCredentialData

from console.web.limits import limiter
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.accounts import Account
from db.people.accounts.accounts import identity_of
from plp.services.accounts.signing_in import add_key
from rules.people import Actor
from tests.console.conftest import PASSWORD, Browser

NAME = "Test officer"
CREDENTIAL = b"a credential of sixteen"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture
def key(app, sign_in):
    """The officer's key, which has no counter, as those of telephones; the officer is signed out."""
    sign_in("officer").post("/logout")
    secret = ec.generate_private_key(ec.SECP256R1())
    public = ES256.from_cryptography_key(secret.public_key())
    with connected():
        who = identity_of(Account.get(Account.name == NAME))
        data = AttestedCredentialData.create(bytes(16), CREDENTIAL, public)
        add_key(who, "Clé", bytes(data), 0, Actor("account", NAME), utc_now())
    return secret


def signed(key, challenge):
    """What a browser posts of a key that was touched."""
    client = json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": "http://localhost"}).encode()
    authenticator = hashlib.sha256(b"localhost").digest() + b"\x01" + bytes(4)
    signature = key.sign(authenticator + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
    response = {"clientDataJSON": client, "authenticatorData": authenticator, "signature": signature}
    return json.dumps(
        {
            "id": base64url(CREDENTIAL),
            "rawId": base64url(CREDENTIAL),
            "type": "public-key",
            "response": {name: base64url(data) for name, data in response.items()},
        }
    )


def at_the_door(app):
    """A browser after the password, and what its key is asked to sign."""
    browser = Browser(app.test_client())
    assert browser.post("/login", {"name": NAME, "password": PASSWORD}).status_code == 200
    with browser.client.session_transaction() as session:
        return browser, session["key_challenge"]["challenge"]


def test_what_a_key_signed_opens_the_door_once(app, key):
    browser, challenge = at_the_door(app)
    copied, answer = browser.client.get_cookie("plp").value, signed(key, challenge)
    assert browser.post("/login/second", {"key": answer}).status_code == 302
    thief = Browser(app.test_client())
    thief.client.set_cookie("plp", copied)
    assert thief.post("/login/second", {"key": answer}).status_code == 401
    assert thief.get("/").location == "/login"


def test_what_was_asked_before_a_restart_or_long_ago_is_asked_anew(app, key):
    browser, challenge = at_the_door(app)
    limiter.reset()
    assert browser.post("/login/second", {"key": signed(key, challenge)}).status_code == 401
