"""Members one by one: found, changed, forgotten, and what each said about being written to."""

import pytest

from db.alerts.progress.progress import progress, recipients
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_retry
from db.journal import audit
from db.people.audience import Audience, size
from db.people.members.listing import Filter, member, members, neighbourhoods
from db.people.members.welcome import due_welcomes
from plp.services.forgetting import forget_member
from plp.services.orders.audiences import resolve
from plp.services.people.neighbourhoods import delete_neighbourhood, save_neighbourhood
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.refusals import FieldRefusal, Refusal
from tests.support.people import later, mobile, order, person, place, ready_modem

pytestmark = pytest.mark.usefixtures("database")


def draft(now, **changes):
    values = {
        "first_name": "Hélène",
        "last_name": "Noël",
        "mobile": "0470/00.00.01",
        "email": "Helene@Example.org",
        "language": "fr",
        "neighbourhood_id": place("Ehein", now),
    }
    return MemberDraft(**(values | changes))


def names(**query):
    return [card.name for card in members(Filter(**query)).rows]


def actions(name):
    return [entry for entry in audit.entries() if entry.action == name]


def test_what_was_typed_is_stored_clean(now):
    member_id = save_member(
        None, draft(now, first_name="  He\u0301lène \n", last_name="No\tël", language="FR "), "anne", now
    )
    card = member(member_id)
    assert (card.name, card.mobile, card.email, card.language) == (
        "Hélène No ël",
        mobile(1),
        "helene@example.org",
        "fr",
    )
    assert (card.neighbourhood, card.role, card.state) == ("Ehein", "member", "active")
    assert member(member_id + 1) is None


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("last_name", {"first_name": " ", "last_name": "\x00"}, "il manque le nom"),
        ("mobile", {"mobile": "04 330 40 00"}, "liégeoise"),
        ("mobile", {"mobile": "101"}, "numéro court"),
        ("mobile", {"mobile": "{0}"}, "n'est pas un numéro"),
        ("mobile", {"mobile": " ", "email": " "}, "un autre numéro ou une adresse"),
        ("email", {"email": "helene"}, "n'est pas une adresse"),
        ("email", {"email": "a@b@example.org"}, "n'est pas une adresse"),
        ("email", {"email": "a b@example.org"}, "n'est pas une adresse"),
        ("email", {"email": "a@example"}, "n'est pas une adresse"),
        ("email", {"email": "a@example.org\nBcc: b@example.org"}, "n'est pas une adresse"),
        ("email", {"email": "a@" + "x." * 200 + "org"}, "n'est pas une adresse"),
        ("language", {"language": "it"}, "langue inconnue : it"),
        ("role", {"role": "admin"}, "rôle inconnu"),
        ("neighbourhood_id", {"neighbourhood_id": 999}, "quartier"),
    ],
)
def test_each_field_is_refused_by_its_name(now, field, typed, words):
    with pytest.raises(FieldRefusal) as refusal:
        save_member(None, draft(now, **typed), "anne", now)
    assert refusal.value.field == field
    assert words in str(refusal.value)
    assert members().total == 0


def test_a_member_that_is_gone_cannot_be_changed(now):
    with pytest.raises(Refusal, match="n'existe plus"):
        save_member(7, draft(now), "anne", now)


def test_a_shared_number_is_asked_for(now):
    first = save_member(None, draft(now), "anne", now)
    with pytest.raises(FieldRefusal, match="celui de Hélène Noël") as refusal:
        save_member(None, draft(now, first_name="Luc"), "anne", now)
    assert refusal.value.field == "mobile"
    second = save_member(None, draft(now, first_name="Luc"), "anne", now, number_shared=True)
    save_member(first, draft(now, last_name="Autre"), "anne", now, number_shared=True)
    assert {member(first).mobile, member(second).mobile} == {mobile(1)}
    (card,) = neighbourhoods()
    assert (card.members, card.reachable) == (2, 1)


def test_a_member_may_keep_their_own_number(now):
    member_id = save_member(None, draft(now), "anne", now)
    save_member(member_id, draft(now, first_name="Luc"), "anne", now)
    assert member(member_id).first_name == "Luc"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", 3),
        ("noël", 1),
        ("NOEL", 1),
        ("helene", 1),
        ("hél no", 1),
        ("émile", 1),
        ("Émile dupont", 1),
        ("dupont", 2),
        ("dupont anne", 1),
        ("0470 00 00 01", 1),
        ("0470/00.00.01", 1),
        ("+32 (0)470 00 00 01", 1),
        ("0032470000001", 1),
        ("000001", 1),
        ("0470", 2),
        ("helene@example", 1),
        ("personne", 0),
        ("%", 0),
        ("_", 0),
        ("'", 0),
        ("\\", 0),
        ("12", 0),
        ("( )", 0),
    ],
)
def test_search_finds_what_people_type(now, search, found):
    save_member(None, draft(now), "anne", now)
    save_member(None, draft(now, first_name="Émile", last_name="Dupont", mobile="0470000002", email=""), "anne", now)
    save_member(None, draft(now, first_name="Anne", last_name="Dupont", mobile="", email="a@example.org"), "anne", now)
    assert members(Filter(search=search)).total == found


@pytest.mark.parametrize("typed", ["dhondt", "d'hondt", "D’HONDT", "d hondt", "hondt"])
@pytest.mark.parametrize("written", ["D'Hondt", "D’Hondt", "Dhondt"])
def test_a_name_with_an_apostrophe_is_found_however_it_is_typed(now, typed, written):
    person(1, now, last_name=written)
    if (typed, written) != ("d hondt", "Dhondt"):
        assert members(Filter(search=typed)).total == 1


def test_names_stand_in_the_order_of_a_dictionary(now):
    for number, last in enumerate(["Zorn", "étienne", "Adam", "Évrard", "eloy"]):
        person(number, now, first_name="A", last_name=last)
    assert names() == ["A Adam", "A eloy", "A étienne", "A Évrard", "A Zorn"]


def test_pages_and_neighbourhoods(now):
    for number in range(7):
        person(number, now, "Ehein" if number % 2 else "Rotheux")
    page = members(page=2, per_page=3)
    assert ([card.last_name for card in page.rows], page.total, page.page, page.pages) == (
        ["Nom003", "Nom004", "Nom005"],
        7,
        2,
        3,
    )
    assert members(page=99, per_page=3).page == 3
    assert members(page=-1, per_page=3).page == 1
    ehein = {card.name: card.id for card in neighbourhoods()}["Ehein"]
    assert members(Filter(neighbourhood_id=ehein)).total == 3
    assert members(Filter(search="Nom001", neighbourhood_id=ehein)).total == 1
    assert members(Filter(neighbourhood_id=999)).rows == []
    assert (members(Filter(search="personne")).page, members(Filter(search="personne")).pages) == (1, 1)


def test_counts_of_neighbourhoods_and_audience(now):
    person(1, now, "Ehein")
    person(2, now, "Ehein", sms=False)
    person(3, now, "Ehein", mobile="", email="c@example.org")
    place("Rotheux", now)
    counted = {card.name: (card.members, card.reachable) for card in neighbourhoods()}
    assert counted == {"Ehein": (3, 1), "Rotheux": (0, 0)}
    shown = size(resolve(Audience(everyone=True)))
    assert (shown.people, shown.without_mobile, shown.opted_out) == (1, 1, 1)
    assert [card.state for card in members().rows] == ["active", "opted_out", "no_number"]


def test_consent_says_who_when_how_and_its_history_stands_in_the_audit(now):
    member_id = save_member(None, draft(now, mail_group=True), "anne", now)
    save_member(member_id, draft(now, sms=False, mail_group=True), "luc", later(now, 60), how="phone")
    save_member(member_id, draft(now, sms=False, mail_group=True), "jan", later(now, 90))
    told = {
        consent.channel: (consent.given, consent.at, consent.how, consent.who) for consent in member(member_id).consents
    }
    assert told == {"sms": (False, later(now, 60), "phone", "luc"), "mail_group": (True, now, "form", "anne")}
    (first,) = actions("member_added")
    assert (first.at, first.actor, first.detail) == (now, "anne", {"how": "form", "sms": True, "mail_group": True})
    (changed,) = actions("consent_changed")
    assert (changed.at, changed.actor, changed.subject) == (later(now, 60), "luc", str(member_id))
    assert changed.detail == {"channel": "sms", "given": False, "how": "phone"}


def test_nobody_agrees_to_texts_without_a_number(now):
    member_id = save_member(None, draft(now, mobile="", sms=True, mail_group=True), "anne", now)
    assert (member(member_id).sms, member(member_id).mail_group) == (False, True)
    save_member(member_id, draft(now, email="", mail_group=True), "anne", now)
    assert (member(member_id).sms, member(member_id).mail_group) == (True, False)


def test_the_audit_holds_no_number_name_or_address(now):
    ready_modem("a", now)
    member_id = save_member(None, draft(now), "anne", now, welcome=True)
    order(now)
    save_member(member_id, draft(now, sms=False), "anne", now)
    save_member(member_id, draft(now, mobile="0470000002"), "anne", now)
    forget_member(member_id, "anne", now)
    written = " ".join(f"{entry.actor} {entry.action} {entry.subject} {entry.detail}" for entry in audit.entries())
    assert len(audit.entries()) >= 6
    for secret in ("Hélène", "Noël", "470000001", "470000002", "example", "Station"):
        assert secret.casefold() not in written.casefold()


def test_a_forgotten_member_is_gone_and_what_was_sent_keeps_its_state_alone(now):
    ready_modem("a", now)
    member_id = save_member(None, draft(now), "anne", now)
    placed = order(now)
    forget_member(member_id, "anne", now)
    forget_member(member_id, "anne", now)
    assert member(member_id) is None
    (row,) = recipients(placed.id).rows
    assert (row.name, row.msisdn, row.state) == ("", "", "cancelled")
    assert len(actions("member_deleted")) == 1


def test_nothing_comes_back_to_who_was_forgotten_meanwhile(now):
    modem = ready_modem("a", now)
    member_id = save_member(None, draft(now), "anne", now)
    placed = order(now)
    claim = claim_part(modem, now)
    forget_member(member_id, "anne", now)
    mark_retry(claim, "cms:41", now, now)
    assert claim_part(modem, later(now, 1)) is None
    assert progress(placed.id, now).counts["cancelled"] == 1


@pytest.mark.parametrize("leaves", ["opt_out", "deletion"])
def test_who_shares_the_phone_still_gets_the_text(now, leaves):
    modem = ready_modem("a", now)
    first = save_member(None, draft(now), "anne", now)
    save_member(None, draft(now, first_name="Luc"), "anne", now, number_shared=True)
    order(now)
    if leaves == "opt_out":
        save_member(first, draft(now, sms=False), "anne", now, number_shared=True)
    else:
        forget_member(first, "anne", now)
    assert claim_part(modem, now).msisdn == mobile(1)


def test_a_number_that_someone_gave_up_gets_nothing_more(now):
    modem = ready_modem("a", now)
    member_id = save_member(None, draft(now), "anne", now)
    placed = order(now)
    save_member(member_id, draft(now, mobile="0470000002"), "anne", now)
    assert claim_part(modem, now) is None
    assert progress(placed.id, now).counts["cancelled"] == 1


def test_a_user_s_own_number_is_no_member_s(now):
    from plp.services.accounts.rights import add_account

    modem = ready_modem("a", now)
    add_account("anne", ["officer"], None, "test", now, mobile=mobile(9))
    order(now, audience=Audience(numbers=(mobile(9),)))
    assert claim_part(modem, now).msisdn == mobile(9)


def test_a_neighbourhood_is_added_changed_and_removed(now):
    made = save_neighbourhood(None, "  Ehein ", " plp.ehein@example.org ", "anne", now)
    (card,) = neighbourhoods()
    assert (card.id, card.name, card.reference_address) == (made, "Ehein", "plp.ehein@example.org")
    save_neighbourhood(made, "Ehein Nord", "", "anne", now)
    assert neighbourhoods()[0].name == "Ehein Nord"
    person(1, now, "Ehein Nord")
    with pytest.raises(Refusal, match="Membres encore dans ce quartier : 1"):
        delete_neighbourhood(made, "anne", now)
    forget_member(members().rows[0].id, "anne", now)
    delete_neighbourhood(made, "anne", now)
    assert neighbourhoods() == []
    with pytest.raises(Refusal, match="n'existe plus"):
        save_neighbourhood(made, "Ehein", "", "anne", now)


@pytest.mark.parametrize(
    ("field", "name", "address"),
    [
        ("name", " \x00", ""),
        ("name", "Rotheux", ""),
        ("name", "rotheux", ""),
        ("reference_address", "Ehein", "ehein"),
        ("reference_address", "Ehein", "a@" + "x." * 200 + "org"),
        ("reference_address", "Ehein", "a\x1b@example.org"),
    ],
)
def test_a_neighbourhood_s_fields_are_refused_by_name(now, field, name, address):
    place("Rotheux", now)
    with pytest.raises(FieldRefusal) as refusal:
        save_neighbourhood(None, name, address, "anne", now)
    assert refusal.value.field == field


def test_a_welcome_is_owed_once_and_only_to_who_can_get_it(now):
    save_member(None, draft(now), "anne", now, welcome=True)
    save_member(None, draft(now, mobile="", email="b@example.org"), "anne", now, welcome=True)
    save_member(None, draft(now, mobile="0470000003", sms=False), "anne", now, welcome=True)
    save_member(None, draft(now, mobile="0470000004"), "anne", now)
    assert [due.member.mobile for due in due_welcomes()] == [mobile(1)]
