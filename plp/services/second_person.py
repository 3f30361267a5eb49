"""The second person: somebody whom the first one is not, did not make, and cannot sign in as, nor they as the first."""

from datetime import datetime

from db.engine.connection import take_turn, writing
from db.people.accounts.persons import Standing, account_behind, standing
from db.people.policy import apply_policy_request, policy_request
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
            " ou dès qu'un autre administrateur confirme votre compte dans Utilisateurs.",
            who=mine.password_by or "?",
            at=clock(mine.approves_from_at),
        )
    if _lately_given(mine, author, now):
        return Refusal(
            "{who} vous a donné ce rôle il y a moins de 24 heures : un autre collègue doit valider.",
            who=first,
        )
    return _one_person(mine, theirs, now) if theirs is not None else None


def is_one_person(one: str, other: str, role: str) -> bool:
    """True when two accounts are one person's, by their names."""
    mine, theirs = standing(one, role), standing(other, role)
    return same_person(one, other) or (mine is not None and theirs is not None and bool(mine.marks & theirs.marks))


def _one_person(mine: Standing, theirs: Standing, now: datetime) -> Refusal | None:
    """Returns the refusal where whoever agrees may be the first person under another name; None otherwise."""
    if mine.marks & theirs.marks:
        return Refusal(
            "Le compte « {who} » et le vôtre ont le même GSM, la même adresse e-mail ou la même clé : c'est une seule "
            "personne. Un autre collègue doit valider.",
            who=theirs.name,
        )
    opened = theirs.approves_from_at is not None and theirs.approves_from_at > now
    if _lately_given(theirs, mine.name, now) or (opened and same_person(theirs.password_by, mine.name)):
        return Refusal(
            "Vous avez donné un accès à « {who} » il y a moins de 24 heures : un autre collègue doit valider.",
            who=theirs.name,
        )
    return None


def _lately_given(account: Standing, giver: str, now: datetime) -> bool:
    """True when this account has its role from `giver`, since less than a day."""
    return account.role_at is not None and same_person(account.role_by, giver) and now - account.role_at < SETTLED_AFTER


def agree_to_policy(by: str, now: datetime) -> None:
    """A second admin agrees to the change of the zone's rules that waits. Raises Refusal."""
    with writing():
        take_turn("policy")
        request = policy_request()
        refusal = second_person_refusal(by, request.asked_by, "admin", now) if request is not None else None
        if refusal is not None:
            raise refusal
        apply_policy_request(by, now)
