"""Bad input, as one sentence for a person: French, with its values apart, so that the console can translate it."""

from collections.abc import Mapping
from typing import Self, TypeVar

Row = TypeVar("Row")
SHORTEST_REASON, LONGEST_REASON = 5, 300


def filled(template: str, values: Mapping[str, object]) -> str:
    """The French sentence; commas separate the parts of a value that has several."""
    whole = {name: ", ".join(map(str, value)) if isinstance(value, tuple) else value for name, value in values.items()}
    return template.format(**whole)


class Spoken(Exception):
    """`str()` is a whole French sentence, for the person who made the request."""


class Refusal(Spoken):
    """`str()` is a whole French sentence: the reason and the remedy. Programs match `code`, which never changes."""

    code = "refused"

    def __init_subclass__(cls, code: str = "") -> None:
        cls.code = code or cls.code

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(filled(template, values))
        self.template = template
        self.values = values


class FieldRefusal(Refusal, code="field"):
    """One field of a form cannot be taken; `field` names it."""

    def __init__(self, field: str, template: str, /, **values: object) -> None:
        super().__init__(template, **values)
        self.field = field

    @classmethod
    def of(cls, field: str, refusal: Refusal) -> Self:
        """The refusal of a value, as one of this field."""
        return cls(field, refusal.template, **refusal.values)


class Duplicate(Refusal, code="duplicate"):
    """The same text went to the same people a moment ago; ask again, knowingly."""


class Overtaken(Refusal, code="overtaken"):
    """Somebody changed this, or ordered something to the same people, since it was read; read that, and ask again."""


class KeyTaken(Refusal, code="key_taken"):
    """Another order was given with this idempotency key."""


class OverLimit(Refusal, code="over_limit"):
    """A ceiling or a budget would be passed; an override with a reason may pass it."""


class OverBudget(OverLimit, code="over_budget"):
    """A SIM's budget would be passed; the sentence names the SIM, the budget and the excess."""


class NotReady(Refusal, code="not_ready"):
    """No modem could send it."""


class AgreementWanted(NotReady):
    """A text that nobody ordered goes to many: somebody agrees to it first."""


class AllQuiet(Refusal, code="all_quiet"):
    """Everybody whom the order would reach is in quiet hours, and it spares them."""


class Missing(Refusal, code="missing"):
    """There is no such broadcast, member or message."""


class WrongState(Refusal, code="wrong_state"):
    """The broadcast is not in a state in which this is possible."""


def required(row: Row | None, refusal: Refusal) -> Row:
    """The row; raises this refusal where there is none."""
    if row is None:
        raise refusal
    return row


def none_of(*refusals: Refusal | None) -> None:
    """Raise the first of these that is one."""
    for refusal in refusals:
        if refusal is not None:
            raise refusal


def reason_of(text: str) -> str:
    """The reason for passing over a rule, in one line, as the history keeps it. Raises Refusal where that is none."""
    reason = " ".join(text.split())[:LONGEST_REASON]
    if 0 < len(reason) < SHORTEST_REASON:
        raise Refusal("Motif trop court : {least} caractères au moins.", least=SHORTEST_REASON)
    if not reason:
        raise Refusal("Indiquez un motif : il reste dans l'historique.")
    return reason
