"""The confirm page's numbers of mails and calls are those of the alert that is then sent, whoever is in the list."""

import re
from dataclasses import replace

import pytest

from base.settings.values import MailSettings
from db.alerts.incidents.left_out import people_left_out
from db.alerts.incidents.roads import Roads, roads
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast
from db.models.mail import Mail
from db.models.people import Member
from db.operations.plan_b import unreached
from plp.jobs.bulletins import mail_alerts
from tests.console.alerts.scene import FAR, NEAR, draft, follow_up, modem_does, send
from tests.console.conftest import words
from tests.support.people import later, mobile, person

LATE = re.compile(
    r"(\d+) personnes : (\d+) reçoivent un e-mail tout de suite, (\d+) sont à appeler"
    r"(?:, (\d+) sans aucun numéro connu)?\."
)
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


def add_who_has_no_mobile():
    """Two with a landline in quiet hours."""
    now = utc_now()
    quiet = [person(number, now, NEAR, mobile="", landline=f"+32420011{number}") for number in (13, 14)]
    Member.update(quiet_until="2099-12-31").where(Member.id.in_(quiet)).execute()


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
    _whole, mails, calls, _unknown = LATE.search(shown).groups()
    mails, calls = int(mails), int(calls)
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


@pytest.mark.parametrize("quiet", ["ring", "spare"])
def test_the_sentence_without_a_modem_adds_up_and_spares_landlines_too(officer, quiet):
    page, settings = officer
    with connected(), writing():
        add_who_has_no_mobile()
    shown = words(page.post("/alerts/confirm", draft(quiet=quiet)))
    assert shown.count("aucun SMS n'est envoyé maintenant") == 1
    whole, mails, calls = map(int, LATE.search(shown).groups()[:3])
    assert whole == mails + calls == (12 if quiet == "ring" else 8)
    assert re.search("4 personnes [^.]*heures calmes", shown), "two of them without a mobile"
    typed = re.search(r"Destinataires (\d+) personnes", shown)[1]
    assert send(page, typed=typed, quiet=quiet, no_sms="yes").status_code == 303
    now = later(utc_now(), 60)
    with connected():
        mail_alerts(settings, now)
        Mail.update(state="accepted").execute()
        assert roads(progress(1, now)) == Roads(0, mails, 0, calls)
        assert Broadcast.get().quiet == (0 if quiet == "ring" else 4)
        to_call = {one.name[-3:] for one in people_left_out(1, now) if one.by_phone}
        assert {"013", "014"} & to_call == ({"013", "014"} if quiet == "ring" else set())
        unreached_by_sheet = {one.name[-3:] for one in unreached(1)[1]}
        assert {"013", "014"} & unreached_by_sheet == {"013", "014"} & to_call, "plan B lists the same"
    assert "2 sans GSM" not in words(page.get("/alerts/1"))


@pytest.mark.parametrize("rest", ["", "yes"])
def test_a_correction_goes_to_nobody_who_had_nothing_and_its_alert_to_them_if_wanted(officer, ready_modem, rest):
    page, settings = officer
    ready_modem()
    assert send(page, typed=7).status_code == 303
    modem_does(["sent"] * 7)
    now = later(utc_now(), 60)
    with connected():
        mail_alerts(settings, now)
        Mail.update(state="accepted").execute()
    form = page.get("/alerts/1/follow-up?kind=correction")
    assert "1 personne qui n'ont rien reçu" in words(form).replace("n'a rien", "n'ont rien"), "the landline"
    fields = follow_up(form, "Fausse alerte.", "correction", **({"rest": rest} if rest else {}))
    assert page.post("/alerts/1/follow-up", fields).status_code == 303
    with connected():
        lists = {row.kind: {one.name[-3:] for one in people_left_out(row.id)} for row in Broadcast.select()}
    if rest:
        assert "1 personne" in words(page.get("/alerts/3")), "who is called, although it has no SMS"
        assert page.get("/alerts/3/dossier").status_code == page.get("/alerts/3/people").status_code == 200
    assert lists.pop("alert") >= {"011"}
    assert "011" not in lists.pop("correction")
    assert lists == ({"corrected": {"011"}} if rest else {})
