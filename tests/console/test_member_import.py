"""Lists from files: looked at first, imported once, refused rows to take along."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import Workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from console.people.members.waiting import KEPT, WaitingLists
from db.engine.connection import connected
from db.people.members.importing import ImportReport
from db.people.members.listing import members
from tests.console.conftest import words

LIST = """prénom;nom;gsm;e-mail;langue;quartier;rôle
Anne;Dumont;0470 12 34 56;;fr;Rotheux;membre
Benoît;Faux;04 223 44 55;;fr;Rotheux;membre
;;;;;;
Carl;Court;0470 12 34 5;;nl;Centre;membre
"""


def total():
    with connected():
        return members().total


def upload(browser, content=None, name="liste.csv"):
    # Encoded here: the test client would leave the temporary file of a long list open.
    file = FileStorage(io.BytesIO(LIST.encode() if content is None else content), name)
    boundary, body = encode_multipart({"csrf_token": browser.token(), "file": file})
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.client.post(
        "/members/import", input_stream=io.BytesIO(body), content_type=kind, content_length=len(body)
    )


def test_a_list_is_shown_before_it_is_imported(admin):
    answer = upload(admin)
    page = admin.follow(answer)
    text = words(page)
    assert "3 lignes lues 1 à ajouter 0 à mettre à jour 2 lignes refusées" in text
    assert "Importer une personne" in text
    assert "Ligne 3 C'est un téléphone fixe" in text
    assert "Ligne 5 Il manque un chiffre." in text
    assert total() == 0


def test_importing_once_however_often_it_is_pressed(admin):
    place = upload(admin).location
    done = admin.follow(admin.post(place))
    assert "1 personnes ajoutées" in words(done)
    assert total() == 1
    again = admin.follow(admin.post(place))
    assert "Cette liste est déjà importée." in words(again)
    assert "1 personnes ajoutées" in words(again)
    assert total() == 1


def test_the_refused_rows_can_be_taken_along(admin):
    place = upload(admin).location
    answer = admin.get(place + "/refused.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["ligne", "raison"]
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
        (b"a;b\n1;2\n", "x.csv", "Il manque la colonne"),
        (b"PK\x03\x04broken", "x.xlsx", "ne peut pas être lu"),
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
    assert "Les 200 premières sont montrées" in page
    assert len(admin.get(place + "/refused.csv").data.decode().splitlines()) == 251


@pytest.mark.slow
def test_a_long_list(admin):
    rows = "".join(f"N{i};P;047000{i:04};Quartier {i % 20}\n" for i in range(2_000))
    answer = upload(admin, ("nom;prénom;gsm;quartier\n" + rows).encode())
    assert "2 000 lignes lues 2 000 à ajouter" in words(admin.follow(answer))


NOW = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)


def put(lists, owner=1, now=NOW):
    return lists.put(owner, "x.csv", b"content", False, ImportReport(), now)


def test_a_waiting_list_is_its_owners_and_only_for_a_while():
    lists = WaitingLists()
    waiting = put(lists)
    assert lists.find(1, waiting.key, NOW) == waiting
    assert lists.find(2, waiting.key, NOW) is None
    assert lists.find(1, "é", NOW) is None
    assert lists.find(1, waiting.key, NOW + KEPT) is None
    assert lists.take(1, waiting.key, NOW + KEPT) is None


def test_a_newer_list_takes_the_place_of_the_older():
    lists = WaitingLists()
    first, second = put(lists), put(lists)
    assert lists.find(1, first.key, NOW) is None
    assert lists.take(1, second.key, NOW) == b"content"
    assert lists.take(1, second.key, NOW) is None


def test_forgotten_lists_go_when_another_comes():
    lists = WaitingLists()
    put(lists)
    put(lists, owner=2, now=NOW + KEPT + timedelta(seconds=1))
    assert list(lists._lists) == [2]
