"""Bad input, told to a person in one sentence.

The sentence is French, with its values apart, so that the console can translate the template.
"""


class Refusal(Exception):
    """What was asked cannot be done; `str()` is a whole French sentence that says why and what to do."""

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values


class Duplicate(Refusal):
    """The same text went to the same people a moment ago; ask again, knowingly."""


class KeyTaken(Refusal):
    """Another order was given with this idempotency key."""


class OverLimit(Refusal):
    """A ceiling or a budget would be passed; an override with a reason may pass it."""


class OverBudget(OverLimit):
    """A SIM's budget would be passed; the sentence names the SIM, the budget and the excess."""


class NotReady(Refusal):
    """No modem could send it."""
