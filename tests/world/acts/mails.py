"""Mails: coordinators and members who read them, officers who write bulletins, what comes into the mailbox, and what
becomes of the servers.
"""

import random
from collections.abc import Callable

from db.engine.base import tuples
from db.models.mail import Mail
from plp.services import mails
from rules.mail import MAIL_TROUBLE
from tests.support.bulletins import coordinator, sent
from tests.support.people import person
from tests.world.acts.officers import PLACES
from tests.world.world import ADMIN, OFFICERS, World

Act = Callable[[World, random.Random], None]
# Numbers of members who read mail, from here on.
READERS, COORDINATORS = 700, 720


def first_readers(world: World) -> None:
    """Coordinators, and members whom no SMS reaches."""
    now = world.timeline.now()
    for number, place in enumerate(PLACES, COORDINATORS):
        coordinator(number, now, place)
    for number in range(READERS, READERS + 4):
        person(number, now, PLACES[number % 3], mobile="", email=f"m{number}@{'abc'[number % 3]}.example")


def bulletin(world: World, chance: random.Random) -> None:
    world.tags += 1
    tag, by = f"bulletin {world.tags}", chance.choice(OFFICERS)

    def deed() -> str:
        return f"bulletin {sent(world.timeline.now(), category=chance.choice(('tactical', 'prevention')))}"

    world.act(by, f"sends {tag}", deed)


def write_mail(world: World, chance: random.Random) -> None:
    if world.inbox is not None:
        world.story.tell(f"a member writes {world.inbox.write(twice=chance.random() < 0.2)}")


def number_anew(world: World, chance: random.Random) -> None:
    if world.inbox is not None:
        world.story.tell("the mailbox is moved, and numbers its mails anew")
        world.inbox.number_anew()


def relay_away(world: World, chance: random.Random) -> None:
    seconds = chance.choice((20.0, 300.0, 4000.0))
    if world.relay is not None:
        world.story.tell(f"the mail relay is away for {seconds:.0f} s")
        world.relay.away_until_s = world.timeline.now_s + seconds


def mailbox_away(world: World, chance: random.Random) -> None:
    seconds = chance.choice((20.0, 300.0, 2000.0))
    if world.inbox is not None:
        world.story.tell(f"the mailbox is away for {seconds:.0f} s")
        world.inbox.away_until_s = world.timeline.now_s + seconds


def mail_again(world: World, chance: random.Random) -> None:
    """A mail that surely did not arrive."""
    ended = Mail.select(Mail.id).where(Mail.state.in_(MAIL_TROUBLE), ~Mail.perhaps_twice).order_by(Mail.id)
    numbers = [number for (number,) in tuples(ended)]
    if numbers:
        number = chance.choice(numbers)
        allow = lambda: world.memory.mailed_again.update((number,))  # noqa: E731
        deed = lambda: mails.retry_mail(number, ADMIN, world.timeline.now())  # noqa: E731
        world.act(ADMIN, f"mail {number} again", deed, allow, perhaps=allow)


ACTS: dict[str, Act] = {
    "bulletin": bulletin,
    "write_mail": write_mail,
    "number_anew": number_anew,
    "relay_away": relay_away,
    "mailbox_away": mailbox_away,
    "mail_again": mail_again,
}
