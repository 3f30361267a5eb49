"""Accounts: who may sign in, with which roles; their addresses and numbers, and those that are told when something is
wrong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import normalize

from db.engine.base import card_of, folded_column
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.journal import audit
from db.mail.readers import readdress_mail
from db.models.accounts import Account, AccountRole
from db.people.accounts.passwords import hashed
from db.people.policy import able
from rules.collation import folded
from rules.members.typed import is_mail_address
from rules.numbers import parse_mobile
from rules.people import ROLES, Actor, roles_with
from rules.refusals import Refusal

# They look after the box; officers have the pages.
TOLD_ROLES = roles_with("hear_alarms")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with an account who is told of something by mail."""

    account_id: int
    name: str
    email: str


def checked_email(text: str | None) -> str | None:
    """The address as it is stored; None for none. Raises Refusal."""
    address = (text or "").strip()
    if address and not is_mail_address(address):
        raise Refusal("« {email} » n'est pas une adresse e-mail.", email=address[:60])
    return address or None


def set_email(account_id: int, email: str, by: str, now: datetime) -> bool:
    """Change where this account is written to; empty for nowhere. False where it was so. Raises Refusal."""
    address = checked_email(email)
    with writing():
        account = existing_account(account_id)
        if account.email and account.email != address:
            readdress_mail(account.name, account.email, address or "", now)
        return _changed(account, "email", address, by, now)


def set_mobile(account_id: int, mobile: str, by: str, now: datetime) -> bool:
    """Change the number for trial messages; empty for none. False where it was so. Raises Refusal."""
    msisdn = parse_mobile(mobile) if mobile.strip() else None
    with writing():
        return _changed(existing_account(account_id), "mobile", msisdn, by, now)


def _changed(account: Account, column: str, value: str | None, by: str, now: datetime) -> bool:
    if getattr(account, column) == value:
        return False
    Account.update({column: value}).where(Account.id == account.id).execute()
    audit.record_from(now, by, f"account_{column}_changed", account.name)
    return True


def existing_account(which: int | str) -> Account:
    """The row of an account, by its id or its name. Raises Refusal."""
    mine = Account.id == which if isinstance(which, int) else Account.name == which
    account: Account | None = Account.get_or_none(mine)
    if account is None and isinstance(which, str):
        raise Refusal("L'utilisateur « {name} » n'existe pas.", name=which)
    if account is None:
        raise Refusal("Cet utilisateur n'existe plus.")
    return account


def readers(*roles: str) -> list[Reader]:
    """The accounts with one of these roles that can be written to, by name."""
    rows = _active(roles).where(Account.email.is_null(False))
    return [Reader(row.id, row.name, row.email) for row in rows]


def unmailed() -> list[str]:
    """The names of technicians and admins whom no alarm reaches by mail."""
    return [row.name for row in _active(TOLD_ROLES).where(Account.email.is_null())]


def _active(roles: Sequence[str]) -> Any:
    with_role = AccountRole.select(AccountRole.account).where(
        AccountRole.role.in_(roles), AccountRole.holds_from_at.is_null()
    )
    found = Account.select(Account.id, Account.name, Account.email)  # the jobs' role may read no password
    return found.where(Account.active, Account.id.in_(with_role)).order_by(Account.name)


@dataclass(frozen=True, slots=True)
class AccountCard:
    """A person's account. `password_by` made its password's link; till `approves_from_at` it agrees to nothing. Till
    `officer_from_at` the role of officer, which `officer_by` gave, is not among its `roles`.
    """

    id: int
    name: str
    roles: frozenset[str]
    active: bool
    mobile: str | None
    has_password: bool
    email: str | None = None
    language: str = "fr"
    password_by: str = ""
    approves_from_at: datetime | None = None
    officer_from_at: datetime | None = None
    officer_by: str = ""

    @property
    def given_roles(self) -> frozenset[str]:
        """Its roles, and the one that waits."""
        return self.roles | {"officer"} if self.officer_from_at else self.roles


def identity(account_id: int) -> AccountCard | None:
    """The active account of this id."""
    account = Account.get_or_none(Account.id == account_id, Account.active)
    return identity_of(account) if account else None


def accounts() -> list[AccountCard]:
    """All accounts, by name."""
    return [identity_of(row) for row in Account.select().order_by(Account.name)]


def account_card(which: int | str) -> AccountCard:
    """One account, by its id or its name. Raises Refusal."""
    return identity_of(existing_account(which))


def identity_of(row: Account) -> AccountCard:
    """The account of a row."""
    given_roles = _ROLES.results(account=row.id)
    waiting = next((each for each in given_roles if each.holds_from_at is not None), None)
    return card_of(
        AccountCard,
        row,
        roles=frozenset(each.role for each in given_roles if each.holds_from_at is None),
        has_password=row.password_hash is not None,
        officer_from_at=waiting.holds_from_at if waiting else None,
        officer_by=waiting.given_by if waiting else "",
    )


def add_account(
    name: str,
    roles: Iterable[str],
    password: str | None,
    by: str,
    now: datetime,
    mobile: str | None = None,
    email: str | None = None,
) -> int:
    """Make an account; without a password it waits for a one-time link. Returns its id."""
    name = " ".join(filter(None, normalize("NFKC", name.strip()).split(" ")))  # as the journal tells one from another
    if not name or len(name) > 60 or not name.isprintable():
        raise Refusal("Le nom d'utilisateur doit avoir de 1 à 60 caractères visibles.")
    if Actor.read(name).kind != "account":
        raise Refusal("« {name} » désignerait un programme dans le journal : choisissez un autre nom.", name=name)
    wanted = _checked(roles)
    if not wanted:
        raise Refusal("Choisissez au moins un rôle.")
    password_hash = hashed(password, name) if password is not None else None
    msisdn = parse_mobile(mobile) if mobile and mobile.strip() else None
    address = checked_email(email)
    with writing():
        if Account.select().where(folded_column(Account.name) == folded(name)).exists():
            raise Refusal("L'utilisateur « {name} » existe déjà.", name=name)
        if audit.is_known("account_deleted", name):
            raise Refusal("« {name} » est le nom d'un utilisateur supprimé : choisissez un autre nom.", name=name)
        account = Account.create(
            name=name,
            password_hash=password_hash,
            mobile=msisdn,
            email=address,
            created_at=now,
        )
        _write_roles(account.id, wanted, by, now)
        audit.record_from(now, by, "account_added", name, roles=sorted(wanted))
    return int(account.id)


def set_roles(account_id: int, roles: Iterable[str], by: str, now: datetime) -> bool:
    """Replace the roles, by none if need be; the last admin stays one. False where these were its roles."""
    wanted = _checked(roles)
    with writing():
        account = existing_account(account_id)
        had = identity_of(account).given_roles
        if "admin" not in wanted:
            require_another_admin(account_id)
        if wanted == had:
            return False
        AccountRole.delete().where(AccountRole.account == account_id, AccountRole.role.not_in(wanted)).execute()
        _write_roles(account_id, wanted - had, by, now)
        if account.email and not wanted & set(TOLD_ROLES):
            readdress_mail(account.name, account.email, "", now)
        audit.record_from(now, by, "roles_changed", account.name, roles=sorted(wanted), lost=sorted(had - wanted))
    return True


def require_another_admin(account_id: int) -> None:
    """Refuse to lose the last admin who can sign in; were there none, the next start would make a first one again."""
    if able("admin") == {account_id}:
        raise Refusal("Il faut au moins un administrateur : donnez d'abord ce rôle à quelqu'un d'autre.")


def set_language(account_id: int, language: str) -> None:
    """The language in which the console speaks to this account: "fr", "nl", "de" or "en"."""
    with writing():
        Account.update(language=language).where(Account.id == account_id).execute()


def _checked(roles: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(roles)
    if wanted - set(ROLES):
        raise Refusal(
            "Rôle inconnu : {unknown}. Connus : {known}.",
            unknown=", ".join(sorted(wanted - set(ROLES))),
            known=", ".join(ROLES),
        )
    return wanted


_ROLES = Prepared(AccountRole.select().where(AccountRole.account == given("account")))


def let_officer_wait(account_id: int, until: datetime, by: str, now: datetime) -> None:
    """The account's role of officer holds from then on, or once a second admin confirms the account."""
    with writing():
        officer = (AccountRole.account == account_id) & (AccountRole.role == "officer")
        AccountRole.update(holds_from_at=until).where(officer).execute()
        audit.record_from(now, by, "officer_waits", existing_account(account_id).name)


def mark_roles_due(account_id: int, now: datetime) -> None:
    """Let a role that waited long enough hold: at each sign-in, since no session lasts so long."""
    due = (AccountRole.account == account_id) & (AccountRole.holds_from_at <= now)
    AccountRole.update(holds_from_at=None).where(due).execute()


def _write_roles(account_id: int, roles: frozenset[str], by: str, now: datetime) -> None:
    for role in sorted(roles):
        AccountRole.create(account=account_id, role=role, given_by=by, given_at=now)
