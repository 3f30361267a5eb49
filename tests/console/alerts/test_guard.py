"""The text guard: what it finds, what it leaves alone, and what stops a text."""

import pytest

from rules.orders.warning import lacking
from rules.text_guard import Known, findings, numbers_in, sites_in
from tests.modem.sms.sentences import SENTENCES

ZONE = Known(
    numbers=numbers_in("101 ou 04/330 40 00, 04/330 58 71, 04/330 04 90 et 0493/08 06 74"),
    sites=sites_in("www.policelocale.be/5278, plpinfo@neupre.be, www.neupre.be/plp"),
    places=("Plainevaux", "Bois de l'Abbé"),
)
AT = " Rue de la Station, 21h40."


def found(text, drill=False, language="fr"):
    return [(each.kind, each.excerpt) for each in findings({language: text + AT}, drill, ZONE)]


CAUGHT = {
    "plate": [
        "Golf grise 1-ABC-123", "Golf 1ABC123", "Golf 1 abc 123", "Golf 2.XYZ.456", "Clio ABC-123", "Clio 123-ABC",
        "Clio AB-123-CD", "Clio AB 123 CD", "Clio AB123CD", "Auto 12-ABC-3", "Auto XX-99-XX", "Auto KL-MN-12",
        "Wagen AC-KA 1234", "Wagen B-MW 12", "Wagen AB-1234",
    ],
    "phone": [
        "Appelez 0470 12 34 56", "Appelez le 0470/12.34.56", "Appelez +32 470 12 34 56", "Bel 04/222 33 44",
        "Anruf 087 55 44 33", "0032 470 12 34 56",
    ],
    "email": ["Écrivez à jean.dupont@example.be"],
    "link": ["Voir http://example.be/x", "Voir www.example.org", "Voir example.be/photo"],
    "person": [
        "M. Dupont", "Mme Durand", "Mr Janssens", "Monsieur Lambert", "Madame Éloy", "dhr. Peeters", "Mevrouw Claes",
        "De heer Maes", "Herr Schmidt", "Herrn Müller", "Frau Weber", "Mrs Brown", "Mlle Petit",
    ],
    "ethnic": [
        "homme de type nord-africain", "deux Roumains", "un individu maghrébin", "homme noir", "femme de couleur",
        "jeunes d'origine turque", "des gens du voyage", "peau mate", "accent de l'est", "un Marocain",
        "man met donkere huidskleur", "twee Roemenen", "Turkse man", "man van Afrikaanse afkomst", "zigeuners",
        "Oost-Europees uiterlijk", "südländisches Aussehen", "dunkelhäutiger Mann", "zwei Rumänen",
        "arabischer Herkunft", "black male", "two Romanians", "middle eastern man", "of African origin",
    ],
    "drill_words": [
        "Exercice", "EXERCICES en cours", "ceci est un test", "OEFENING", "Dit is een oefening", "Übung", "Probeübung",
        "this is a drill", "Exercise only", "Alerte test", "Message de test", "Rien. TEST.", "Test: ne faites rien.",
        "Il s'agit d'un simple exercice", "Test du système d'alerte", "(exercice)", "Das ist nur eine Übung",
        "Dit is maar een test", "Probealarm",
    ],
}  # fmt: skip

INNOCENT = [
    "BMW 320 grise", "Peugeot 208 blanche", "1 BMW 320", "2 SMS 160", "Le 24/11/2026",
    "de 10h30 à 12h45", "E25 sortie 41",
    "N63 fermée", "A604", "12.500 euros", "voiture noire", "veste noire", "homme en noir",
    "camionnette à plaque polonaise",
    "restaurant asiatique", "boulangerie turque", "Madame, Monsieur, restez chez vous", "le 101 ou 04/330 40 00",
    "Prévention 04/330 04 90", "voir www.policelocale.be/5278", "incendie d'origine inconnue", "fumée noire et dense",
    "zwarte wagen", "Turkse bakkerij", "eine Frau Mitte 40", "die Frau Richtung Wald", "schwarzer Wagen",
    "unbekannter Herkunft", "of unknown origin", "a black car", "Mme la bourgmestre", "M. le bourgmestre",
    "Ceci n'est pas un exercice", "geen oefening", "keine Übung", "not a drill", "exercices militaires", "testament",
    # What trying found (10): true texts that speak of a test or of an exercise, and say it of something else.
    "Eau trouble: un test de l'eau est en cours, ne la buvez pas", "Vol rue des Tests", "Fuite avenue de l'Exercice",
    "Test de l'eau mauvais: ne la buvez pas", "positif au test", "dans l'exercice de ses fonctions",
    "C'est un test de l'eau", "een test van het water", "Grand exercice des pompiers", "Ein Test von Sirenen",
    "protestation", "attestation", "prix : 25.90", "IMSI 20601", "code postal 4120 Neupré", "numéro 12 à 14",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in CAUGHT.items() for text in texts])
def test_what_should_not_be_said_is_found(kind, text):
    assert kind in [each for each, _excerpt in found(text)]


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_innocent_is_left_alone(text):
    assert found(text) == []


def test_five_hundred_honest_sentences_are_left_alone():
    known = Known(numbers=ZONE.numbers | numbers_in("0470 00 00 00"), sites=ZONE.sites)
    crying = [
        (each.kind, text)
        for language, texts in SENTENCES.items()
        for text in texts
        for each in findings({language: text}, False, known)
        if each.asks
    ]
    total = sum(len(texts) for texts in SENTENCES.values())
    # The rest names a person with a title, gives an address, or speaks of an exercise: what it is there for.
    assert {kind for kind, _text in crying} <= {"person", "email", "drill_words"}
    assert len({text for _kind, text in crying}) <= total * 0.02


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Restez chez vous.", ["no_hazard", "no_place", "no_time"]),
        ("Vol à Plainevaux.", ["no_action", "no_time"]),
        ("Vol au bois de l'abbe, en cours. Évitez le quartier.", []),
        ("Rue Haute.", ["no_hazard", "no_action", "no_time"]),
        ("Police: vol en cours à Neupré, fermez vos portes.", []),
        ("Il y a 5 minutes, vol.", ["no_place", "no_action"]),
        ("Diefstal in de Kerkstraat, 21.40 u. Sluit uw deuren.", []),
        ("Diebstahl in der Hauptstraße, 21 Uhr. Schließen Sie ab.", []),
        ("Theft, High Street, 9 pm. Stay at home.", []),
        ("Volets bleus à vendre, gazon, armoire, rue Haute, demain", ["no_hazard", "no_action"]),
        ("  ", []),
    ],
)
def test_missing_elements_are_named_in_their_order(text, kinds):
    assert list(lacking(text, ZONE)) == kinds


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Police Ici: vol", True),
        ("Vol. Police locale Ici/Là", True),
        ("Opération de police", False),
        ("Policeici: vol", False),
    ],
)
def test_the_zone_says_who_warns(text, named):
    zone = Known(sources=("Police locale Ici/Là", "Police Ici:"))
    assert ("no_source" not in lacking(text, zone)) is named


def test_each_language_is_read_and_each_thing_told_once():
    told = findings({"fr": "1-ABC-123" + AT, "nl": "1-ABC-123", "de": "Frau Weber"}, False, ZONE)
    assert [(each.kind, each.language) for each in told] == [("plate", "fr"), ("person", "de")]


def test_a_drill_may_say_so_and_may_not_say_that_it_is_none():
    assert found("Exercice", drill=True) == []
    assert found("Ceci n'est pas un exercice", drill=True) == [("live_words", "n'est pas un exercice")]
    assert findings({"fr": "Ernstfall" + AT}, True, ZONE)[0].blocks
    assert findings({"fr": "1-ABC-123. Exercice." + AT}, False, ZONE)[0].blocks  # what stops it comes first


@pytest.mark.parametrize(
    "text", ["x" * 60_000, "1-" * 20_000, "a@" * 20_000, "d'un " * 10_000, "\x00\ud800🚨", "M. " * 9000]
)
def test_hostile_text_takes_no_time(text):
    findings({"fr": text}, False, ZONE)
    list(lacking(text, ZONE))
