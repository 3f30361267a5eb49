"""What an answer says: one part, whom to call, in the language of who wrote."""

import pytest

from db.models.zone import DirectoryEntry
from db.people.zone import ZoneCard, station_of
from modem.sms.composition import count
from plp.jobs.autoreply import answer_text
from rules.replies.values import Answer, SenderCard

LANGUAGES = ("fr", "nl", "de", "en")
HOUSE = ZoneCard("Police locale Seraing/Neupré", "5278", "101", "04/330 40 00")
STATION = "04/330 58 71"
MEMBER = SenderCard(True, "fr", "plp.quartier.30@example.org".rjust(30, "x"), False)
NOBODY = SenderCard(False, "", "", False)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("answer", [Answer.NOT_READ, Answer.STOPPED, Answer.STARTED])
@pytest.mark.parametrize("sender", [MEMBER, NOBODY], ids=["member", "stranger"])
def test_one_part_that_says_whom_to_call(language, answer, sender):
    text = answer_text(answer, language, sender, HOUSE, STATION)
    counted = count(text.text)
    assert (counted.encoding, counted.parts) == ("gsm7", 1)
    assert "101" in text.text
    assert "04/330 40 00" in text.text
    assert "{" not in text.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_member_gets_the_address_and_a_stranger_the_station(language):
    mine = answer_text(Answer.NOT_READ, language, MEMBER, HOUSE, STATION).text
    theirs = answer_text(Answer.NOT_READ, language, NOBODY, HOUSE, STATION).text
    assert MEMBER.reference_address in mine
    assert STATION not in mine
    assert STATION in theirs
    assert "@" not in theirs


def test_a_member_without_an_address_is_told_the_station():
    sender = SenderCard(True, "nl", "", False)
    assert STATION in answer_text(Answer.NOT_READ, "nl", sender, HOUSE, STATION).text


@pytest.mark.parametrize("answer", [Answer.NOT_READ, Answer.STOPPED, Answer.STARTED])
@pytest.mark.parametrize("zone", ["Œ" * 40, "Z" * 120, "警察"])
def test_what_does_not_fit_is_left_out_before_the_numbers_are(answer, zone):
    long = SenderCard(True, "fr", "a" * 64 + "@" + "b" * 60 + ".example.org", False)
    text = answer_text(answer, "fr", long, ZoneCard(zone, "", "101", "04/330 40 00"), "9" * 100)
    assert (count(text.text).encoding, count(text.text).parts) == ("gsm7", 1)
    assert "101 ou 04/330 40 00" in text.text


def test_a_zone_without_a_number_of_its_own():
    text = answer_text(Answer.NOT_READ, "fr", NOBODY, ZoneCard("Zone", "", "101", ""), "")
    assert text.text == "Réponse automatique: ce numéro n'est pas suivi en permanence. Urgence: 101."


@pytest.mark.usefixtures("database")
def test_the_station_is_the_directory_s():
    assert station_of("").contact == STATION
    DirectoryEntry.update(service="Wijkpolitie Neupré", contact="04/1").where(
        DirectoryEntry.service.contains("Proximité")
    ).execute()
    assert station_of("").contact == "04/1"
    DirectoryEntry.delete().where(DirectoryEntry.contact == "04/1").execute()
    assert station_of("") is None
