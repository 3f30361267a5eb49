"""Answers compared with the schemas of the OpenAPI document."""

from typing import Any

from werkzeug.test import TestResponse

from console.api.openapi import DOCUMENT


def matches(value: Any, schema: dict[str, Any]) -> bool:
    """Enough of JSON Schema for our document; anything else in it is a mistake here."""
    if "$ref" in schema:
        return matches(value, DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if forms := schema.get("anyOf") or schema.get("oneOf"):
        return any(matches(value, each) for each in forms)
    if "const" in schema:
        return value == schema["const"]
    if "enum" in schema:
        return value in schema["enum"]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if type(value) not in [kinds[kind] for kind in wanted]:
        return False
    if isinstance(value, dict):
        known = schema["properties"]
        return set(schema["required"]) <= set(value) <= set(known) and all(
            matches(value[name], known[name]) for name in value
        )
    if isinstance(value, list):
        return all(matches(each, schema["items"]) for each in value)
    return not (isinstance(value, int) and value < schema.get("minimum", value))


def told(path: str, method: str, answer: TestResponse) -> bool:
    """The answer is one that the document tells of, in its shape."""
    content = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    return matches(answer.json, content[answer.mimetype]["schema"])
