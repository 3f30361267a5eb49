"""A member is added or changed: by a form, a row of the table, a correction, a registration."""

from collections.abc import Collection
from datetime import datetime

from db.engine.connection import writing
from db.people.members.forgotten import welcome_back
from db.people.members.listing import cards_of, ids_with, neighbourhood_names
from db.people.members.saving import add_members, agreed_channels, write_member
from rules.members.columns import MemberDraft, answers, checked
from rules.refusals import FieldRefusal, Overtaken, Refusal


def save_member(
    member_id: int | None,
    draft: MemberDraft,
    by: str,
    now: datetime,
    welcome: bool = False,
    number_shared: bool = False,
    how: str = "form",
    shown: Collection[str] | None = None,
) -> int:
    """Add (`member_id` None) or change a member; returns the id. Raises FieldRefusal.

    `shown` are the channels agreed to when the form was shown: Overtaken when that changed.
    """
    values = checked(draft)
    with writing():
        require_neighbourhood(draft.neighbourhood_id)
        if shown is not None and member_id is not None and set(shown) != agreed_channels(member_id):
            raise Overtaken(
                "Les consentements de cette personne ont changé entre-temps (par exemple par un STOP). "
                "Aucune modification n'est enregistrée : vérifiez les cases, puis enregistrez de nouveau."
            )
        if values["mobile"] and not number_shared:
            _refuse_twin(values["mobile"], member_id)
        if member_id is None:
            welcome_back([way for way in (values["mobile"], values["email"]) if way])
            return add_members([(values, draft)], by, how, now, welcome)[0]
        if not write_member(member_id, values, answers(draft, values), by, how, now):
            raise Refusal("Ce membre n'existe plus.")
    return member_id


def _refuse_twin(mobile: str, member_id: int | None) -> None:
    for twin in cards_of(other for other in ids_with(mobile) if other != member_id):
        raise FieldRefusal(
            "mobile",
            "Ce numéro est déjà celui de {first} {last}. S'ils le partagent, cochez « numéro partagé ».",
            first=twin.first_name,
            last=twin.last_name,
        )


def require_neighbourhood(place_id: int) -> None:
    """Raise FieldRefusal where this is no neighbourhood's id."""
    if place_id not in neighbourhood_names():
        raise FieldRefusal("neighbourhood_id", "choisissez un quartier de la liste")
