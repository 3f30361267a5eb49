"""A modem that says that it is ready, and at which many SMS fail."""

from datetime import timedelta

from db.modems.status import modem_cards
from db.operations.incidents import open_incidents
from plp.jobs.alarms.telling import look
from tests.plp.jobs.alarm_looks import alive, box_in_order
from tests.support.outcomes import send


def test_a_ready_modem_that_refuses_a_third_is_an_incident_until_a_day_later(database, now):
    send(now, ["sent"] * 7 + ["CMS 38"] * 3 + ["sent"] * 7 + ["CMS 38"] * 3)
    told = "SMS des dernières 24 heures : 20. Refusés par le réseau : 6 ; sans réponse : 0."
    with box_in_order(database.parent, now) as settings:
        alive(now)
        look(settings, now)
        (card,) = modem_cards(now)
        assert (card.state, str(card.outcomes.told)) == ("ready", told)
        assert [(each.kind, each.subject) for each in open_incidents() if each.kind == "refusals"] == [
            ("refusals", "box/a")
        ]
        later = now + timedelta(hours=25)
        alive(later)
        look(settings, later)
        assert [each for each in open_incidents() if each.kind == "refusals"] == []
