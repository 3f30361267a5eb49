"""Second factors as they are stored: the secret of an authenticator app, ten recovery codes, security keys
(docs/adr/0033)."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from peewee import fn

from db.engine.cached_queries import Prepared, given
from db.models.accounts import RecoveryCode, SecurityKey, TotpSecret

_KEYS = Prepared(SecurityKey.select().where(SecurityKey.account == given("account")).order_by(SecurityKey.id))
_RECOVERY = Prepared(RecoveryCode.select(fn.COUNT(RecoveryCode.id)).where(RecoveryCode.account == given("account")))
_SECRET = Prepared(TotpSecret.select().where(TotpSecret.account == given("account")))


class Seal:
    """Encrypts secrets for the database with a key that is kept outside it."""

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


@dataclass(frozen=True, slots=True)
class AppSecret:
    """The secret (base32) of an app, None where this machine's key does not open it; a code has `confirmed` it."""

    id: int
    secret: str | None
    confirmed: bool


def factors(account_id: int) -> Factors:
    """The second factors of an account; false for none."""
    row = _SECRET.result(account=account_id)
    return Factors(
        app=row is not None and row.confirmed_at is not None,
        keys=tuple(_KEYS.results(account=account_id)),
        recovery_left=_RECOVERY.rows(account=account_id)[0][0],
    )


def opens_none(seal: Seal) -> bool:
    """True where apps have secrets in the database, and the key of this machine opens none of them."""
    rows = TotpSecret.select(TotpSecret.sealed)
    return bool(rows) and not any(seal.open(row.sealed) for row in rows)


def app_secret(account_id: int, seal: Seal) -> AppSecret | None:
    """The secret of an account's app, confirmed or not."""
    row = _SECRET.result(account=account_id)
    return AppSecret(row.id, seal.open(row.sealed), row.confirmed_at is not None) if row is not None else None


def keep_secret(account_id: int, sealed: str) -> bool:
    """Keep the secret of an app that is not confirmed yet; False if a confirmed one exists."""
    mine = TotpSecret.account == account_id
    if TotpSecret.select().where(mine, TotpSecret.confirmed_at.is_null(False)).exists():
        return False
    TotpSecret.delete().where(mine).execute()
    TotpSecret.create(account=account_id, sealed=sealed)
    return True


def mark_app_confirmed(secret_id: int, now: datetime) -> None:
    """From now on its codes are valid."""
    TotpSecret.update(confirmed_at=now).where(TotpSecret.id == secret_id).execute()


def take_step(secret_id: int, step: int) -> bool:
    """Use up a code by its time step; of two simultaneous uses of one code, one succeeds."""
    later = TotpSecret.update(last_step=step).where(TotpSecret.id == secret_id, TotpSecret.last_step < step)
    return bool(later.execute())


def keep_recovery(account_id: int, hashes: Iterable[str]) -> None:
    """These are its recovery codes from now on, and no others."""
    RecoveryCode.delete().where(RecoveryCode.account == account_id).execute()
    RecoveryCode.insert_many([{"account": account_id, "code_hash": stored} for stored in hashes]).execute()


def recovery_hashes(account_id: int) -> list[tuple[int, str]]:
    """Number and hash of every recovery code that is left."""
    return [(row.id, row.code_hash) for row in RecoveryCode.select().where(RecoveryCode.account == account_id)]


def take_recovery(code_id: int) -> bool:
    """Use up a recovery code; False where it was used at the same time."""
    return bool(RecoveryCode.delete().where(RecoveryCode.id == code_id).execute())


def credentials(account_id: int) -> list[bytes]:
    """The attested credential data (WebAuthn 2, 6.5.1) of an account's keys."""
    return [base64.b64decode(row.credential) for row in _KEYS.results(account=account_id)]


def create_key(account_id: int, name: str, credential: bytes, sign_count: int, now: datetime) -> None:
    """One more key."""
    stored = base64.b64encode(credential).decode("ascii")
    SecurityKey.create(account=account_id, name=name, credential=stored, sign_count=sign_count, added_at=now)


def count_signature(account_id: int, credential: bytes, sign_count: int, now: datetime) -> bool:
    """A key has signed. False when its count did not rise: two keys have the same secret (WebAuthn 2, 6.1.1)."""
    stored = base64.b64encode(credential).decode("ascii")
    is_next = (SecurityKey.sign_count < sign_count) | ((SecurityKey.sign_count == 0) & (sign_count == 0))
    mine = (SecurityKey.account == account_id) & (SecurityKey.credential == stored)
    return bool(SecurityKey.update(sign_count=sign_count, last_used_at=now).where(mine, is_next).execute())


def delete_key(account_id: int, key_id: int) -> bool:
    """Forget one of the account's keys."""
    return bool(SecurityKey.delete().where(SecurityKey.account == account_id, SecurityKey.id == key_id).execute())


def delete_app(account_id: int) -> bool:
    """Forget the authenticator app."""
    return bool(TotpSecret.delete().where(TotpSecret.account == account_id).execute())


def delete_factors(account_id: int) -> None:
    """Forget every factor of the account."""
    for table in (TotpSecret, RecoveryCode, SecurityKey):
        table.delete().where(table.account == account_id).execute()
