"""Writes `tests/console/endpoints.tsv`: the capability that an endpoint needs, and the roles that have it.

`python -m tools.endpoints` after a view, or `rules/capabilities.toml`, has changed: read what that opens.
"""

import tempfile
from pathlib import Path

from flask import Flask

from base.settings.values import Settings
from console.api.blueprint import CAPABILITY_OF_HOLDER
from console.web.app import create_app
from console.web.roles import PUBLIC, SIGNED_IN, needed
from rules.people import CAPABILITIES, ROLES

FILE = Path(__file__).parents[1] / "tests" / "console" / "endpoints.tsv"


def doors(app: Flask) -> list[tuple[str, str]]:
    """(endpoint, method) of all that can be requested of the console."""
    return sorted(
        {
            (rule.endpoint, method)
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
    )


def table(app: Flask) -> str:
    """The file's text: a row per door, with `yes` in the column of every role that it opens to."""
    rows = [("endpoint", "method", "needs", *ROLES)]
    with app.app_context():
        for endpoint, method in doors(app):
            capability = getattr(app.view_functions[endpoint], CAPABILITY_OF_HOLDER, "") or needed(endpoint, method)
            having = ROLES if capability in (PUBLIC, SIGNED_IN) else CAPABILITIES.get(capability, ())
            rows.append((endpoint, method, capability, *("yes" if role in having else "-" for role in ROLES)))
    return "".join("\t".join(row) + "\n" for row in rows)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        FILE.write_text(table(create_app(Settings(Path(folder, "config.ini"), Path(folder)))), encoding="utf-8")
