"""Changes of rights: the journal has by whom and from where, and the owner is told by mail."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.mail.enqueue import NoSender, enqueue_letter
from db.mail.values import Letter
from db.people.accounts import accounts, opening, signing_in, tokens
from db.people.accounts.accounts import AccountCard, account_card
from db.people.accounts.persons import standing
from db.people.policy import has_second_admin
from plp.letters.rendering import ACCOUNT, note, notes
from plp.services.second_person import is_one_person, second_person_refusal
from rules.calendar import clock
from rules.people import RESET_BESIDE, SETTLED_AFTER, Actor, same_person
from rules.refusals import Refusal


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
            _after_reset(account_card(name), by, now)
    return token


def add_token(
    name: str, role: str, by: Actor, now: datetime, days: int = tokens.USUAL_DAYS, owner: str | None = None
) -> str:
    """A program's new token, shown once. What it orders is its owner's order, who is told. Raises Refusal."""
    with writing():
        made = tokens.add_token(name, role, by, now, days, owner)
        if owner:
            _tell(account_card(owner), "token_added", by, now)
    return made


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
            _let_wait(account_card(account_id), by, now)
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
    with suppress(NoSender):  # without mail the journal alone has it
        copy = note(key, card.email, card.name, card.language, words["subject"], paragraphs)
        enqueue_letter(Letter("account", words["subject"]), [copy], now)


def _after_reset(card: AccountCard, by: Actor, now: datetime) -> None:
    """Whoever resets an officer's access may act as that officer: the other admins know, and what was given a moment
    ago waits.
    """
    if "officer" in card.given_roles and not same_person(by, card.name):
        lines = [f"{by} a créé un lien pour le compte du policier « {card.name} », ou supprimé son deuxième facteur."]
        _tell_admins(card, f"Accès du policier {card.name} réinitialisé", lines, by, now)
    _let_wait(card, by, now)


def _let_wait(card: AccountCard, by: Actor, now: datetime) -> None:
    """The role of officer waits for a second admin or for a day, where its owner took it, or where it was given within
    an hour of a reset. The first password of a new account is no reset where there is no second admin.
    """
    given = standing(card.name, "officer")
    since = now - RESET_BESIDE
    if given is None or given.role_at is None or given.role_at < since:
        return
    resets = audit.since(since, ("link_issued", "factor_removed"))
    reset = any(entry.subject == card.name and not same_person(entry.actor, card.name) for entry in resets)
    if is_one_person(given.role_by, card.name, "officer") or (reset and (card.has_password or has_second_admin(now))):
        until = now + SETTLED_AFTER
        accounts.let_officer_wait(card.id, until, by, now)
        lines = [
            f"{given.role_by} a donné le rôle de policier au compte « {card.name} ».",
            f"Ce rôle commence le {clock(until)}, ou dès qu'un autre administrateur le confirme dans Utilisateurs.",
        ]
        _tell_admins(card, f"Rôle de policier de {card.name} à confirmer", lines, by, now)


def _tell_admins(card: AccountCard, heading: str, lines: list[str], by: Actor, now: datetime) -> None:
    """Write to every admin but whoever did it; what speaks of their own account they are told already."""
    others = [each for each in accounts.readers("admin") if not same_person(by, each.name) and each.name != card.name]
    if not others:
        return
    key = f"account:{card.id}:{heading}:{now.isoformat()}:"
    with suppress(NoSender):
        copies = notes(key, others, heading, [*lines, ACCOUNT["fr"]["unexpected"]])
        enqueue_letter(Letter("account", heading), copies, now)


def confirmation_refusal(card: AccountCard, by: str, now: datetime) -> Refusal | None:
    """The reason why `by` cannot confirm this account, whose password and role others gave; None where they can."""
    if same_person(by, card.name):
        return Refusal("Un autre administrateur doit confirmer votre compte.")
    password_by = card.password_by if card.approves_from_at and card.approves_from_at > now else ""
    refusals = (second_person_refusal(by, giver, "admin", now) for giver in (password_by, card.officer_by, card.name))
    return next((refusal for refusal in refusals if refusal is not None), None)


def _confirm(account_id: int, by: Actor, now: datetime) -> None:
    refusal = confirmation_refusal(account_card(account_id), by, now)
    if refusal is not None:
        raise refusal
    opening.mark_confirmed(account_id, by, now)


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
confirm_account = _told(_confirm, "confirmed")


def remove_second_factor(account_id: int, by: Actor, now: datetime) -> None:
    """For somebody who lost everything: the next sign-in sets up a new one."""
    with writing():
        _told(signing_in.remove_all, "factor_removed")(account_id, by, now)
        _after_reset(account_card(account_id), by, now)
