"""Ready-made alerts and the zone's first and last words: a text with fields, what is wrong with it, and the text filled
in. And what a warning lacks: who warns, which danger, where, what to do, and when; in the order of Sutton, Olson and
Waugh's Warning Lexicon (2023). That is advice: nothing has to be confirmed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rules.languages import MAIN_LANGUAGE, TRAITS, known, together
from rules.refusals import Refusal
from rules.replies.meaning import plain
from rules.text_guard import LONGEST, PATTERNS, Kind, Known

LONGEST_WORDING = 60
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
# The drawing of what says that it is over: before such a text the officer says which alert it ends.
ICON_OF_THE_END = "circle-check"
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
MOST_FIELDS = 6
LONGEST_TITLE, LONGEST_LABEL, LONGEST_BODY, LONGEST_CHOICE, MOST_CHOICES = 40, 60, 600, 60, 12
_PLACE = re.compile(r"\{([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_BRACES = re.compile(r"[{}\[\]]")
_HAZARDS, _ACTIONS = together("warning", "hazard"), together("warning", "action")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice: as the officer sees it, and its wording in every language's text."""

    words: tuple[tuple[str, str], ...]

    def in_language(self, language: str) -> str:
        """Its words; those of the first language if it has none."""
        return next((text for known, text in self.words if known == language), self.words[0][1])

    @property
    def value(self) -> str:
        return self.words[0][1]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that the officer fills in. `name` is in the text, in braces."""

    name: str
    label: str
    kind: FieldKind = "text"
    optional: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """A template as edited; `texts` by language, empty for none. `can_wait`: no danger to life, quiet hours hold."""

    title: str
    icon: str
    kind: TemplateKind
    fields: tuple[Field, ...]
    texts: dict[str, str]
    can_wait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCard(TemplateDraft):
    """A ready-made alert. `texts` hold {fields}; languages without one are `missing`."""

    id: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """First and last words of alerts in this language; `required`: its readers must get a text of their own."""

    language: str
    prefix: str
    closing: str
    required: bool


def places(body: str) -> list[str]:
    """The names of the fields in a text, in order."""
    return _PLACE.findall(body)


def require_fillable(body: str, fields: Iterable[Field], language: str) -> None:
    """Raise Refusal for a text with braces that fit nothing, or an optional field outside brackets."""
    known = {field.name: field for field in fields}
    for name in places(body):
        if name not in known:
            raise Refusal(
                "Le texte ({language}) cite {{{name}}}, qui n'est pas un champ. Champs : {known}.",
                language=language,
                name=name[:30],
                known=", ".join(known) or "aucun",
            )
    if _BRACES.search(_PLACE.sub("", _OPTIONAL.sub(r"\1", body))):
        raise Refusal(
            "Le texte ({language}) a une accolade ou un crochet seul : écrivez {{champ}} et [partie facultative].",
            language=language,
        )
    outside = _OPTIONAL.sub("", body)
    loose = next((name for name in places(outside) if known[name].optional), None)
    if loose is not None:
        raise Refusal(
            "Le texte ({language}) cite {{{name}}}, qui est facultatif : mettez entre crochets ce qui doit "
            "disparaître avec lui, par exemple [ Vers {{{name}}}.].",
            language=language,
            name=loose,
        )


def filled(body: str, fields: Iterable[Field], values: Mapping[str, str], language: str) -> str:
    """The text with its fields. One that is still empty shows its label, so that a preview shows what is missing."""
    fields = tuple(fields)
    labels = {field.name: f"({field.label.partition(' (')[0].lower()})" for field in fields}
    words = {field.name: _words(field, values.get(field.name, "").strip(), language) for field in fields}
    kept = _OPTIONAL.sub(lambda part: part[1] if all(words.get(name) for name in places(part[1])) else "", body)
    return _PLACE.sub(lambda place: words.get(place[1]) or labels.get(place[1], f"({place[1]})"), kept).strip()


def framed(text: str, wording: Wording) -> str:
    """The text with the zone's first and last words, once."""
    if wording.prefix and not text.startswith(wording.prefix):
        text = f"{wording.prefix} {text}"
    if wording.closing and wording.closing not in text:
        text = f"{text.rstrip()} {wording.closing}"
    return text


def unfilled(fields: Iterable[Field], values: Mapping[str, str]) -> list[Field]:
    """The fields that must be filled in and are not."""
    return [field for field in fields if not field.optional and not values.get(field.name, "").strip()]


def _words(field: Field, value: str, language: str) -> str:
    # What somebody typed opens no field and no bracket of its own.
    value = _BRACES.sub("", value)
    if field.kind == "choice":
        chosen = next((choice for choice in field.choices if choice.value == value), None)
        return chosen.in_language(language) if chosen else ""
    return value.replace(":", TRAITS[known(language)]["hour"]) if field.kind == "time" else value


def require_sound(draft: TemplateDraft) -> None:
    """Raise Refusal with what is wrong with a template."""
    if not draft.title.strip():
        raise Refusal("Donnez un titre au modèle : il figure sur son raccourci.")
    if len(draft.title) > LONGEST_TITLE:
        raise Refusal("Le titre a {most} caractères au plus.", most=LONGEST_TITLE)
    if len(draft.fields) > MOST_FIELDS:
        raise Refusal("Un modèle a {most} champs au plus.", most=MOST_FIELDS)
    names = [field.name for field in draft.fields]
    for field in draft.fields:
        _require_sound_field(field, names)
    if not draft.texts.get(MAIN_LANGUAGE, "").strip():
        raise Refusal("Écrivez au moins le texte français.")
    for language, body in draft.texts.items():
        if len(body) > LONGEST_BODY:
            raise Refusal("Le texte ({language}) a {most} caractères au plus.", language=language, most=LONGEST_BODY)
        require_fillable(body, draft.fields, language)


def _require_sound_field(field: Field, names: list[str]) -> None:
    if not FIELD_NAME.fullmatch(field.name):
        raise Refusal(
            "« {name} » n'est pas un nom de champ : une lettre minuscule sans accent, puis des lettres, des chiffres "
            "ou des tirets bas, 20 au plus.",
            name=field.name[:30],
        )
    if names.count(field.name) > 1:
        raise Refusal("Deux champs s'appellent « {name} » : donnez-leur des noms différents.", name=field.name)
    if not 0 < len(field.label) <= LONGEST_LABEL:
        raise Refusal(
            "Indiquez l'intitulé du champ « {name} », en {most} caractères au plus.",
            name=field.name,
            most=LONGEST_LABEL,
        )
    if field.kind == "choice" and not 0 < len(field.choices) <= MOST_CHOICES:
        raise Refusal("Le champ « {name} » doit avoir de 1 à {most} choix.", name=field.name, most=MOST_CHOICES)
    for choice in field.choices:
        if any(not text or len(text) > LONGEST_CHOICE or set(text) & set("{}[]") for _language, text in choice.words):
            raise Refusal(
                "Un choix du champ « {name} » est vide, compte plus de {most} caractères ou contient des accolades.",
                name=field.name,
                most=LONGEST_CHOICE,
            )


def require_short(wording: Wording) -> None:
    """Raise Refusal for first or last words that are too long."""
    if max(len(wording.prefix), len(wording.closing)) > LONGEST_WORDING:
        raise Refusal("Le début et la fin d'une alerte ont {most} caractères au plus.", most=LONGEST_WORDING)


def lacking(text: str, known: Known) -> Iterator[Kind]:
    """The elements that are not recognised in an alert's main text, in their order; none of an empty one."""
    text = text[:LONGEST]
    framed = f" {plain(text)} "
    if framed.isspace():
        return
    if known.sources and not _any_of(framed, (f"{plain(source)} " for source in known.sources)):
        yield "no_source"
    if not _any_of(framed, _HAZARDS):
        yield "no_hazard"
    bare = re.sub(r"\W+", " ", text).casefold()
    own = any(re.sub(r"\W+", " ", place).casefold() in bare for place in known.places if place.strip())
    if not own and not PATTERNS["place"].search(text) and not PATTERNS["near"].search(text):
        yield "no_place"
    if not _any_of(framed, _ACTIONS):
        yield "no_action"
    if not PATTERNS["time"].search(text):
        yield "no_time"


def _any_of(framed: str, stems: Iterable[str]) -> bool:
    """True when a word begins with a stem; one that ends with a space is a whole word."""
    return any(f" {stem}" in framed for stem in stems)
