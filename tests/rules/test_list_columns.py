"""Headings as zones write them, and columns that nobody named: what looks like something we keep is asked about."""

import pytest

from plp.services.people.reading import list_in
from rules.lists.columns import is_unclear_duty, languages_in
from rules.lists.consents import UnclearColumns, asked_columns, refuse_unclear
from rules.lists.headings import guessed
from tests.support.rosters import everyone, reasons, take

HEADINGS = {
    "mobile": "Handy-Nr.|GSM-nr.|GSM / Mobile|N° de GSM (privé)|Mobiltelefon|Téléphone (GSM)|Tel/GSM|Mobiel nr."
    "|Num. GSM|Tél. portable|GSM ou tél.|GSM of telefoon",
    "landline": "Tél. fixe|Telefoon thuis|Telefon (Festnetz)|Téléphone|n° tel.|Vaste lijn|Tel. privé|Telefonnummer",
    "house_number": "Hausnr.|Huisnr.|N° maison|House number|Nr. huis",
    "address": "Straat + nr|Rue, n°|Rue + n°|Straße und Hausnr.|Adresse (rue et n°)|Volledig adres|Anschrift",
    "street": "Rue / Straat|Straatnaam|Nom de la rue|Straße",
    "postal_code": "PLZ/Ort|Postcode + gemeente|CP / PC|CP|C.P.|Code postal et localité|Postc.",
    "box": "Bte|Boîte|Bus|Bte/Bus",
    "first_name": "Prénom/Voornaam|Prénom(s)|Vorname|Voornaam :",
    "last_name": "Nom/Naam|Nom de famille|Familienname|Nom du membre|Naam en voornaam|NOM + Prénom",
    "email": "E-mail adres|Adr. mail|Email (privé)|E-Mail-Adresse|Courriel",
    "language": "Langue (FR/NL)|Taal|Muttersprache|Sprache|Langue parlée",
    "neighbourhood": "Quartier / PLP|Wijk|Nom du PLP|Buurt|Wijk/zone",
    "role": "Fct|Fonct.|Qualité|Functie|Hoedanigheid",
    "": "Nom du conjoint|GSM conjoint|Téléphone (conjoint)|N° membre|Localité|Date de naissance|Naam partner|Lidnummer",
}


@pytest.mark.parametrize(
    ("heading", "field"), [(heading, field) for field, row in HEADINGS.items() for heading in row.split("|")]
)
def test_a_heading_as_zones_write_it(heading, field):
    assert guessed([heading]) == [field]


def test_a_number_is_a_house_s_beside_a_street_alone():
    assert guessed(["N°", "Nom", "GSM", "Rue", "N°", "Bte"])[:1] == [""]
    assert guessed(["N°", "Nom", "GSM", "Rue", "N°", "Bte"])[-2:] == ["house_number", "box"]


ASKED = [
    ("Contact", ["0470 00 00 11", "0470/00.00.12", "04 223 44 55"]),
    ("Joignable au", ["+32 470 00 00 11 (soir)", "", "470000012"]),
    ("Où écrire", ["anne@example.org", "luc@example.org", ""]),
    ("Parle", ["Frans", "NL", "fr/nl"]),
    ("Demeure", ["rue Haute 12", "av. des Lilas 3", "Kerkstraat 5"]),
    ("Endroit", ["4120 Neupré", "B-4120 Rotheux", "4121 Neuville"]),
    ("Petit nom", ["Anne", "Luc", "Marie-Jeanne"]),
]


@pytest.mark.parametrize(("heading", "cells"), ASKED)
def test_a_column_without_a_name_of_ours_that_looks_like_one_stops_the_import(database, now, heading, cells):
    lines = [f"N{at};0470 00 00 0{at};Ehein;{cell}" for at, cell in enumerate(cells)]
    content = "\n".join([f"nom;gsm;quartier;{heading}", *lines])
    with pytest.raises(UnclearColumns, match=f"colonne {heading} .*Rien n'est importé"):
        take(content, now)
    assert everyone() == []


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Remarques", ["sonner 2x", "appeler le 04 223 44 55", "", "chien"]),
        ("Né le", ["12/03/1960", "1960-03-12", "3.4.70"]),
        ("Localité", ["Neupré", "Rotheux", "Plainevaux"]),
        ("Sexe", ["F", "M", "F"]),
        ("N° membre", ["1", "2", "3"]),
        ("NISS", ["60.03.12-123.45", "70.01.02-321.10"]),
    ],
)
def test_another_column_is_left_out(heading, cells):
    lines = [f"N{at};0470 00 00 0{at};Ehein;{cell}" for at, cell in enumerate(cells)]
    whole = list_in("\n".join([f"nom;gsm;quartier;{heading}", *lines]).encode(), "liste.csv")
    assert asked_columns(whole, whole.guess) == {}


def test_a_list_in_which_no_mobile_is_understood_is_not_imported():
    whole = list_in(
        b"nom;e-mail;quartier;Divers\nA;a@example.org;Ehein;soir: 0470 00 00 01\nB;b@example.org;Ehein;x y\n", "l.csv"
    )
    with pytest.raises(UnclearColumns, match="numéros de téléphone"):
        refuse_unclear(whole, whole.guess)


def test_telephones_of_a_list_without_mobiles_are_mobiles():
    mobiles = list_in(
        "nom;téléphone;quartier\nA;0470 00 00 01;E\nB;0470 00 00 02;E\nC;04 223 44 55;E".encode(), "l.csv"
    )
    assert mobiles.guess == ("last_name", "mobile", "neighbourhood")
    others = list_in("nom;téléphone;quartier\nA;04 223 44 55;E\nB;04 223 44 56;E".encode(), "l.csv")
    assert others.guess == ("last_name", "landline", "neighbourhood")


def test_what_was_said_to_be_left_aside_is_not_asked_again():
    whole = list_in(b"nom;gsm;quartier;GSM conjoint\nA;0470 00 00 01;E;0470 00 00 02", "l.csv")
    assert list(asked_columns(whole, whole.guess)) == [3]
    assert asked_columns(whole, [*whole.guess[:3], "unrelated"]) == {}


@pytest.mark.parametrize(
    ("code", "cell"), [("de", "dt."), ("de", "Ger"), ("nl", "ndl."), ("nl", "NL-BE"), ("fr", "frz."), ("fr", "Fr/dt.")]
)
def test_a_language_in_short(code, cell):
    assert languages_in(cell)[0] == code


UNCLEAR_ROLES = """co-coordinateur|hulpcoördinator|stellv. Koordinatorin|verantwoordelijke|responsable de rue
früher Koordinator
coord. suppléante|COORD. ADJOINT|Koordinator (Stv.)|straatverantwoordelijke|Verantwortlicher|Gruppenleiter|référent
référente de quartier|chef de rue|oud coördinator|coordinateur ?"""
CLEAR_ROLES = """coordinateur|Coord.|coördinator|Koordinatorin|membre|lid||chef|secrétaire|trésorier
médecin|référente seniors|président"""


@pytest.mark.parametrize("cell", UNCLEAR_ROLES.replace("\n", "|").split("|"))
def test_a_role_between_ours_is_asked(cell):
    assert is_unclear_duty(cell)


@pytest.mark.parametrize("cell", CLEAR_ROLES.replace("\n", "|").split("|"))
def test_another_role_is_not(cell):
    assert not is_unclear_duty(cell)


def test_the_role_of_a_known_member_is_not_asked(database, now):
    take("nom;gsm;quartier;rôle\nA;0470000001;Ehein;coordinateur", now)
    again = take("nom;gsm;quartier;rôle\nA;0470000001;Ehein;verantwoordelijke\nB;0470000002;Ehein;responsable", now)
    assert reasons(again) == {3: "« responsable » : écrivez coordinateur ou membre"}
    assert all(row.waits for row in again.refused)
    assert [card.role for card in everyone()] == ["coordinator"]
