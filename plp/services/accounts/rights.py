"""Changes of rights: the journal records by whom and from where, and the owner is informed by mail."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from unicodedata import normalize

from db.engine.connection import UNAVAILABLE, writing
from db.journal import audit
from db.mail.enqueue import enqueue_letter, writes_mail
from db.mail.readers import readdress_mail
from db.mail.values import Letter
from db.people.accounts import accounts
from db.people.accounts.accounts import TOLD_ROLES, AccountCard, able, account_behind, find_account, standing
from db.people.accounts.factors import delete_factors
from db.people.accounts.sessions import tokens
from plp.letters.rendering import ACCOUNT, note, write_to_accounts
from plp.services.accounts.second_person import has_admin_besides, second_person_refusal
from plp.services.accounts.signing_in import accepted_hash, end_sessions, revoke_token
from rules.calendar import clock
from rules.languages import known
from rules.members import is_mail_address
from rules.numbers import parse_mobile
from rules.orders.agreement import require_read
from rules.people import ROLES, SETTLED_AFTER, Actor, same_person
from rules.refusals import Refusal, none_of, required


def account_card(which: int | str) -> AccountCard:
    """One account, by its id or its name. Raises Refusal."""
    if isinstance(which, str):
        return required(find_account(which), Refusal("L'utilisateur « {name} » n'existe pas.", name=which))
    return required(find_account(which), Refusal("Cet utilisateur n'existe plus."))


def plain_name(typed: str) -> str:
    """The name of an account or token, written so that the journal distinguishes it from others."""
    return " ".join(filter(None, normalize("NFKC", typed.strip()).split(" ")))


def add_account(
    name: str,
    roles: Iterable[str],
    password: str | None,
    by: str,
    now: datetime,
    mobile: str | None = None,
    email: str | None = None,
) -> int:
    """Make an account; without a password it waits for a one-time link. Returns its id. Raises Refusal."""
    name = plain_name(name)
    if not name or len(name) > 60 or not name.isprintable():
        raise Refusal("Le nom d'utilisateur doit avoir de 1 à 60 caractères visibles.")
    if Actor.read(name).kind != "account":
        raise Refusal("« {name} » est réservé aux programmes dans le journal : choisissez un autre nom.", name=name)
    wanted = _known_roles(roles)
    if not wanted:
        raise Refusal("Choisissez au moins un rôle.")
    values = {
        "name": name,
        "password_hash": accepted_hash(password, name) if password is not None else None,
        "mobile": _mobile(mobile or ""),
        "email": _address(email or ""),
    }
    with writing("accounts"):
        is_begun = accounts.admin_exists()
        if find_account(name) is not None:
            raise Refusal("L'utilisateur « {name} » existe déjà.", name=name)
        if audit.is_known("account_deleted", name):
            raise Refusal("« {name} » est le nom d'un utilisateur supprimé : choisissez un autre nom.", name=name)
        account_id = accounts.create_account(now, **values)
        accounts.write_roles(account_id, wanted, by, now)
        audit.record_from(now, by, "account_added", name, roles=sorted(wanted))
        if is_begun:
            if password is not None:
                accounts.change_account(account_id, maker=maker_for(name, by, now))
            _tell_given(account_card(account_id), wanted, by, now)
    return account_id


def _mobile(typed: str) -> str | None:
    return parse_mobile(typed) if typed.strip() else None


def _address(typed: str) -> str | None:
    address = typed.strip()
    if address and not is_mail_address(address):
        raise Refusal("« {email} » n'est pas une adresse e-mail.", email=address[:60])
    return address or None


def _known_roles(roles: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(roles)
    if unknown := wanted - set(ROLES):
        raise Refusal("Rôle inconnu : {unknown}. Connus : {known}.", unknown=tuple(sorted(unknown)), known=tuple(ROLES))
    return wanted


def change_account(
    account_id: int,
    by: Actor,
    now: datetime,
    roles: Iterable[str] | None = None,
    mobile: str | None = None,
    email: str | None = None,
) -> None:
    """All of these or nothing (None: as it is; "" takes it away); the former address is told too. Raises Refusal."""
    with writing("accounts"):
        before, one_person = account_card(account_id), accounts.one_person_with(account_id)
        if mobile is not None and _changed(before, "mobile", _mobile(mobile), by, now):
            tell(before, "mobile_changed", by, now)
        if roles is not None and _set_roles(before, _known_roles(roles), by, now):
            tell(before, "roles_changed", by, now)
            card = account_card(account_id)
            _tell_given(card, card.given_roles - before.given_roles, by, now)
        address = None if email is None else _address(email)
        if email is not None and _changed(before, "email", address, by, now):
            if before.email:
                readdress_mail(before.name, before.email, address or "", now)
            for card in (before, account_card(account_id)):
                tell(card, "email_changed", by, now)
        for name in sorted(one_person - accounts.one_person_with(account_id)):
            _let_be_one(before.name, name, by, now)


def _let_be_one(name: str, other: str, by: str, now: datetime) -> None:
    """Two accounts were one person's by a mark that one has lost: they count as whoever took it, until somebody else
    confirms one of them.
    """
    for card in map(account_card, (name, other)):
        if not card.maker:
            accounts.change_account(card.id, maker=maker_for(card.name, by, now))
    lines = [f"{by} a modifié le GSM ou l'adresse e-mail que les comptes « {name} » et « {other} » avaient en commun."]
    tell_admins("", f"Comptes {name} et {other} : deux personnes, à confirmer", lines, by, now)


def _changed(card: AccountCard, column: str, value: str | None, by: str, now: datetime) -> bool:
    if getattr(card, column) == value:
        return False
    accounts.change_account(card.id, **{column: value})
    audit.record_from(now, by, f"account_{column}_changed", card.name)
    return True


def _set_roles(card: AccountCard, wanted: frozenset[str], by: str, now: datetime) -> bool:
    """Replace the roles, perhaps by none; the last admin remains one. False if these were already its roles."""
    had = card.given_roles
    if "admin" not in wanted:
        _require_another_admin(card.id)
    if wanted == had:
        return False
    accounts.write_roles(card.id, wanted, by, now)
    if card.email and not wanted & set(TOLD_ROLES):
        readdress_mail(card.name, card.email, "", now)
    audit.record_from(now, by, "roles_changed", card.name, roles=sorted(wanted), lost=sorted(had - wanted))
    return True


def _require_another_admin(account_id: int) -> None:
    """Refuse to lose the last admin who can sign in; without one, the next start would make a first admin again."""
    if able("admin") == {account_id}:
        raise Refusal("Il faut au moins un administrateur : donnez d'abord ce rôle à quelqu'un d'autre.")


def set_language(account_id: int, language: str) -> None:
    """The language of the console for this account."""
    accounts.change_account(account_id, language=language)


def tell(card: AccountCard, what: str, by: Actor, now: datetime) -> None:
    """Write to the owner, at the address in `card`, unless they did it themselves."""
    if not card.email or same_person(by, card.name) or not writes_mail():
        return
    words = ACCOUNT[known(card.language)]
    paragraphs = [words[what].format(who=by, name=card.name), words["unexpected"]]
    key = f"account:{card.id}:{what}:{now.isoformat()}:{card.email}"
    copy = note(key, card.email, card.name, card.language, words["subject"], paragraphs)
    enqueue_letter(Letter("account", words["subject"]), [copy], now)


def maker_for(name: str, by: str, now: datetime) -> str:
    """The maker of an account whose password `by` could choose; empty where it is theirs, or nobody else confirms."""
    giver = account_behind(by) or by
    return "" if same_person(giver, name) or not has_admin_besides(giver, now, but=name) else by


def after_reset(card: AccountCard, by: Actor, now: datetime) -> None:
    """Somebody could now act as this officer: the other admins are informed, and a role of less than a day waits."""
    if "officer" in card.given_roles and not same_person(by, card.name):
        lines = [f"{by} a créé un lien pour le compte du policier « {card.name} », ou supprimé son deuxième facteur."]
        tell_admins(card.name, f"Accès du policier {card.name} réinitialisé", lines, by, now)
    if card.has_password and card.officer_from_at is None and accounts.able("admin") - {card.id}:
        _let_wait(card, by, now)


def _tell_given(card: AccountCard, roles: frozenset[str], by: str, now: datetime) -> None:
    """Tell every admin of a new admin or officer; an officer's role waits for another admin, or for a day."""
    if "officer" in roles:
        _let_wait(card, by, now)
    if "admin" in roles:
        lines = [f"{by} a donné le rôle d'administrateur au compte « {card.name} »."]
        tell_admins(card.name, f"Nouvel administrateur : {card.name}", lines, by, now)


def _let_wait(card: AccountCard, by: str, now: datetime) -> None:
    """The role of officer holds from a day after it was given, or once another admin confirms it."""
    given = standing(card.name, "officer")
    if given is None or given.role_at is None or given.role_at + SETTLED_AFTER <= now:
        return
    until = given.role_at + SETTLED_AFTER
    accounts.let_officer_wait(card.id, until)
    audit.record_from(now, by, "officer_waits", card.name)
    lines = [
        f"{given.role_by} a donné le rôle de policier au compte « {card.name} ».",
        f"Ce rôle commence le {clock(until)}, ou dès qu'un autre administrateur le confirme dans Utilisateurs.",
    ]
    tell_admins("", f"Rôle de policier de {card.name} à confirmer", lines, "", now)


def tell_admins(about: str, heading: str, lines: list[str], by: str, now: datetime) -> None:
    """Write to every admin but the one who did it (empty: to all) and the account's owner, who is informed apart; where
    there is no second admin, to the officers too.
    """
    admins = accounts.readers("admin")
    if len(admins) < 2:
        admins = accounts.readers("admin", "officer")
    others = [admin for admin in admins if not same_person(by, admin.name) and admin.name != about]
    key = f"account:{heading}:{now.isoformat()}:"
    write_to_accounts("account", key, others, heading, [*lines, ACCOUNT["fr"]["unexpected"]], now)


def note_refused(by: Actor, door: str, now: datetime) -> None:
    """Record who tried something without the right; the refusal works even with a full disk."""
    with suppress(*UNAVAILABLE):
        audit.record_from(now, by, "access_refused", door)


def confirmation_refusal(card: AccountCard, by: str, now: datetime) -> Refusal | None:
    """The reason why `by` cannot confirm this account, whose password and role others gave; None where they can."""
    if same_person(by, card.name):
        return Refusal("Un autre administrateur doit confirmer votre compte.")
    password_by = card.password_by if card.approves_from_at and card.approves_from_at > now else ""
    givers = (password_by, card.maker, card.officer_by, card.name)
    return next(filter(None, (second_person_refusal(by, giver, "admin", now) for giver in givers)), None)


@contextmanager
def _act_on(account_id: int, what: str, by: Actor, now: datetime) -> Iterator[AccountCard]:
    """An act on an account, with a mail to its owner about `what`."""
    with writing("accounts"):
        card = account_card(account_id)
        yield card
        tell(card, what, by, now)


def close_account(account_id: int, by: Actor, now: datetime) -> None:
    """Nobody signs in with it; its sessions, tokens and links end. Raises Refusal for the last admin."""
    with _act_on(account_id, "closed", by, now) as card:
        _require_another_admin(card.id)
        if card.active:
            _end(card, by, now)
            accounts.change_account(card.id, active=False)
            audit.record_from(now, by, "account_closed", card.name, lost=sorted(card.roles))


def reopen_account(account_id: int, by: Actor, now: datetime) -> None:
    """Reopen with the same password; its tokens remain revoked. An officer who was away for a day is one anew."""
    with _act_on(account_id, "opened", by, now) as card:
        if card.active:
            return
        accounts.change_account(card.id, active=True)
        audit.record_from(now, by, "account_opened", card.name)
        closed = audit.since(now - SETTLED_AFTER, ("account_closed",))
        if "officer" in card.given_roles and all(entry.subject != card.name for entry in closed):
            accounts.write_roles(card.id, card.given_roles - {"officer"}, by, now)
            accounts.write_roles(card.id, card.given_roles, by, now)
            _tell_given(account_card(card.id), frozenset({"officer"}), by, now)


def delete_account(account_id: int, by: Actor, now: datetime) -> None:
    """The journal keeps the name, which nobody gets again."""
    with _act_on(account_id, "deleted", by, now) as card:
        _require_another_admin(card.id)
        _end(card, by, now)
        accounts.delete_account(card.id)
        audit.record_from(now, by, "account_deleted", card.name, lost=sorted(card.roles))


def _end(card: AccountCard, by: Actor, now: datetime) -> None:
    """End what opens a door with it, and what waits to be written to it."""
    end_sessions(card.id, by, "closed", now)
    for token in tokens(now):
        if token.owner == card.name:
            revoke_token(token.id, by, now)
    accounts.delete_links(card.id)
    if card.email:
        readdress_mail(card.name, card.email, "", now)


def confirm_account(account_id: int, by: Actor, now: datetime, seen: str | None = None) -> None:
    """A second admin confirms that the owner of the account, as it was `seen`, has the password, and may be an officer.
    Raises Refusal otherwise.
    """
    with _act_on(account_id, "confirmed", by, now) as card:
        require_read(card.seen, seen)
        none_of(confirmation_refusal(card, by, now))
        if accounts.mark_roles_due(card.id) or card.approves_from_at is not None or card.maker:
            accounts.change_account(card.id, approves_from_at=None, maker="")
            audit.record_from(now, by, "account_confirmed", card.name)


def remove_second_factor(account_id: int, by: Actor, now: datetime) -> None:
    """Remove the second factor of somebody who lost everything: the next sign-in sets up a new one."""
    with _act_on(account_id, "factor_removed", by, now) as card:
        delete_factors(card.id)
        audit.record_from(now, by, "factor_removed", card.name, factor="all")
        after_reset(card, by, now)
