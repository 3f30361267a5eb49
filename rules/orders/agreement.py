"""A person's confirmation of what goes to many: their number, or a drill's word, typed, and a fresh second factor."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.collation import folded
from rules.refusals import SHORTEST_REASON, Overtaken, Refusal

# An act that others would pay for wants a second factor that was given no longer ago.
FRESH = timedelta(minutes=5)
# What goes to more people wants one; a drill does not.
PROOF_PEOPLE = 50
# A drill to more people than this is a second person's business too: it rings a whole neighbourhood.
DRILL_PEOPLE = 10
# And so is a text that no officer ordered, to more people than this within a day: it has words that an admin typed.
SHARED_PEOPLE = DRILL_PEOPLE
# For so long a text that was agreed to goes to more people of its own, and is corrected, without a second person.
WITHOUT_AGREEMENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Hand:
    """A person's own confirmation: typed words, the last second factor, a reason to go without. A program has none."""

    typed: str = ""
    proven_at: datetime | None = None
    without_code: str | None = None


class WrongCount(Refusal):
    """The number of people, or the word of a drill, was not typed."""


class ProofWanted(Refusal):
    """A second factor is wanted first."""


def needs_second(policy: str, kind: str, people: int) -> bool:
    """True when the zone's policy requires a second person; a correction and an end require one after a day."""
    return policy == "second" and (kind == "alert" or (kind == "drill" and people > DRILL_PEOPLE))


def mark_of_reading(*facts: object) -> str:
    """The mark of what a page shows to whoever agrees to it: that of other facts differs, whatever their number."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def require_read(now_so: str, seen: str | None) -> None:
    """Raise Overtaken where what is agreed to is not what the person read; None where no page was shown before."""
    if seen is not None and seen != now_so:
        raise Overtaken("Modifié depuis l'ouverture de cette page : relisez avant de valider.")


def is_fresh(proven_at: datetime | None, now: datetime) -> bool:
    """True when a second factor was given a moment ago, or a moment after `now`, in the same request."""
    return proven_at is not None and abs(now - proven_at) < FRESH


def wants_proof(people: int, *, drill: bool = False) -> bool:
    """True when so many people are a reason to ask for the second factor again."""
    return people > PROOF_PEOPLE and not drill


def require_count(hand: Hand, people: int) -> None:
    """Raise WrongCount unless the number of people was typed; spaces in it make no difference."""
    typed = "".join(hand.typed.split())
    if not typed:
        raise WrongCount(
            "Aucun SMS n'a été envoyé. Tapez le nombre de personnes, {people}, pour confirmer.", people=people
        )
    if typed != str(people):
        raise WrongCount(
            "Aucun SMS n'a été envoyé : le nombre tapé n'est pas le nombre de personnes, {people}.", people=people
        )


def require_word(hand: Hand, word: str) -> None:
    """Raise WrongCount unless the word of a drill was typed, which no alert asks for."""
    if folded(hand.typed) != folded(word):
        raise WrongCount("Aucun SMS n'a été envoyé. Tapez le mot {word} pour confirmer.", word=word)


def require_proof(hand: Hand, now: datetime) -> None:
    """Raise ProofWanted unless the second factor is fresh, or there is a reason why they have no code."""
    if is_fresh(hand.proven_at, now):
        return
    if hand.without_code is None:
        raise ProofWanted("Tapez votre code pour confirmer votre identité.")
    if len(hand.without_code.strip()) < SHORTEST_REASON:
        raise ProofWanted("Indiquez pourquoi vous n'avez pas de code.")
