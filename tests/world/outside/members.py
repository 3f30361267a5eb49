"""Members with their phones: some answer, say STOP, and come back."""

import random

from tests.support.people import mobile
from tests.world.outside.carrier import Handset, Taken
from tests.world.outside.stick import Stick
from tests.world.world import World

ANSWERS = (
    *("STOP", "STOP", "Stop svp", "START", "Merci", "ok bien reçu"),
    *("Qui êtes-vous ?", "Je ferme tout. Bonne soirée à vous tous.", "non"),
)


class Members:
    """`got` hears of each SMS that a phone shows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = random.Random(world.plan.seed ^ 0x4E4)

    def got(self, phone: Handset, taken: Taken) -> None:
        """Perhaps they answer to the card that it came from."""
        if self._world.dawn_at or self._chance.random() > self._world.plan.answers:
            return
        words, after_s = self._chance.choice(ANSWERS), self._chance.uniform(3, 400)
        self._world.timeline.after(after_s, lambda: self._answer(phone, taken.imsi, words))

    def _answer(self, phone: Handset, imsi: str, words: str) -> None:
        world = self._world
        stick = next((stick for stick in world.sticks.values() if stick.imsi == imsi), None)
        if stick is not None:
            world.story.tell(f"phone …{phone.number[-3:]} writes « {words} » to {stick.name}")
            write(world, stick, phone.number, words)


def stop(world: World, chance: random.Random) -> None:
    """A member wants no SMS any more, whoever wrote to them last."""
    number, stick = mobile(chance.randrange(world.plan.people)), world.sticks[chance.choice(sorted(world.sticks))]
    world.story.tell(f"phone …{number[-3:]} writes « STOP » to {stick.name}")
    write(world, stick, number, "STOP")


def write(world: World, stick: Stick, number: str, words: str) -> None:
    """A text from this phone to the card in that stick; the world remembers it."""
    second, text = int(world.timeline.now_s), (number, words, stick.imsi)
    if world.memory.wrote_at.get(text) != second:  # the same again within it is one text that came twice
        world.memory.written[number, words] += 1
    world.memory.wrote_at[text] = second
    if words.casefold().startswith("stop"):
        world.memory.stopped[number] = world.timeline.now_s
    elif words == "START":
        world.memory.stopped.pop(number, None)
    stick.text(number, words)
    if world.plan.fuses and not world.dawn_at and world.chance.random() < world.plan.heard_badly:
        _crash_at(world, stick, world.chance.choice((b"+CMGR", b"+CMGD", b"+CMGD")))


def _crash_at(world: World, stick: Stick, command: bytes) -> None:
    """Whoever gives the modem this command next, to read or to free the place of a text, crashes in that moment."""

    def took(data: bytes) -> None:
        if command in data:
            stick.took = lambda _data: None
            world.burn(2)

    stick.took = took
