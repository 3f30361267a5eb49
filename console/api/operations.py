"""Declaring an operation of the API once: its address, who may ask, what it takes and answers. The route, the reading
of what comes, the limit of a token and the OpenAPI document follow from the declaration (docs/adr/0130).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask.typing import ResponseReturnValue

from console.api.blueprint import blueprint, token
from console.api.bodies import read_body, read_query
from console.api.schemas import REF, ROW, SCHEMAS, Schema
from console.web.roles import public

# What an address may hold: how Flask finds it, and its schema.
_NUMBER = f"int(max={2**63 - 1}):"
_OF_PATHS = re.compile(r"\{(\w+)\}")

# Refused as things stand.
CONFLICT = (409,)
Answers = Mapping[int, tuple[str, str]]
View = Callable[..., ResponseReturnValue]
Guard = Callable[[View], View]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `scope` is empty where no token is needed; `answers` are by status a description and the name of
    a schema, empty for no content; `refused` the statuses of problems. `body` names a schema, `query` is one.
    """

    method: str
    path: str
    scope: str
    summary: str
    answers: Answers
    refused: tuple[int, ...]
    body: str = ""
    query: Schema = field(default_factory=dict)
    security: list[dict[str, list[str]]] | None = None

    @property
    def parameters(self) -> list[Schema]:
        """Those of the path, and of the query."""
        in_path = [
            {"name": name, "in": "path", "required": True, "schema": REF if name == "ref" else ROW}
            for name in _OF_PATHS.findall(self.path)
        ]
        in_query = self.query.get("properties", {})
        return in_path + [{"name": name, "in": "query", "schema": schema} for name, schema in in_query.items()]


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    path: str,
    scope: str,
    summary: str,
    answers: Answers,
    *,
    body: str = "",
    query: Schema | None = None,
    also: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """A view for whoever has a token for `scope`. One with a body or a query gets its fields as its first argument,
    in the schema's form. It may be refused with the statuses that follow from that, and `also` with these.
    """
    refused = {401, 403, 429, 503, *also} | ({404} if "{" in path else set()) | ({400} if body or query else set())
    refused |= {413, 415} if body else set()
    declared = Operation(method, path, scope, summary, answers, tuple(sorted(refused)), body, query or {})

    def declare(view: View) -> View:
        @wraps(view)
        def read(**places: Any) -> ResponseReturnValue:
            if body:
                return view(read_body(SCHEMAS[body]), **places)
            return view(read_query(declared.query), **places) if query else view(**places)

        return _serve(declared, token(scope)(read))

    return declare


def open_operation(
    path: str, summary: str, answers: Answers, guard: Guard = public, security: list[dict[str, list[str]]] | None = None
) -> Callable[[View], View]:
    """A view that needs no token, or that has a `guard` of its own."""
    refused = (503,) if guard is public else (401, 503)
    left = tuple(status for status in refused if status not in answers)
    declared = Operation("GET", path, "", summary, answers, left, security=security or [])
    return lambda view: _serve(declared, guard(view))


def _serve(declared: Operation, view: View) -> View:
    OPERATIONS.append(declared)
    rule = _OF_PATHS.sub(lambda place: f"<{'' if place[1] == 'ref' else _NUMBER}{place[1]}>", declared.path)
    blueprint.add_url_rule(rule, view.__name__, view, methods=[declared.method])
    return view
