"""Officers at the page, the command line and the API: they order, correct, stop, agree, and press twice."""

import random
from collections.abc import Callable
from datetime import timedelta

from db.alerts.orders.approval import ApprovalCard, waiting_approvals
from db.alerts.values import FollowUpOrder, Order
from db.engine.base import database, tuples
from db.models.broadcasts import Broadcast
from db.people.audience import Audience
from plp.services import broadcasts
from plp.services.orders import approving, going_on
from plp.services.orders.following_up import follow_up
from plp.services.orders.placing import at_once, place
from plp.services.texts import Answers
from rules.orders.agreement import Hand
from rules.orders.texts import MAIN_LANGUAGE
from rules.states import AUTOMATIC, Stage
from tests.world.plan import START
from tests.world.world import OFFICERS, World

PLACES = ("Plainevaux", "Rotheux", "Bonsgnée")
MEANT = Answers(accepted=True, reason="Vérifié sur place avec la patrouille.", one_language=True)
Act = Callable[[World, random.Random], None]
_RESENT = ("failed", "unconfirmed", "cancelled")
_LEFT = """
SELECT DISTINCT b.id, p.state FROM part p JOIN broadcast b ON b.id = p.broadcast_id
WHERE p.state IN ('failed', 'unconfirmed', 'cancelled', 'expired', 'undelivered') AND b.kind IN ('alert', 'drill')
ORDER BY b.id, p.state
"""


def words_of(world: World, chance: random.Random) -> str:
    """A text that no other is like, of one to three parts, now and then in UCS-2."""
    world.tags += 1
    tag = f"R{world.tags}"
    if chance.random() >= world.plan.long_texts:
        return f"Vol rue {tag}, 21h40. Restez chez vous, appelez le 101."
    extra = "Accès fermé près du carrefour. " if chance.random() < 0.7 else "Fenêtre forcée. "
    return f"Vol rue {tag}, 21h40. " + "".join(f"{tag}-{number}: {extra}" for number in range(chance.randrange(3, 9)))


def order(world: World, chance: random.Random) -> None:
    """An alert to everybody, to some neighbourhoods, or to single numbers; by a person or by a program."""
    _order(world, chance, "alert")


def drill(world: World, chance: random.Random) -> None:
    _order(world, chance, "drill")


def press_twice(world: World, chance: random.Random) -> None:
    """The same form twice: one order comes of it."""
    key = f"key-{world.tags}" if chance.random() < 0.6 else None
    by, text, wanted = _wanted(world, chance, "alert", key)
    ids: list[int] = []
    for press in ("first", "second"):
        world.act(by, f"{press} press", lambda: ids.append(_place(world, by, text, wanted)))
    whole = key is not None and not world.plan.fuses and world.timeline.now_s > world.box.full_until_s
    whole = whole and not world.box.is_shared  # either may have lost the server
    if whole and len(ids) == 1:
        world.story.violate("one order", f"the second press of broadcast {ids[0]}'s form was refused")
    if len(set(ids)) > 1:
        world.story.violate("one order", f"two presses made the broadcasts {ids}")


def _order(world: World, chance: random.Random, kind: str) -> None:
    by, text, wanted = _wanted(world, chance, kind, None)
    words = f"{kind} {text[:14]}… {wanted.priority} to {wanted.audience.kind}"
    world.act(by, words, lambda: f"broadcast {_place(world, by, text, wanted)}")


def _wanted(world: World, chance: random.Random, kind: str, key: str | None) -> tuple[str, str, Order]:
    officer = chance.choice(OFFICERS)
    by = chance.choice((officer, officer, f"{officer} (terminal)"))
    if chance.random() < world.plan.by_program:
        by = "API radio"
    audience = chance.choice((
        Audience(everyone=True), Audience(everyone=True), Audience(everyone=True, near=PLACES[0]),
        Audience(neighbourhoods=tuple(chance.sample(PLACES, chance.randrange(1, 3)))),
    ))  # fmt: skip
    text = words_of(world, chance)
    if kind == "drill":
        text = f"EXERCICE. {text}"
    reason = chance.choice((None, "La situation l'exige ce soir."))
    priority = "normal" if kind == "alert" and chance.random() < world.plan.not_urgent else "urgent"
    wanted = Order(audience, kind, priority, by, key, override_reason=reason)
    return by, text, wanted


def _place(world: World, by: str, text: str, wanted: Order) -> int:
    sending = world.plan.sending if " " not in by else at_once(world.plan.sending)
    number = place({MAIN_LANGUAGE: text}, wanted, sending, world.timeline.now(), MEANT)
    _remember(world, number)
    return number


def _remember(world: World, number: int) -> None:
    world.memory.taken.add(number)
    if world.timeline.now() < START - timedelta(days=1):
        world.memory.undated.add(number)


def correct(world: World, chance: random.Random) -> None:
    _follow(world, chance, "correction", for_rest=chance.random() < 0.5)


def end(world: World, chance: random.Random) -> None:
    _follow(world, chance, "end")


def _follow(world: World, chance: random.Random, kind: str, for_rest: bool = False) -> None:
    number, by = _one_of(world, chance, ("alert", "drill")), chance.choice(OFFICERS)
    if number is None:
        return
    text = {MAIN_LANGUAGE: words_of(world, chance)}

    def deed() -> str:
        now = world.timeline.now()
        original = broadcasts.existing(number, now)
        wanted = FollowUpOrder(number, kind, by)
        sending = world.plan.sending
        placed, rest = follow_up(text, original, wanted, sending, now, MEANT, for_rest=for_rest)
        for one in filter(None, (placed, rest)):
            _remember(world, one)
        return f"broadcast {placed}" + (f" and {rest}" if rest else "")

    world.act(by, f"{kind} of {number}", deed)


def _simple(name: str, deed: Callable[..., object], stages: tuple[Stage, ...], entry: str) -> Act:
    def act(world: World, chance: random.Random) -> None:
        number, by = _one_of(world, chance, stages=stages), chance.choice(OFFICERS)
        if number is None:
            return

        def then() -> None:
            if name in ("stop", "pause"):
                world.memory.halted[number] = name
            else:
                world.memory.halted.pop(number, None)

        forget = lambda: world.memory.halted.pop(number, None)  # noqa: E731
        world.act(by, f"{name} {number}", lambda: deed(number, world.request(by)), then, entry, perhaps=forget)

    return act


def resend(world: World, chance: random.Random) -> None:
    """Of what there is, mostly: the messages of one state."""
    by, left = chance.choice(OFFICERS), database.execute_sql(_LEFT).fetchall()
    number, state = chance.choice(left) if left else (_one_of(world, chance), chance.choice(_RESENT))
    only = state if state in _RESENT else "incomplete"
    if number is not None:
        world.memory.halted.pop(number, None)
        again = lambda: going_on.resend(number, world.request(by), only=only)  # noqa: E731
        world.act(by, f"resend {only} of {number}", again, entry="broadcast_resent")


def release(world: World, chance: random.Random) -> None:
    number, by, rest = _one_of(world, chance, stages=(Stage.HELD,)), chance.choice(OFFICERS), chance.random() < 0.5
    if number is not None:
        deed = lambda: going_on.release(number, world.request(by), rest=rest)  # noqa: E731

        def allow() -> None:
            world.memory.halted.pop(number, None)  # a pause that was held as the database is older than the note
            if not rest:  # also to those who may have it: a person wants it so
                for known in world.ledger.of(number):
                    known.copies += 1

        world.act(
            by, f"release {'the rest of ' if rest else ''}{number}", deed, allow, "broadcast_released", perhaps=allow
        )


def approve(world: World, chance: random.Random) -> None:
    def deed(card: ApprovalCard, by: str) -> None:
        approving.approve_broadcast(card.broadcast_id, Hand(str(card.recipients)), world.request(by))

    _decide(world, chance, "approve", deed)


def refuse(world: World, chance: random.Random) -> None:
    def deed(card: ApprovalCard, by: str) -> None:
        approving.refuse_broadcast(card.broadcast_id, by, "Texte trop vague pour les gens.", world.timeline.now())

    _decide(world, chance, "refuse", deed, "approval_refused")


def alone(world: World, chance: random.Random) -> None:
    def deed(card: ApprovalCard, by: str) -> None:
        hand = Hand(str(card.recipients))
        approving.break_glass(card.broadcast_id, hand, "Personne ne répond au téléphone.", world.request(by))

    _decide(world, chance, "send alone", deed, "approval_alone")


def _decide(world: World, chance: random.Random, words: str, deed: Callable[..., object], entry: str = "") -> None:
    waiting, by = waiting_approvals(world.timeline.now()), chance.choice(OFFICERS)
    if waiting:
        card = chance.choice(waiting)
        world.act(by, f"{words} {card.broadcast_id}", lambda: deed(card, by), entry=entry)


def _one_of(
    world: World, chance: random.Random, kinds: tuple[str, ...] = (), stages: tuple[Stage, ...] = ()
) -> int | None:
    rows = Broadcast.select(Broadcast.id).where(Broadcast.kind.not_in(AUTOMATIC)).order_by(Broadcast.id)
    if kinds:
        rows = rows.where(Broadcast.kind.in_(kinds))
    if stages:
        rows = rows.where(Broadcast.stage.in_(stages))
    ids = [row[0] for row in tuples(rows)]
    return chance.choice(ids) if ids else None


_RUNNING = (Stage.QUEUED, Stage.SCHEDULED, Stage.AWAITING_APPROVAL, Stage.PAUSED, Stage.HELD)
ACTS: dict[str, Act] = {
    "order": order,
    "drill": drill,
    "press_twice": press_twice,
    "correct": correct,
    "end": end,
    "cancel": _simple("stop", broadcasts.cancel, _RUNNING, "broadcast_cancelled"),
    "pause": _simple("pause", broadcasts.pause, (Stage.QUEUED,), "broadcast_paused"),
    "resume": _simple("resume", going_on.resume, (Stage.PAUSED, Stage.SCHEDULED), "broadcast_resumed"),
    "expire": _simple("give up", broadcasts.expire, (Stage.HELD,), "broadcast_expired"),
    "resend": resend,
    "release": release,
    "approve": approve,
    "refuse": refuse,
    "alone": alone,
}
