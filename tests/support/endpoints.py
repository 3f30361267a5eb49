"""Every endpoint with what each kind of visitor is answered: the table, and how to ask a console the same."""

import csv
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

TABLE = Path(__file__).parents[1] / "console" / "endpoints.tsv"
VISITORS = ("anonymous", "officer", "technician", "coordinator", "admin", "disabled")

Door = tuple[str, str]


def expected() -> dict[Door, dict[str, int]]:
    """(endpoint, method): what each visitor is answered, an HTTP status."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {(row["endpoint"], row["method"]): {who: int(row[who]) for who in VISITORS} for row in rows}


def addresses(app: Flask) -> dict[Door, str]:
    """(endpoint, method) of everything that can be asked, with an address of it: of a number that no row has."""
    return {
        (rule.endpoint, method): _address(app, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def _address(app: Flask, rule: Rule) -> str:
    values = {name: 999_999 if isinstance(c, IntegerConverter) else "x" for name, c in rule._converters.items()}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def asked(client: FlaskClient, door: Door, address: str, form_token: str, key: str) -> int:
    """The status of one question: a page with an empty form, the API with a program's key where there is one."""
    endpoint, method = door
    options: dict[str, Any] = {"data": {"csrf_token": form_token}} if method != "GET" else {}
    if endpoint.startswith("api."):
        options = {"headers": {"Authorization": f"Bearer {key}"} if key else {}}
        options |= {"json": {}} if method != "GET" else {}
    answer = client.open(address, method=method, **options)
    answer.close()
    return answer.status_code
