"""The ground that commands share: the person at the terminal, the database, JSON, tables, and files that are read."""

import functools
import json
import pwd
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from db.engine.privileges import as_caller, caller_uid
from rules.people import Actor
from rules.refusals import Refusal

_P = ParamSpec("_P")
_T = TypeVar("_T")

# A file that the caller named: read and written with the caller's rights, so not looked at before.
CALLERS_FILE = click.Path(path_type=Path, readable=False)
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (an address to leave out, none to listen on)

json_option = click.option("--json", "as_json", is_flag=True, help="Un document JSON.")


def operator() -> Actor:
    """The system's user by uid, since anybody can set the environment (LOGNAME, USER)."""
    uid = caller_uid()
    try:
        return Actor("terminal", pwd.getpwuid(uid).pw_name)
    except KeyError:  # a uid without a name, as in some containers
        return Actor("terminal", f"uid {uid}")


def in_database(command: Callable[_P, _T]) -> Callable[_P, _T]:
    """The command, with the database of its installation open while it runs."""

    @functools.wraps(command)
    def run(*arguments: _P.args, **options: _P.kwargs) -> _T:
        with click.get_current_context().obj.open_database():
            return command(*arguments, **options)

    return run


def tell_json(document: object) -> None:
    """One line on stdout; sets are sorted, times end with seconds."""
    click.echo(json.dumps(document, ensure_ascii=False, default=_as_json))


def _as_json(value: Any) -> object:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else sorted(value)


def shape(card: object, *fields: str) -> dict[str, object]:
    """These fields of a card, for JSON."""
    return {field: getattr(card, field) for field in fields}


def tell_rows(as_json: bool, shapes: Iterable[object], titles: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """The shapes as JSON, or the rows as a table as wide as the terminal allows."""
    if as_json:
        tell_json(list(shapes))
        return
    from rich.console import Console  # only where something is shown
    from rich.table import Table

    table = Table(*titles)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def write(file: Path, text: str) -> None:
    """Make `text` what the file holds. Raises Refusal."""
    try:
        with as_caller():
            file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Refusal("{file} ne peut pas être écrit : {why}.", file=file, why=error.strerror) from None


def content(file: Path, most_bytes: int = -1) -> bytes:
    """The file, or its beginning. Raises Refusal."""
    try:
        with as_caller(), file.open("rb") as stream:
            return stream.read(most_bytes)
    except OSError as error:
        raise Refusal("{file} ne peut pas être lu : {why}.", file=file, why=error.strerror) from None
