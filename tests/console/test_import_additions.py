"""The people whom a list adds are shown before anything is written, and each can be left out or corrected."""

from tests.console.conftest import words
from tests.support.list_pages import form, people, total, upload

LIST = """prénom;nom;gsm;quartier;accord sms
Anne;Dumont;470123456;Rotheux;oui
Luc;Maes;0470 12 34 57;Rotheux;non (parti)
Inès;Rossi;0470 12 34 58 (Marie);Rotheux;a signé le 3/5
"""


def test_who_is_added_is_shown_with_how_each_cell_was_read(admin):
    page = admin.follow(upload(admin, LIST.encode()))
    text = words(page)
    assert "3 personnes, dont 2 recevront les SMS. Lues avec doute : 2." in text
    assert "(dans la liste : non (parti))" in text
    assert "« Marie », à côté du numéro, n'est pas repris" in text.replace("\xa0", " ")
    assert total() == 0


def test_those_read_with_doubt_can_be_shown_alone(admin):
    place = upload(admin, LIST.encode()).location
    page = admin.follow(admin.post(place, form(admin.get(place), show="doubt")))
    assert 'name="offered" value="2"' not in page.text
    assert 'name="offered" value="3"' in page.text
    assert total() == 0


def test_somebody_who_is_left_out_is_not_added(admin):
    place = upload(admin, LIST.encode()).location
    sent = form(admin.get(place), offered=["2", "3", "4"])
    sent["add"] = ["2", "3"]
    done = admin.follow(admin.post(place, sent))
    assert "2 personnes ajoutées" in words(done)
    assert set(people()) == {"Dumont", "Maes"}


def test_somebody_who_is_added_is_corrected_first(admin):
    place = upload(admin, LIST.encode()).location
    page = admin.follow(admin.post(place, form(admin.get(place), offered=["2", "3", "4"], mend="3")))
    assert 'name="cell3-4" value="non (parti)"' in page.text
    admin.post(f"{place}/rows", {"cell3-1": "Maesen", "cell3-4": "oui"})
    assert total() == 0
    admin.post(place, form(admin.get(place), offered=["2", "3", "4"]))
    assert people()["Maesen"].sms
