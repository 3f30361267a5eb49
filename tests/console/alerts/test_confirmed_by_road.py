"""The confirm page's numbers of mails and calls are those of the alert that is then sent, whoever is in the list."""

import re
from dataclasses import replace

import pytest

from db.alerts.incidents.left_out import people_left_out
from db.alerts.incidents.roads import Roads, roads
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast
from db.models.mail import Mail
from db.models.people import Member
from plp.jobs.bulletins import mail_alerts
from plp.settings.values import MailSettings
from tests.console.alerts.scene import FAR, NEAR, draft, follow_up, send
from tests.console.conftest import words
from tests.support.people import later, mobile, person

LATE = re.compile(r"Dès l'envoi, e-mails : (\d+) ; personnes à appeler : (\d+)\.")
INSTEAD = re.compile(r"(\d+) sans GSM \(e-mails : (\d+) ; à appeler : (\d+)\)")


def list_of_people():
    """Near and far; `QUIET` have a pause."""
    now = utc_now()
    address = {number: {"email": f"p{number}@example.org"} for number in range(20)}
    person(0, now, NEAR, **address[0])
    person(1, now, NEAR)
    person(2, now, FAR, **address[2], other_places=NEAR)
    person(3, now, NEAR, **address[3])  # quiet
    person(4, now, NEAR)  # quiet
    # One telephone: the first is quiet and has an address, the second is neither.
    person(5, now, NEAR, **address[5])
    shares(person(6, now, NEAR), 5)
    # One telephone: the second has an address and refused.
    person(7, now, FAR)
    shares(person(8, now, FAR, **address[8], sms=False), 7)
    person(9, now, NEAR, **address[9], sms=False)
    person(10, now, NEAR, mobile="", **address[10])
    person(11, now, NEAR, mobile="", landline="+3242001122")
    person(12, now, FAR, mobile="", landline="+3242001133", **address[12])
    paused = Member.mobile.in_([mobile(3), mobile(4)]) | (Member.email == "p5@example.org")
    Member.update(quiet_until="2099-12-31").where(paused).execute()


def shares(member, number):
    Member.update(mobile=mobile(number)).where(Member.id == member).execute()


@pytest.fixture
def officer(sign_in, app):
    mail = MailSettings(sender="plp@example.be")
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=mail)
    send_as(mail)
    with connected(), writing():
        list_of_people()
    yield sign_in("officer"), app.config["PLP_SETTINGS"]
    send_as(None)


@pytest.mark.parametrize("whom", [{"audience": "all"}, {"audience": "some", "neighbourhood": [NEAR]}])
@pytest.mark.parametrize("quiet", ["ring", "spare"])
def test_mails_and_calls_are_those_that_were_confirmed(officer, ready_modem, whom, quiet):
    page, settings = officer
    shown = words(page.post("/alerts/confirm", draft(quiet=quiet, **whom)))
    mails, calls = map(int, LATE.search(shown).groups())
    without = int(re.search(r"(\d+) sans GSM", shown)[1])
    assert not INSTEAD.search(shown), "one sentence about who is called, not two"
    people = int(re.search(r"Destinataires (\d+) personnes?", shown)[1])
    assert send(page, typed=people, quiet=quiet, no_sms="yes", **whom).status_code == 303
    now = later(utc_now(), 60)
    with connected():
        mail_alerts(settings, now)
        Mail.update(state="accepted").execute()
        assert roads(progress(1, now)) == Roads(0, mails, 0, calls)
        to_call = {one.mobile or one.name for one in people_left_out(1, now) if one.by_phone}
        addresses = {mail.address for mail in Mail.select()}
    assert mails + calls == people + without
    assert {"p8@example.org", "p9@example.org"}.isdisjoint(addresses), "nobody who refused"
    assert ("p3@example.org" in addresses) == (quiet == "ring"), "nobody who was spared"
    ready_modem()
    instead = int(INSTEAD.search(words(page.post("/alerts/confirm", draft(quiet=quiet, **whom))))[2])
    assert instead == sum(address in addresses for address in ("p10@example.org", "p12@example.org"))
    assert len(to_call - {mobile(5)}) == calls, "each by name, but for a telephone that somebody reads mails at"


@pytest.mark.parametrize(("kind", "rest"), [("end", ""), ("correction", "yes"), ("correction", "")])
def test_what_follows_goes_to_as_many_as_its_page_counted(officer, kind, rest):
    page, settings = officer
    assert send(page, typed=7, no_sms="yes").status_code == 303
    now = later(utc_now(), 60)
    with connected():
        mail_alerts(settings, now)
        Mail.update(state="accepted").execute()
        landline = next(one for one in people_left_out(1, now) if one.name.endswith("011"))
    page.post("/alerts/1/called", {"member": landline.member_id})
    form = page.get(f"/alerts/1/follow-up?kind={kind}")
    fields = follow_up(form, "Le vol a eu lieu rue Basse.", kind, **({"rest": rest} if rest else {}))
    counted = page.post("/alerts/1/follow-up", {**fields, "do": "count"})
    assert page.post("/alerts/1/follow-up", fields).status_code == 303
    with connected():
        mail_alerts(settings, later(now, 60))
        Mail.update(state="accepted").execute()
        sent = [progress(row.id, later(now, 60)) for row in Broadcast.select().where(Broadcast.id > 1)]
        by_road = [roads(one) for one in sent]
    shown = words(counted).partition("Nouveau message")[2]
    told = int(re.search(r"(\d+) personnes? qui ont reçu", shown)[1])
    others = int(re.search(r"(\d+) personnes? qui n'ont rien reçu", shown)[1]) if rest else 0
    assert [one.people for one in by_road] == [told, others][: 1 + bool(rest)]
    assert by_road[0].mail == 6, "by mail as the alert was"
    assert by_road[0].not_reached == 1, "who was called is called again"
