"""Recipients of a broadcast: distinct numbers, in the order of sending (docs/adr/0044)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from heapq import merge
from operator import or_
from sys import intern
from typing import Any

from peewee import SQL, Case, Value

from db.engine.base import database, tuples
from db.journal.reading import until_journaled
from db.models.accounts import Account
from db.models.people import Member, MemberPlace
from db.people.geography import StreetCard, lives_in
from db.people.member_groups import in_groups
from db.people.members.cards import is_quiet, lives_at
from db.people.members.listing import agrees_to, neighbourhood_names, reachable_members
from rules import members as rules
from rules.languages import MAIN_LANGUAGE
from rules.numbers import parse_mobile
from rules.sentences import Sentence, coded


@dataclass(frozen=True, slots=True)
class Audience:
    """Everyone; or neighbourhoods by name in the order of sending, `groups` of members by name, and `streets` as
    `db.people.geography` names them; or single numbers (`named`: the drill `group`'s). A person named twice gets it
    once. First come those who live in `near_street`, then `near`, where it happened, then the other neighbourhoods by
    distance.
    """

    everyone: bool = False
    neighbourhoods: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    near: str = ""
    named: str = ""
    groups: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    near_street: str = ""

    @property
    def kind(self) -> str:
        """all, places (or groups of members, or streets), group or numbers."""
        if self.everyone or self.neighbourhoods or self.groups or self.streets:
            return "all" if self.everyone else "places"
        return "group" if self.named else "numbers"

    def words(self) -> Sentence:
        """The audience without numbers, as it is stored and shown."""
        if self.kind in ("all", "places"):
            groups = tuple(coded("audience_member_group", name=name) for name in self.groups)
            places = self.neighbourhoods + self.streets + groups
            whole = coded("audience_all") if self.everyone else coded("audience_places", places=places)
            several = self.everyone or (len(self.neighbourhoods) > 1 and self.near in self.neighbourhoods)
            return coded("audience_near", places=whole, near=self.near) if self.near and several else whole
        if self.named:
            return coded("audience_group")
        one = len(self.numbers) == 1
        return coded("audience_number") if one else coded("audience_numbers", numbers=len(self.numbers))


@dataclass(frozen=True, slots=True)
class AudienceIds:
    """An audience as queries ask for it: everyone, or the ids of neighbourhoods and groups, and streets; or numbers.
    `served` are all neighbourhoods in the order of sending; first come those who live in `near_street`.
    """

    everyone: bool = False
    places: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    streets: tuple[StreetCard, ...] = ()
    served: tuple[int, ...] = ()
    near_street: StreetCard | None = None
    numbers: tuple[str, ...] = ()


NOBODY = AudienceIds()


@dataclass(frozen=True, slots=True)
class AudienceSize:
    """`people` and `languages` count distinct numbers; without a mobile: some gave an address, some no number."""

    people: int
    without_mobile: int
    opted_out: int
    languages: tuple[tuple[str, int], ...] = ()
    mailed_instead: int = 0
    numberless: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """One number to send to, with its member if any, and the language read there; `quiet`: all who have it are."""

    msisdn: str
    member_id: int | None
    language: str = "fr"
    quiet: bool = False


def recipients(audience: AudienceIds, now: datetime | None = None) -> list[Recipient]:
    """Distinct numbers: the street where it happened, coordinators, then by place; quiet by `now`. Raises Refusal for
    a number that is nobody's.
    """
    quiet = Case(None, [(is_quiet(now), 1)], 0) if now is not None else Value(0)
    if audience.numbers:
        return _by_number(audience.numbers, quiet)
    if not audience.served:
        return []
    first: dict[str, Recipient] = {}
    # Bare rows, one by one: a hundred thousand members as models would take hundreds of megabytes.
    for *_order, member_id, mobile, language, in_quiet in merge(*_ordered(audience, quiet)):
        kept = first.setdefault(mobile, Recipient(mobile, member_id, intern(language), bool(in_quiet)))
        if kept.quiet and not in_quiet:
            first[mobile] = replace(kept, quiet=False)
    return list(first.values())


def _ordered(audience: AudienceIds, quiet: Any) -> Iterator[Iterable[tuple[Any, ...]]]:
    """Members in the order of sending, by their homes, and those with a further place once more, by that."""
    chosen, street = _belonging(audience), audience.near_street
    nearest = [Case(None, [(lives_in([street]), 0)], 1)] if street is not None else []
    homes = reachable_members()
    further = homes.join_from(Member, MemberPlace, on=(MemberPlace.member == Member.id))
    for rows, at in ((homes, Member.neighbourhood), (further, MemberPlace.neighbourhood)):
        turn = Case(at, [(place, index) for index, place in enumerate(audience.served)], len(audience.served))
        order = (*nearest, Case(Member.role, [("coordinator", 0)], 1), turn, Member.id)
        query = rows.select(*order, Member.mobile, Member.language, quiet).where(chosen).order_by(*order)
        yield database.obj.execute(query)


def size(
    audience: AudienceIds, people: Sequence[Recipient] | None = None, awake_at: datetime | None = None
) -> AudienceSize:
    """Numbers of people who get it and who do not. `people` are its recipients, if already known. With `awake_at`
    nobody without a mobile who is in quiet hours then.
    """
    if people is None and not audience.numbers:
        return _size(audience)
    people = recipients(audience) if people is None else people
    languages = tuple(Counter(recipient.language for recipient in people).most_common())
    if audience.numbers:
        return AudienceSize(len(people), 0, 0, languages)
    refused = Member.select().where(
        _belonging(audience), Member.restricted_at.is_null(), Member.mobile.is_null(False), ~agrees_to("sms")
    )
    others = _without_mobile(audience, awake_at)
    return AudienceSize(
        len(people),
        without_mobile=others.count(),
        opted_out=refused.count(),
        languages=languages,
        mailed_instead=others.where(Member.email != "").count(),
        numberless=others.where(Member.landline == "", Member.second_number == "").count(),
    )


def mailed_beside(audience: AudienceIds, people: Sequence[Recipient]) -> int:
    """Number of its recipients, `people`, who are mailed while no SMS can be sent; a number once."""
    if audience.numbers:
        return 0
    willing = reachable_members().where(_belonging(audience), Member.email != "", Member.restricted_at.is_null())
    addressed = {mobile for (mobile,) in tuples(willing.select(Member.mobile))}
    return sum(person.msisdn in addressed for person in people)


@until_journaled
def _size(audience: AudienceIds) -> AudienceSize:
    return size(audience, recipients(audience))


def without_mobile(audience: AudienceIds, awake_at: datetime | None = None) -> int:
    """Its people without a mobile, with `awake_at` but for those in quiet hours; 0 for numbers."""
    return 0 if audience.numbers else int(_without_mobile(audience, awake_at).count())


def _without_mobile(audience: AudienceIds, awake_at: datetime | None) -> Any:
    living = Member.select().where(_belonging(audience), Member.restricted_at.is_null(), Member.mobile.is_null())
    return living if awake_at is None else living.where(~is_quiet(awake_at))


def order_of_sending(audience: AudienceIds) -> list[str]:
    """The names of the audience's neighbourhoods as they will be served; none for single numbers."""
    names = neighbourhood_names()
    return [names[place] for place in audience.served if audience.everyone or place in audience.places]


def belonging(place_ids: Collection[int], group_ids: Collection[int], streets: Collection[StreetCard]) -> Any:
    """Condition on members: in one of these neighbourhoods, groups or streets."""
    others = (in_groups(group_ids), lives_in(streets))
    return reduce(or_, (other for other in others if other is not None), lives_at(list(place_ids)))


def _belonging(audience: AudienceIds) -> Any:
    if audience.everyone:
        return Member.id.is_null(False)
    return belonging(audience.places, audience.groups, audience.streets)


def _by_number(numbers: Iterable[str], quiet: Any) -> list[Recipient]:
    """Members' and users' own numbers only. Raises Refusal for another one."""
    people = []
    members = reachable_members().select(Member.id, Member.language, quiet.alias("quiet"))
    for msisdn, text in {parse_mobile(text): text for text in numbers}.items():
        rows = tuples(members.where(Member.mobile == msisdn).order_by(SQL("quiet"), Member.id).limit(1))
        is_account_s = not rows and Account.select().where(Account.mobile == msisdn, Account.active).exists()
        rules.require_our_numbers([] if rows or is_account_s else [text])
        member_id, language, in_quiet = rows[0] if rows else (None, MAIN_LANGUAGE, 0)
        people.append(Recipient(msisdn, member_id, language, bool(in_quiet)))
    return people


def still_members(people: Sequence[Recipient]) -> list[Recipient]:
    """Those who were not erased since; for a shared number, somebody who has it and agrees."""
    reachable = reachable_members().where(Member.mobile.in_([one.msisdn for one in people])).order_by(Member.id.desc())
    by_number = dict(tuples(reachable.select(Member.mobile, Member.id)))
    ids = Member.select(Member.id).where(Member.id.in_([one.member_id for one in people]))
    kept = {None, *(member_id for (member_id,) in tuples(ids))}
    return [
        one if one.member_id in kept else replace(one, member_id=by_number[one.msisdn])
        for one in people
        if one.member_id in kept or one.msisdn in by_number
    ]
