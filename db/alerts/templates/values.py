"""A ready-made alert as a value: its fields, its texts, and what a field may be called."""

import re
from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "time", "choice"]
TemplateKind = Literal["alert", "drill"]
FIELD_KINDS: tuple[FieldKind, ...] = ("text", "time", "choice")

# The tiles' drawings, by their names in the sprite; the first is for a template that says nothing.
ICONS = (
    "speakerphone",
    "lock-open",
    "car",
    "user-search",
    "id",
    "flame",
    "barrier-block",
    "ripple",
    "shield-check",
    "alert-octagon",
    "door",
    "circle-check",
    "flask",
)
# The drawing of what says that it is over: before such a text the officer is asked which alert it ends.
ICON_OF_THE_END = "circle-check"
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
MOST_FIELDS = 6
LONGEST_TITLE, LONGEST_LABEL, LONGEST_BODY, LONGEST_CHOICE, MOST_CHOICES = 40, 60, 600, 60, 12


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice: as the officer sees it, and what stands for it in each language's text."""

    words: tuple[tuple[str, str], ...]

    def in_language(self, language: str) -> str:
        """Its words; those of the first language where it has none of its own."""
        return next((text for known, text in self.words if known == language), self.words[0][1])

    @property
    def value(self) -> str:
        """The form's value for this choice."""
        return self.words[0][1]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that the officer fills in. `name` stands in the text, in braces."""

    name: str
    label: str
    kind: FieldKind = "text"
    optional: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """A template as somebody wants it. `texts` are by language; an empty one counts as missing."""

    title: str
    icon: str
    kind: TemplateKind
    fields: tuple[Field, ...]
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """A ready-made alert. `texts` hold {fields}; languages without one are `missing`."""

    id: int
    title: str
    icon: str
    kind: TemplateKind
    fields: tuple[Field, ...]
    texts: dict[str, str]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """First and last words of alerts in this language; `required`: its readers must get a text of their own."""

    language: str
    prefix: str
    closing: str
    required: bool
