"""A box is nobody's until somebody says whose it is; alerts and useful numbers follow its name."""

from pathlib import Path

import pytest

from base.settings.values import SendingSettings, ZoneSettings
from db.alerts.templates import wordings
from db.alerts.values import Order
from db.models.broadcasts import AlertWording
from db.models.zone import DirectoryEntry, Zone
from db.operations.installation import Installation
from db.people.audience import Audience
from db.people.zone import ZoneCard, directory
from plp.jobs.welcome import send_welcomes
from plp.services.machine import seed, unanswered
from plp.services.orders.placing import place
from plp.services.zone import name_zone
from rules.refusals import NotReady
from tests.support.people import person

SERAING = ZoneCard("Police locale Seraing/Neupré", "5278", "101", "04/330 40 00")
ELSEWHERE = ZoneCard("Police locale Ailleurs", "9999", "112", "02/000 00 00")


@pytest.fixture
def unnamed(database):
    """As a fresh database is where config.ini names no zone."""
    for table in (Zone, DirectoryEntry, AlertWording):
        table.delete().execute()
    seed(ZoneSettings())


@pytest.mark.usefixtures("unnamed")
def test_nothing_is_sent_in_the_name_of_nobody(now):
    person(1, now)
    with pytest.raises(NotReady, match="n'a pas encore de nom"):
        place({"fr": "Essai"}, Order(Audience(everyone=True), "alert", "urgent", "test"), SendingSettings(), now)
    assert not send_welcomes(SendingSettings(), now)
    assert unanswered() == ["name", "code", "phone"]
    assert directory() == []


@pytest.mark.usefixtures("unnamed")
def test_a_zone_whose_useful_numbers_are_known_gets_them_with_its_first_name(now):
    name_zone(ELSEWHERE, "test", now)
    name_zone(SERAING, "test", now)
    assert directory() == []
    Zone.update(name="").execute()
    name_zone(SERAING, "test", now)
    assert directory()[0].contact == "101 ou 04/330 40 00"
    assert unanswered() == []


def test_alerts_begin_with_the_zone_s_new_name_unless_somebody_chose_other_words(database, now):
    AlertWording.update(prefix="Politie hier:").where(AlertWording.language == "nl").execute()
    name_zone(ELSEWHERE, "test", now)
    assert {language: words.prefix for language, words in wordings().items()} == {
        "fr": "Police Ailleurs:",
        "nl": "Politie hier:",
        "de": "Polizei Ailleurs:",
        "en": "Police Ailleurs:",
    }
    assert wordings()["fr"].closing == "Urgence: 112"


def test_only_a_demonstration_has_a_zone_of_its_own():
    shipped = Path(__file__).parents[3] / "config.ini"
    assert Installation(shipped).settings().zone == ZoneSettings()
    assert Installation(shipped, demo=True).settings().zone.name == SERAING.name
