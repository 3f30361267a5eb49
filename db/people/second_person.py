"""The second person: somebody whom the first one is not, did not make, and cannot sign in as."""

from datetime import datetime, timedelta
from typing import cast

from db.engine.base import folded_column
from db.journal import audit
from db.models.accounts import Account, AccountRole
from plp.rules.calendar import clock
from plp.rules.collation import folded
from plp.rules.people import same_person
from plp.rules.refusals import Refusal

# A right, or a password set by somebody else's link, is this old before it counts as a second person's.
SETTLED_AFTER = timedelta(hours=24)


def second_person_refusal(by: str, first: str, role: str, now: datetime) -> Refusal | None:
    """The reason why `by`, with `role`, cannot agree to what `first` did; None where they can."""
    if same_person(by, first):
        return Refusal("Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte.")
    # The jobs ask too, whom to call, and their role may read no password.
    columns = Account.select(Account.id, Account.approves_from_at, Account.password_by)
    account = columns.where(folded_column(Account.name) == folded(by)).first()
    if account is None:
        return None
    if account.approves_from_at is not None and account.approves_from_at > now:
        return Refusal(
            "Votre mot de passe vient d'un lien créé par {who} : vous pourrez valider à partir du {at},"
            " ou dès qu'un autre administrateur confirme votre compte dans Utilisateurs.",
            who=account.password_by or "?",
            at=clock(account.approves_from_at),
        )
    given = AccountRole.get_or_none(
        AccountRole.account == account.id, AccountRole.role == role, AccountRole.given_at.is_null(False)
    )
    if given is not None and same_person(given.given_by, first) and now - given.given_at < SETTLED_AFTER:
        return Refusal(
            "{who} vous a donné ce rôle il y a moins de 24 heures : un autre collègue doit valider.",
            who=first,
        )
    return None


def has_second_admin(now: datetime) -> bool:
    """True when the zone has two admins, or had a day ago: sending one away changes nothing at once."""
    lately = audit.since(now - SETTLED_AFTER, ("account_closed", "account_deleted", "roles_changed"))
    lost = {entry.subject for entry in lately if "admin" in cast(list[str], entry.detail.get("lost", []))}
    return len(able("admin")) + len(lost) > 1


def able(role: str) -> set[int]:
    """The accounts with this role that can sign in."""
    signing_in = Account.select(Account.id).where(Account.active, Account.password_hash.is_null(False))
    return {row.id for row in signing_in.join(AccountRole).where(AccountRole.role == role)}
