"""Bad input, as one sentence for a person: French, with its values apart, so that the console can translate it."""

from collections.abc import Mapping
from typing import Self


def filled(template: str, values: Mapping[str, object]) -> str:
    """The French sentence; commas separate the parts of a value that has several."""
    whole = {name: ", ".join(map(str, value)) if isinstance(value, tuple) else value for name, value in values.items()}
    return template.format(**whole)


class Spoken(Exception):
    """`str()` is a whole French sentence, for whoever wanted it."""


class Refusal(Spoken):
    """The request cannot be done; `str()` is a whole French sentence that says why and what to do."""

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(filled(template, values))
        self.template = template
        self.values = values


class FieldRefusal(Refusal):
    """One field of a form cannot be taken; `field` names it."""

    def __init__(self, field: str, template: str, /, **values: object) -> None:
        super().__init__(template, **values)
        self.field = field

    @classmethod
    def of(cls, field: str, refusal: Refusal) -> Self:
        """The refusal of a value, as one of this field."""
        return cls(field, refusal.template, **refusal.values)


class Duplicate(Refusal):
    """The same text went to the same people a moment ago; ask again, knowingly."""


class Overtaken(Refusal):
    """A colleague ordered something to the same people since this was read; read that, and order again."""


class KeyTaken(Refusal):
    """Another order was given with this idempotency key."""


class OverLimit(Refusal):
    """A ceiling or a budget would be passed; an override with a reason may pass it."""


class OverBudget(OverLimit):
    """A SIM's budget would be passed; the sentence names the SIM, the budget and the excess."""


class NotReady(Refusal):
    """No modem could send it."""


class AllQuiet(Refusal):
    """Everybody whom the order would reach is in quiet hours, and it spares them."""


class Missing(Refusal):
    """There is no such broadcast."""


class WrongState(Refusal):
    """The broadcast is not in a state in which this is possible."""


SHORTEST_REASON, LONGEST_REASON = 5, 300


def reason_of(text: str) -> str:
    """The reason for passing over a rule, in one line, as the history keeps it. Raises Refusal where that is none."""
    reason = " ".join(text.split())[:LONGEST_REASON]
    if len(reason) < SHORTEST_REASON:
        raise Refusal("Indiquez un motif : il reste dans l'historique.")
    return reason
