"""The body or the query of a program, read strictly by the schema of its operation: what that does not allow is refused
with its place, never guessed. Enough of JSON Schema for our document: an unknown word in a schema is a mistake here.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from rules.refusals import FieldRefusal, Refusal
from rules.sentences import Sentence

LARGEST_BYTES = 256 * 1024
# What JSON can say and no database stores.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
Schema = Mapping[str, Any]


class NotJson(Refusal):
    """The body is no JSON."""

    code = "bad_json"


def read_body(schema: Schema) -> dict[str, Any]:
    """The JSON object of this request, with the defaults of what it leaves out. Raises Refusal, or 413 and 415."""
    if (request.content_length or 0) > LARGEST_BYTES:
        raise RequestEntityTooLarge
    body = {} if not request.content_length and not request.content_type else _parsed()
    check(body, schema)
    return _defaults(schema) | {name: value for name, value in body.items() if value is not None}


def read_query(schema: Schema) -> dict[str, Any]:
    """The arguments of this address. Raises Refusal with the name."""
    read = {name: _typed(value, schema["properties"].get(name, {})) for name, value in request.args.items()}
    check(read, schema)
    return _defaults(schema) | read


def _typed(text: str, schema: Schema) -> object:
    whole = schema.get("type") == "integer" and text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if whole else text


def _defaults(schema: Schema) -> dict[str, Any]:
    return {name: part.get("default") for name, part in schema["properties"].items()}


def _parsed() -> Any:
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return json.loads(request.get_data(), object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise NotJson(
            "Ce n'est pas du JSON : ligne {line}, colonne {column}.", line=error.lineno, column=error.colno
        ) from None
    except UnicodeDecodeError as error:
        raise NotJson("Ce n'est pas du JSON : l'octet {place} n'est pas de l'UTF-8.", place=error.start + 1) from None
    except (RecursionError, ValueError):  # brackets in brackets without end, a number of a thousand digits
        raise NotJson("Ce JSON est trop compliqué : trop de niveaux ou de chiffres.") from None


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in pairs:
        if name in read:
            raise NotJson("Le champ {name} figure deux fois.", name=name[:60])
        read[name] = value
    return read


def _no_number(word: str) -> None:
    raise NotJson("{word} n'est pas du JSON.", word=word)


def check(value: Any, schema: Schema, at: str = "") -> None:
    """Raises FieldRefusal with the first place at which `value` does not match `schema`."""
    if "oneOf" in schema:
        _check_forms(value, schema["oneOf"], at)
    elif "enum" in schema:
        if not isinstance(value, str) or value not in schema["enum"]:
            raise FieldRefusal(
                at, "Valeur de « {name} » inconnue. Possibles : {known}.", name=at, known=", ".join(schema["enum"])
            )
    else:
        wanted, sentence, more = _KINDS[schema["type"]]
        if type(value) is not wanted or value != schema.get("const", value):
            raise FieldRefusal(at, sentence.template, name=at or "JSON")
        more(value, schema, at)


def _check_forms(value: Any, forms: list[Schema], at: str) -> None:
    for form in forms:
        try:
            return check(value, form, at)
        except FieldRefusal as refusal:
            deepest = refusal
            if isinstance(value, dict) and value and set(value) <= set(form["properties"]) and refusal.field != at:
                raise
    keys = " | ".join(", ".join(form["properties"]) for form in forms)
    raise FieldRefusal(at, "{name} est un objet de l'une de ces formes : {forms}.", name=at, forms=keys) from deepest


def _check_object(value: dict[str, Any], schema: Schema, at: str) -> None:
    known, prefix = schema["properties"], f"{at}." if at else ""
    for name in value:
        if name not in known:
            raise FieldRefusal(f"{prefix}{name[:60]}", "Champ inconnu : {name}. Connus : {known}.",
                               name=f"{prefix}{name[:60]}", known=", ".join(known) or "-")  # fmt: skip
    for name in schema["required"]:
        if name not in value:
            raise FieldRefusal(f"{prefix}{name}", "Il manque le champ {name}.", name=f"{prefix}{name}")
    if len(value) < schema.get("minProperties", 0):
        raise FieldRefusal(at, "Il manque l'un de ces champs : {known}.", known=", ".join(known))
    for name, part in value.items():
        if part is not None or name in schema["required"]:  # null is as left out
            check(part, known[name], f"{prefix}{name}")


def _check_list(value: list[Any], schema: Schema, at: str) -> None:
    if len(value) < schema.get("minItems", 0):
        raise FieldRefusal(at, "La liste {name} est vide.", name=at)
    for place, part in enumerate(value):
        check(part, schema["items"], f"{at}[{place}]")


def _check_text(value: str, schema: Schema, at: str) -> None:
    if _NO_TEXT.search(value):
        raise FieldRefusal(
            at, "{name} contient un caractère qui n'existe pas : un zéro ou une moitié d'emoji.", name=at
        )
    least, most = schema.get("minLength", 0), schema.get("maxLength", len(value))
    if not least <= len(value) <= most:
        raise FieldRefusal(at, "{name} doit avoir de {least} à {most} caractères.", name=at, least=least, most=most)


def _check_number(value: int, schema: Schema, at: str) -> None:
    least, most = schema["minimum"], schema["maximum"]
    if not least <= value <= most:
        raise FieldRefusal(at, "{name} est un nombre entier de {least} à {most}.", name=at, least=least, most=most)


# What a value of a kind is in Python, the refusal of another one, and what more is looked at.
_KINDS: dict[str, tuple[type, Sentence, Callable[[Any, Schema, str], object]]] = {
    "object": (dict, Sentence("{name} doit être un objet, avec les champs de la documentation."), _check_object),
    "array": (list, Sentence("{name} doit être une liste."), _check_list),
    "string": (str, Sentence("{name} doit être un texte."), _check_text),
    "integer": (int, Sentence("{name} doit être un nombre entier."), _check_number),
    "boolean": (bool, Sentence("{name} est true ou false."), lambda *_nothing: None),
}
