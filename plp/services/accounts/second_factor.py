"""The second factor of an account: codes of an authenticator app, ten recovery codes, security keys."""

import secrets
from datetime import datetime

from pyotp import TOTP, random_base32

from db.engine.connection import take_turn, writing
from db.journal import audit
from db.people.accounts import factors as stored
from db.people.accounts.accounts import AccountCard
from db.people.accounts.factors import Seal, app_secret, factors
from db.people.accounts.passwords import give_back, hashed, matches
from plp.services.accounts.signing_in import counted_try
from rules.people import Actor
from rules.refusals import Refusal

RECOVERY_CODES = 10
MOST_KEYS = 10
# The phone's clock may be a step (30 s) before or behind (RFC 6238, 5.2).
_STEPS = (0, -1, 1)
# Without I, O, 0 and 1: they are read from paper.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def offered_secret(account_id: int, seal: Seal) -> str:
    """The secret (base32) for an authenticator app; the same one until a first code of it is typed. Raises Refusal."""
    if secret := _unconfirmed(account_id, seal):
        return secret
    secret = random_base32()
    with writing():
        take_turn("accounts")
        if other := _unconfirmed(account_id, seal):
            return other
        if not stored.keep_secret(account_id, seal.close(secret)):
            raise Refusal("Application déjà activée. Retirez-la d'abord pour en activer une autre.")
    return secret


def _unconfirmed(account_id: int, seal: Seal) -> str | None:
    known = app_secret(account_id, seal)
    return known.secret if known is not None and not known.confirmed else None


def confirm_app(who: AccountCard, code: str, by: Actor, seal: Seal, now: datetime) -> list[str]:
    """Take the app whose code this is; returns new recovery codes where there are none. Raises Refusal."""
    known = app_secret(who.id, seal)
    if known is None or known.confirmed or not _take_code(known, "".join(code.split()), now):
        raise Refusal("Code incorrect. Tapez le code affiché par l'application.")
    codes = {} if factors(who.id).recovery_left else _hashed_codes()
    with writing():
        take_turn("accounts")
        stored.mark_app_confirmed(known.id, now)
        audit.record_from(now, by, "factor_added", who.name, factor="app")
        return _keep_recovery(who, codes, by, now) if codes else []


def recovery_codes(who: AccountCard, by: Actor, now: datetime) -> list[str]:
    """Ten new codes, which are shown once; earlier ones are no longer valid."""
    return _keep_recovery(who, _hashed_codes(), by, now)


def _hashed_codes() -> dict[str, str]:
    """New codes and what is stored of each. It takes seconds on a busy machine, and no transaction may wait for it."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    return {code: hashed(code) for code in codes}


def _keep_recovery(who: AccountCard, codes: dict[str, str], by: Actor, now: datetime) -> list[str]:
    with writing():
        take_turn("accounts")
        stored.keep_recovery(who.id, codes.values())
        audit.record_from(now, by, "recovery_codes_made", who.name)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def prove(who: AccountCard, code: str, address: str, seal: Seal, now: datetime, device: str = "") -> bool:
    """True when this is a code of the account's app or a recovery code, once. Raises TooManyTries before looking."""
    taken = counted_try(f"{who.name} code", who.name, address, now, device)
    typed = "".join(code.split()).replace("-", "").upper()
    known = app_secret(who.id, seal)
    by_app = known is not None and known.confirmed and _take_code(known, typed, now)
    hashes = stored.recovery_hashes(who.id) if not by_app and len(typed) == 10 else []
    by_recovery = any(matches(hash_, typed) and stored.take_recovery(code_id) for code_id, hash_ in hashes)
    with writing():
        if not (by_app or by_recovery):
            audit.record_from(now, Actor("anonymous", address=address), "factor_refused", who.name)
            return False
        give_back(taken, now)
        if by_recovery:
            audit.record_from(now, Actor("account", who.name, address), "recovery_code_used", who.name)
    return True


def _take_code(known: stored.AppSecret, code: str, now: datetime) -> bool:
    """Use up a code of the app. Of two simultaneous uses of one code, one succeeds."""
    if known.secret is None:
        return False
    totp, typed = TOTP(known.secret), code.encode()
    steps = [totp.timecode(now) + beside for beside in _STEPS]
    matching = [step for step in steps if secrets.compare_digest(totp.generate_otp(step).encode(), typed)]
    return any(stored.take_step(known.id, step) for step in matching)


def add_key(who: AccountCard, name: str, credential: bytes, sign_count: int, by: Actor, now: datetime) -> None:
    """One more key. Raises Refusal when there are too many."""
    with writing():
        take_turn("accounts")
        if len(factors(who.id).keys) >= MOST_KEYS:
            raise Refusal("Maximum : {count} clés de sécurité par compte. Retirez-en une d'abord.", count=MOST_KEYS)
        stored.create_key(who.id, name, credential, sign_count, now)
        audit.record_from(now, by, "factor_added", who.name, factor="key")


def use_key(who: AccountCard, credential: bytes, sign_count: int, address: str, now: datetime) -> bool:
    """A key has signed. False when its count did not rise: two keys have the same secret."""
    with writing():
        is_next = stored.count_signature(who.id, credential, sign_count, now)
        if not is_next:
            audit.record_from(now, Actor("anonymous", address=address), "factor_refused", who.name)
    return is_next


def remove_key(who: AccountCard, key_id: int, by: Actor, now: datetime) -> None:
    """Forget one of the account's keys."""
    with writing():
        if stored.delete_key(who.id, key_id):
            audit.record_from(now, by, "factor_removed", who.name, factor="key")


def remove_app(who: AccountCard, by: Actor, now: datetime) -> None:
    """Forget the authenticator app."""
    with writing():
        if stored.delete_app(who.id):
            audit.record_from(now, by, "factor_removed", who.name, factor="app")
