"""Changes of rights: the journal has by whom and from where, and the owner is told by mail."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from db.engine.connection import writing
from db.mail.enqueue import MailOff, enqueue_letter
from db.mail.values import Letter
from db.people.accounts import accounts, opening, signing_in
from db.people.accounts.accounts import AccountCard, account_card
from plp.letters.rendering import ACCOUNT, note
from rules.people import Actor, same_person


@dataclass(frozen=True, slots=True)
class Change:
    """New values of an account; None leaves one as it is, "" takes a mobile or an address away."""

    roles: Iterable[str] | None = None
    mobile: str | None = None
    email: str | None = None


def issue_link(name: str | None, by: Actor, now: datetime, hours: int = 24) -> str:
    """A one-time link's token, for the account of this name; None: for the first admin. Raises Refusal."""
    with writing():
        token = opening.issue_link(now, name, hours, by)
        if name is not None:
            _tell(account_card(name), "link_issued", by, now)
    return token


def redeem_link(token: str, name: str, password: str, address: str, now: datetime) -> AccountCard:
    """Set the password of the link's account, or make the first admin called `name`. Raises Refusal."""
    with writing():
        _name, issued_by = opening.link_owner(token, now)
        who = opening.redeem_link(token, name, password, now, address)
        if issued_by:
            _tell(account_card(who.name), "link_used", Actor.read(issued_by), now)
    return who


def change_account(account_id: int, change: Change, by: Actor, now: datetime) -> None:
    """Change roles, mobile and address together or not at all; a new address is told of it, and the old one too. Raises
    Refusal: of an address, a number, a role, or the last admin.
    """
    with writing():
        before = account_card(account_id)
        if change.mobile is not None and accounts.set_mobile(account_id, change.mobile, by, now):
            _tell(before, "mobile_changed", by, now)
        if change.roles is not None and accounts.set_roles(account_id, change.roles, by, now):
            _tell(before, "roles_changed", by, now)
        if change.email is not None and accounts.set_email(account_id, change.email, by, now):
            _tell(before, "email_changed", by, now)
            _tell(account_card(account_id), "email_changed", by, now)


def _tell(card: AccountCard, what: str, by: Actor, now: datetime) -> None:
    """Write to the owner, at the address that `card` has; what they did themselves they know."""
    if not card.email or same_person(by, card.name):
        return
    words = ACCOUNT.get(card.language, ACCOUNT["fr"])
    paragraphs = [words[what].format(who=by, name=card.name), words["unexpected"]]
    key = f"account:{card.id}:{what}:{now.isoformat()}:{card.email}"
    with suppress(MailOff):  # without mail the journal alone has it
        copy = note(key, card.email, card.name, card.language, words["subject"], paragraphs)
        enqueue_letter(Letter("account", words["subject"]), [copy], now)


def _told(act: Callable[[int, Actor, datetime], object], what: str) -> Callable[[int, Actor, datetime], None]:
    """`act` on an account, with a mail to its owner."""

    def do(account_id: int, by: Actor, now: datetime) -> None:
        with writing():
            card = account_card(account_id)
            act(account_id, by, now)
            _tell(card, what, by, now)

    return do


# Nobody signs in with it; its sessions, tokens and links end. Raises Refusal for the last admin, as deleting does.
close_account = _told(opening.close_account, "closed")
reopen_account = _told(opening.reopen_account, "opened")
# The journal keeps the name.
delete_account = _told(opening.delete_account, "deleted")
# A second admin vouches for the password that another's link set. Raises Refusal for anybody else.
confirm_account = _told(opening.confirm_account, "confirmed")
# For somebody who lost everything: the next sign-in sets up a new one.
remove_second_factor = _told(signing_in.remove_all, "factor_removed")
