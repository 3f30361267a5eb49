"""Which admins learn that somebody left by SMS, and who it was."""

from dataclasses import dataclass

from db.engine.base import tuples
from db.models.accounts import Account, AccountRole
from db.models.people import Consent, Member, Neighbourhood


@dataclass(frozen=True, slots=True)
class AdminCard:
    """An admin who can be written to."""

    account_id: int
    name: str
    email: str


def admins_with_mail() -> list[AdminCard]:
    """The admins with an address, by name."""
    admins = AccountRole.select(AccountRole.account).where(AccountRole.role == "admin")
    query = Account.select(Account.id, Account.name, Account.email).where(Account.active, Account.id.in_(admins))
    return [AdminCard(*row) for row in tuples(query.where(Account.email.is_null(False)).order_by(Account.name))]


def out_on(number: str) -> list[str]:
    """Name and neighbourhood of each member with this number who gets no texts."""
    query = (
        Member.select(Member.first_name, Member.last_name, Neighbourhood.name)
        .join(Neighbourhood)
        .join_from(Member, Consent, on=(Consent.member == Member.id))
        .where(Member.mobile == number, Consent.channel == "sms", ~Consent.given)
        .order_by(Member.id)
    )
    return [f"{first} {last}".strip() + f" ({place})" for first, last, place in tuples(query)]
