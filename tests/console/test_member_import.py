"""Lists from files: looked at first, imported once, refused rows to take along."""

import csv
import io
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from console.people.members.waiting import KEPT, MOST_UNDER_WAY, Waiting, WaitingLists
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.members.listing import member, neighbourhoods
from plp.services.people import importing
from plp.services.people.comparing import compared
from tests.console.conftest import words
from tests.support.list_pages import KNOWN, LIST, form, people, total, upload
from tests.support.people import person


def test_a_list_is_shown_before_it_is_imported(admin):
    answer = upload(admin)
    page = admin.follow(answer)
    text = words(page)
    assert "3 lignes lues 1 personnes à ajouter 0 à modifier 0 inchangées 2 lignes refusées" in text
    assert "Importer une personne" in text
    assert "Ligne 3 Ce n'est pas un numéro de GSM belge valable." in text
    assert 'value="04 223 44 5"' in page.text
    assert "Ligne 5 Il manque un chiffre." in text
    assert total() == 0


def test_importing_once_however_often_it_is_pressed(admin):
    place = upload(admin).location
    done = admin.follow(admin.post(place))
    assert "1 personnes ajoutées" in words(done)
    assert total() == 1
    again = admin.follow(admin.post(place))
    assert "Liste déjà importée." in words(again)
    assert "1 personnes ajoutées" in words(again)
    assert total() == 1


def test_the_pages_of_absent_members_stand_among_them(admin):
    with connected():
        for number in range(1, 62):
            person(number, utc_now())
    place = upload(admin, b"nom;gsm;quartier\nAutre;0470999999;Plainevaux\n").location
    (folded,) = re.findall(r"<details[^>]*>\s*<summary>Membres absents.*?</details>", admin.get(place).text, re.DOTALL)
    assert "Page 1 sur 2" in folded
    assert not folded.startswith('<details class="plp-card" open')
    second = admin.follow(admin.post(place, {"here": "1", "page": "2"})).text
    (folded,) = re.findall(r"<details[^>]*>\s*<summary>Membres absents.*?</details>", second, re.DOTALL)
    assert "Page 2 sur 2" in folded
    assert folded.startswith('<details class="plp-card" open')


def test_the_refused_rows_can_be_taken_along(admin):
    place = upload(admin).location
    answer = admin.get(place + "/refused.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["ligne", "motif", *LIST.split("\n")[0].split(";")]
    assert [row[0] for row in rows[1:]] == ["3", "5"]


def test_an_excel_list(admin):
    book, content = Workbook(), io.BytesIO()
    book.active.append(["nom", "prénom", "gsm", "quartier"])
    book.active.append(["Dumont", "Anne", 470123456, "Rotheux"])
    book.save(content)
    admin.post(upload(admin, content.getvalue(), "liste.xlsx").location)
    assert total() == 1


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "x.csv", "Le fichier est vide."),
        (b"PK\x03\x04broken", "x.xlsx", "Fichier Excel illisible"),
        (b"x", "", "Choisissez d'abord un fichier."),
    ],
)
def test_what_is_no_list_is_said(admin, content, name, sentence):
    answer = upload(admin, content, name)
    assert answer.status_code == 400
    assert sentence in words(answer)


def test_a_list_without_one_good_row_has_no_button(admin):
    page = admin.follow(upload(admin, b"nom;pr\xe9nom;gsm;quartier\nX;Y;101;Z\n"))
    assert "Aucune ligne ne peut être importée." in words(page)
    assert "Importer" not in words(page)


def test_another_admin_does_not_see_a_waiting_list(admin, sign_in):
    place = upload(admin).location
    other = sign_in("admin", "officer")
    assert other.get(place).status_code == 404
    assert other.post(place).status_code == 404
    assert total() == 0


def test_many_refused_rows_are_cut_on_the_page_and_whole_in_the_file(admin):
    rows = "".join(f"N{i};P;101;Z\n" for i in range(250))
    place = upload(admin, ("nom;prénom;gsm;quartier\n" + rows).encode()).location
    page = words(admin.get(place))
    assert "250 lignes refusées" in page
    assert "Page 1 sur 10" in page
    second = admin.get(place + "?rows=2").text
    assert 'name="cell27-0"' in second
    assert 'name="cell26-0"' not in second
    assert len(admin.get(place + "/refused.csv").data.decode().splitlines()) == 251


NOW = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)
TOO_MANY = "Trop de demandes à la fois : réessayez dans quelques secondes."


def put(lists, owner=1, now=NOW):
    waiting = Waiting(owner, "x.csv", False, now)
    lists.put(waiting)
    return waiting


def test_a_waiting_list_is_its_owners_and_only_for_a_while():
    lists = WaitingLists()
    waiting = put(lists)
    assert lists.find(1, waiting.key, NOW) is waiting
    assert lists.find(2, waiting.key, NOW) is None
    assert lists.find(1, "é", NOW) is None
    assert lists.find(1, waiting.key, NOW + KEPT) is None


def test_a_long_list_that_cannot_begin_gives_its_place_back(monkeypatch):
    lists = WaitingLists()
    done = threading.Event()
    monkeypatch.setattr("console.people.members.waiting._work", lambda *_work: done.set())
    with monkeypatch.context() as without_threads:
        without_threads.setattr(threading.Thread, "start", _cannot_start)
        for owner in range(MOST_UNDER_WAY + 1):
            waiting = put(lists, owner)
            waiting.config = Path("config.ini")
            lists.compare(waiting, "anne")
            assert (waiting.phase, str(waiting.refusal)) == ("failed", TOO_MANY)
    lists.compare(waiting, "anne")
    assert done.wait(10)


def _cannot_start(_thread):
    raise RuntimeError("can't start new thread")


def test_a_newer_list_takes_the_place_of_the_older():
    lists = WaitingLists()
    first, second = put(lists), put(lists)
    assert lists.find(1, first.key, NOW) is None
    assert lists.find(1, second.key, NOW) is second


def test_forgotten_lists_go_when_another_comes():
    lists = WaitingLists()
    put(lists)
    put(lists, owner=2, now=NOW + KEPT + timedelta(seconds=1))
    assert list(lists._lists) == [2]


CHANGED = "prénom;nom;gsm;quartier\nAnna;Dumont;0470123456;Centre\nLuc;Maes;0470123499;Rotheux\n"


@pytest.fixture
def known(admin):
    admin.post(upload(admin, KNOWN.encode()).location)
    return admin


def test_each_change_is_shown_and_can_be_unticked(known):
    place = upload(known, CHANGED.encode()).location
    page = known.get(place)
    assert "prénom : Anne → Anna" in words(page)
    assert "quartier : Rotheux → Centre" in words(page)
    assert people()["Dumont"].first_name == "Anne"
    sent = form(page)
    sent["take"].remove("2:first_name")
    known.post(place, sent)
    assert (people()["Dumont"].first_name, people()["Dumont"].neighbourhood) == ("Anne", "Centre")


def test_a_whole_column_can_be_left_as_it_is(known):
    place = upload(known, CHANGED.encode()).location
    sent = form(known.get(place))
    sent["columns"].remove("neighbourhood")
    known.post(place, sent)
    assert (people()["Dumont"].first_name, people()["Dumont"].neighbourhood) == ("Anna", "Rotheux")


def test_another_name_for_a_number_changes_nobody_unless_it_is_ticked(known):
    other = b"nom;gsm;quartier\nDumont Rachel;0470123456;Centre\n"
    place = upload(known, other).location
    page = known.get(place)
    assert "Autre nom pour ce numéro." in words(page)
    assert "take" not in form(page)
    known.post(place, form(page))
    assert (people()["Dumont"].first_name, people()["Dumont"].neighbourhood) == ("Anne", "Rotheux")
    place = upload(known, other).location
    known.post(place, form(known.get(place), take=["2:last_name"]))
    assert set(people()) == {"Dumont Rachel", "Maes"}


def test_a_known_name_with_another_number_is_the_same_person_when_it_is_ticked(known):
    place = upload(known, CHANGED.encode()).location
    page = known.get(place)
    assert "Ligne 3 : Luc Maes" in words(page)
    (pair,) = re.findall(r'name="same" value="(3:\d+)"', page.get_data(as_text=True))
    known.post(place, form(page, same=[pair]))
    assert total() == 2
    assert people()["Maes"].mobile == "+32470123499"


def test_who_is_not_in_the_list_leaves_when_it_is_ticked_and_an_import_is_undone(known):
    place = upload(known, b"nom;gsm;quartier\nDumont;0470123456;Rotheux\nNeuf;0470123458;Rotheux\n").location
    page = known.get(place)
    assert "Membres absents de la liste" in words(page)
    (luc,) = re.findall(r'name="leave" value="(\d+)"', page.get_data(as_text=True))
    done = known.follow(known.post(place, form(page, leave=[luc])))
    assert people()["Maes"].state == "opted_out"
    (undo,) = re.findall(r'action="(/members/acts/\d+/undo)"', done.get_data(as_text=True))
    assert "Les membres ajoutés seront supprimés" in words(done)
    assert "Annulé : 2 membres rétablis." in words(known.follow(known.post(undo)))
    assert people()["Maes"].state == "active"
    assert total() == 2
    assert "Trop tard" in words(known.follow(known.post(undo)))


def test_what_columns_are_is_said_on_the_page_and_remembered(admin):
    content = b"Qui;Appareil;Divers\nDumont;0470123456;x\n"
    place = upload(admin, content).location
    page = admin.get(place)
    assert "Il manque la colonne" in words(page)
    assert "0470123456" in words(page)
    admin.post(upload(admin, KNOWN.encode()).location)
    with connected():
        (where,) = neighbourhoods()
    columns = {"column0": "last_name", "column1": "mobile", "place": str(where.id)}
    place = upload(admin, content).location
    admin.post(place + "/columns", columns | {"column2": "street"})
    assert "rue : – → x" in words(admin.get(place))
    admin.post(place + "/columns", columns | {"column2": "nonsense"})
    assert "la colonne Divers" in words(admin.get(place)), "a column of ticks may be a consent"
    admin.post(place + "/columns", columns | {"column2": "unrelated"})
    assert "déjà à jour" in words(admin.get(place))
    admin.post(place)
    place = upload(admin, b"qui;appareil;divers\nRossi;0470123459;x\n").location
    assert "Il manque la colonne quartier" in words(admin.get(place))


def test_a_list_that_broke_off_is_told_and_not_taken_for_imported(admin, monkeypatch):
    def broken(*_values, **_options):
        raise ZeroDivisionError

    place = upload(admin).location
    with monkeypatch.context() as dies:
        dies.setattr("plp.services.people.importing_apart.import_list", broken)
        assert admin.post(place).status_code == 500
    assert "aucune donnée n'a été importée" in words(admin.get(place))
    assert total() == 0


def test_who_looks_or_presses_meanwhile_is_told_that_it_is_under_way_and_changes_nothing(admin, monkeypatch):
    with connected():
        gone = person(1, utc_now())
    list_ = LIST.replace("Rotheux", "Plainevaux").encode()
    place, seen, meanwhile = upload(admin, list_).location, [], []

    def busy(*values):
        for path, sent in meanwhile:
            admin.post(place + path, sent)
        meanwhile.clear()
        seen.append(admin.get(place))
        return compared(*values)

    monkeypatch.setattr(importing, "compared", busy)
    meanwhile += [("", {}), ("/columns", {"column0": ""})]
    admin.post(f"{place}/places", {})
    assert total() == 1, "not imported while it is compared"
    meanwhile += [("", {}), ("", {"every": "leave"}), ("/columns", {"column0": ""})]
    admin.post(place)
    for page, sentence in zip(seen, ("Lecture de la liste", "Import en cours"), strict=True):
        assert sentence in words(page)
        assert "Une erreur est survenue" not in words(page)
        assert 'hx-trigger="every 2s"' in page.text
    assert "1 personnes ajoutées" in words(admin.get(place))
    assert total() == 2
    with connected():
        assert member(gone).sms, "nobody chose that they leave"


def test_a_button_that_works_long_says_so(admin):
    page = admin.get(upload(admin).location).text
    (whole,) = re.findall(r'<form[^>]*data-busy="Import en cours">.*?</form>', page, re.DOTALL)
    assert re.findall(r"<span data-words>([^<]*)", whole) == ["Importer une personne"]


UNCLEAR = b"nom;gsm;quartier;Toestemming\nMaes;0470000001;Ehein;ja\nPeeters;0470000002;Ehein;nee\n"
FIELDS = {"column0": "last_name", "column1": "mobile", "column2": "neighbourhood"}


def test_a_column_that_may_be_a_consent_stops_the_list_until_somebody_says_what_it_is(admin):
    place = upload(admin, UNCLEAR).location
    page = admin.get(place)
    assert "la colonne Toestemming" in words(page)
    assert "file-import" not in page.text
    admin.post(place, {"here": "1"})
    assert total() == 0
    admin.post(place + "/columns", FIELDS | {"column3": ""})
    admin.post(place, {"here": "1"})
    assert total() == 0
    admin.post(place + "/columns", FIELDS | {"column3": "consent"})
    admin.post(place, {"here": "1"})
    assert {name: card.sms for name, card in people().items()} == {"Maes": True, "Peeters": False}
    page = admin.get(upload(admin, b"Naam;GSM;Wijk;toestemming\nRossi;0470000003;Ehein;NEE\n").location)
    assert "Importer une personne" in words(page), "the column is known by its heading"


def test_a_no_in_a_column_that_is_left_out_is_a_no_and_told(admin):
    content = "nom;gsm;quartier;Remarques\nMaes;0470000001;Ehein;grand chien\nRossi;0470000002;Ehein;plus de SMS\n"
    place = upload(admin, content.encode()).location
    assert "Ligne 3 « plus de SMS » est lu comme un refus" in words(admin.get(place)).replace("\xa0", " ")
    admin.post(place)
    assert {name: card.sms for name, card in people().items()} == {"Maes": True, "Rossi": False}
