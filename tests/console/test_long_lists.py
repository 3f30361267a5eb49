"""Long lists: another process reads, compares and imports them, while the list's page tells what is under way."""

import io
import pickle
import threading
from contextlib import suppress
from datetime import timedelta
from subprocess import SubprocessError
from unittest.mock import Mock

import pytest
from openpyxl import Workbook

from console.people.members import imports, waiting
from console.people.members.additions import additions
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.members.saving import RunningAct
from plp.services.apart import read_apart
from plp.services.people import importing_apart, reading
from plp.services.people.importing_apart import LONG_BYTES, Outcome
from plp.services.people.packing import AT_ONCE, Packed
from tests.console.conftest import words
from tests.e2e.box import eventually
from tests.support.list_pages import LIST, people, total, upload

LONG = "nom;prénom;gsm;quartier\n" + "".join(f"N{i};P;047000{i:04};Quartier {i % 20}\n" for i in range(2_000))


@pytest.fixture
def every_list_is_long(monkeypatch):
    monkeypatch.setattr(imports, "LONG_BYTES", 0)


@pytest.fixture
def held(monkeypatch):
    """A process apart that ends when this is set, without a word."""
    ends = threading.Event()

    def nothing(_work, _config):
        ends.wait(10)
        raise SubprocessError(1)

    monkeypatch.setattr(waiting, "outcome_apart", nothing)
    yield ends
    ends.set()


def over(browser, place):
    """The page of the list once nothing is under way."""

    def page():
        shown = browser.get(place)
        return None if 'class="plp-card" aria-live="polite" hx-get' in shown.text else shown

    return eventually("the list", page, 60)


@pytest.mark.slow
@pytest.mark.both
def test_a_long_list_is_read_compared_and_imported_by_another_process(admin, monkeypatch):
    assert len(LONG) > LONG_BYTES
    # In the old console the thread of the page did it.
    monkeypatch.setattr(importing_apart, "outcome_of", None)
    place = upload(admin, LONG.encode()).location
    shown = over(admin, place)
    assert "2 000 lignes lues 2 000 personnes à ajouter" in words(shown)
    assert "N49" in shown.text
    assert "Page 1 sur 40" in words(shown)
    assert total() == 0
    admin.post(place, {"here": "1", "offered": ["2", "3"], "add": ["3"]})
    assert "1 999 personnes ajoutées" in words(over(admin, place))
    assert total() == 1_999


@pytest.mark.slow
@pytest.mark.usefixtures("every_list_is_long")
def test_a_row_of_it_is_corrected_and_a_column_named(admin):
    list_ = LIST.replace("quartier", "x")
    place = upload(admin, list_.encode()).location
    assert "Il manque la colonne quartier" in words(over(admin, place))
    columns = ("first_name", "last_name", "mobile", "email", "language", "neighbourhood", "role")
    admin.post(f"{place}/columns", {f"column{at}": name for at, name in enumerate(columns)})
    assert "1 personnes à ajouter" in words(over(admin, place))
    admin.post(f"{place}/rows", {"cell3-2": "0470123457"})
    assert "2 personnes à ajouter" in words(over(admin, place))
    admin.post(place, {"here": "1"})
    over(admin, place)
    assert set(people()) == {"Dumont", "Faux"}


@pytest.mark.slow
@pytest.mark.usefixtures("every_list_is_long")
def test_a_long_workbook_is_read_before_it_is_compared_by_two_processes_that_do_not_meet(admin, monkeypatch):
    asked = []

    def noted(module, content, *more):
        asked.append(module.rpartition(".")[2])
        return read_apart(module, content, *more)

    monkeypatch.setattr(reading, "read_apart", noted)
    monkeypatch.setattr(importing_apart, "read_apart", noted)
    book, written = Workbook(), io.BytesIO()
    for row in (("nom", "gsm", "quartier"), ("Dumont", "0470123456", "Rotheux")):
        book.active.append(row)
    book.save(written)
    assert "1 personnes à ajouter" in words(over(admin, upload(admin, written.getvalue(), "liste.xlsx").location))
    assert asked == ["workbook_reading", "importing_apart"]


@pytest.mark.slow
@pytest.mark.usefixtures("every_list_is_long")
def test_a_file_that_cannot_be_read_is_told_on_the_page_of_the_list(admin):
    shown = over(admin, upload(admin, b"PK\x03\x04 no workbook").location)
    assert "Fichier Excel illisible" in words(shown)
    assert "Choisir un autre fichier" in words(shown)
    assert "Colonnes du fichier" not in words(shown)


@pytest.mark.usefixtures("every_list_is_long")
def test_a_process_that_ends_badly_is_told_and_nothing_works_on_the_list_meanwhile(admin, held):
    place = upload(admin).location
    assert "Lecture de la liste" in words(admin.get(place))
    admin.post(place, {"here": "1"})
    admin.post(f"{place}/columns", {"column0": "mobile"})
    assert "Lecture de la liste" in words(admin.get(place))
    held.set()
    assert "aucune donnée n'a été importée" in words(over(admin, place))
    admin.post(f"{place}/columns", {"column0": "mobile"})
    assert "aucune donnée n'a été importée" in words(admin.get(place))
    assert total() == 0


@pytest.mark.usefixtures("every_list_is_long")
def test_a_page_that_is_made_while_the_comparison_ends_shows_no_half_of_it(admin, held, monkeypatch):
    """Its figures were read before the end, the state of the list after it: 0 lines, nothing to import, for ever."""

    def meanwhile(waiting, *more):
        held.set()
        eventually("the end", lambda: waiting.phase == "failed")
        return additions(waiting, *more)

    place = upload(admin).location
    monkeypatch.setattr(imports, "additions", meanwhile)
    assert "Lecture de la liste" in words(admin.get(place))


@pytest.mark.slow
@pytest.mark.both
@pytest.mark.usefixtures("every_list_is_long")
def test_what_a_killed_process_wrote_is_undone_before_the_page_tells_that_nothing_is_kept(admin, monkeypatch):
    slept = []

    def killed(module, content, *more):
        work = pickle.loads(content)[1]
        if work.options["dry_run"]:
            return read_apart(module, content, *more)
        with monkeypatch.context() as dies, suppress(GeneratorExit):
            dies.setattr(RunningAct, "finish", Mock(side_effect=GeneratorExit))
            with connected():
                importing_apart.outcome_of(work)
        assert total() == 1
        raise SubprocessError(-9)

    monkeypatch.setattr(importing_apart, "read_apart", killed)
    monkeypatch.setattr(importing_apart, "sleep", slept.append)
    monkeypatch.setattr(importing_apart, "utc_now", lambda: utc_now() + timedelta(seconds=sum(slept)))
    place = upload(admin).location
    over(admin, place)
    admin.post(place, {"here": "1"})
    assert "aucune donnée n'a été importée" in words(over(admin, place))
    assert total() == 0


@pytest.mark.usefixtures("every_list_is_long")
def test_few_long_lists_are_under_way_at_once(admin, held, monkeypatch):
    monkeypatch.setattr(waiting, "_places", threading.BoundedSemaphore(2))
    places = [upload(admin).location for _ in range(3)]
    assert "Trop de demandes à la fois" in words(admin.get(places[-1]))
    held.set()
    eventually("places", lambda: waiting._places._value == 2)
    assert "aucune donnée n'a été importée" in words(over(admin, upload(admin).location))


@pytest.mark.usefixtures("every_list_is_long")
def test_where_no_process_can_be_begun_the_list_is_compared_all_the_same(admin, monkeypatch):
    def none(*_values):
        raise OSError(12, "no memory")

    monkeypatch.setattr(importing_apart, "read_apart", none)
    assert "1 personnes à ajouter" in words(over(admin, upload(admin).location))


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, 3 * AT_ONCE + 7])
def test_packed_rows_are_those_that_were_packed(count):
    rows = [(number, str(number)) for number in range(count)]
    packed = Packed(rows)
    assert [*packed] == rows
    assert len(packed) == count
    assert bool(packed) == bool(rows)
    for part in (slice(None, 60), slice(45, 120), slice(120, None), slice(None, None, 40), slice(900, 950)):
        assert packed[part] == rows[part]
    if rows:
        assert (packed[0], packed[-1]) == (rows[0], rows[-1])
    with pytest.raises(IndexError):
        packed[count]


def test_an_outcome_without_a_report_is_an_empty_one():
    assert Outcome(importing_apart.NOT_READ, ()).report.read == 0
