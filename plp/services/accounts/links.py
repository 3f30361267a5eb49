"""One-time links, which make the first admin or set a new password; and tokens in somebody's name, who is informed."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from db.engine.connection import writing
from db.journal import audit
from db.people.accounts import accounts
from db.people.accounts.accounts import AccountCard, OpenLink, admin_exists, change_account
from db.people.accounts.sessions import TOKEN_ROLES, keep_token
from plp.services.accounts.rights import (
    account_card,
    add_account,
    after_reset,
    maker_for,
    plain_name,
    tell,
    tell_admins,
)
from plp.services.accounts.signing_in import write_password
from rules.people import SETTLED_AFTER, USUAL_SCOPES, Actor, same_person, scopes_for
from rules.refusals import Refusal

# A program that nobody looks after any more loses its key; longer than a year nobody remembers it.
USUAL_DAYS, MOST_DAYS = 90, 366
FIRST_ADMIN_ROLES = ("admin", "officer", "technician")


def issue_link(name: str | None, by: Actor, now: datetime, hours: int = 24) -> str:
    """The token of a one-time link for this account, or for the first admin (None); it ends older ones."""
    token = secrets.token_urlsafe(32)
    with writing("accounts"):
        card = account_card(name) if name is not None else None
        if card is not None and not card.active:
            raise Refusal("L'utilisateur « {name} » n'existe pas.", name=name)
        accounts.keep_link(token, card.id if card else None, now + timedelta(hours=hours), by)
        audit.record_from(now, by, "link_issued", card.name if card else "")
        if card is not None:
            tell(card, "link_issued", by, now)
            after_reset(card, by, now)
    return token


def link_owner(token: str, now: datetime) -> tuple[str | None, str]:
    """The account whose password this link sets (None: the first admin's), and who made it. Raises Refusal."""
    link = _open_link(token, now)
    return (link.account.name if link.account else None), link.issued_by


def redeem_link(token: str, name: str, password: str, address: str, now: datetime) -> AccountCard:
    """Set the password, or make the first admin `name`, and use the link up. Whoever made the link may have used it:
    unless that is the owner, who is informed, the account approves nothing for a day, and where somebody else can
    confirm it, it counts as its maker until then. A link made by the account itself ends neither, since the user of the
    previous link can make it.
    """
    with writing("accounts"):
        link = _open_link(token, now)
        accounts.mark_link_used(link.id, now)
        by = Actor("account", link.account.name if link.account else name.strip(), address)
        audit.record_from(now, by, "link_used", by.name, issued_by=link.issued_by)
        if link.account is not None:
            if not same_person(link.issued_by, by):
                maker = maker_for(link.account.name, link.issued_by, now)
                settled_at = now + SETTLED_AFTER
                change_account(link.account.id, password_by=link.issued_by, approves_from_at=settled_at, maker=maker)
            write_password(link.account, password, by, now)
        else:
            add_account(name, FIRST_ADMIN_ROLES, password, name.strip(), now)
            audit.record(now, name.strip(), "first_admin")
        if link.issued_by:
            tell(account_card(by.name), "link_used", Actor.read(link.issued_by), now)
        return account_card(by.name)


def _open_link(token: str, now: datetime) -> OpenLink:
    link = accounts.open_link(token)
    if link is None or (link.account is None and admin_exists()):
        raise Refusal("Ce lien n'est pas valable ou a déjà servi. Demandez-en un nouveau à l'administrateur.")
    if link.expires_at <= now:
        raise Refusal("Ce lien a expiré. Demandez-en un nouveau à l'administrateur.")
    return link


def add_token(
    name: str,
    role: str,
    by: Actor,
    now: datetime,
    days: int = USUAL_DAYS,
    owner: str | None = None,
    scopes: Collection[str] = (),
) -> str:
    """A program's token for `days`, shown once; it acts for its owner, ends with them, and they are informed."""
    name = plain_name(name)
    if not 1 <= days <= MOST_DAYS:
        raise Refusal("La durée de validité d'un jeton est de 1 à {most} jours.", most=MOST_DAYS)
    if role not in TOKEN_ROLES:
        raise Refusal("Rôle inconnu : {role}. Connus : {known}.", role=role, known=", ".join(TOKEN_ROLES))
    if not name or not name.isprintable():
        raise Refusal("Donnez un nom au jeton, par exemple celui du programme qui s'en servira.")
    possible = scopes_for(role)
    for scope in scopes:
        if scope not in possible:
            raise Refusal(
                "Un jeton du rôle {role} ne peut pas avoir la portée {scope}. Possibles : {known}.",
                role=role, scope=scope, known=", ".join(possible),
            )  # fmt: skip
    opened = [scope for scope in possible if scope in (scopes or USUAL_SCOPES)]
    token = "plp_" + secrets.token_urlsafe(32)
    with writing("accounts"):
        card = account_card(owner) if owner else None
        theirs = card.name if card else ""
        if not keep_token(name, token, role, opened, theirs, now, now + timedelta(days=days)):
            raise Refusal("Le jeton « {name} » existe déjà.", name=name)
        audit.record_from(now, by, "token_added", name, role=role, days=days, owner=theirs or None, scopes=opened)
        if card is not None:
            tell(card, "token_added", by, now)
        if "broadcasts:send" in opened:
            lines = [f"{by} a créé le jeton « {name} », avec lequel un programme peut envoyer des alertes."]
            tell_admins(name, f"Jeton {name} : un programme peut alerter", lines, by, now)
    return token
