"""The text guard: words that an alert should not contain. It warns, and the officer decides; but a drill that claims to
be real is refused, and an alert that claims to be a drill needs a reason (Hawaii, 2018) (docs/adr/0021).
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Literal

from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher, format_number

from rules.calendar import LOCAL
from rules.refusals import SHORTEST_REASON, Refusal

Kind = Literal[
    "drill_words", "live_words", "plate", "phone", "email", "link", "person", "ethnic",
    "no_source", "no_hazard", "no_place", "no_action", "no_time",
]  # fmt: skip
BLOCKING: frozenset[Kind] = frozenset({"drill_words", "live_words"})
# A bulletin is shorter, and an SMS of ten parts; what is longer is refused anyway.
LONGEST = 15_000
_DAY = 24 * 60  # minutes
# What a draft lacks (rules.warning); nobody has to answer for it.
ADVICE: frozenset[Kind] = frozenset({"no_source", "no_hazard", "no_place", "no_action", "no_time"})


def _patterns() -> dict[str, re.Pattern[str]]:
    """As text_guard.toml has them, by name."""
    tables = tomllib.loads(files(__package__).joinpath("text_guard.toml").read_text(encoding="utf-8"))
    for name, alternatives in tables["words"].items():
        tables["any_case"][name] = "|".join(rf"\b(?:{pattern})\b" for pattern in alternatives)
    compiled = {}
    for table, flags in (("exact", 0), ("any_case", re.IGNORECASE)):
        for name, pieces in tables[table].items():
            pattern = "".join(pieces)
            for part, inner in tables["parts"].items():
                pattern = pattern.replace(f"<{part}>", "".join(inner))
            compiled[name] = re.compile(pattern, flags)
    return compiled


PATTERNS = _patterns()


@dataclass(frozen=True, slots=True)
class TextFinding:
    """`excerpt` is the text it is about, empty for what is missing. Never stored and never logged: only kinds are."""

    kind: Kind
    language: str
    excerpt: str

    @property
    def blocks(self) -> bool:
        return self.kind in BLOCKING

    @property
    def asks(self) -> bool:
        """True when the officer has to confirm it."""
        return self.kind not in ADVICE


@dataclass(frozen=True, slots=True)
class Known:
    """The zone's own numbers (E.164) and sites, its neighbourhoods, and the names under which it warns."""

    numbers: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class FindingsRefused(Refusal, code="findings"):
    """The guard has findings, and the person who orders has not confirmed them, or may not."""

    def __init__(self, template: str, /, findings: tuple[TextFinding, ...], **values: object) -> None:
        super().__init__(template, **values)
        self.findings = findings


def require_unmistakable(noticed: tuple[TextFinding, ...]) -> None:
    """Raise FindingsRefused where people would take a drill for an alert: nobody can answer for that."""
    stopping = tuple(finding for finding in noticed if finding.blocks)
    if stopping:
        raise FindingsRefused(
            "Exercice présenté comme réel : « {excerpt} ». Supprimez ces mots : un exercice ne doit pas inquiéter.",
            stopping,
            excerpt=stopping[0].excerpt,
        )


def require_meant(noticed: tuple[TextFinding, ...], accepted: bool) -> None:
    """Raise FindingsRefused unless the findings are confirmed."""
    if noticed and not accepted:
        raise FindingsRefused(
            "Aucun envoi n'a été effectué. Confirmez les points signalés ou corrigez le texte.", noticed
        )


def require_answered(noticed: tuple[TextFinding, ...], accepted: bool, reason: str) -> None:
    """As `require_meant`, for what asks; drill words in an alert need a reason as well."""
    asking = tuple(finding for finding in noticed if finding.asks)
    require_meant(asking, accepted)
    if any(finding.blocks for finding in asking) and len(reason.strip()) < SHORTEST_REASON:
        raise FindingsRefused(
            "Aucun SMS n'a été envoyé. Indiquez le motif : le texte contient le mot « exercice ».", asking
        )


def require_impersonal(text: str, known: Known, capital_nouns: bool) -> None:
    """Raise FindingsRefused where a note points to a person; with `capital_nouns` two of them are no name."""
    noticed = [finding for finding in findings({"": text}, False, known) if not finding.blocks]
    noticed += [TextFinding("person", "", excerpt) for excerpt in _names(text[:LONGEST], known, capital_nouns)]
    if not noticed:
        return
    excerpt = ", ".join(dict.fromkeys(finding.excerpt for finding in noticed))
    if all(finding.kind == "person" for finding in noticed):
        raise FindingsRefused(
            "« {excerpt} » désigne une personne : à supprimer ; le numéro de PV suffit. Si ce n'est "
            "pas un nom, écrivez-le en minuscules.",
            tuple(noticed),
            excerpt=excerpt,
        )
    raise FindingsRefused(
        "« {excerpt} » : à supprimer. Un signalement ne contient ni nom, ni plaque, ni numéro, ni "
        "adresse, ni origine ; le numéro de PV suffit.",
        tuple(noticed),
        excerpt=excerpt,
    )


def kinds_of(noticed: tuple[TextFinding, ...]) -> list[str]:
    """The kinds that somebody answered for, as the journal keeps them: never the words."""
    return sorted({finding.kind for finding in noticed if finding.asks})


def findings(texts: Mapping[str, str], drill: bool, known: Known) -> tuple[TextFinding, ...]:
    """The findings in these texts, by language, the main one first; nothing twice."""
    noticed: dict[tuple[Kind, str], TextFinding] = {}
    for language, text in texts.items():
        for kind, excerpt in _of(text[:LONGEST], drill, known) if text.strip() else ():
            noticed.setdefault((kind, excerpt), TextFinding(kind, language, excerpt))
    return tuple(sorted(noticed.values(), key=lambda finding: not finding.blocks))


def numbers_in(text: str) -> frozenset[str]:
    """The telephone numbers in a text, as E.164."""
    return frozenset(format_number(match.number, PhoneNumberFormat.E164) for match in PhoneNumberMatcher(text, "BE"))


def sites_in(text: str) -> frozenset[str]:
    """The sites and addresses in a text, as they are written."""
    return frozenset(match[0].rstrip(".,;").casefold() for match in PATTERNS["link"].finditer(text))


def minutes_ago(texts: Iterable[str], now: datetime) -> int | None:
    """Minutes since the latest time of day named, within twelve hours; None for none: « jusqu'à 22h » lies ahead."""
    minute = now.astimezone(LOCAL).hour * 60 + now.astimezone(LOCAL).minute
    named = (clock for text in texts for clock in PATTERNS["clock"].finditer(text[:LONGEST]))
    past = [
        (minute - int(hour) * 60 - int(first or second or 0)) % _DAY
        for hour, first, second in map(re.Match.groups, named)
    ]
    return min((minutes for minutes in past if minutes <= _DAY // 2), default=None)


def _of(text: str, drill: bool, known: Known) -> Iterator[tuple[Kind, str]]:
    if drill:
        yield from (("live_words", match[0]) for match in PATTERNS["live"].finditer(text))
    else:  # phrases by which a text calls itself a drill
        said = PATTERNS["not_a_drill"].sub(" ", text)
        excerpts = [match[0] for match in PATTERNS["drill"].finditer(said)]
        excerpts = excerpts or [match[1] for match in PATTERNS["drill_heading"].finditer(said)]
        yield from (("drill_words", excerpt) for excerpt in excerpts)
    plates = (match[0] for match in PATTERNS["plates"].finditer(text))
    yield from (("plate", plate) for plate in plates if not PATTERNS["not_a_plate"].search(plate))
    for match in PhoneNumberMatcher(text, "BE"):
        if format_number(match.number, PhoneNumberFormat.E164) not in known.numbers:
            yield "phone", match.raw_string
    yield from (("email", match[0]) for match in PATTERNS["email"].finditer(text))
    links = (match[0].rstrip(".,;") for match in PATTERNS["link"].finditer(PATTERNS["email"].sub(" ", text)))
    yield from (("link", link) for link in links if not link.casefold().startswith(tuple(known.sites)))
    yield from (("person", match[0]) for match in PATTERNS["person"].finditer(text))
    for titled in PATTERNS["frau"].finditer(text):
        woman = PATTERNS["not_a_name"].match(titled[0]) or PATTERNS["before_a_woman"].search(text[: titled.start()])
        if not woman:
            yield "person", titled[0]
    yield from (("ethnic", match[0]) for match in PATTERNS["ethnic"].finditer(text))


def _names(text: str, known: Known, capital_nouns: bool) -> Iterator[str]:
    """First and last names without a title; not a street or a place named so, nor words in capitals where all are."""
    yield from (match[0] for match in PATTERNS["called"].finditer(text))
    for match in () if capital_nouns or text.isupper() else PATTERNS["full_name"].finditer(text):
        phrase = " ".join([*PATTERNS["phrase_end"].split(text[: match.start()])[-1].split()[-3:], match[0]])
        is_place = PATTERNS["place"].search(phrase) or any(
            place and place.casefold() in match[0].casefold() for place in known.places
        )
        if not (is_place or PATTERNS["not_a_full_name"].match(match[0])):
            yield match[0]
