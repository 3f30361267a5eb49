"""Ready-made alerts as the admin keeps them, their texts with the fields filled in, and the words that alerts begin and
end with.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from peewee import fn

from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.journal import audit
from db.models.broadcasts import AlertTemplate, AlertTemplateText, AlertWording
from rules.people import LANGUAGES
from rules.refusals import Refusal

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
# The drawing of what says that it is over: before such a text the officer is asked which alert it ends.
ICON_OF_THE_END = "circle-check"
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
MOST_FIELDS = 6
LONGEST_TITLE, LONGEST_LABEL, LONGEST_BODY, LONGEST_CHOICE, MOST_CHOICES = 40, 60, 600, 60, 12
_PLACE = re.compile(r"\{([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_BRACES = re.compile(r"[{}\[\]]")


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
    """The text with its fields. One that is still empty shows its label, so that a preview says what is missing."""
    fields = tuple(fields)
    labels = {field.name: f"({field.label.partition(' (')[0].lower()})" for field in fields}
    words = {field.name: _words(field, values.get(field.name, "").strip(), language) for field in fields}
    kept = _OPTIONAL.sub(lambda part: part[1] if all(words.get(name) for name in places(part[1])) else "", body)
    return _PLACE.sub(lambda place: words.get(place[1]) or labels.get(place[1], f"({place[1]})"), kept).strip()


def framed(text: str, wording: Wording) -> str:
    """The text with the zone's first and last words, each once."""
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
    if field.kind == "time" and language == "fr":
        return value.replace(":", "h")
    return value


def templates() -> list[TemplateCard]:
    """All of them, in the order of the tiles."""
    rows = _ALL.found()
    texts: dict[int, dict[str, str]] = {row.id: {} for row in rows}
    for template_id, language, body in _TEXTS.rows():
        texts[template_id][language] = body
    return [_card(row, texts[row.id]) for row in rows]


def template(template_id: int) -> TemplateCard | None:
    """One of them."""
    row = AlertTemplate.get_or_none(AlertTemplate.id == template_id)
    if row is None:
        return None
    texts = AlertTemplateText.select().where(AlertTemplateText.template == row.id)
    return _card(row, {text.language: text.body for text in texts})


def save_template(template_id: int | None, draft: TemplateDraft, by: str, now: datetime) -> int:
    """Add or change a template; returns its id. Raises Refusal with what is wrong, and then changes nothing."""
    _require_sound(draft)
    values = {
        "title": draft.title.strip(),
        "icon": draft.icon if draft.icon in ICONS else ICONS[0],
        "kind": draft.kind,
        "fields": json.dumps([asdict(field) for field in draft.fields], ensure_ascii=False),
        "changed_by": by,
        "changed_at": now,
    }
    with writing():
        if template_id is None:
            last = AlertTemplate.select(fn.COALESCE(fn.MAX(AlertTemplate.position), 0)).scalar()
            template_id = int(AlertTemplate.create(position=last + 1, **values).id)
        elif not AlertTemplate.update(values).where(AlertTemplate.id == template_id).execute():
            raise Refusal("Ce modèle n'existe plus.")
        AlertTemplateText.delete().where(AlertTemplateText.template == template_id).execute()
        for language, body in draft.texts.items():
            if body.strip():
                AlertTemplateText.create(template=template_id, language=language, body=body.strip())
        audit.record(now, by, "template_saved", str(template_id))
    return template_id


def delete_template(template_id: int, by: str, now: datetime) -> None:
    """Delete a template; does nothing when there is none. Alerts that were written from it stay as they are."""
    with writing():
        AlertTemplate.delete().where(AlertTemplate.id == template_id).execute()
        audit.record(now, by, "template_deleted", str(template_id))


def move_template(template_id: int, by: int) -> None:
    """Its tile one place up (-1) or down (1)."""
    with writing():
        ids = [row.id for row in AlertTemplate.select(AlertTemplate.id).order_by(AlertTemplate.position)]
        if template_id not in ids:
            return
        here = ids.index(template_id)
        there = min(max(0, here + by), len(ids) - 1)
        ids.insert(there, ids.pop(here))
        for position, each in enumerate(ids):
            AlertTemplate.update(position=position).where(AlertTemplate.id == each).execute()


def wordings() -> dict[str, Wording]:
    """By language, of every language; one that nobody kept begins and ends with nothing, and is required."""
    rows = {row.language: row for row in _WORDINGS.found()}
    return {
        language: Wording(language, row.prefix, row.closing, row.required)
        if (row := rows.get(language))
        else Wording(language, "", "", True)
        for language in LANGUAGES
    }


_ALL = Prepared(AlertTemplate.select().order_by(AlertTemplate.position, AlertTemplate.id))
_TEXTS = Prepared(
    AlertTemplateText.select(AlertTemplateText.template, AlertTemplateText.language, AlertTemplateText.body)
)
_WORDINGS = Prepared(AlertWording.select())


def save_wordings(wanted: Iterable[Wording], by: str, now: datetime) -> None:
    """Keep them. Raises Refusal for words that are too long."""
    wanted = list(wanted)
    for each in wanted:
        if max(len(each.prefix), len(each.closing)) > LONGEST_WORDING:
            raise Refusal("Le début et la fin d'une alerte ont {most} caractères au plus.", most=LONGEST_WORDING)
    with writing():
        for each in wanted:
            values = {"prefix": each.prefix.strip(), "closing": each.closing.strip(), "required": each.required}
            if not AlertWording.update(values).where(AlertWording.language == each.language).execute():
                AlertWording.create(language=each.language, **values)
        audit.record(now, by, "wording_saved")


def _require_sound(draft: TemplateDraft) -> None:
    if not draft.title.strip():
        raise Refusal("Donnez un titre au modèle : il figure sur son raccourci.")
    if len(draft.title) > LONGEST_TITLE:
        raise Refusal("Le titre a {most} caractères au plus.", most=LONGEST_TITLE)
    if len(draft.fields) > MOST_FIELDS:
        raise Refusal("Un modèle a {most} champs au plus.", most=MOST_FIELDS)
    names = [field.name for field in draft.fields]
    for field in draft.fields:
        _require_sound_field(field, names)
    if not draft.texts.get(LANGUAGES[0], "").strip():
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
        raise Refusal("Le champ « {name} » a de 1 à {most} réponses.", name=field.name, most=MOST_CHOICES)
    for choice in field.choices:
        if any(not text or len(text) > LONGEST_CHOICE or set(text) & set("{}[]") for _language, text in choice.words):
            raise Refusal(
                "Une réponse du champ « {name} » est vide, a plus de {most} caractères ou des accolades.",
                name=field.name,
                most=LONGEST_CHOICE,
            )


def _card(row: AlertTemplate, texts: dict[str, str]) -> TemplateCard:
    missing = tuple(language for language in LANGUAGES if language not in texts)
    kind: TemplateKind = "drill" if row.kind == "drill" else "alert"
    return TemplateCard(row.title, row.icon, kind, _fields(row.fields), texts, id=row.id, missing=missing)


@lru_cache(maxsize=256)
def _fields(stored: str) -> tuple[Field, ...]:
    return tuple(_field(each) for each in json.loads(stored))


def _field(stored: dict[str, object]) -> Field:
    choices = stored.pop("choices", [])
    words = [Choice(tuple((language, text) for language, text in each["words"])) for each in choices]  # type: ignore[attr-defined]
    return Field(**stored, choices=tuple(words))  # type: ignore[arg-type]
