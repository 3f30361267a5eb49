"""A list that is read, compared or imported, by a process of its own where it is long (`plp.services.apart`): 50,000
rows take seven seconds of a processor, which the pages of others would wait for.
"""

import logging
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import SubprocessError
from time import sleep
from typing import Any

from base.settings.reading import load_settings
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.journal.audit import use_key_file
from db.people.members.saving import SILENT
from plp.services.apart import limit, read_apart
from plp.services.people.importing import ImportReport, import_list, remembered_columns
from plp.services.people.packing import Packed
from plp.services.people.reading import is_workbook, list_in, sheet_of
from plp.services.people.saving import undo_cut_short
from rules.lists.consents import asked_columns
from rules.lists.roster import Roster
from rules.refusals import Refusal
from rules.sentences import Sentence

# About five hundred rows: less than a second here, and the other process needs as long to begin.
LONG_BYTES = 32 * 1024
# Behind exports, on a busy machine.
LONGEST_S = 900.0
NOT_READ = Roster((), (), ())
_LISTS = ("notes", "changes", "additions", "doubted", "namesakes", "absent")


@dataclass(frozen=True, slots=True)
class Work:
    """The work on a list: `options` are those of `import_list`. A `file` (its name, its content, and the
    sheet of a workbook if that was read) is read first, and takes the place of `roster` and `columns`.
    """

    by: str
    options: Mapping[str, Any]
    roster: Roster = NOT_READ
    columns: tuple[str, ...] = ()
    file: tuple[str, bytes, bytes] | None = None


@dataclass(slots=True)
class Outcome:
    """The list as it was read, its columns, those of them that are `unclear`, and the report, or why there is none."""

    roster: Roster
    columns: tuple[str, ...]
    unclear: dict[int, Sentence] = field(default_factory=dict)
    report: ImportReport = field(default_factory=ImportReport)
    refusal: Sentence | None = None


def outcome_of(work: Work) -> Outcome:
    """Done in this process."""
    done = Outcome(work.roster, work.columns)
    try:
        if work.file is not None:
            name, content, sheet = work.file
            done.roster = list_in(content, name, sheet)
            done.columns = tuple(remembered_columns(done.roster))
        done.unclear = asked_columns(done.roster, done.columns)
        done.report = import_list(done.roster, done.columns, work.by, utc_now(), **work.options)
    except Refusal as refusal:
        done.refusal = Sentence(refusal.template, refusal.values)
    return done


def outcome_apart(work: Work, config: Path) -> Outcome:
    """Done by a process of its own with the database of this config.ini, after the heavy work of others; here where
    none can be begun. Raises SubprocessError when it does not end well.
    """
    try:
        work = _with_its_sheet(work)
        asked = pickle.dumps((config, work), pickle.HIGHEST_PROTOCOL)
        done = read_apart("plp.services.people.importing_apart", asked, LONGEST_S)
        done.check_returncode()
    except SubprocessError:
        if not work.options["dry_run"]:
            _undo_what_was_written()
        raise
    except Refusal as refusal:
        return Outcome(work.roster, work.columns, refusal=Sentence(refusal.template, refusal.values))
    except OSError:  # slowly is better than not at all
        logging.getLogger(__name__).warning("no process can be begun on this machine: a list is compared in this one")
        with connected():
            return outcome_of(work)
    outcome: Outcome = pickle.loads(done.stdout)  # noqa: S301  (our own process wrote it)
    return outcome


def _undo_what_was_written() -> None:
    """Of a process that was killed, which could not do it; people are told that nothing is kept."""
    sleep(SILENT.total_seconds() + 1)
    with connected():
        undo_cut_short(utc_now())


def _with_its_sheet(work: Work) -> Work:
    """A workbook is read by a process before this one: the memory is for one. Raises Refusal."""
    if work.file is None or not is_workbook(work.file[1], work.file[0]):
        return work
    name, content, _none = work.file
    return replace(work, file=(name, content, sheet_of(content)))


def main() -> None:
    """Standard input to standard output, within the limits."""
    limit(int(LONGEST_S))
    config, work = pickle.load(sys.stdin.buffer)  # noqa: S301  (the console wrote it)
    settings = load_settings(config)
    bind(settings.database.url, settings.folder)
    use_key_file(settings.journal.key_file)
    with connected():
        done = outcome_of(replace(work, roster=replace(work.roster, rows=tuple(work.roster.rows))))
    for name in _LISTS:
        setattr(done.report, name, Packed(getattr(done.report, name)))
    done.roster = replace(done.roster, rows=Packed(done.roster.rows))
    pickle.dump(done, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    # By its name: what is pickled names the module of its class, and the console's `__main__` is another.
    from plp.services.people import importing_apart

    importing_apart.main()
