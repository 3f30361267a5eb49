"""A welcome or yearly question to more than ten people waits until an officer, or two, agreed to its very words; a few
need nobody. What an admin types into it is short, and neither an alert nor a way to reach somebody.
"""

from datetime import timedelta

import pytest
from peewee import fn

from base.settings.values import SendingSettings, Settings
from db.alerts.orders.shared import waiting_texts
from db.models.broadcasts import Broadcast, SharedText
from db.models.people import Member
from db.models.policy import ZonePolicy
from db.people.audience import Audience
from db.people.members.listing import neighbourhood_names
from db.people.members.renewal import open_renewal
from db.people.zone import ZoneCard
from plp.jobs.welcome import ask_renewal, send_welcomes
from plp.services.accounts.rights import add_account
from plp.services.orders import shared
from plp.services.people.care import begin_renewal
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.zone import name_zone
from rules.orders.agreement import SHARED_PEOPLE, Hand, WrongCount
from rules.refusals import FieldRefusal, NotReady, Refusal
from rules.states import Stage
from tests.support.accounts import long_known
from tests.support.people import SENDING, later, order, people, person, place, ready_modem
from tests.support.rosters import import_members

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "quatre mots faciles à retenir"
LIE = "PLP URGENT nuage de chlore"
HOUSE = Settings(path=None, folder=None, sending=SENDING)
MONTH = timedelta(days=30)


@pytest.fixture(autouse=True)
def zone(database, now):
    for name in ("Anne", "Luc"):
        add_account(name, ["officer"], PASSWORD, "test", now)
    add_account("Ada", ["admin"], PASSWORD, "test", now)
    long_known()
    ready_modem("a", now)


def welcome(number, now):
    """So many members, to whom it is owed."""
    people(number, now)
    Member.update(welcome_requested_at=now).execute()


def sent():
    return Broadcast.select().where(Broadcast.kind.in_(["welcome", "renewal"])).count()


def agree(by, now, typed=None):
    (card,) = waiting_texts()
    return shared.agree(card.id, Hand(str(card.people if typed is None else typed)), by, now)


def work(now):
    for _step in range(3):
        send_welcomes(SENDING, now)
        ask_renewal(HOUSE, now)


def test_ten_newcomers_need_nobody(now):
    welcome(10, now)
    work(now)
    assert (sent(), waiting_texts()) == (10, [])


def test_an_eleventh_of_the_day_waits(now):
    welcome(10, now)
    work(now)
    newcomer = person(11, now)
    Member.update(welcome_requested_at=now).where(Member.id == newcomer).execute()
    work(later(now, 3600))
    assert (sent(), [card.people for card in waiting_texts()]) == (10, [1])
    ready_modem("a", later(now, 25 * 3600))
    work(later(now, 25 * 3600))
    assert (sent(), waiting_texts()) == (11, [])


def test_what_is_stopped_after_it_left_makes_no_room(now):
    welcome(10, now)
    work(now)
    Broadcast.update(stage=Stage.CANCELLED).execute()
    newcomer = person(11, now)
    Member.update(welcome_requested_at=now).where(Member.id == newcomer).execute()
    work(later(now, 3600))
    assert (sent(), [card.people for card in waiting_texts()]) == (10, [1])


@pytest.mark.parametrize("kind", ["welcome", "renewal"])
def test_a_text_to_many_waits_for_the_number_that_an_officer_types(now, kind):
    welcome(45, now) if kind == "welcome" else people(45, now)
    if kind == "renewal":
        begin_renewal(now + MONTH, "Ada", now)
    work(now)
    assert (sent(), [(card.kind, card.people) for card in waiting_texts()]) == (0, [(kind, 45)])
    with pytest.raises(WrongCount):
        agree("Luc", now, 44)
    assert agree("Luc", now)
    work(now)
    assert (sent(), waiting_texts()) == (45, [])


def test_where_two_must_agree_the_second_is_another_person(now):
    ZonePolicy.create(approval="second")
    welcome(45, now)
    work(now)
    assert not agree("Luc", now)
    work(now)
    assert sent() == 0
    with pytest.raises(Refusal, match="Vous êtes l'auteur"):
        agree("Luc", now)
    assert agree("Anne", now)
    work(now)
    assert sent() == 45


def test_a_registration_does_not_take_the_first_one_s_word_back(now):
    ZonePolicy.create(approval="second")
    welcome(45, now)
    work(now)
    assert not agree("Luc", now)
    for number in range(46, 58):
        person(number, now)
    Member.update(welcome_requested_at=now).execute()
    work(now)
    assert agree("Anne", now, 45)
    work(now)
    assert Broadcast.select().where(Broadcast.shared.is_null(False)).count() == 45
    assert sent() <= 45 + SHARED_PEOPLE, "of those who came since, only the few that need nobody"
    assert [(card.people, card.first_by) for card in waiting_texts()] == [(57 - sent(), "")]


def test_fewer_than_the_first_agreed_to_may_still_go(now):
    ZonePolicy.create(approval="second")
    welcome(45, now)
    work(now)
    assert not agree("Luc", now)
    Member.update(welcome_requested_at=None).where(Member.id == Member.select(fn.MIN(Member.id))).execute()
    work(now)
    assert agree("Anne", now, 45)
    work(now)
    assert sent() == 44


def test_an_admin_who_renames_the_neighbourhood_after_the_agreement_needs_another(now):
    people(45, now)
    begin_renewal(now + MONTH, "Ada", now)
    work(now)
    agree("Luc", now)
    save_neighbourhood(place("Plainevaux", now), LIE, "", "Ada", now)
    work(now)
    (card,) = waiting_texts()
    assert LIE in card.body
    assert sent() == 0


def test_an_agreement_is_used_up(now):
    welcome(20, now)
    work(now)
    agree("Luc", now)
    work(now)
    Member.update(welcome_requested_at=later(now, 900), welcomed_at=None).execute()
    work(later(now, 900))
    assert (sent(), [card.people for card in waiting_texts()]) == (20, [20])


def test_a_job_that_asks_nobody_is_refused_where_it_is_queued(now):
    """Whatever calls it: the rule is where every order is taken."""
    changes = {"kind": "welcome", "priority": "normal", "by": "plp"}
    people(11, now)
    for number in range(10):
        order(now, audience=Audience(numbers=(f"+324700{number:05}",)), **changes)
    with pytest.raises(NotReady, match="un policier doit"):
        order(now, audience=Audience(numbers=("+32470000010",)), **changes)


def test_the_hour_s_ceiling_holds_for_them_and_they_keep_no_alert_back(now):
    welcome(8, now)
    sending = SendingSettings(undo_seconds=0, hourly_ceiling=5)
    send_welcomes(sending, now)
    assert sent() == 5
    person(99, now, "Rotheux")
    assert order(now, audience=Audience(neighbourhoods=("Rotheux",)), sending=sending).recipients == 1
    ready_modem("a", later(now, 3601))
    send_welcomes(sending, later(now, 3601))
    assert sent() == 8


def test_a_refused_welcome_is_owed_no_more_and_a_refused_question_ends(now):
    welcome(45, now)
    work(now)
    shared.refuse(waiting_texts()[0].id, False, "Luc", now)
    work(now)
    assert (sent(), waiting_texts()) == (0, [])
    begin_renewal(now + MONTH, "Ada", now)
    work(now)
    shared.refuse(waiting_texts()[0].id, False, "Luc", now)
    work(now)
    assert (sent(), waiting_texts(), open_renewal()) == (0, [], None)


def test_what_nobody_is_owed_any_more_waits_no_more(now):
    welcome(45, now)
    work(now)
    Member.update(welcome_requested_at=None).execute()
    work(now)
    assert SharedText.select().count() == 0


@pytest.mark.parametrize(
    "name",
    [
        "x" * 61,
        "Alerte réelle Plainevaux",
        "Ceci n'est pas un exercice",
        "Appelez le 0470 12 34 56",
        "www.gagnez.be",
        "plp@example.org",
    ],
)
def test_a_neighbourhood_s_name_is_no_text(now, name):
    with pytest.raises(FieldRefusal):
        save_neighbourhood(None, name, "", "Ada", now)
    content = f"first_name,last_name,mobile,language,neighbourhood\nAnne,A,0470000001,fr,{name}\n"
    if len(name) <= 60:
        (row,) = import_members(content.encode(), "members.csv", "Ada", now).refused
        assert not row.waits, "a person who decides about the row does not decide about the name"
    assert (Member.select().count(), name in neighbourhood_names().values()) == (0, False)


def test_nor_is_the_zone_s(now):
    with pytest.raises(FieldRefusal):
        name_zone(ZoneCard("Alerte réelle : fuyez", "5278", "101", "04/330 40 00"), "Ada", now)
