"""A bulletin to a group of members: each who agreed gets it once, and nobody is asked to relay it."""

import pytest

from base.settings.values import MailSettings
from db.bulletins.drafts import bulletin
from db.bulletins.groups import readers_of
from db.bulletins.relay import owed_mails, relays, tallies
from db.mail.enqueue import send_as
from db.models.mail import Mail
from plp.jobs.bulletins import send_bulletins
from plp.services.bulletins.drafts import save_draft
from plp.services.bulletins.relaying import send_bulletin
from plp.services.people.groups import delete_group, put_into_group, save_group, take_out_of_group
from rules.refusals import Refusal
from tests.support.bulletins import coordinator, draft
from tests.support.people import person

pytestmark = pytest.mark.usefixtures("database")

MAIL = MailSettings(sender="plp@example.org")


@pytest.fixture(autouse=True)
def mail_on():
    send_as(MAIL)
    yield
    send_as(None)


@pytest.fixture
def traders(now):
    """A coordinator, one who agreed, one who did not, one without an address."""
    people = [
        coordinator(1, now, "A"),
        person(2, now, "B", email="m2@example.org", mail_group=True),
        person(3, now, "B", email="m3@example.org"),
        person(4, now, "B"),
    ]
    made = save_group(None, "Commerçants", None, "anne", now)
    put_into_group(made, people, "anne", now)
    return made


def sent(now, **changes):
    made = save_draft(None, draft(**changes), "n", "anne", now)
    assert send_bulletin(made, bulletin(made).seen, "anne", now)
    return made


@pytest.mark.slow
def test_those_who_agreed_get_it_once_beside_the_coordinators(now, traders):
    made = sent(now, group_ids=(traders,))
    send_bulletins(MAIL, now)
    mails = {mail.address: mail for mail in Mail.select()}
    assert sorted(mails) == ["c1@example.org", "m2@example.org"]
    assert "relayer" in mails["c1@example.org"].text
    assert "groupe Commerçants" in mails["m2@example.org"].text
    for asked in ("PLP-R", "Confirmez", "À RELAYER"):
        assert asked not in mails["m2@example.org"].text
        assert asked not in mails["m2@example.org"].html
    assert tallies([made])[made].places == 1, "nobody waits for a relay of the group"
    assert {each.place for each in relays(made)} == {"A", "Commerçants"}


def test_to_a_group_alone_and_not_to_nobody(now, traders):
    made = sent(now, everywhere=False, group_ids=(traders,))
    assert [one.address for one in readers_of(bulletin(made)).people] == ["c1@example.org", "m2@example.org"]
    for wrong in ((), (999,)):
        with pytest.raises(Refusal):
            save_draft(None, draft(everywhere=False, group_ids=wrong), "m", "anne", now)


def test_who_left_the_group_before_the_mail_left_gets_nothing(now, traders):
    sent(now, everywhere=False, group_ids=(traders,))
    assert [owed.address for owed in owed_mails()] == ["c1@example.org", "m2@example.org"]
    take_out_of_group(traders, [2], "anne", now)
    assert [owed.address for owed in owed_mails()] == ["c1@example.org", ""]
    delete_group(traders, "anne", now)
    assert [owed.address for owed in owed_mails()] == ["", ""]
