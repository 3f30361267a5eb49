"""Somebody who has died or left, as lists say it: the row waits for a person."""

import pytest

from rules.lists.departures import require_present
from rules.lists.remarks import RowWaits, refuses, telling
from tests.support.rosters import everyone, take

GONE = """DCD 2022|dcd|overl. 2021|overleden|verst.|verstorben 3/2020|+ 12/2020|+2021|† 2020|(+)|démissionné|démission
à supprimer|suppr.|plus membre|n'est plus membre|RGPD: suppression demandée|rayé|radié|geen lid meer|schrappen
geschrapt|ausgetreten|bitte löschen|Inactif|inactief|inaktiv|parti en 2021|a déménagé|verhuisd|umgezogen|ancien membre
ex-membre|oud-lid|ehemaliges Mitglied|uitgetreden|décédée|décès 2020|ontslag|a quitté le PLP|ne participe plus
doet niet meer mee|nicht mehr dabei|stopgezet|te verwijderen|Austritt 2022|gekündigt|gelöscht|a arrêté|gestopt|sorti
no longer member|moved away|supprimer svp|droit à l'oubli|maison vendue|plus intéressé|not active|niet actief
mort en 2019|dood|+ mai 2020|décédé(e)|weg|uit de lijst|hors zone|retirer de la liste|à enlever|annulé|quitté
départ 2023
vertrokken naar Spanje|weggezogen|heeft opgezegd|nicht mehr Mitglied|kein Mitglied mehr|hat aufgehört|zurückgetreten
wil er uit|stopt ermee|membre jusque 2021|lid tot 2020|Mitglied bis 2021|n'habite plus là|woont er niet meer|RIP|exit
home Saint-Joseph depuis 2022|double emploi|numéro non attribué|numéro erroné|GSM coupé|passé au PLP de Rotheux
pas intéressé|inconnu à l'adresse|retour courrier|vit maintenant chez sa fille|nummer bestaat niet|Nummer falsch
verh. naar Aalst|ovl. feb 24|lid af|ausgeschl. (Vorstand)|bitte aus der Liste nehmen|van de lijst halen|ontsl. 2020
retiré du groupe|maison à vendre|huis te koop|ruht|Pause bis auf Weiteres|en suspens|Feue|feu Albert|opgez. 2023
entrée en MRS 01/2024|nouvelle adresse : Huy|Adresse ab 1.7. neu: Lontzen|nieuw adres|à l'étranger|anc. membre
in memoriam|ontslapen|heimgegangen|nous a quittés|ist verschieden|begraven|obsèques le 3/5|rouwbrief ontvangen
Todesanzeige|déc. 2021|D.C.D.|overlijden gemeld|héritiers prévenus|nalatenschap|maison de retraite|home
Haus leer|huis staat leeg|expatrié|part vivre à Liège|va partir|changé d'adresse|vorige eigenaar|ersetzt durch Sohn
seconde résidence|Zweitwohnung|à sortir|sup.|rauswerfen|weglaten|niet hernieuwd|nicht verlängert|plus sur la liste|fin
wil stoppen|möchte aufhören|veut arrêter|wenst uit te treden|a renoncé|geeft op|zieht sich zurück|Recht auf Vergessen
Nr. stimmt nicht|nummer klopt niet|mauvais numéro|verkeerd nummer|falsche Nummer|wrong number|n° erroné|pas bon
gsm perdu|niet het juiste nummer|injoignable|onbereikbaar|nicht erreichbar|plus de nouvelles depuis 2021
rustoord|serviceflat|im Heim
niets meer gehoord|perdu de vue|zie lijn 12|désinscrit|uitschrijven|AFGEMELD 12-2022|uitgeschreven per mail
ne veut plus rien recevoir|ne plus contacter|niet meer contacteren aub|nicht mehr kontaktieren|wil niet meer meedoen
will nicht mehr mitmachen|geen contact meer|meldet sich ab|möchte nichts mehr erhalten|do not contact|ne souhaite plus
désabonnée|unsubscribed|widerrufen 11.2021|wenst geen deelname|refuse de participer|laisser tranquille
afmelding was vergissing, blijft erbij|Abmeldung irrtümlich|was uitgeschreven, terug ingeschr.
malade, ne plus contacter pour l'instant|à vérifier|te controleren|zu prüfen|nog lid?|toujours membre ?
n° plus attribué|nouveau : 0470/00.51.91|nieuw gsm-nr 0470 00 51 91|neue Handynr. 0032 470 00 51 91|hors service"""
STAYING = """à rappeler|rappeler le soir|sonner 2x|rue du Mort 3|coordinateur|membre depuis 2015|nouveau|chien méchant
télétravail|absent en juillet|parle anglais|vice-président|0470 12 34 56|+32 470 12 34 56|+32.47.00.00.01|locataire
infirmière|ok|actif|Mme Lecrit|nieuw lid|2 kinderen|belt liever|deux maisons|travaille de nuit|malentendant|+ enfants
2 adultes + 1 enfant|mobile + fixe|panneau remis|autocollant: oui|carte reçue|lid sinds 2010|membre du parti|Weg 12
a un double des clés|commerçant|aide possible|nouveau mail|nieuw mailadres 2023|feu rouge devant la maison|nouveau 2023
gsm épouse 0470 00 51 91|adresse mail changée|nieuwe bewoner sinds 2024|nouveau locataire|overdag niet bereikbaar
habite à côté de l'école|a vérifié son mail|clé au n° 14|prend part aux réunions|membre depuis déc. 2021|bon numéro
ancien policier|belt nog terug|encore au travail à 18h|zweites Auto|Erbsensuppe|rouwt niet|faire la part
vide-grenier en mai|Haus mit leerer Scheune|nouvelles du quartier|toegang via de leeszaal|finances|Endlich dabei"""

OF_OTHERS = """0470 00 00 01 (son fils)|gsm de sa fille 0470 00 00 01|man: 0470000001|0470/00.00.01 (voisine)
0470 00 00 01 buurvrouw|Nachbarin 0470 00 00 01|+32 470 00 00 01 (épouse)|0470000001 echtgenote|0470 00 00 01 (Sohn)
0470 00 00 01 (ne pas diffuser)|0470 00 00 01 - niet doorgeven|0470 00 00 01 (nicht weitergeben)|0470 00 00 01 dochter
0470 00 00 01 (urgences patients)|0470 00 00 01 (her husband)|0470 00 00 01 confidentiel|0470 00 00 01 (alleen nood)
0470 00 00 01 (son fils) / 0470 00 00 02|vrouw 0470 00 00 01 / man 0470 00 00 02
0470 00 00 01 van zijn zoon|0470 00 00 01 ??|0470 00 00 01 ?|0470 00 00 01 alt|0470 00 00 01 (ancien)|oud: 0470 00 00 01
0470 00 00 01 (Mme)|0470 00 00 01 (mevr.)"""
THEIRS = """0470 00 00 01 (Marie)|0470 00 00 01 (bureau)|0470 00 00 01 privé|GSM 0470000001 (perso)|0470 00 00 01 Amir
0470 00 00 01 (man: 0470 00 00 02)|0470 00 00 01 / 0470 00 00 02 (épouse)|0470 00 00 01, fils 0470 00 00 02
0470 00 00 01 (Hermann)|0470 00 00 01 (M. Lemari)|0470 00 00 01 (fixe en panne)"""


def cells(text):
    return [cell for line in text.splitlines() for cell in line.split("|")]


@pytest.mark.parametrize("cell", cells(GONE))
def test_a_remark_of_somebody_who_left_or_died_makes_the_row_wait(cell):
    with pytest.raises(RowWaits, match="à vérifier"):
        require_present(["last_name", ""], ["Noël", cell])


@pytest.mark.parametrize("cell", cells(STAYING))
def test_another_remark_does_not(cell):
    assert not telling("", cell)


@pytest.mark.parametrize(
    "cell",
    [
        *("mail uniquement", "enkel per mail", "nur E-Mail", "only by phone", "accord jusque 2024"),
        *("liever geen nachtelijke sms", "pas de SMS la nuit", "keine SMS nachts", "geen sms behalve bij nood"),
    ],
)
def test_a_remark_that_limits_the_consent_is_asked(cell):
    with pytest.raises(RowWaits, match="oui ou non"):
        require_present([""], [cell])


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "désinscrit des SMS",
            "geen sms!",
            "pas de SMS",
            "will keine SMS mehr",
            "abgemeldet von SMS",
            "stop sms reçu 8/8",
        ),
        *("ne souhaite plus recevoir de SMS", "plus de SMS", "ne plus contacter par SMS", "ne plus envoyer de SMS"),
        *("wil geen berichten meer", "a retiré son accord", "Einwilligung widerrufen", "toestemming ingetrokken 2023"),
    ],
)
def test_a_refusal_of_texts_is_a_no_and_waits_for_nobody(cell):
    assert refuses(cell)
    assert not telling("", cell)


@pytest.mark.parametrize("cell", ["plus d'adresse mail", "pas d'adresse e-mail", "geen mailadres"])
def test_who_has_no_address_refuses_no_texts(cell):
    assert not refuses(cell)


@pytest.mark.parametrize(
    ("cell", "waits"),
    [
        *((name, True) for name in cells("Dupont (†)|Dupont †|† Noël|Noël (verstorben)|Dupont DCD|Dupont - décédé")),
        *((name, True) for name in cells("Dupont (+)|+ Dupont|Dupont (parti)|Maes (verhuisd)|Peters (verzogen)")),
        *((name, False) for name in cells("Mme Lecrit|Mort|Le Mort|Parti|De Doodt|Anne + Luc|Weg|Tod|Van der Weg")),
        *((name, False) for name in cells("Dupont-Parti|Radié|Maes (Marie)|Peeters - Maes|Dupont/Durand")),
    ],
)
def test_a_name_tells_it_in_an_addition_alone(cell, waits):
    assert bool(telling("last_name", cell)) is waits


@pytest.mark.parametrize(
    ("column", "cell", "waits"),
    [
        ("street", "rue du Mort", False),
        ("address", "Weg 12, 4700 Eupen", False),
        ("street", "rue Haute (a déménagé)", True),
        ("mobile", "0470 00 00 01 (décédé)", True),
        ("mobile", "+32.47.00.00.01", False),
        ("unrelated", "démissionné", True),
        ("email", "parti@example.org", False),
        ("email", "décédé", True),
        ("email", "a@example.org † 2022", True),
        ("", "\uff0b 12/2020", True),
        ("mobile", "†", True),
        ("mobile", "0470 00 00 01 plus attribué", True),
        ("mobile", "oud 0470 00 00 01 nieuw 0470 00 00 02", True),
        ("mobile", "0470 00 00 01 (nouveau)", False),
        *(("mobile", cell, True) for cell in cells(OF_OTHERS)),
        *(("mobile", cell, False) for cell in cells(THEIRS)),
        ("landline", "04 223 44 55 (son fils)", False),
        ("landline", "0470 00 00 01 (son fils)", True),
        ("", "gsm de sa fille 0470 00 00 01", False),
        ("role", "ex-membre", True),
        ("role", "Anc. membre", True),
        ("role", "coordinateur", False),
    ],
)
def test_where_a_remark_may_stand(column, cell, waits):
    assert bool(telling(column, cell)) is waits


def test_nothing_is_written_of_a_row_that_waits(database, now):
    report = take("nom;gsm;quartier;Statut\nA;0470000001;Ehein;Inactif\nB;0470000002;Ehein;actif", now)
    assert [card.last_name for card in everyone()] == ["B"]
    assert [(row.line, row.waits) for row in report.refused] == [(2, True)]
