"""A member is added or changed: by a form, a row of the table, a correction, a registration."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from db.engine.base import card_of
from db.engine.connection import writing
from db.people.members.cards import MemberCard
from db.people.members.forgotten import forgotten, welcome_back
from db.people.members.listing import cards_of, ids_with, neighbourhood_names
from db.people.members.saving import add_members, agreed_channels, write_member
from rules.calendar import local_date
from rules.members.columns import COLUMNS, FURTHER, MemberDraft, answers, checked
from rules.members.places import unknown_places
from rules.refusals import FieldRefusal, Missing, Overtaken, Refusal

# How a program's member came.
BY_PROGRAM = "api"


class NumberTaken(FieldRefusal):
    """Another member has this number, and it is not marked as shared."""

    code = "number_taken"


def draft_of(card: MemberCard) -> MemberDraft:
    """The member as a form begins with."""
    values = {name: COLUMNS[name].written(getattr(card, name) or "") for name in FURTHER}
    return card_of(MemberDraft, card, mobile=card.mobile or "", email=card.email or "", **values)


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
        require_known_places(values["other_places"])
        if shown is not None and member_id is not None and set(shown) != agreed_channels(member_id):
            raise Overtaken(
                "Les consentements de cette personne ont changé entre-temps (par exemple par un STOP). "
                "Aucune modification n'est enregistrée : vérifiez les cases, puis enregistrez de nouveau."
            )
        if values["mobile"] and not number_shared:
            _refuse_twin(values["mobile"], member_id)
        if member_id is None:
            ways = [way for way in (values["mobile"], values["email"]) if way]
            if how == BY_PROGRAM:  # as a list: only a person's hand brings somebody back
                refuse_forgotten(ways, forgotten(ways))
            welcome_back(ways)
            return add_members([(values, draft)], by, how, now, welcome)[0]
        if not write_member(member_id, values, answers(draft, values), by, how, now):
            raise Missing("Ce membre n'existe plus.")
    return member_id


def refuse_forgotten(ways: Iterable[str], gone: Mapping[str, datetime]) -> None:
    """Raise Refusal if one of these numbers and addresses was erased, with the day."""
    since = [gone[way] for way in ways if way in gone]
    if since:
        raise Refusal(
            "personne supprimée le {date} : un import ne peut pas la rajouter. Si elle revient, ajoutez-la à la main",
            date=f"{local_date(max(since)):%d/%m/%Y}",
        )


def _refuse_twin(mobile: str, member_id: int | None) -> None:
    for twin in cards_of(other for other in ids_with(mobile) if other != member_id):
        raise NumberTaken(
            "mobile",
            "Ce numéro est déjà celui de {first} {last}. Si c'est la même personne, ajoutez ce lieu à sa fiche. S'ils "
            "partagent le numéro, cochez « numéro partagé ».",
            first=twin.first_name,
            last=twin.last_name,
        )


def require_known_places(places: str) -> None:
    """Raise FieldRefusal where a further place names no neighbourhood."""
    known = neighbourhood_names().values()
    if unknown := unknown_places(places, known):
        raise FieldRefusal(
            "other_places",
            "quartier inconnu : {unknown} ; connus : {known}",
            unknown=", ".join(unknown)[:100],
            known=", ".join(known),
        )


def require_neighbourhood(place_id: int) -> None:
    """Raise FieldRefusal where this is no neighbourhood's id."""
    if place_id not in neighbourhood_names():
        raise FieldRefusal("neighbourhood_id", "choisissez un quartier de la liste")
