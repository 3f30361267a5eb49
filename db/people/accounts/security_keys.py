"""Security keys (WebAuthn): their credentials, and the count by which a copied key is noticed."""

import base64
from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.models.accounts import SecurityKey
from db.people.accounts.accounts import Identity
from plp.rules.people import Actor
from plp.rules.refusals import Refusal

MOST = 10


def credentials(account_id: int) -> list[bytes]:
    """The attested credential data (WebAuthn 2, 6.5.1) of an account's keys."""
    rows = SecurityKey.select().where(SecurityKey.account == account_id).order_by(SecurityKey.id)
    return [base64.b64decode(row.credential) for row in rows]


def add_key(who: Identity, name: str, credential: bytes, sign_count: int, by: Actor, now: datetime) -> None:
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


def use_key(who: Identity, credential: bytes, sign_count: int, address: str, now: datetime) -> bool:
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


def remove_key(who: Identity, key_id: int, by: Actor, now: datetime) -> None:
    """Forget one of the account's keys."""
    with writing():
        if SecurityKey.delete().where(SecurityKey.account == who.id, SecurityKey.id == key_id).execute():
            audit.record_from(now, by, "factor_removed", who.name, factor="key")
