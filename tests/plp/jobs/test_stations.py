"""Two police stations, four neighbourhoods: whoever writes is pointed to the station of theirs, by every way."""

import pytest

from db.models.zone import DirectoryEntry
from db.people.neighbourhoods import neighbourhood_values
from db.people.zone import directory, officer_of, station_of
from plp.jobs.autoreply import answer_texts
from plp.jobs.imap.replying import send_replies
from plp.services.people.neighbourhoods import save_neighbourhood
from rules.refusals import FieldRefusal
from tests.plp.jobs.answering import SETTINGS, STRANGER, comes, went_back
from tests.support.inbox import pointed_to_station, text
from tests.support.people import mobile, person, place, ready_modem

pytestmark = pytest.mark.usefixtures("database")

SERAING, NEUPRE = "04/330 11 11", "04/330 58 71"
PLACES = {"Plainevaux": NEUPRE, "Rotheux": NEUPRE, "Jemeppe": SERAING, "Ougrée": SERAING}


@pytest.fixture
def stations(now):
    """The first of the directory is Neupré's; two neighbourhoods belong to Seraing's, and have a local officer."""
    DirectoryEntry.create(position=90, service="Commissariat de Seraing", purpose="", contact=SERAING)
    DirectoryEntry.create(position=91, service="Inspecteur de quartier", purpose="", contact="0475 00 00 07")
    seraing, officer = (entry.id for entry in directory()[-2:])
    for number, (name, contact) in enumerate(PLACES.items(), 1):
        chosen = {"station": seraing, "officer": officer} if contact == SERAING else {}
        save_neighbourhood(None, name, "", "anne", now, **chosen)
        person(number, now, name)
    ready_modem("a", now)


def test_an_automatic_answer_names_the_station_of_whoever_wrote(now, stations):
    for number in range(1, 5):
        comes("Qui êtes-vous ?", mobile(number), now)
    comes("Qui êtes-vous ?", STRANGER, now)
    answer_texts(SETTINGS, now)
    answers = dict(went_back())
    assert {name: contact in answers[mobile(number)] for number, (name, contact) in enumerate(PLACES.items(), 1)} == (
        dict.fromkeys(PLACES, True)
    )
    assert NEUPRE in answers[STRANGER], "nobody knows where a stranger lives"


def test_an_officer_s_answer_points_to_the_same_one(now, stations):
    for number in range(1, 5):
        pointed_to_station(text(now, mobile(number), "Mon voisin fait du bruit"), "Anne", now)
    send_replies(SETTINGS, now)
    answers = dict(went_back())
    for number, contact in enumerate(PLACES.values(), 1):
        assert contact in answers[mobile(number)]


def test_a_number_that_is_deleted_leaves_the_first_station_and_no_officer(now, stations):
    assert (station_of("Jemeppe").contact, officer_of("Jemeppe").contact) == (SERAING, "0475 00 00 07")
    assert officer_of("Plainevaux") is None
    DirectoryEntry.delete().where(DirectoryEntry.position >= 90).execute()
    assert (station_of("Jemeppe").contact, officer_of("Jemeppe")) == (NEUPRE, None)


def test_a_number_that_is_gone_is_refused(now, stations):
    with pytest.raises(FieldRefusal, match="n'existe plus"):
        save_neighbourhood(None, "Boncelles", "", "anne", now, station=9_999)


def test_a_neighbourhood_that_is_renamed_keeps_its_station(now, stations):
    jemeppe = place("Jemeppe", now)
    chosen = neighbourhood_values(jemeppe)
    assert chosen.station
    save_neighbourhood(jemeppe, "Jemeppe-sur-Meuse", "", "anne", now, chosen.station, chosen.officer)
    assert station_of("Jemeppe-sur-Meuse").contact == SERAING
