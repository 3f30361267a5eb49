"""Readers of members and neighbourhoods."""

import re
from collections.abc import Iterable
from typing import Any

from peewee import fn

from db.engine.base import card_of, folded_column, tuples
from db.engine.pages import Page, page_of
from db.journal.unchanged import until_journaled
from db.models.people import Consent, Member, Neighbourhood
from db.people.members.cards import ConsentCard, MemberCard, NeighbourhoodCard
from plp.rules.collation import folded

# A number as people type it, whole or in part: three digits at least, and what stands between them.
_NUMBER = re.compile(r"[\s+(]*(?:[0-9][\s./()-]*){3,}")


@until_journaled
def neighbourhoods() -> list[NeighbourhoodCard]:
    """All neighbourhoods in their order, with how many people and numbers they hold."""
    counted = Member.select(Member.neighbourhood, fn.COUNT(Member.id)).group_by(Member.neighbourhood)
    people: dict[int, int] = dict(tuples(counted))
    reachable = reachable_members().select(Member.neighbourhood, fn.COUNT(fn.DISTINCT(Member.mobile)))
    numbers: dict[int, int] = dict(tuples(reachable.group_by(Member.neighbourhood)))
    return [
        NeighbourhoodCard(
            row.id, row.name, row.position, row.reference_address, people.get(row.id, 0), numbers.get(row.id, 0)
        )
        for row in Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)
    ]


def reachable_members() -> Any:
    """The query of members whom an SMS may go to: a number, and consent for it."""
    return (
        Member.select()
        .join(Consent, on=(Consent.member == Member.id))
        .where(Consent.channel == "sms", Consent.given, Member.mobile.is_null(False))
    )


def members(
    search: str = "", neighbourhood_id: int | None = None, page: int = 1, per_page: int = 50
) -> Page[MemberCard]:
    """A page of members by name; `search` looks in names, numbers and addresses."""
    query = Member.select(Member, Neighbourhood).join(Neighbourhood)
    if _NUMBER.fullmatch(search):
        query = query.where(Member.mobile.contains(_significant(search)))
    else:
        for word in search.split():
            query = query.where(_holds(word))
    if neighbourhood_id is not None:
        query = query.where(Member.neighbourhood == neighbourhood_id)
    by_name = (folded_column(Member.last_name), folded_column(Member.first_name), Member.id)
    return page_of(query.order_by(*by_name), query.count(), page, per_page, cards)


def member(member_id: int) -> MemberCard | None:
    """One member."""
    rows = Member.select(Member, Neighbourhood).join(Neighbourhood).where(Member.id == member_id)
    return next(iter(cards(rows)), None)


def cards(rows: Iterable[Member]) -> list[MemberCard]:
    """Member rows (with their neighbourhood) as values, consents read in one query."""
    listed = list(rows)
    by_member: dict[int, list[ConsentCard]] = {row.id: [] for row in listed}
    for row in Consent.select().where(Consent.member.in_(list(by_member))).order_by(Consent.channel):
        by_member[row.member_id].append(card_of(ConsentCard, row))
    return [_card(row, by_member[row.id]) for row in listed]


def _card(row: Member, consents: list[ConsentCard]) -> MemberCard:
    agreed = {consent.channel for consent in consents if consent.given}
    return card_of(
        MemberCard,
        row,
        neighbourhood=row.neighbourhood.name,
        sms="sms" in agreed,
        mail_group="mail_group" in agreed,
        consents=tuple(consents),
    )


def _holds(word: str) -> Any:
    plain = folded(word)
    return (
        folded_column(Member.first_name).contains(plain)
        | folded_column(Member.last_name).contains(plain)
        | Member.email.contains(word)
    )


def _significant(number: str) -> str:
    """The digits that a stored number has too, of one typed with `0`, `00`, `(0)` or separators."""
    return re.sub(r"\D", "", number.replace("(0)", "")).lstrip("0")
