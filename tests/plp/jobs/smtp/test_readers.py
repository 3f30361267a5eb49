"""What waits goes to whom it is for when it leaves, not to whom it was for when it was written."""

from datetime import timedelta

import pytest

from db.bulletins.drafts import bulletin
from db.bulletins.relay import relays
from db.mail.claim import claim_mail, mark_later, mark_refused
from db.mail.enqueue import enqueue_letter
from db.mail.listing import mail_cards
from db.models.mail import Mail
from db.models.people import Member, Neighbourhood
from plp.jobs.bulletins import send_bulletins
from plp.services.accounts.rights import add_account
from plp.services.bulletins.drafts import save_draft
from plp.services.bulletins.relaying import save_relaying, send_bulletin
from plp.services.mails import retry_mail
from plp.services.people.neighbourhoods import merge_neighbourhoods, save_neighbourhood
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.refusals import Refusal
from tests.plp.jobs.smtp.letters import copy, letter, settings
from tests.support.accounts import set_email, set_roles
from tests.support.bulletins import coordinator, draft
from tests.support.people import later, mobile, person, place

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


def bulletin_to_all(now):
    """A bulletin in the mail queue; returns its mails' ids."""
    made = save_draft(None, draft(), "n" * 16, "anne", now)
    send_bulletin(made, bulletin(made).seen, "anne", now)
    assert send_bulletins(settings(), now)
    return [row.mail_id for row in relays(made)]


def becomes(member_id, now, email="anne@example.net", where="A", role="coordinator"):
    save_member(
        member_id, MemberDraft("Anne", "Lambert", mobile(1), email, "fr", place(where, now), role), "admin", now
    )


def claimed(now):
    """The addresses of what would leave now."""
    found = []
    while (held := claim_mail("box", now, timedelta(0))) is not None:
        found.append((held.address, held.domain))
    return found


def card(mail_id):
    return mail_cards([mail_id])[mail_id]


def test_a_coordinator_who_changed_their_address_gets_it_there(now):
    one = coordinator(1, now, "A")
    (mail_id,) = bulletin_to_all(now)
    becomes(one, now)
    assert claimed(now) == [("anne@example.net", "example.net")]
    assert card(mail_id).state == "sending"


@pytest.mark.parametrize(
    "change",
    [{"email": ""}, {"role": "member"}, {"where": "B"}],
    ids=["no address any more", "no coordinator any more", "moved"],
)
def test_who_is_not_to_get_it_any_more_does_not(now, change):
    one = coordinator(1, now, "A")
    (mail_id,) = bulletin_to_all(now)
    becomes(one, now, **change)
    assert claimed(now) == []
    assert (card(mail_id).state, card(mail_id).reason) == ("cancelled", "withdrawn")
    with pytest.raises(Refusal, match="ne doit plus recevoir"):
        retry_mail(mail_id, "anne", now)
    becomes(one, now)
    retry_mail(mail_id, "anne", now)
    assert claimed(now) == [("anne@example.net", "example.net")]


def test_whose_neighbourhood_became_another_gets_it_all_the_same(now):
    one = coordinator(1, now, "A")
    bulletin_to_all(now)
    merge_neighbourhoods(place("A", now), place("B", now), "admin", now)
    becomes(one, now, where="B")
    assert claimed(now) == [("anne@example.net", "example.net")]


def test_a_reference_address_that_changed_or_went(now):
    here, there = place("A", now, "a@example.org"), place("B", now, "b@example.org")
    first, second = bulletin_to_all(now)
    save_neighbourhood(here, "A", "nouvelle@example.net", "admin", now)
    save_neighbourhood(there, "B", "", "admin", now)
    assert claimed(now) == [("nouvelle@example.net", "example.net")]
    assert (card(first).state, card(second).state) == ("sending", "cancelled")


def test_a_deputy_who_is_replaced_or_moves_gets_nothing_more(now):
    here, there = place("A", now), place("B", now)
    for number, where in ((2, here), (3, there)):
        deputy = person(number, now, Neighbourhood.get_by_id(where).name, email=f"d{number}@example.org")
        save_relaying(where, deputy, "", "admin", now)
    replaced, moved = bulletin_to_all(now)
    save_relaying(here, None, "", "admin", now)
    Member.update(neighbourhood=here).where(Member.mobile == mobile(3)).execute()
    assert claimed(now) == []
    assert (card(replaced).state, card(moved).state) == ("cancelled", "cancelled")


def test_what_was_on_its_way_is_looked_at_again_before_it_is_tried_again(now):
    one = coordinator(1, now, "A")
    (mail_id,) = bulletin_to_all(now)
    held = claim_mail("box", now, timedelta(0))
    becomes(one, now, role="member")
    mark_later(held, "busy", "451", later(now, 60), now)
    assert claimed(now + HOUR) == []
    assert card(mail_id).state == "cancelled"


def test_an_address_that_no_server_can_be_asked_about_is_not_tried(now):
    one = coordinator(1, now, "A")
    (mail_id,) = bulletin_to_all(now)
    Member.update(email="élodie@example.org").where(Member.id == one).execute()
    assert claimed(now) == []
    assert (card(mail_id).state, card(mail_id).reason) == ("cancelled", "accents")


def test_a_welcome_follows_its_member_and_an_answer_its_question(now):
    one = person(1, now, email="avant@example.org")
    for kind in ("welcome", "answer"):
        enqueue_letter(letter(kind=kind), [copy(1, key=kind, address="avant@example.org", member_id=one)], now)
    becomes(one, now, email="apres@example.org", role="member")
    assert sorted(claimed(now)) == [("apres@example.org", "example.org"), ("avant@example.org", "example.org")]
    becomes(one, now, email="", role="member")
    Mail.update(state="queued", holder=None).execute()
    assert claimed(now) == [("avant@example.org", "example.org")]


@pytest.fixture
def luc(now):
    """A technician to whom a bulletin, too, was written; another account shares the address."""
    enqueue_letter(letter(kind="alarm"), [copy(n, address="luc@example.org", name=n) for n in ("luc", "piet")], now)
    enqueue_letter(letter(), [copy("b", address="luc@example.org", name="luc")], now)
    return add_account("luc", ["technician"], None, "anne", now, email="luc@example.org")


def test_an_alarm_follows_its_account(now, luc):
    set_email(luc, "luc@example.net", "luc", now)
    assert [address for address, _ in claimed(now)] == ["luc@example.net", "luc@example.org", "luc@example.org"]


@pytest.mark.parametrize(
    "take",
    [lambda luc, now: set_email(luc, "", "luc", now), lambda luc, now: set_roles(luc, ["officer"], "luc", now)],
)
def test_who_looks_after_nothing_any_more_is_told_nothing_more(now, luc, take):
    take(luc, now)
    assert [address for address, _ in claimed(now)] == ["luc@example.org", "luc@example.org"]
    assert [row.reason for row in Mail.select().where(Mail.state == "cancelled")] == ["withdrawn"]


def test_an_alarm_on_its_way_follows_when_it_is_tried_again(now, luc):
    held = claim_mail("box", now, timedelta(0))
    set_email(luc, "luc@example.net", "luc", now)
    mark_later(held, "busy", "451", later(now, 60), now)
    assert ("luc@example.net", "example.net") in claimed(now + HOUR)


def test_who_has_no_member_gets_what_was_written_to_them(now):
    (mail_id,) = enqueue_letter(letter(kind="alarm"), [copy(1)], now)
    mark_refused(claim_mail("box", now, timedelta(0)), "unknown", "550", now)
    retry_mail(mail_id, "anne", now)
    assert claimed(now) == [("coordinateur1@example.org", "example.org")]
