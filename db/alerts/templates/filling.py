"""Filling of a template: `{lieu}` stands for a field, and `[…]` goes away when a field in it was left empty. Pure."""

import re
from collections.abc import Iterable, Mapping

from db.alerts.templates.values import Field, Wording
from plp.rules.refusals import Refusal

_PLACE = re.compile(r"\{([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_BRACES = re.compile(r"[{}\[\]]")


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
    """The text with its fields. One that is still empty shows its name, so that a preview says what is missing."""
    words = {field.name: _words(field, values.get(field.name, "").strip(), language) for field in fields}
    kept = _OPTIONAL.sub(lambda part: part[1] if all(words.get(name) for name in places(part[1])) else "", body)
    return _PLACE.sub(lambda place: words.get(place[1]) or f"({place[1]})", kept).strip()


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
