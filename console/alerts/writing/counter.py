"""The live counter of a draft: characters, parts, people, and the time at which the last phone rings."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from console.alerts.writing.draft import Draft
from console.i18n.labels import count as shown
from console.i18n.labels import labels
from console.i18n.translate import said
from db.modems.forecast import Forecast, forecast
from db.people.audience import AudienceSize, order_of_sending, size
from modem.sms.composition import MAX_PARTS, Count, count, normalise, replacements
from plp.services.orders.audiences import resolve
from plp.services.texts import Readers, arriving, readers
from rules.languages import LANGUAGE_NAMES
from rules.orders.texts import MAIN_LANGUAGE
from rules.refusals import Refusal

_CHARACTERS = labels("characters")


@dataclass(frozen=True, slots=True)
class TextMeasure:
    """The count of one language's text, which goes out as `arriving`; `without` is the count after replacement, None
    when nothing can be replaced. `pieces` are (text, whether it forces the wide alphabet, its replacement or None);
    `named` are the characters that force it, `stubborn` those without a replacement.
    """

    language: str
    arriving: str
    count: Count
    pieces: tuple[tuple[str, bool, str | None], ...]
    named: tuple[str, ...]
    stubborn: tuple[str, ...]
    without: Count | None

    @property
    def too_long(self) -> bool:
        return self.count.parts > MAX_PARTS

    @property
    def parts_saved(self) -> int:
        return self.count.parts - self.without.parts if self.without else 0


@dataclass(frozen=True, slots=True)
class Measure:
    """The live counter: the texts, the main one first, and its readers. `size` is None until people are chosen;
    `minutes_saved` is by how much sooner the last phone would ring after replacement, in all texts together.
    """

    texts: tuple[TextMeasure, ...]
    size: AudienceSize | None
    readers: tuple[Readers, ...]
    audience_refused: str
    forecast: Forecast | None
    minutes_saved: int

    @property
    def main(self) -> TextMeasure:
        """The text that has the page's large figures."""
        return self.texts[0]

    @property
    def shown(self) -> tuple[TextMeasure, ...]:
        """The texts that somebody among the people chosen reads; the main one before anybody is chosen."""
        read = {reading.language for reading in self.readers}
        main = self.main.language
        needed = not self.readers or main in read or any(reading.missing for reading in self.readers)
        return tuple(text for text in self.texts if text.language in read or (text.language == main and needed))

    @property
    def missing(self) -> tuple[Readers, ...]:
        """The languages that are owed a text and have none."""
        return tuple(reading for reading in self.readers if reading.missing)

    @property
    def costly(self) -> tuple[TextMeasure, ...]:
        """The texts with characters that force the wide alphabet."""
        return tuple(text for text in self.texts if text.pieces)

    def parts_of(self, readers: Mapping[str, int]) -> int:
        """Parts for so many readers by language; readers of a language without a text get the main one."""
        return _parts(self.texts, readers.items())

    @property
    def too_long(self) -> bool:
        return any(text.too_long for text in self.texts)


def measured(draft: Draft, now: datetime) -> Measure:
    """Count the draft as it will arrive; never raises for what was typed."""
    written = {MAIN_LANGUAGE: draft.text} if draft.one_language else draft.texts
    texts = tuple(_measured(text, language, draft) for language, text in written.items())
    people, refused = _size(draft)
    reading = readers(draft.texts, people.languages) if people and not draft.one_language else ()
    languages = people.languages if people else ()
    parts = _parts(texts, languages)
    expected = forecast(parts, now) if people and parts else None
    saved = parts - _parts(texts, languages, replaced=True)
    return Measure(
        texts=texts,
        size=people,
        readers=reading,
        audience_refused=refused,
        forecast=expected,
        minutes_saved=round(saved * expected.seconds_per_part / 60) if expected else 0,
    )


def without_forcing(text: str) -> str:
    """The text with forcing characters replaced where a replacement exists; the others are kept."""
    text = normalise(text)
    for char, swap in replacements(text).items():
        if swap is not None:
            text = text.replace(char, swap)
    return text


def shown_character(char: str) -> str:
    """A character so that it can be seen and recognised, in words that people use."""
    if char in _CHARACTERS:
        return str(_CHARACTERS[char]) if char.isspace() else f"{char} ({_CHARACTERS[char]})"
    return char if char.isprintable() else f"U+{ord(char):04X}"


def _measured(text: str, language: str, draft: Draft) -> TextMeasure:
    swaps = replacements(text)
    whole = _arriving(text, language, draft)
    replaceable = any(swap is not None for swap in swaps.values())
    return TextMeasure(
        language=language,
        arriving=whole,
        count=count(whole),
        pieces=tuple(_pieces(text, swaps)) if swaps else (),
        named=tuple(shown_character(char) for char in swaps),
        stubborn=tuple(shown_character(char) for char, swap in swaps.items() if swap is None),
        without=count(_arriving(without_forcing(text), language, draft)) if replaceable else None,
    )


def _arriving(text: str, language: str, draft: Draft) -> str:
    return arriving(text, drill=draft.drill, kind=draft.follow_up, language=language)


def _pieces(text: str, swaps: dict[str, str | None]) -> Iterator[tuple[str, bool, str | None]]:
    for char, run in groupby(normalise(text), key=lambda char: char if char in swaps else None):
        together = "".join(run)
        if char is None:
            yield together, False, None
        else:
            swap = swaps[char]
            yield together, True, None if swap is None else swap * len(together)


def _size(draft: Draft) -> tuple[AudienceSize | None, str]:
    if not draft.chosen:
        return None, ""
    try:
        return size(resolve(draft.audience)), ""
    except Refusal as refusal:
        return None, said(refusal)


def served(draft: Draft) -> list[str]:
    """The neighbourhoods of the draft as they will be served; none where its people cannot be counted."""
    with suppress(Refusal):
        return order_of_sending(resolve(draft.audience))
    return []


def _parts(texts: tuple[TextMeasure, ...], readers: Iterable[tuple[str, int]], replaced: bool = False) -> int:
    sizes = {text.language: (text.without.parts if replaced and text.without else text.count.parts) for text in texts}
    return sum(number * sizes.get(language, sizes[texts[0].language]) for language, number in readers)


def language_name(language: str) -> str:
    """The language's name as used in a sentence, in the reader's language."""
    return said(LANGUAGE_NAMES[language]) if language in LANGUAGE_NAMES else language


def language_counts(readers: tuple[Readers, ...]) -> str:
    """« 280 FR, 12 NL, 8 DE »"""
    return ", ".join(f"{shown(reading.people)} {reading.language.upper()}" for reading in readers)
