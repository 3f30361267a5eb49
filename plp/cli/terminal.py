"""The ground that commands share: the person at the terminal, the database, JSON, tables, and files that are read."""

import contextlib
import functools
import io
import json
import pwd
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from db.engine.privileges import as_caller, caller_uid
from plp.cli.speech import word
from rules.calendar import LOCAL
from rules.people import Actor
from rules.refusals import Refusal, Spoken
from rules.replies.unseen import named

_P = ParamSpec("_P")
_T = TypeVar("_T")

# A file that the caller named: read and written with the caller's rights, so not looked at before.
CALLERS_FILE = click.Path(path_type=Path, readable=False)
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (an address to leave out, none to listen on)

json_option = click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
# In what the contexts of one run share: the values of its document.
_ANSWER = "plp.answer"


class Unconfirmed(Spoken):
    """Nothing was done, as --yes is missing; `more` is what it would have done, for programs."""

    code = "not_confirmed"

    def __init__(self, sentence: str, **more: object) -> None:
        super().__init__(sentence)
        self.more = more


def local(at: datetime) -> str:
    """`24/11/2026 14:32`, by the clocks of Belgium, whatever the system's zone is."""
    return f"{at.astimezone(LOCAL):%d/%m/%Y %H:%M}"


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


def answer(**values: object) -> None:
    """Values of this command for programs: the document of --json, in place of its lines."""
    click.get_current_context().meta.setdefault(_ANSWER, {}).update(values)


def with_json(command: click.Command) -> None:
    """Give a command that has no --json of its own one: a document with its answer, or with its lines."""
    work = command.callback
    if work is None or any("--json" in option.opts for option in command.params):
        return

    @functools.wraps(work)
    def run(*arguments: Any, as_json: bool = False, **options: Any) -> None:
        if not as_json:
            work(*arguments, **options)
            return
        status, lines = 0, io.StringIO()
        try:
            with contextlib.redirect_stdout(lines):
                work(*arguments, **options)
        except (click.exceptions.Exit, SystemExit) as ended:
            status = int(getattr(ended, "exit_code", None) or getattr(ended, "code", None) or 0)
        _tell_document(status, lines.getvalue().splitlines())
        raise click.exceptions.Exit(status)

    command.params.append(click.Option(["--json", "as_json"], is_flag=True, help="Un document JSON."))
    command.callback = run


def _tell_document(status: int, lines: list[str]) -> None:
    answered = click.get_current_context().meta.get(_ANSWER, {})
    if status and not answered:
        tell_json({"error": "failed", "message": " ".join(line.strip() for line in lines)})
    else:
        tell_json(answered or {"lines": lines})


def error_shape(refusal: Spoken) -> dict[str, object]:
    """The document of a refusal: its code, which never changes, its sentence, and what else a program may use."""
    shape: dict[str, object] = {"error": getattr(refusal, "code", "refused"), "message": str(refusal)}
    if field := getattr(refusal, "field", None):
        shape["field"] = field
    if hasattr(refusal, "findings") or hasattr(refusal, "languages"):
        from plp.services.contract_json import findings_shape  # with it comes all of an alert

        shape["findings"] = findings_shape(refusal)  # type: ignore[arg-type]  # one of the two that have these
    return shape | getattr(refusal, "more", {})


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

    table = Table(*map(word, titles))
    for row in rows:
        table.add_row(*map(named, row))
    Console().print(table)


def write(file: Path, text: str) -> None:
    """Make `text` what the file holds. Raises Refusal."""
    try:
        with as_caller():
            file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Refusal("Impossible d'écrire {file} : {why}.", file=file, why=error.strerror) from None


def content(file: Path, most_bytes: int = -1) -> bytes:
    """The file, or its beginning. Raises Refusal."""
    try:
        with as_caller(), file.open("rb") as stream:
            return stream.read(most_bytes)
    except OSError as error:
        raise Refusal("Impossible de lire {file} : {why}.", file=file, why=error.strerror) from None
