"""What a draft costs, from the server's own counter: characters, parts, people, the time of the last phone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask_babel import gettext as _

from console.alerts.draft import Draft
from db.audience import AudienceSize, size
from db.forecast import Forecast, forecast
from db.outbox import drill_text
from db.refusals import Refusal
from modem.sms import MAX_PARTS, Count, count, normalise, propose_gsm7, replacements


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text. `proposed` is what it would become, None where it stays or has no replacement."""

    text: str
    forcing: bool
    proposed: str | None


@dataclass(frozen=True, slots=True)
class Measure:
    """The live counter. `size` is None until people are chosen; `without` is the count after replacement.

    `named` are the characters that force the wide alphabet, `stubborn` those of them without a replacement.
    """

    count: Count
    pieces: tuple[Piece, ...]
    named: tuple[str, ...]
    stubborn: tuple[str, ...]
    proposal: str | None
    without: Count | None
    size: AudienceSize | None
    audience_refused: str
    forecast: Forecast | None
    minutes_saved: int

    @property
    def too_long(self) -> bool:
        return self.count.parts > MAX_PARTS


def measured(draft: Draft, now: datetime) -> Measure:
    """Count the draft as it will arrive; never raises for what was typed."""
    arriving = _arriving(draft.text, draft.drill)
    counted = count(arriving)
    swaps = replacements(draft.text)
    proposal = propose_gsm7(draft.text) if swaps else None
    without = count(_arriving(proposal, draft.drill)) if proposal is not None else None
    people, refused = _size(draft)
    expected = forecast(counted.parts * people.people, now) if people and counted.parts else None
    return Measure(
        count=counted,
        pieces=tuple(_pieces(draft.text, swaps)) if swaps else (),
        named=tuple(shown_character(char) for char in swaps),
        stubborn=tuple(shown_character(char) for char, swap in swaps.items() if swap is None),
        proposal=proposal,
        without=without,
        size=people,
        audience_refused=refused,
        forecast=expected,
        minutes_saved=_minutes_saved(counted, without, people, expected),
    )


def shown_character(char: str) -> str:
    """A character so that it can be seen and told apart, in words that people use."""
    names = {
        "’": _("apostrophe courbe"),
        "‘": _("apostrophe courbe"),
        "“": _("guillemet courbe"),
        "”": _("guillemet courbe"),
        "«": _("guillemet français"),
        "»": _("guillemet français"),
        "…": _("trois points en un seul signe"),
        "–": _("tiret long"),
        "—": _("tiret long"),
        "\u00a0": _("espace insécable"),
        "\u202f": _("espace insécable fine"),
    }
    if char in names:
        return names[char] if char.isspace() else f"{char} ({names[char]})"
    return char if char.isprintable() else f"U+{ord(char):04X}"


def _arriving(text: str, drill: bool) -> str:
    return drill_text(text) if drill and text.strip() else text


def _pieces(text: str, swaps: dict[str, str | None]) -> Iterator[Piece]:
    for char, run in groupby(normalise(text), key=lambda char: char if char in swaps else None):
        together = "".join(run)
        if char is None:
            yield Piece(together, False, None)
        else:
            swap = swaps[char]
            yield Piece(together, True, None if swap is None else swap * len(together))


def _size(draft: Draft) -> tuple[AudienceSize | None, str]:
    if draft.everyone is None or (not draft.everyone and not draft.neighbourhoods):
        return None, ""
    try:
        return size(draft.audience), ""
    except Refusal as refusal:
        return None, str(refusal)


def _minutes_saved(
    counted: Count, without: Count | None, people: AudienceSize | None, expected: Forecast | None
) -> int:
    if without is None or people is None or expected is None:
        return 0
    return round((counted.parts - without.parts) * people.people * expected.seconds_per_part / 60)
