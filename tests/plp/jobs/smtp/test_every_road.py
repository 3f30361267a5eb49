"""An alert while no modem can send: it is taken, everybody with an address is mailed, the others are named to be
called, and the SMS follow when a modem is back; every count adds up to the people whom it was for.
"""

from collections import Counter
from dataclasses import asdict

import pytest

from base.settings.values import Settings
from db.alerts.incidents.left_out import PATIENCE, mark_called, people_left_out
from db.alerts.incidents.reach import reach
from db.alerts.incidents.roads import Roads, people_by_road, roads
from db.alerts.progress.progress import progress
from db.engine.connection import writing
from db.models.broadcasts import Broadcast, Part
from db.models.mail import Mail
from db.people.zone import Policy, write_policy
from plp.jobs.bulletins import mail_alerts
from plp.services.broadcasts import skip_reached
from plp.services.contract_json import progress_shape
from rules.refusals import WrongState
from tests.plp.jobs.smtp.letters import settings as mail_settings
from tests.plp.jobs.smtp.roads import request, sends
from tests.support.people import later, order, person, ready_modem

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow, pytest.mark.both]

# A tenth of the alert that the requirement names: 250 mobiles, 210 addresses, 20 landlines alone.
MOBILES, ADDRESSES, LANDLINES = 25, 21, 2
PEOPLE = 30
WITHOUT = PEOPLE - MOBILES
WITH_BOTH = ADDRESSES - (PEOPLE - MOBILES - LANDLINES)


@pytest.fixture
def house(tmp_path, office, now):
    """25 mobiles, 18 of them with an address; 3 with an address alone; 2 with a landline alone."""
    for number in range(PEOPLE):
        values = {"email": f"p{number}@example.org"} if number < WITH_BOTH else {}
        if number >= MOBILES:
            values = {"mobile": "", "email": f"p{number}@example.org"}
        if number >= PEOPLE - LANDLINES:
            values = {"mobile": "", "landline": f"+3242{number:06}"}
        person(number, now, **values)
    return Settings(tmp_path / "config.ini", tmp_path, mail=mail_settings(office.port))


def of(number, now):
    shown = progress(number, now)
    counted, people = asdict(reach(shown, now)), Counter(one.standing for one in people_by_road(shown, now))
    assert people == +Counter(counted), "named, they are as many"
    return roads(shown)


def test_ten_minutes_without_a_modem(house, office, carry, now):
    alert = order(now)
    assert (alert.state, alert.recipients) == ("queued", MOBILES)
    assert of(alert.id, now) == Roads(0, 0, 0, PEOPLE)
    assert mail_alerts(house, later(now, 2))
    carry(office, later(now, 3))
    assert len(office.readers) == len(set(office.readers)) == ADDRESSES
    to_call = [one for one in people_left_out(alert.id) if one.by_phone]
    assert len(to_call) == PEOPLE - ADDRESSES
    assert sum(one.numbers != () for one in to_call) == PEOPLE - ADDRESSES, "each with a number to call"
    with writing():
        for one in to_call[:4]:
            mark_called(alert.id, one.member_id, True, "test", later(now, 60))
    assert of(alert.id, later(now, 60)) == Roads(0, ADDRESSES, 4, PEOPLE - ADDRESSES - 4)
    back = later(now, 600)
    assert sends(ready_modem("a", back), back) == MOBILES
    mail_alerts(house, back)
    carry(office, back)
    assert len(office.readers) == ADDRESSES, "nobody twice by the same road"
    at_the_end = of(alert.id, back)
    called_without_mobile = sum(one.member_id > MOBILES for one in to_call[:4])
    assert at_the_end == Roads(MOBILES, WITHOUT - LANDLINES, called_without_mobile, LANDLINES - called_without_mobile)
    assert sum(progress_shape(progress(alert.id, back), back)["roads"].values()) == PEOPLE


def test_who_was_told_otherwise_gets_no_late_sms_if_the_officer_says_so(house, office, carry, now):
    alert = order(now)
    with pytest.raises(WrongState, match="déjà alertée"):
        skip_reached(alert.id, request(now))
    mail_alerts(house, now)
    with pytest.raises(WrongState):
        skip_reached(alert.id, request(now))  # a mail that waits has told nobody
    carry(office, now)
    assert skip_reached(alert.id, request(now)) == WITH_BOTH
    back = later(now, 600)
    assert sends(ready_modem("a", back), back) == MOBILES - WITH_BOTH
    assert of(alert.id, back) == Roads(MOBILES - WITH_BOTH, ADDRESSES, 0, LANDLINES)
    assert Part.select().where(Part.reason == "otherwise").count() == WITH_BOTH


def test_modems_that_go_away_in_mid_alert(house, office, carry, now):
    modem = ready_modem("a", now)
    alert = order(now)
    assert sends(modem, now, most=10) == 10
    ready_modem("a", later(now, 5), state="absent")
    mail_alerts(house, later(now, 20))
    assert Mail.select().count() == WITHOUT - LANDLINES, "a modem that is plugged in again at once is no reason"
    gone = later(now, PATIENCE.total_seconds() + 10)
    ready_modem("a", gone, state="absent")
    mail_alerts(house, gone)
    carry(office, gone)
    assert len(office.readers) == ADDRESSES - 10, "who has the SMS gets no mail besides"
    assert of(alert.id, gone) == Roads(10, ADDRESSES - 10, 0, PEOPLE - ADDRESSES)
    back = later(gone, 60)
    assert sends(ready_modem("a", back), back) == MOBILES - 10


def test_a_zone_that_mails_every_alert(house, office, carry, now):
    write_policy(Policy(mail_always=True))
    modem = ready_modem("a", now)
    alert = order(now)
    mail_alerts(house, now)
    carry(office, now)
    assert len(office.readers) == ADDRESSES
    assert sends(modem, now) == MOBILES
    assert [one.member_id > MOBILES for one in people_left_out(alert.id)] == [True] * WITHOUT
    assert of(alert.id, now) == Roads(MOBILES, WITHOUT - LANDLINES, 0, LANDLINES)


def test_with_modems_a_mail_goes_to_nobody_who_has_a_mobile(house, office, carry, now):
    sends(ready_modem("a", now), order(now) and now)
    mail_alerts(house, later(now, 120))
    assert Mail.select().count() == WITHOUT - LANDLINES
    assert Broadcast.get().by_mail == ""
