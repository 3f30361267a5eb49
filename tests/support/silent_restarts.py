"""One alert through a modem that restarts without a word, in virtual time (tests/support/virtual.py), judged by the log
of the simulated network.
"""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf

import pytest

from db.models.broadcasts import Message, Part
from db.modems.status import beat
from tests.support.inbound import received_texts
from tests.support.people import Text, order
from tests.support.virtual import Life, World

# A text-mode modem of no maker, a SIM800 whose port stays, sticks whose profile somebody saved.
FIRMWARE = ("default", "sim800", "ec25", "e173")
MEMBERS = 12
_WORDS = (("SMS Ready",), ("RDY",), ("+CPIN: READY",), ("+CFUN: 1", "Call Ready", "SMS Ready"))
_PER_MINUTE = (0, 0, 20, 45, 80)
# Reports and texts come again so soon (the reports' own way through the network included).
AGAIN_WITHIN_S = 40.0
_SHORTEST_S, _LONGEST_S = 0.6, 25.0
_SETTLED_S = 15.0
_LOOK_S = 0.25
_LATER = Text("Suspect interpellé.", "gsm7", ("Suspect interpellé.",))


@dataclass(frozen=True)
class Restart:
    """`at_s` after the alert was ordered, before it where negative; deaf for `deaf_s`, then `words` alone. `refusal`:
    commands about SMS are answered with it for `late_s` more. The modem sends so many `per_minute`, 0: all it can.
    """

    firmware: str
    text_mode: bool
    echo: bool = False
    words: tuple[str, ...] = ()
    at_s: float = 0.0
    deaf_s: float = 3.0
    refusal: int = 0
    late_s: float = 0.0
    per_minute: int = 0

    @classmethod
    def drawn(cls, dice: random.Random) -> "Restart":
        """Any of them; short ones are as likely as long ones."""
        late = dice.random() < 0.4
        deaf_s = _SHORTEST_S * (_LONGEST_S / _SHORTEST_S) ** dice.random()
        return cls(
            dice.choice(FIRMWARE),
            dice.random() < 0.6,
            dice.random() < 0.5,
            dice.choice(_WORDS) if dice.random() < 0.5 else (),
            dice.uniform(0.0, 20.0) if dice.random() < 0.7 else -dice.uniform(0.0, 60.0),
            deaf_s,
            dice.choice((517, 314)) if late else 0,
            dice.uniform(1.0, 25.0) if late else 0.0,
            dice.choice(_PER_MINUTE),
        )


@dataclass
class Outcome:
    """People by number; `to_nobody`: texts that the network took for no one, `told`: people shown as sent or delivered
    without a text, `unnamed`: people without one whom no page names. `again_s`: after how long reports and texts came.
    """

    to_nobody: int
    told: int
    doubled: int
    unnamed: int
    unconfirmed: int
    delivered: int
    again_s: float
    text_came: bool
    later_delivered: bool


def begin(now: datetime, patch: pytest.MonkeyPatch, restart: Restart, seed: int) -> Life:
    """A modem of this firmware that is ready, before the restart."""
    world = World(now, patch)
    submit_s = None if restart.firmware == "sim800" else 0.8  # the others would be done at once
    world.switch_on(restart.firmware, seed=seed, submit_s=submit_s)
    life = Life(world, urgent_messages_per_minute=restart.per_minute)
    assert life.live(120, lambda: life.is_ready)
    beat("box", "modem", 1, world.utc)
    return life


def play(life: Life, restart: Restart) -> Outcome:
    """The restart and its alert, a text that comes afterwards, and a second alert."""
    world = life.world
    at = world.now + max(0.0, restart.at_s)
    taken_again = at + restart.deaf_s + restart.late_s
    again_at: list[float] = []

    def watch() -> None:
        if _routes(life):
            again_at.append(world.now)
        else:
            world.at(world.now + _LOOK_S, watch)

    world.at(at, lambda: _restart(life, restart))
    world.at(taken_again, watch)
    if restart.at_s < 0:
        life.live(-restart.at_s)
    placed = order(world.utc)
    life.live(400, lambda: bool(again_at) and life.is_ready and _is_over(placed.id))
    life.live(_SETTLED_S)
    text = f"Merci {world.now}"
    world.modem.phone.expect_text("+32470000009", text, world.now)
    life.live(5)
    outcome = _outcome(life, placed.id, again_at[0] - taken_again if again_at else inf)
    outcome.text_came = any(row.text == text for row in received_texts())
    later = order(world.utc, _LATER)
    life.live(400, lambda: _is_over(later.id))
    life.live(5)
    outcome.later_delivered = set(told(later.id)) == {"delivered"}
    return outcome


def told(broadcast: int) -> dict[str, set[str]]:
    """Numbers by the state in which they are shown."""
    states: dict[str, set[str]] = {}
    for part in Part.select().join(Message).where(Part.broadcast == broadcast):
        states.setdefault(str(part.state), set()).add(part.message.msisdn)
    return states


def _restart(life: Life, restart: Restart) -> None:
    modem = life.world.modem
    late = [f"sms-late:{restart.refusal}/{restart.late_s:.1f}"] if restart.refusal else []
    modem.phone.faults.replace([*late, *["textmode"] * restart.text_mode])
    modem.phone.profile = replace(modem.phone.profile, echo=restart.echo)
    modem.brown_out(restart.deaf_s, *restart.words)


def _routes(life: Life) -> bool:
    """Texts and reports go to us, in PDU mode."""
    settings = life.world.modem.phone.settings
    return bool(settings.cnmi[1] and settings.cnmi[3]) and not settings.text_mode


def _is_over(broadcast: int) -> bool:
    return not {"queued", "sending"} & told(broadcast).keys()


def _outcome(life: Life, broadcast: int, again_s: float) -> Outcome:
    shown = told(broadcast)
    people = set().union(*shown.values())
    had = Counter(str(line["to"]) for line in life.world.modem.phone.network.messages.lines)
    told_as_sent = shown.get("sent", set()) | shown.get("delivered", set())
    named = told_as_sent | shown.get("unconfirmed", set())
    return Outcome(
        to_nobody=sum(often for number, often in had.items() if number not in people),
        told=len(told_as_sent - had.keys()),
        doubled=sum(often > 1 for number, often in had.items() if number in people),
        unnamed=len(people - named),
        unconfirmed=len(shown.get("unconfirmed", set())),
        delivered=len(shown.get("delivered", set())),
        again_s=again_s,
        text_came=False,
        later_delivered=False,
    )
