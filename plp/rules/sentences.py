"""A sentence with its values apart, so that the console can say it in the reader's language without guessing."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sentence:
    """`str()` is the whole French sentence. A value may be a sentence itself, or several, which commas separate."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**{name: _spoken(value) for name, value in self.values.items()})

    def __bool__(self) -> bool:
        return bool(self.template)


def _spoken(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


NOTHING = Sentence("")
