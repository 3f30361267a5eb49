"""The list at work: a group and a street, a number that gets nothing three times, and the yearly question to 300."""

from datetime import timedelta

import pytest

from base.settings.reading import load_settings
from console.web.app import create_app
from db.engine.clock import utc_now
from db.people.members.renewal import asked_members, open_renewal
from plp.jobs.welcome import ask_renewal, watch_numbers
from plp.services.accounts.rights import add_account
from plp.services.people.care import begin_renewal
from plp.services.people.groups import put_into_group, save_group
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from tests.console.conftest import PASSWORD, Browser, words
from tests.e2e.box import eventually, mobile
from tests.e2e.partnership import world
from tests.support.sampling import LEFT_TO_SOAK

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

DEAD = 3
STREET, GROUP = "Rue Haute", "Commerçants"


def people(now):
    """Seven members: 0 coordinates, 1 to 3 live in the street, 3 and 4 are in the group; 5 and 6 in neither."""
    here, there = (save_neighbourhood(None, name, "", "test", now) for name in ("Rotheux", "Plainevaux"))
    ids = []
    for number in range(7):
        street = STREET if number in (1, 2, DEAD) else "Rue Basse"
        draft = MemberDraft(
            f"Prénom{number}", "Nom", mobile(number), f"m{number}@example.org", "fr",
            here if number < 4 else there, "coordinator" if number == 0 else "member", mail_group=True, street=street,
        )  # fmt: skip
        ids.append(save_member(None, draft, "test", now))
    group = save_group(None, GROUP, None, "test", now)
    put_into_group(group, [ids[DEAD], ids[4]], "test", now)
    add_account("Ida", ["coordinator"], PASSWORD, "test", now, email="m0@example.org")


def test_a_group_and_a_street_and_a_number_that_gets_nothing(make_box):
    box = make_box("a")
    box.start_simulator("a", "--fault", f"number:{mobile(DEAD)}=report:99")
    with box.reading():
        people(utc_now())
    box.start("modem")
    eventually("a modem", box.ready_modems)
    whom = ("--group", GROUP, "--street", STREET)
    for text in ("Fuite de gaz.", "Fuite de gaz, rue fermée.", "Fuite de gaz, rue rouverte."):
        alert = int(box.json("broadcast", "send", *whom, "--text", text, "--yes")["id"])
        eventually("its end", lambda alert=alert: box.counts(alert) == {"delivered": 3, "undelivered": 1})
        assert sorted(record["to"] for record in box.log("a") if record["text"].startswith(text)) == [
            mobile(number) for number in (1, 2, DEAD, 4)
        ]
        with box.reading():
            watch_numbers(load_settings(box.config), utc_now() + timedelta(minutes=11))
        listed = dead_of_coordinator(box)
        assert ("Prénom3" in listed) == text.endswith("rouverte.")
    assert not any(f"Prénom{number}" in listed for number in (1, 2, 4, 5, 6))


def dead_of_coordinator(box):
    """The coordinator's page, in the console over the box's database."""
    browser = Browser(create_app(load_settings(box.config)).test_client())
    assert browser.post("/login", {"name": "Ida", "password": PASSWORD}).status_code == 302
    return words(browser.get("/my-neighbourhood"))


@LEFT_TO_SOAK  # tests/db/people/test_renewal.py asks three hundred without the processes
def test_three_hundred_are_asked_and_end_on_the_right_three_lists(make_box):
    box = make_box("a", sending="undo_seconds = 0\nstops_per_hour = 1000")
    with box.config.open("a") as config:
        config.write("messages_per_minute = 0\n")
    box.start_simulator("a", "--control", "a.control", "--submit-ms", "1", "--report-ms", "1")
    box.import_members(300)
    for process in ("modem", "jobs"):
        box.start(process)
    eventually("a modem", box.ready_modems)
    with box.reading():
        renewal = begin_renewal(utc_now() + timedelta(days=30), "test", utc_now())

    def asked():
        with box.reading():  # at once: the jobs ask some every twenty seconds, and nobody while the modem is not ready
            ask_renewal(load_settings(box.config), utc_now())
        return len(box.log("a")) == 300

    eventually("all are asked", asked)
    assert {record["to"] for record in box.log("a")} == {mobile(number) for number in range(300)}
    for number in range(30):
        world(box, f"inbound {mobile(number)} {'STOP' if number % 3 else 'Oui merci'}")

    def counted():
        with box.reading():
            card = open_renewal()
        return card.stay, card.leave, card.silent

    eventually("their answers", lambda: counted() == (10, 20, 270))
    with box.reading():
        stay, leave, silent = (
            {row.member.mobile for row in asked_members(renewal, answer, per_page=500).rows}
            for answer in ("yes", "no", "")
        )
    assert stay == {mobile(number) for number in range(0, 30, 3)}
    assert leave == {mobile(number) for number in range(30) if number % 3}
    assert silent == {mobile(number) for number in range(30, 300)}
