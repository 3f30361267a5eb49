"""Admins and their list: imports, erasures, consents on paper, and the zone's policy."""

import random
from collections.abc import Callable
from dataclasses import replace

from db.engine.base import tuples
from db.models.people import Member
from db.people.members.listing import member
from db.people.zone import policy as policy_in_force
from plp.services.forgetting import forget_member
from plp.services.people.saving import save_member
from plp.services.zone import save_policy
from rules.members import MemberDraft
from tests.support.people import mobile, person
from tests.support.rosters import import_members
from tests.world.acts.officers import PLACES
from tests.world.outside.members import write
from tests.world.world import ADMIN, World

Act = Callable[[World, random.Random], None]


def first_list(world: World) -> None:
    """The list of members as the night finds it."""
    _import(world, range(world.plan.people))


def _import(world: World, numbers: range) -> str:
    lines = (f"Prénom{number},Nom{number:03},{mobile(number)},fr,{PLACES[number % 3]}" for number in numbers)
    content = "\n".join(("first_name,last_name,mobile,language,neighbourhood", *lines))
    report = import_members(content.encode(), "members.csv", ADMIN, world.timeline.now())
    return f"{report.added} added, {report.updated} updated"


def import_list_again(world: World, chance: random.Random) -> None:
    """The same list with some people more, and some less."""
    first = chance.randrange(0, world.plan.people)
    world.act(ADMIN, "imports a list", lambda: _import(world, range(first, world.plan.people + chance.randrange(4))))


def _import_whole(world: World) -> None:
    if not world.dawn_at:
        world.act(ADMIN, "imports the whole list", lambda: _import(world, range(world.plan.people)))


def add_member(world: World, chance: random.Random) -> None:
    number = 900 + chance.randrange(90)
    where = chance.choice(PLACES)

    def deed() -> None:
        person(number, world.timeline.now(), where)

    world.act(ADMIN, "adds a member", deed, lambda: world.memory.agrees(mobile(number)), about=mobile(number))


def erase(world: World, chance: random.Random) -> None:
    number = _member(chance)
    if number is None:
        return
    mobile_number = member(number).mobile

    def then() -> None:
        if not mobile_number:  # who reads mail alone
            return
        world.memory.out.add(mobile_number)
        world.memory.erased.add(mobile_number)
        if chance.random() < 0.5:  # somebody has an older list
            world.timeline.after(chance.uniform(10, 300), lambda: _import_whole(world))

    deed = lambda: forget_member(number, ADMIN, world.timeline.now())  # noqa: E731
    world.act(ADMIN, f"erases member {number}", deed, then, "member_deleted", mobile_number)


def withdraw(world: World, chance: random.Random) -> None:
    _agree(world, chance, sms=False)


def come_back(world: World, chance: random.Random) -> None:
    _agree(world, chance, sms=True)


def _agree(world: World, chance: random.Random, *, sms: bool) -> None:
    number = _member(chance)
    card = member(number) if number is not None else None
    if number is None or card is None or not card.mobile:
        return
    draft = MemberDraft(card.first_name, card.last_name, card.mobile, "", "fr", card.neighbourhood_id, sms=sms)
    words = f"member {number} {'agrees' if sms else 'withdraws'} on paper"
    was_out = not card.sms

    def then() -> None:
        if sms:
            world.memory.agrees(card.mobile)
        elif not was_out:  # who left by SMS may come back by SMS
            world.memory.out.add(card.mobile)
            stick = world.sticks[chance.choice(sorted(world.sticks))]
            if chance.random() < 0.5:  # it is not by SMS that they come back
                world.timeline.after(chance.uniform(5, 200), lambda: write(world, stick, card.mobile, "START"))

    deed = lambda: save_member(number, draft, ADMIN, world.timeline.now()) and None  # noqa: E731
    perhaps = (lambda: world.memory.agrees(card.mobile)) if sms else (lambda: None)
    world.act(ADMIN, words, deed, then, about=card.mobile, perhaps=perhaps)


def policy(world: World, chance: random.Random) -> None:
    approval = chance.choice(("none", "typed", "second"))
    wanted = replace(policy_in_force(), approval=approval)
    world.act(ADMIN, f"policy {approval}", lambda: save_policy(wanted, ADMIN, world.timeline.now()))


def _member(chance: random.Random) -> int | None:
    ids = [row[0] for row in tuples(Member.select(Member.id).order_by(Member.id))]
    return chance.choice(ids) if ids else None


ACTS: dict[str, Act] = {
    "import_list": import_list_again,
    "add_member": add_member,
    "erase": erase,
    "withdraw": withdraw,
    "come_back": come_back,
    "policy": policy,
}
