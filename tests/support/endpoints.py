"""Every endpoint with what it needs: the table, and how to ask a console for each."""

import csv
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

from rules.people import ROLES
from tools.endpoints import FILE

Door = tuple[str, str]


@cache
def table() -> dict[Door, dict[str, str]]:
    """(endpoint, method): the row of the table, with the column `needs` and one per role."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {(row["endpoint"], row["method"]): row for row in csv.DictReader(file, delimiter="\t")}


def addresses(app: Flask) -> dict[Door, str]:
    """(endpoint, method) of everything that can be asked, with an address of it: of a number that no row has."""
    return {
        (rule.endpoint, method): _address(app, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def pages_without_a_number(app: Flask) -> list[str]:
    """The endpoints of pages that some role may read and whose address names no row."""
    rules = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments}
    return [
        endpoint
        for (endpoint, method), row in table().items()
        if method == "GET" and endpoint in rules and row["needs"] != "*" and "yes" in [row[role] for role in ROLES]
    ]


def _address(app: Flask, rule: Rule) -> str:
    values = {name: 999_999 if isinstance(c, IntegerConverter) else "x" for name, c in rule._converters.items()}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def asked(client: FlaskClient, door: Door, address: str, form_token: str, key: str) -> tuple[int, str]:
    """The status of one question and where it leads: a page gets an empty form, the API a program's key."""
    endpoint, method = door
    options: dict[str, Any] = {"data": {"csrf_token": form_token}} if method != "GET" else {}
    if endpoint.startswith("api."):
        options = {"headers": {"Authorization": f"Bearer {key}"} if key else {}}
        options |= {"json": {}} if method != "GET" else {}
    answer = client.open(address, method=method, **options)
    answer.close()
    return answer.status_code, answer.headers.get("Location", "")
