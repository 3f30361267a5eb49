"""What one person may do alone is told to the other officers and admins, who could have been asked."""

import pytest

from base.settings.values import MailSettings, Settings
from db.alerts.progress.progress import progress
from db.alerts.values import FollowUpOrder, Order
from db.bulletins.drafts import bulletin
from db.bulletins.values import BulletinDraft, Words
from db.engine.connection import writing
from db.inbound.inbox.items import Ref
from db.mail.enqueue import send_as
from db.models.broadcasts import Part
from db.models.mail import InboundMail, Mail
from db.models.modem_records import InboundMessage
from db.models.people import Member
from db.models.policy import ZonePolicy
from db.people.audience import Audience
from db.people.member_groups import Rule
from db.people.members.saving import write_consent
from db.people.zone import Policy, ZoneCard, zone
from plp.jobs.bulletins import tell_alone
from plp.services.accounts.rights import account_card, add_account, delete_account
from plp.services.broadcasts import Request
from plp.services.bulletins.drafts import save_draft
from plp.services.bulletins.relaying import send_bulletin
from plp.services.inbox import reply_by_mail, reply_by_text
from plp.services.mails import cancel_mail
from plp.services.orders.approving import approve_broadcast
from plp.services.orders.following_up import follow_up
from plp.services.orders.placing import place
from plp.services.people.groups import save_group
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.texts import Answers, save_outcome_words
from plp.services.zone import name_zone, save_directory_entry, save_policy
from rules.orders.agreement import SHARED_PEOPLE, Hand
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.accounts import long_known
from tests.support.people import SENDING, later, mobile, people, ready_modem
from tests.support.people import place as place_named
from tests.support.rosters import import_members

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "quatre mots faciles à retenir"
ADA, ANNE, LUC = (Actor("account", name) for name in ("Ada", "Anne", "Luc"))
LIE = "PLP URGENT nuage de chlore"


@pytest.fixture(autouse=True)
def house(database, now):
    send_as(MailSettings(sender="plp@example.org"))
    for name, role in {
        "Ada": "admin",
        "Eve": "admin",
        "Anne": "officer",
        "Luc": "officer",
        "Tom": "technician",
    }.items():
        add_account(name, [role], PASSWORD, "test", later(now, -9 * 86400), email=f"{name.lower()}@example.org")
    long_known()
    people(12, now)
    ready_modem("a", now)
    Mail.delete().execute()
    ZonePolicy.create(approval="second")


def told():
    return {mail.name for mail in Mail.select()}


def words_of_the_zone(now):
    name_zone(ZoneCard(LIE, zone().code, zone().emergency, zone().phone), ADA, now)


def words_of_a_neighbourhood(now):
    save_neighbourhood(place_named("Plainevaux", now), LIE, "", ADA, now)


def words_of_a_new_neighbourhood(now):
    for name in (LIE, "Sauvenière"):
        place_named(name, now)


def words_of_a_list(now):
    list_of_two = f"nom,prénom,gsm,quartier\nA,B,0470123456,{LIE}\nC,D,0470123457,Sauvenière\n"
    assert import_members(list_of_two.encode(), "liste.csv", ADA, now).added == 2


def words_of_a_useful_number(now):
    save_directory_entry(None, LIE, "Quittez le quartier", "101", ADA, now)


def words_that_answer_tips(now):
    save_outcome_words({"fr": {"known": LIE}}, ADA, now)


WORDS = (
    words_of_the_zone,
    words_of_a_neighbourhood,
    words_of_a_new_neighbourhood,
    words_of_a_list,
    words_of_a_useful_number,
    words_that_answer_tips,
)


@pytest.mark.parametrize("change", WORDS)
def test_words_that_members_read_without_an_order(now, change):
    change(now)
    assert told() >= {"Eve", "Anne", "Luc"}
    assert Mail.select().count() == len(told()), "one mail each"
    assert all(LIE in mail.text for mail in Mail.select())


def test_numbers_that_members_are_told_to_call(now):
    name_zone(ZoneCard(zone().name, zone().code, "0903 12 345", zone().phone), ADA, now)
    assert told() == {"Eve", "Anne", "Luc"}
    assert all("0903" in mail.text for mail in Mail.select())


def test_what_changes_no_words_is_told_to_nobody(now):
    name_zone(zone(), ADA, now)
    save_neighbourhood(place_named("Plainevaux", now), "Plainevaux", "quartier@example.org", ADA, now)
    assert told() == set()


def test_a_correction_within_the_day_which_nobody_agrees_to(now):
    order = Order(Audience(everyone=True), "alert", "urgent", ANNE)
    alert = place({"fr": "Vol rue de la Station, 21h40. Appelez le 101."}, order, SENDING, now)
    approve_broadcast(alert, Hand("12"), Request(LUC, SENDING, now))
    Part.update(state="delivered").execute()
    assert told() == set()
    wanted = FollowUpOrder(alert, "correction", ANNE, "key")
    follow_up({"fr": LIE}, progress(alert, now), wanted, SENDING, now, Answers(accepted=True))
    assert told() == {"Ada", "Eve", "Luc"}
    assert not any(LIE in mail.text for mail in Mail.select()), "a mail may be read anywhere"


def test_an_alert_without_a_second_person(now):
    order = Order(Audience(everyone=True), "alert", "urgent", ANNE, alone_because="Seule de garde")
    place({"fr": "Vol rue de la Station, 21h40. Appelez le 101."}, order, SENDING, now)
    tell_alone(Settings(path=None, folder=None, mail=MailSettings(sender="plp@example.org")), now)
    assert told() == {"Ada", "Eve", "Luc"}


@pytest.mark.parametrize("rule", ["none", "typed"])
def test_not_where_no_second_person_is_asked(now, rule):
    ZonePolicy.update(approval=rule).execute()
    order = Order(Audience(everyone=True), "alert", "urgent", ANNE)
    alert = place({"fr": "Vol rue de la Station, 21h40. Appelez le 101."}, order, SENDING, now)
    Part.update(state="delivered").execute()
    follow_up({"fr": "Fausse alerte."}, progress(alert, now), FollowUpOrder(alert, "end", ANNE, "key"), SENDING, now)
    assert told() == set()


def test_one_text_to_everybody_who_wrote_one_press_each(now):
    for number in range(12):
        text = InboundMessage.create(
            sender=mobile(number),
            imsi="206010000000001",
            text="?",
            sent_at=now,
            received_at=now,
            completed_at=now,
            total=1,
        )
        reply_by_text(Ref("sms", text.id), f"{LIE}, quittez le quartier", True, f"nonce{number}", ANNE, now)
        assert told() == (set() if number < SHARED_PEOPLE else {"Ada", "Eve", "Luc"})
    assert Mail.select().count() == len(told()), "once a day"


def test_one_answer_to_a_group(now):
    mail = InboundMail.create(
        kind="written", message_id="<a@b>", sender="x@example.org", reply_to="plp@googlegroups.com", received_at=now
    )
    settings = MailSettings(sender="plp@example.org", smtp_host="localhost")
    reply_by_mail(Ref("mail", mail.id), LIE, "nonce", settings, ANNE, now)
    assert told() == {"Ada", "Eve", "Luc"}


def test_other_rules_are_told_also_where_one_admin_decides_them(now):
    delete_account(account_card("Eve").id, ADA, now)
    Mail.delete().execute()
    assert save_policy(Policy(approval="none"), ADA, later(now, 2 * 86400))
    assert told() == {"Anne", "Luc"}


def test_an_officer_made_by_the_only_admin_is_known_to_the_officers(now):
    delete_account(account_card("Eve").id, ADA, now)
    Mail.delete().execute()
    add_account("Tim", ["officer"], PASSWORD, ADA, later(now, 2 * 86400))
    assert told() == {"Ada", "Anne", "Luc"}


def test_a_bulletin_to_many_members_themselves(now):
    Member.update(email=Member.mobile.concat("@example.org")).execute()
    with writing():
        for row in Member.select():
            write_consent(row.id, "mail_group", True, "test", "form", now)
    rule = Rule(everywhere=True, neighbourhood_ids=(), streets=(), language="", role="")
    group = save_group(None, "Tous", rule, ADA, now)
    draft = BulletinDraft(
        "prevention", (Words("fr", LIE, "Quittez le quartier."),), everywhere=False, group_ids=(group,)
    )
    number = save_draft(None, draft, "nonce", ANNE, now)
    send_bulletin(number, bulletin(number).seen, ANNE, now)
    assert told() == {"Ada", "Eve", "Luc"}


def test_and_nobody_stops_that_mail(now):
    words_of_the_zone(now)
    assert told()
    for mail in Mail.select():
        with pytest.raises(Refusal, match="prévient des collègues"):
            cancel_mail(mail.id, ADA, now)
