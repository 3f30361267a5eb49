"""Attempts to reach all members alone, at each door: an admin, a technician, a program, accounts of one person."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings, Settings
from db.alerts.orders.shared import waiting_texts
from db.journal import audit
from db.mail.enqueue import send_as
from db.models.accounts import Account
from db.models.broadcasts import Broadcast
from db.models.mail import Mail
from db.models.people import Member
from db.models.policy import ZonePolicy
from db.people.zone import ZoneCard, policy
from plp.jobs.welcome import ask_renewal, send_welcomes
from plp.services.accounts import links, rights
from plp.services.accounts.rights import account_card, add_account
from plp.services.accounts.signing_in import open_session, token_bearer
from plp.services.broadcasts import Request
from plp.services.orders import shared
from plp.services.orders.approving import approve_broadcast
from plp.services.people.care import begin_renewal
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.zone import agree_to_policy, name_zone, save_policy
from rules.orders.agreement import Hand
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.accounts import long_known
from tests.support.people import SENDING, later, order, people, place, ready_modem

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "quatre mots faciles à retenir"
LIE = "PLP URGENT nuage de chlore"
HOUSE = Settings(path=None, folder=None, sending=SENDING)
ADA, EVE = Actor("account", "Ada"), Actor("account", "Eve")
DAY, MEMBERS = 24 * 3600, 45


@pytest.fixture(autouse=True)
def zone(database, now):
    """Two admins, two officers, a technician, who want two people for an alert; and 45 members."""
    send_as(MailSettings(sender="plp@example.org"))
    roles = {"Ada": "admin", "Eve": "admin", "Anne": "officer", "Luc": "officer", "Tom": "technician"}
    for name, role in roles.items():
        add_account(name, [role], PASSWORD, "test", later(now, -9 * DAY), email=f"{name.lower()}@example.org")
    long_known()
    Mail.delete().execute()
    ZonePolicy.create(approval="second")
    people(MEMBERS, now)
    ready_modem("a", now)


def reached(now):
    """How many SMS are on their way, once the jobs have worked."""
    for _step in range(3):
        send_welcomes(SENDING, now)
        ask_renewal(HOUSE, now)
    going = Broadcast.select().where(Broadcast.stage != "awaiting_approval")
    return sum(row.recipients for row in going)


def invent(name, by, now, roles=("officer",)):
    """An account of whoever makes it: they use its link themselves, and sign in after two days."""
    add_account(name, ["technician"], None, by, now)
    links.redeem_link(links.issue_link(name, by, now), "", f"{PASSWORD} {by}", "", now)
    rights.change_account(account_card(name).id, by, later(now, 3600), roles=roles)
    open_session(account_card(name), "", later(now, 2 * DAY))


def told():
    return {mail.name for mail in Mail.select()}


@pytest.mark.parametrize("after", ["renewal", "welcome", "rename", "zone"])
def test_an_admin_writes_into_what_jobs_send(now, after):
    save_neighbourhood(place("Plainevaux", now), LIE, "", ADA, now)
    if after == "welcome":
        Member.update(welcome_requested_at=now).execute()
    else:
        begin_renewal(now + timedelta(days=30), ADA, now)
    if after == "rename":
        reached(now)
        shared.agree(waiting_texts()[0].id, Hand(str(MEMBERS)), Actor("account", "Luc"), now)
        shared.agree(waiting_texts()[0].id, Hand(str(MEMBERS)), Actor("account", "Anne"), now)
        save_neighbourhood(place(LIE, now), f"{LIE} fuyez", "", ADA, now)
    if after == "zone":
        with pytest.raises(Refusal):
            name_zone(ZoneCard(LIE, "5278", "fuyez", "04/330 40 00"), ADA, now)
    assert reached(now) == 0
    assert LIE in waiting_texts()[0].body


@pytest.mark.parametrize("second", ["Tim", "Ada", "Luc"])
def test_an_admin_invents_officers_who_agree_to_each_other(now, second):
    """Tim and Tam are Ada's, Luc was reset by her; she made herself an officer as well."""
    for name in ("Tim", "Tam"):
        invent(name, ADA, later(now, -3 * DAY))
    rights.change_account(account_card("Ada").id, ADA, later(now, -3 * DAY), roles=["admin", "officer"])
    open_session(account_card("Ada"), "", later(now, -DAY))
    links.redeem_link(
        links.issue_link("Luc", ADA, later(now, -3 * DAY)), "", PASSWORD + " Ada", "", later(now, -3 * DAY)
    )
    asked = order(now, by="Tam")
    with pytest.raises(Refusal):
        approve_broadcast(asked.id, Hand(str(MEMBERS)), Request(Actor("account", second), SENDING, now))
    assert reached(now) == 0
    assert {"Eve", "Luc"} <= told()


def test_nor_to_a_text_that_a_job_sends(now):
    for name in ("Tim", "Tam"):
        invent(name, ADA, later(now, -3 * DAY))
    begin_renewal(now + timedelta(days=30), ADA, now)
    reached(now)
    assert not shared.agree(waiting_texts()[0].id, Hand(str(MEMBERS)), Actor("account", "Tim"), now)
    with pytest.raises(Refusal):
        shared.agree(waiting_texts()[0].id, Hand(str(MEMBERS)), Actor("account", "Tam"), now)
    assert reached(now) == 0


def test_an_invented_admin_neither_confirms_nor_loosens_the_rules(now):
    invent("Max", ADA, later(now, -3 * DAY), roles=["admin"])
    invent("Tim", ADA, later(now, -3 * DAY))
    for attempt in (lambda: rights.confirm_account(account_card("Tim").id, Actor("account", "Max"), now),):
        with pytest.raises(Refusal):
            attempt()
    assert not save_policy(policy().__class__(approval="none"), ADA, now)
    with pytest.raises(Refusal):
        agree_to_policy(Actor("account", "Max"), now)
    assert policy().approval == "second"


def test_marks_that_are_taken_away_make_no_second_person(now):
    invent("Tim", ADA, later(now, -3 * DAY))
    rights.change_account(account_card("Tim").id, ADA, now, mobile="0470000099", email="tim@example.org")
    asked = order(now, by="Tim")
    Account.update(email=None).where(Account.name == "Ada").execute()
    with pytest.raises(Refusal):
        approve_broadcast(asked.id, Hand(str(MEMBERS)), Request(ADA, SENDING, now))


def test_a_program_of_a_waiting_officer_orders_nothing_and_one_of_nobody_s_waits_for_two(now):
    add_account("Tim", ["officer"], PASSWORD, ADA, now)
    assert token_bearer(links.add_token("tim", "officer", ADA, now, owner="Tim"), now) is None
    links.add_token("seul", "officer", Actor("terminal", "root"), now)
    asked = order(now, by=Actor("token", "seul"))
    approve_broadcast(asked.id, Hand(str(MEMBERS)), Request(Actor("account", "Luc"), SENDING, now))
    assert reached(now) == 0
    assert {"Ada", "Eve"} <= told()


@pytest.mark.parametrize("role", ["technician", "coordinator", "auditor"])
def test_a_technician_who_becomes_an_officer_waits_and_everybody_knows(now, role):
    add_account("Tam", [role], PASSWORD, EVE, later(now, -30 * DAY))
    rights.change_account(account_card("Tam").id, EVE, now, roles=[role, "officer"])
    assert "officer" not in account_card("Tam").roles
    assert {"Ada", "Eve"} <= told()
    assert audit.newest("officer_waits").subject == "Tam"
