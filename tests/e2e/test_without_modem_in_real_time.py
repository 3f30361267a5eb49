"""An alert to 300 people while no modem is plugged in, in real time: the jobs mail everybody with an address through a
real SMTP server, at the pace of the configuration as it is shipped; then a modem comes and the SMS follow.
"""

import time
from collections import Counter
from dataclasses import asdict

import pytest

from db.alerts.incidents.reach import reach
from db.alerts.incidents.roads import Roads, people_by_road, roads
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.engine.connection import reading
from tests.e2e.box import eventually, mobile
from tests.support.rosters import import_members

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

MOBILES, ADDRESSES, LANDLINES = 250, 210, 20
PEOPLE = 300
WITH_BOTH = ADDRESSES - (PEOPLE - MOBILES - LANDLINES)
MAILED_WITHIN_S = 60
# As in life: most have their address at one of three.
PROVIDERS = ("gmail.example", "gmail.example", "hotmail.example", "skynet.example")


@pytest.fixture
def box(make_box, office):
    made = make_box("a")
    with made.config.open("a") as config:
        config.write(f"[mail]\nsmtp = 127.0.0.1:{office.port}\nfrom = plp@zone.example.be\n")
    with made.reading():
        assert import_members(list_of_people().encode(), "members.csv", "test", utc_now()).added == PEOPLE
    for process in ("modem", "jobs"):
        made.start(process)
    return made


def list_of_people():
    lines = ["first_name,last_name,mobile,landline,email,language,neighbourhood"]
    for number in range(PEOPLE):
        phone = mobile(number) if number < MOBILES else ""
        landline = f"+3242{number:06}" if number >= PEOPLE - LANDLINES else ""
        has_address = number < WITH_BOTH or MOBILES <= number < PEOPLE - LANDLINES
        address = f"p{number}@{PROVIDERS[number % len(PROVIDERS)]}" if has_address else ""
        lines.append(f"Prénom{number},Nom{number},{phone},{landline},{address},fr,Quartier{number % 3}")
    return "\n".join(lines)


def of(box, alert):
    with box.reading(), reading():  # of one moment: the last report may be on its way
        now = utc_now()
        shown = progress(alert, now)
        by_road = roads(shown)
        counted, people = asdict(reach(shown, now)), Counter(one.standing for one in people_by_road(shown, now))
    assert people == +Counter(counted)
    assert by_road.people == PEOPLE
    return by_road


def test_every_address_has_the_alert_within_a_minute_and_the_sms_follow(box, office):
    alert = box.send("Fuite de gaz rue de la Station. Restez chez vous.")
    began = time.monotonic()
    eventually("every address", lambda: len(office.readers) >= ADDRESSES, within_s=5 * MAILED_WITHIN_S, every_s=0.2)
    mailed_s = time.monotonic() - began
    print(f"{ADDRESSES} addresses mailed after {mailed_s:.1f} s")
    assert mailed_s < MAILED_WITHIN_S
    assert len(set(office.readers)) == len(office.readers) == ADDRESSES
    eventually("the last answer", lambda: of(box, alert) == Roads(0, ADDRESSES, 0, PEOPLE - ADDRESSES))
    box.start_simulator("a", "--submit-ms", "20")
    eventually("the SMS", lambda: box.state(alert) == "finished", within_s=120)
    print(f"the last SMS after {time.monotonic() - began:.1f} s")
    sent = Counter(record["to"] for record in box.log("a"))
    assert set(sent) == {mobile(number) for number in range(MOBILES)}
    assert set(sent.values()) == {1}, "nobody twice by the same road"
    assert len(office.readers) == ADDRESSES
    eventually("the last report", lambda: of(box, alert) == Roads(MOBILES, PEOPLE - MOBILES - LANDLINES, 0, LANDLINES))
