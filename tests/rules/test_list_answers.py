"""A cell in a column of consents is a yes, a no or neither; what is neither makes no SMS go out."""

import pytest

from db.people.members.listing import members
from plp.services.people.importing import import_list
from plp.services.people.reading import list_in
from rules.lists.answers import answer, refusal
from rules.lists.consents import answers
from rules.lists.remarks import RowWaits
from tests.support.rosters import reasons, take

NO = """non (parti)|nee (tel.)|nein (Brief)|NON (tél. le 3/5)|oui -> non (12/2024)|ja -> nee|ingetrokken|Non merci
a retiré son accord|pas d'accord (tél.)|plus d'accord|geen toestemming|kein Einverständnis|refuse|non (mail)|nee!!
pas signé|n (tel)|0 (parti)|NON - voir mail du 3/5|toestemming ingetrokken 2023|Einwilligung widerrufen|nein seit 2020
liever niet|lieber nicht|plutôt pas|nee (gevraagd 8/10)|non (vu le 2/2/23)
n'a pas donné son accord|non, sur papier|NEE sinds 2022"""
YES = """oui|x (signé)|oui (tél. 3/5)|ja (tel. 12/3/2020)|a donné son accord|12/03/2019|2019-03-12|2018-05-25 00:00:00
oui (2019)|oui le 3 mai 2019|oui (mail du 3/5/2021)|heeft toestemming gegeven|hat zugestimmt|ok pour sms|OUI signé
Oui, formulaire signé le 12/05/2020|X|✓|o (papier)|j (formulier)|ja, getekend op 3/5|oui sms et mail|J'accepte
Einverständnis liegt vor|mai 2019|accord téléphonique le 3/5|OK (fiche)|yes (signed)|signé|ja hoor
ja (Unterschrift)|beides|ja, oké voor mij|ja (gevraagd 8/10)|ja, tel. gezegd op 4/9"""
UNCLEAR = """liever mail|mail volstaat|NEANT|les deux
oui (mail uniquement)|ja, enkel mail|nur E-Mail|oui jusque fin 2024|ja tot 2024|ja bis Ende 2025|oui / non
o/n|?|oui?|mail|sms|oui tél|oui par mail|voir Anne|oui sauf la nuit|non sauf urgence|pas de problème|geen bezwaar
kein Problem|pas contre|oui (Marie)|1 personne|à demander|nee -> ja|non puis oui|oui jusqu'au 31/12/2024|pas de mail
mail: non|formulaire envoyé|à signer|oui si urgent|2019|enkel sms|oui, uniquement pour les urgences|oui (à confirmer)
en attente|N/A|jein|oui (décédé)|oui (parti)|non mais ok pour sms|oui (ancien n°)|oui à partir de 2026|oui provisoire
désinscrite|uitgeschreven per mail|afgemeld 12-2022|abgemeldet|widerrufen 11.2021|ingetrokken 3/5|ne plus contacter
ne veut plus rien recevoir|wil niet meer meedoen|(ja)|(oui)|[ja]|(non)|NON (A CONFIRMER)|nee, nog navragen
nein, vielleicht|liever geen nachtelijke sms|pas de SMS la nuit|geen sms behalve nood"""


def cells(text):
    return [cell for line in text.splitlines() for cell in line.split("|")]


@pytest.mark.parametrize(
    ("cell", "said"),
    [(cell, said) for said, text in ((False, NO), (True, YES), (None, UNCLEAR)) for cell in cells(text)],
)
def test_a_cell_of_consent_is_a_yes_a_no_or_neither(cell, said):
    assert answer(cell) is said
    if said is None:
        with pytest.raises(RowWaits, match="ni oui ni non"):
            answers(["consent_sms"], [cell])
    else:
        assert answers(["consent_sms"], [cell]).sms is said


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        *(
            (cell, True)
            for cell in cells("oui|x|oui (tél. 3/5)|x (signé)|plus de SMS|ne souhaite pas de SMS|STOP|refus")
        ),
        *((cell, False) for cell in cells("non|nee|non (tél. 3/5)|nein|NEANT|geen|non (vu le 2/2/23)")),
        *(
            (cell, None)
            for cell in cells("oui -> non|oui jusque fin 2024|oui?|pas de refus|non (parti)|oui ou non|mail")
        ),
    ],
)
def test_a_cell_of_a_refusal_is_the_other_way_round(cell, said):
    assert refusal(cell) is said
    if said is not None:
        assert answers(["refusal"], [cell]).sms is (False if said else None)


def test_an_empty_consent_among_yes_and_no_waits_for_a_person(database, now):
    header = "nom;gsm;quartier;accord sms\n"
    report = take(
        header + "A;0470000001;Ehein;oui\nB;0470000002;Ehein;non\nC;0470000003;Ehein;\nD;0470000004;Ehein;-", now
    )
    assert {card.last_name: card.sms for card in members().rows} == {"A": True, "B": False}
    assert reasons(report) == dict.fromkeys((4, 5), "le consentement SMS est vide : écrivez oui ou non")
    assert all(row.waits for row in report.refused)


def test_nobody_is_asked_about_a_member_whose_answer_is_known(database, now):
    take("nom;gsm;quartier;accord sms\nA;0470000001;Ehein;oui\nB;0470000002;Ehein;non", now)
    again = take("nom;gsm;quartier;accord sms\nA;0470000001;Ehein;\nB;0470000002;Ehein;\nC;0470000003;Ehein;non", now)
    assert again.refused == []
    assert {card.last_name: card.sms for card in members().rows} == {"A": True, "B": False, "C": False}


def test_a_consent_in_more_than_a_word_is_told(database, now):
    report = take("nom;gsm;quartier;accord sms\nA;0470000001;Ehein;a signé le 3/5\nB;0470000002;Ehein;non (tél.)", now)
    assert [str(note) for _line, note in report.notes] == [
        "« a signé le 3/5 » est lu comme oui",
        "« non (tél.) » est lu comme non",
    ]


def test_an_empty_refusal_among_noes_waits_for_a_person(database, now):
    header = "nom;gsm;quartier;refus de SMS\n"
    lines = [f"N{at};047000000{at};Ehein;{cell}" for at, cell in enumerate(("non", "n", "oui", "non", "nee", "non"))]
    report = refusing(header + "\n".join([*lines, "E;0470000008;Ehein;", "F;0470000009;Ehein;-", "G;;Ehein;"]), now)
    assert {card.last_name: card.sms for card in members().rows} == {
        "N0": True,
        "N1": True,
        "N2": False,
        "N3": True,
        "N4": True,
        "N5": True,
    }
    sentence = "le refus de SMS est vide : écrivez oui ou non"
    assert reasons(report) == {8: sentence, 9: sentence, 10: "il faut un GSM, un autre numéro ou une adresse e-mail"}
    assert [row.waits for row in report.refused] == [True, True, False]


def test_an_empty_refusal_is_none_where_refusals_alone_are_marked(database, now):
    report = refusing(
        "nom;gsm;quartier;refus de SMS\nA;0470000001;Ehein;\nB;0470000002;Ehein;x\nC;0470000003;Ehein;", now
    )
    assert report.refused == []
    assert {card.last_name: card.sms for card in members().rows} == {"A": True, "B": False, "C": True}


def refusing(content, now):
    whole = list_in(content.encode(), "liste.csv")
    return import_list(whole, [*whole.guess[:3], "refusal"], "anne", now)


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (["consent_sms", "refusal"], ["ja", "x"]),
        (["refusal", "consent_sms"], ["ja", "j"]),
        (["consent_sms", "refusal"], ["14/01/2020", "oui (tél. 3/5)"]),
        (["consent_sms", "consent"], ["oui", "non"]),
        (["consent", "consent"], ["oui", "non"]),
    ],
)
def test_a_yes_beside_a_refusal_waits(columns, cells):
    with pytest.raises(RowWaits, match="un oui et un refus"):
        answers(columns, cells)


def test_a_refusal_of_a_day_came_after_the_yes():
    said = answers(["consent_sms", "refusal"], ["ja", "14/02/2023"])
    assert (said.sms, said.mail_group) == (False, False)
    assert str(said.notes()[0]) == "« 14/02/2023 » est lu comme un refus : ni SMS, ni groupe e-mail"


@pytest.mark.parametrize("column", ["consent_sms", "refusal"])
def test_who_is_out_waits_without_a_mobile_too(column):
    with pytest.raises(RowWaits):
        answers([column], ["désinscrite"], has_mobile=False)


@pytest.mark.parametrize("column", ["consent_sms", "refusal"])
@pytest.mark.parametrize("cell", ["kein Handy", "SANS OBJET", "n.v.t.", "?"])
def test_who_has_no_mobile_is_not_asked(column, cell):
    said = answers([column], [cell], has_mobile=False)
    assert said.sms is False
    assert said.notes() != ()
    with pytest.raises(RowWaits):
        answers([column], [cell])
