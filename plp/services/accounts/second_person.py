"""The second person: somebody whom the first one is not, did not make, and cannot sign in as, nor they as the first
(docs/adr/0060)."""

from datetime import datetime

from db.journal import audit
from db.people.accounts import accounts
from db.people.accounts.accounts import Standing, account_behind, standing
from rules.calendar import clock
from rules.people import SETTLED_AFTER, same_person
from rules.refusals import Refusal


def second_person_refusal(by: str, first: str, role: str, now: datetime) -> Refusal | None:
    """The reason why `by`, with `role`, cannot agree to what `first` did; None where they can."""
    author = account_behind(first) or first
    if same_person(by, first) or same_person(by, author):
        return Refusal("Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte.")
    mine, theirs = standing(by, role), standing(author, role)
    if mine is None:
        return None
    if mine.approves_from_at is not None and mine.approves_from_at > now:
        return Refusal(
            "Votre mot de passe vient d'un lien créé par {who} : vous pourrez valider à partir du {at},"
            " ou dès qu'un autre administrateur confirme votre compte sur la page « Utilisateurs ».",
            who=mine.password_by or "?",
            at=clock(mine.approves_from_at),
        )
    behind_me, behind_them = _behind(mine, now), _behind(theirs, now) if theirs is not None else []
    for name in [author, *behind_me, *behind_them]:
        if standing(name, "admin") is None and audit.is_known("account_deleted", name):  # nobody can tell whose it was
            return Refusal("Le compte « {who} » a été supprimé : la demande doit être faite à nouveau.", who=name)
    acting = [author, *(_behind(theirs, now, roles=False) if theirs is not None else ())]
    giver = next((name for name in acting if any(is_one_person(name, one, role) for one in behind_me)), None)
    if giver is not None:
        return Refusal(
            "{who} vous a donné ce rôle il y a moins de 24 heures : un autre collègue doit valider.",
            who=first if giver == author else giver,
        )
    if theirs is None:
        return None
    if mine.marks & theirs.marks:
        return Refusal(
            "Le compte « {who} » et le vôtre ont le même GSM, la même adresse e-mail ou la même clé : c'est une seule "
            "personne. Un autre collègue doit valider.",
            who=theirs.name,
        )
    if any(is_one_person(mine.name, name, "admin") for name in behind_them):
        return Refusal(
            "Vous avez donné un accès à « {who} » il y a moins de 24 heures : un autre collègue doit valider.",
            who=theirs.name,
        )
    return _one_maker_refusal(mine, theirs, role, now)


def makers_of(account: Standing) -> list[str]:
    """The account and, as long as nobody else confirmed it, whoever could have chosen its password, and so on."""
    names, left = list[str](), [account]
    while left:
        person = left.pop()
        names.append(person.name)
        name = account_behind(person.maker) or person.maker
        if name and name not in names:
            admin = standing(name, "admin")
            if admin is None:
                names.append(name)
            else:
                left.append(admin)
    return names


def has_admin_besides(maker: str, now: datetime, but: str = "") -> bool:
    """True while the zone has an admin whom this person neither is nor made, and who can confirm accounts of theirs."""
    for name in accounts.admins_lately(now):
        admin = standing(name, "admin")
        others = [name] if admin is None else makers_of(admin)
        if not same_person(name, but) and not any(is_one_person(other, maker, "admin") for other in others):
            return True
    return False


def _one_maker_refusal(mine: Standing, theirs: Standing, role: str, now: datetime) -> Refusal | None:
    """The reason where one person counts as both of them; None where that can no longer be settled by anybody."""
    others = makers_of(theirs)
    makers = (name for name in makers_of(mine) if any(is_one_person(name, one, role) for one in others))
    maker = next(makers, None)
    if maker is None or not has_admin_besides(maker, now):
        return None
    return Refusal(
        "Votre compte et celui de « {who} » ont été ouverts par la même personne ({maker}) : un autre "
        "administrateur doit d'abord confirmer l'un des deux sur la page « Utilisateurs ».",
        who=theirs.name,
        maker=maker,
    )


def is_one_person(one: str, other: str, role: str) -> bool:
    """True when two accounts are one person's, by their names."""
    mine, theirs = standing(one, role), standing(other, role)
    return same_person(one, other) or (mine is not None and theirs is not None and bool(mine.marks & theirs.marks))


def _behind(account: Standing, now: datetime, *, roles: bool = True) -> list[str]:
    """People able to act as this account since less than a day: its link's maker, with `roles` its role's giver, …"""
    names, left = list[str](), [account]
    while left:
        person = left.pop()
        opened = person.approves_from_at is not None and person.approves_from_at > now
        given = roles and person.role_at is not None and now - person.role_at < SETTLED_AFTER
        for giver in filter(None, (person.password_by if opened else "", person.role_by if given else "")):
            name = account_behind(giver) or giver
            if name in names:
                continue
            names.append(name)
            admin = standing(name, "admin")
            left += [admin] if admin is not None else []
    return names
