"""A correction and an end go to whoever had the alert by any way, by that way; the others wait as they did for the
alert. What one thread says of its people adds up to them.
"""

import pytest

from base.settings.values import SendingSettings, Settings
from db.alerts.incidents.left_out import mark_called, people_left_out
from db.alerts.incidents.roads import Roads, people_by_road, roads
from db.alerts.progress.progress import progress
from db.alerts.values import FollowUpOrder
from db.engine.connection import writing
from db.models.mail import Mail
from plp.jobs.bulletins import mail_alerts
from plp.services import broadcasts
from plp.services.orders.following_up import follow_up
from rules.refusals import WrongState
from tests.plp.jobs.smtp.letters import settings as mail_settings
from tests.plp.jobs.smtp.roads import request, sends
from tests.support.people import later, order, person, ready_modem

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow, pytest.mark.both]

TEXT = "Le vol a eu lieu rue Basse, non rue Haute."
# Two with a mobile and an address, three with a mobile; without a mobile: two with an address, two with a landline.
BOTH, MOBILES, ADDRESSES, LANDLINES = (0, 1), (2, 3, 4), (5, 6), (7, 8)
PEOPLE = 9


@pytest.fixture
def house(tmp_path, office, now):
    for number in range(PEOPLE):
        values = {"email": f"p{number}@example.org"} if number in (*BOTH, *ADDRESSES) else {}
        if number in (*ADDRESSES, *LANDLINES):
            values |= {"mobile": ""}
        if number in LANDLINES:
            values |= {"landline": f"+3242{number:06}"}
        person(number, now, **values)
    return Settings(tmp_path / "config.ini", tmp_path, mail=mail_settings(office.port))


def of(number, now):
    return roads(progress(number, now))


def to_call(number):
    return [one.name for one in people_left_out(number) if one.by_phone and not one.called_at]


def follows(original, kind, now, for_rest=False):
    wanted = FollowUpOrder(original, kind, "test")
    sending = SendingSettings(undo_seconds=0)
    placed, rest = follow_up({"fr": TEXT}, progress(original, now), wanted, sending, now, for_rest=for_rest)
    return progress(placed, now), progress(rest, now) if rest is not None else None


def alerted(house, office, carry, now):
    """No modem: four were mailed, one with a landline was called, four have nothing."""
    alert = order(now)
    mail_alerts(house, now)
    carry(office, now)
    with writing():
        called = next(one for one in people_left_out(alert.id) if one.by_phone and not one.mobile)
        mark_called(alert.id, called.member_id, True, "test", now)
    assert of(alert.id, now) == Roads(0, 4, 1, 4)
    return alert.id


def test_a_correction_of_what_went_out_by_mail_and_calls_alone(house, office, carry, now):
    alert = alerted(house, office, carry, now)
    correction, rest = follows(alert, "correction", later(now, 60), for_rest=True)
    assert progress(alert, now).state == "cancelled"
    assert (correction.recipients, rest.recipients) == (len(BOTH), len(MOBILES))
    assert (of(correction.id, now), of(rest.id, now)) == (Roads(0, 0, 0, 5), Roads(0, 0, 0, 4))
    mail_alerts(house, later(now, 62))
    carry(office, later(now, 63))
    assert sorted(office.readers[4:]) == sorted(office.readers[:4]), "who read the alert"
    assert of(correction.id, now) == Roads(0, 4, 0, 1)
    assert len(to_call(correction.id)) == 1, "who was called is called again"
    assert len(to_call(rest.id)) == len(MOBILES) + 1
    back = later(now, 600)
    assert sends(ready_modem("a", back), back) == len(BOTH) + len(MOBILES)
    mail_alerts(house, back)
    carry(office, back)
    assert len(office.readers) == 8, "nobody twice by the same road"
    assert of(correction.id, back) == Roads(2, 2, 0, 1)
    assert of(rest.id, back) == Roads(3, 0, 0, 1)
    assert of(alert, back) == Roads(0, 4, 1, 4), "of the alert it stays what it was"
    assert (
        sum(1 for number in (correction.id, rest.id) for _one in people_by_road(progress(number, back), back)) == PEOPLE
    )


def test_an_end_goes_to_whoever_knows_of_it(house, office, carry, now):
    alert = alerted(house, office, carry, now)
    end, _none = follows(alert, "end", later(now, 60))
    assert (end.recipients, of(end.id, now).people) == (len(BOTH), 5)
    mail_alerts(house, later(now, 62))
    carry(office, later(now, 63))
    assert of(end.id, now) == Roads(0, 4, 0, 1)


def test_who_had_it_has_no_mobile(tmp_path, office, carry, now):
    """Nobody gets an SMS of this correction, and it is taken all the same."""
    person(1, now)
    person(2, now, mobile="", email="p2@example.org")
    house = Settings(tmp_path / "config.ini", tmp_path, mail=mail_settings(office.port))
    alert = order(now)
    mail_alerts(house, now)
    carry(office, now)
    correction, rest = follows(alert.id, "correction", later(now, 60), for_rest=True)
    assert (correction.recipients, correction.state, rest.recipients) == (0, "finished", 1)
    mail_alerts(house, later(now, 62))
    carry(office, later(now, 63))
    assert (of(correction.id, now), of(rest.id, now)) == (Roads(0, 1, 0, 0), Roads(0, 0, 0, 1))
    assert office.readers == ["p2@example.org"] * 2


def test_what_told_nobody_is_stopped_and_not_corrected(house, now):
    alert = order(now)
    mail_alerts(house, now)
    with pytest.raises(WrongState, match="arrêtez-le"):
        follows(alert.id, "correction", later(now, 1), for_rest=True)
    assert progress(alert.id, now).state == "queued"


def test_a_stop_stops_the_mails_that_wait(house, office, carry, now):
    alert = order(now)
    mail_alerts(house, now)
    assert Mail.select().where(Mail.state == "queued").count() == 4
    broadcasts.cancel(alert.id, request(now))
    assert (carry(office, now), office.readers) == (0, [])
    assert of(alert.id, now) == Roads(0, 0, 0, PEOPLE)


def test_a_second_correction_goes_to_whoever_had_the_corrected_alert(house, office, carry, now):
    alert = alerted(house, office, carry, now)
    _correction, rest = follows(alert, "correction", later(now, 60), for_rest=True)
    with writing():
        for one in people_left_out(rest.id):
            mark_called(rest.id, one.member_id, True, "test", later(now, 90))
    end, _none = follows(alert, "end", later(now, 120))
    assert of(end.id, later(now, 120)).people == PEOPLE
    assert end.recipients == len(BOTH) + len(MOBILES)


def test_what_is_over_is_mailed_to_nobody(house, office, carry, now):
    """The jobs were away: when they come back, the alert is over for whoever did not hear of it."""
    modem = ready_modem("a", now)
    alert = order(now)
    sends(modem, now)
    ready_modem("a", later(now, 60))
    follows(alert.id, "end", later(now, 60))
    mail_alerts(house, later(now, 62))
    assert Mail.select().count() == 0
