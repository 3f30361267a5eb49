"""Proving who one is: by a password, and by a second factor (codes of an authenticator app, ten recovery codes,
security keys).
"""

import base64
import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from peewee import fn
from pyotp import TOTP, random_base32

from db.engine.base import folded_column
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.journal import audit
from db.models.accounts import Account, RecoveryCode, SecurityKey, TotpSecret
from db.people.accounts.accounts import AccountCard, identity_of
from db.people.accounts.passwords import (
    TooManyTries,
    Try,
    give_back,
    hashed,
    hashed_code,
    matches,
    renewed,
    take_try,
)
from db.people.accounts.sessions import end_sessions
from rules.collation import folded
from rules.people import Actor
from rules.refusals import Refusal

_log = logging.getLogger(__name__)

RECOVERY_CODES = 10
# The phone's clock may be a step (30 s) before or behind (RFC 6238, 5.2).
_STEPS = (0, -1, 1)
# Without I, O, 0 and 1: they are read from paper.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
MOST = 10


class Seal:
    """Encrypts secrets for the database with a key that stands outside it."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"plp second factor {key}".encode()).digest()))

    def close(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode("ascii")

    def open(self, sealed: str) -> str | None:
        """None when another key closed it: the file of the key was replaced."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            return None


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of an account."""

    app: bool
    keys: tuple[SecurityKey, ...]
    recovery_left: int

    def __bool__(self) -> bool:
        return self.app or bool(self.keys)


def factors(account_id: int) -> Factors:
    """The second factors of an account; false when there is none."""
    return Factors(
        app=_confirmed(account_id) is not None,
        keys=tuple(_KEYS.results(account=account_id)),
        recovery_left=_RECOVERY.rows(account=account_id)[0][0],
    )


_KEYS = Prepared(SecurityKey.select().where(SecurityKey.account == given("account")).order_by(SecurityKey.id))
_RECOVERY = Prepared(RecoveryCode.select(fn.COUNT(RecoveryCode.id)).where(RecoveryCode.account == given("account")))


def opens_none(seal: Seal) -> bool:
    """True where apps have secrets in the database, and the key of this machine opens none of them."""
    rows = TotpSecret.select(TotpSecret.sealed)
    return bool(rows) and not any(seal.open(row.sealed) for row in rows)


def offered_secret(account_id: int, seal: Seal) -> str:
    """The secret (base32) for an authenticator app; the same one until a first code of it is typed."""
    row = TotpSecret.get_or_none(TotpSecret.account == account_id)
    known = seal.open(row.sealed) if row is not None and row.confirmed_at is None else None
    if known is not None:
        return known
    secret = random_base32()
    with writing():
        if row is None:
            TotpSecret.create(account=account_id, sealed=seal.close(secret))
        elif row.confirmed_at is None:
            TotpSecret.update(sealed=seal.close(secret)).where(TotpSecret.id == row.id).execute()
        else:
            raise Refusal("Application déjà activée. Retirez-la d'abord pour en activer une autre.")
    return secret


def confirm_app(who: AccountCard, code: str, by: Actor, seal: Seal, now: datetime) -> list[str]:
    """Take the app whose code this is; returns new recovery codes where there are none. Raises Refusal."""
    row = TotpSecret.get_or_none(TotpSecret.account == who.id, TotpSecret.confirmed_at.is_null())
    secret = seal.open(row.sealed) if row is not None else None
    if row is None or secret is None or not _take_step(row, secret, "".join(code.split()), now):
        raise Refusal("Code incorrect. Tapez le code affiché par l'application.")
    codes = {} if factors(who.id).recovery_left else _hashed_codes()
    with writing():
        TotpSecret.update(confirmed_at=now).where(TotpSecret.id == row.id).execute()
        audit.record_from(now, by, "factor_added", who.name, factor="app")
        return _keep_recovery(who, codes, by, now) if codes else []


def recovery_codes(who: AccountCard, by: Actor, now: datetime) -> list[str]:
    """Ten new codes, which are shown once; those of before are over."""
    return _keep_recovery(who, _hashed_codes(), by, now)


def _hashed_codes() -> dict[str, str]:
    """New codes and what is stored of each. It takes seconds on a busy machine, and no transaction may wait for it."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    return {code: hashed_code(code) for code in codes}


def _keep_recovery(who: AccountCard, codes: dict[str, str], by: Actor, now: datetime) -> list[str]:
    with writing():
        RecoveryCode.delete().where(RecoveryCode.account == who.id).execute()
        RecoveryCode.insert_many([{"account": who.id, "code_hash": made} for made in codes.values()]).execute()
        audit.record_from(now, by, "recovery_codes_made", who.name)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def prove(who: AccountCard, code: str, address: str, seal: Seal, now: datetime, device: str = "") -> bool:
    """True when this is a code of the account's app or a recovery code, once. Raises TooManyTries before looking."""
    taken = _taken(f"{who.name} code", who.name, address, now, device)
    typed = "".join(code.split()).replace("-", "").upper()
    how = "app" if _is_of_app(who.id, typed, seal, now) else "recovery" if _take_recovery(who.id, typed) else ""
    with writing():
        if not how:
            audit.record_from(now, Actor("anonymous", address=address), "factor_refused", who.name)
            return False
        give_back(taken, now)
        if how == "recovery":
            audit.record_from(now, Actor("account", who.name, address), "recovery_code_used", who.name)
    return True


def remove_app(who: AccountCard, by: Actor, now: datetime) -> None:
    """Forget the authenticator app."""
    with writing():
        if TotpSecret.delete().where(TotpSecret.account == who.id).execute():
            audit.record_from(now, by, "factor_removed", who.name, factor="app")


def remove_all(account_id: int, by: Actor, now: datetime) -> None:
    """For somebody who lost everything: the next sign-in sets up a new second factor."""
    account = Account.get_by_id(account_id)
    with writing():
        for table in (TotpSecret, RecoveryCode, SecurityKey):
            table.delete().where(table.account == account_id).execute()
        audit.record_from(now, by, "factor_removed", account.name, factor="all")


def _confirmed(account_id: int) -> TotpSecret | None:
    return next(iter(_CONFIRMED.results(account=account_id)), None)


_CONFIRMED = Prepared(
    TotpSecret.select().where(TotpSecret.account == given("account"), TotpSecret.confirmed_at.is_null(False))
)


def _is_of_app(account_id: int, code: str, seal: Seal, now: datetime) -> bool:
    row = _confirmed(account_id)
    secret = seal.open(row.sealed) if row is not None else None
    return row is not None and secret is not None and _take_step(row, secret, code, now)


def _take_step(row: TotpSecret, secret: str, code: str, now: datetime) -> bool:
    """Two at once, with one code: one of them has it."""
    totp, typed = TOTP(secret), code.encode()
    steps = [totp.timecode(now) + beside for beside in _STEPS]
    matching = [step for step in steps if secrets.compare_digest(totp.generate_otp(step).encode(), typed)]
    return any(
        TotpSecret.update(last_step=found).where(TotpSecret.id == row.id, TotpSecret.last_step < found).execute()
        for found in matching
    )


def _take_recovery(account_id: int, code: str) -> bool:
    if len(code) != 10:
        return False
    for row in RecoveryCode.select().where(RecoveryCode.account == account_id):
        if matches(row.code_hash, code):
            return bool(RecoveryCode.delete().where(RecoveryCode.id == row.id).execute())
    return False


def credentials(account_id: int) -> list[bytes]:
    """The attested credential data (WebAuthn 2, 6.5.1) of an account's keys."""
    rows = SecurityKey.select().where(SecurityKey.account == account_id).order_by(SecurityKey.id)
    return [base64.b64decode(row.credential) for row in rows]


def add_key(who: AccountCard, name: str, credential: bytes, sign_count: int, by: Actor, now: datetime) -> None:
    """One more key. Raises Refusal when there are too many."""
    with writing():
        if SecurityKey.select().where(SecurityKey.account == who.id).count() >= MOST:
            raise Refusal("Maximum : {count} clés de sécurité par compte. Retirez-en une d'abord.", count=MOST)
        SecurityKey.create(
            account=who.id,
            name=name,
            credential=base64.b64encode(credential).decode("ascii"),
            sign_count=sign_count,
            added_at=now,
        )
        audit.record_from(now, by, "factor_added", who.name, factor="key")


def use_key(who: AccountCard, credential: bytes, sign_count: int, address: str, now: datetime) -> bool:
    """A key has signed. False when its count did not rise: two keys have the same secret (WebAuthn 2, 6.1.1)."""
    stored = base64.b64encode(credential).decode("ascii")
    is_next = (SecurityKey.sign_count < sign_count) | ((SecurityKey.sign_count == 0) & (sign_count == 0))
    with writing():
        used = SecurityKey.update(sign_count=sign_count, last_used_at=now).where(
            SecurityKey.account == who.id, SecurityKey.credential == stored, is_next
        )
        if used.execute():
            return True
        audit.record_from(now, Actor("anonymous", address=address), "factor_refused", who.name)
    return False


def remove_key(who: AccountCard, key_id: int, by: Actor, now: datetime) -> None:
    """Forget one of the account's keys."""
    with writing():
        if SecurityKey.delete().where(SecurityKey.account == who.id, SecurityKey.id == key_id).execute():
            audit.record_from(now, by, "factor_removed", who.name, factor="key")


def _taken(counted: str, name: str, address: str, now: datetime, device: str) -> Try:
    """A try of the account `name`. One that is held back is a line of the log: a stranger could fill the journal."""
    try:
        return take_try(counted, address, now, device)
    except TooManyTries:
        _log.warning("%s: too many tries to sign in as %s", address, name or "nobody that is known")
        raise


def authenticate(name: str, password: str, address: str, now: datetime, device: str = "") -> AccountCard | None:
    """The account with this name and password, or None, then journalled; `device` is the name of a browser that the
    console knows. Raises TooManyTries before looking.
    """
    # A phone's keyboard begins names with a capital: the case of a name keeps nobody out.
    account = Account.get_or_none(folded_column(Account.name) == folded(name))
    taken = _taken(name, account.name if account else "", address, now, device)
    stored = account.password_hash if account and account.active else None
    right = matches(stored, password)
    with writing():
        if account is None or stored is None or not right:
            # Of an unknown name nothing is kept: it may be a password that was typed into the wrong field.
            by, subject = Actor("anonymous", address=address), account.name if account else ""
            wait_s = round(taken.wait.total_seconds()) or None
            audit.record_from(now, by, "sign_in_refused", subject, wait_s=wait_s)
            return None
        give_back(taken, now)
        new_hash = renewed(stored, password)
        if new_hash:
            Account.update(password_hash=new_hash).where(Account.id == account.id).execute()
    return identity_of(account)


def change_password(account_id: int, old: str, new: str, address: str, now: datetime) -> AccountCard:
    """A new password for who knows the old one; every session ends. Raises Refusal."""
    account = Account.get_by_id(account_id)
    if authenticate(account.name, old, address, now) is None:
        raise Refusal("Ancien mot de passe incorrect.")
    return write_password(account, new, Actor("account", account.name, address), now)


def write_password(account: Account, password: str, by: str, now: datetime) -> AccountCard:
    """Store a password and end the sessions of before. Raises Refusal."""
    account.password_hash = hashed(password, account.name, second_factor=bool(factors(account.id)))
    with writing():
        account.save()
        audit.record(now, by, "password_set", account.name)
        end_sessions(account.id, by, "password", now)
    return identity_of(account)
