"""The person behind an act: the account for which a token or a terminal acts, and what two accounts have in common."""

from dataclasses import dataclass
from datetime import datetime

from db.engine.base import card_of, folded_column, tuples
from db.models.accounts import Account, AccountRole, ApiToken, SecurityKey
from db.people.policy import able
from rules.collation import folded
from rules.people import Actor, persons


@dataclass(frozen=True, slots=True)
class Standing:
    """An account, as one of two that must agree. `password_by` made its password's link; until `approves_from_at` it
    can approve nothing. `role_by` gave it the role in question. `marks` are its mobile, address and keys.
    """

    name: str
    password_by: str
    approves_from_at: datetime | None
    role_by: str
    role_at: datetime | None
    marks: frozenset[str]


def standing(name: str, role: str) -> Standing | None:
    """The account of this name, with its `role`; None where there is none."""
    # The jobs ask too, whom to call, and their role may read no password.
    columns = (
        *(Account.id, Account.name, Account.mobile, Account.email),
        *(Account.approves_from_at, Account.password_by),
    )
    account = Account.select(*columns).where(folded_column(Account.name) == folded(name)).first()
    if account is None:
        return None
    given = AccountRole.get_or_none(AccountRole.account == account.id, AccountRole.role == role)
    return card_of(
        Standing,
        account,
        role_by=given.given_by if given else "",
        role_at=given.given_at if given else None,
        marks=_marks(account),
    )


def persons_able(role: str) -> int:
    """The number of people with this role who can sign in, however many accounts they have."""
    rows = Account.select(Account.id, Account.mobile, Account.email).where(Account.id.in_(able(role)))
    return persons(map(_marks, rows))


def _marks(account: Account) -> frozenset[str]:
    """The mobile, address and keys of an account: another one with one of them is the same person's."""
    keys = tuples(SecurityKey.select(SecurityKey.credential).where(SecurityKey.account == account.id))
    marks = {account.mobile or "", (account.email or "").casefold(), *(credential for (credential,) in keys)}
    return frozenset(marks - {""})


def account_behind(stored: str) -> str | None:
    """The name of the acting person's account: a token's owner, or at a terminal the account with the system user's
    name. None where no person is known.
    """
    actor = Actor.read(stored)
    if actor.kind == "token":
        return ApiToken.select(ApiToken.owner).where(ApiToken.name == actor.name).scalar() or None
    if actor.kind == "terminal":
        found = Account.select(Account.name).where(folded_column(Account.name) == folded(actor.name)).scalar()
        return str(found) if found else None
    return actor.name if actor.kind == "account" else None
