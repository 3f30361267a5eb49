"""The longer version of an alert: where the zone wants it, once, to the alert's people with an address."""

import pytest

from base.settings.values import MailSettings
from db.bulletins.drafts import bulletin
from db.bulletins.groups import readers_of
from db.bulletins.relay import owed_mails, relays, tallies
from db.bulletins.values import Words
from db.mail.enqueue import send_as
from db.models.broadcasts import Part
from db.models.mail import Mail
from db.models.people import Consent, Member
from db.people.audience import Audience
from plp.jobs.bulletins import send_bulletins
from plp.services.bulletins.drafts import save_draft
from plp.services.bulletins.relaying import save_policy, send_bulletin
from rules.mail import MailState
from rules.refusals import Refusal
from rules.states import PartState
from tests.support.bulletins import FRENCH, draft
from tests.support.people import Text, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

MAIL = MailSettings(sender="plp@example.org")
NEAR, FAR = "Plainevaux", "Bois"
DUTCH = Words("nl", "Meer over de diefstal", "Twee mannen.")


@pytest.fixture
def alert(now):
    """An alert to one neighbourhood, which a phone has."""
    send_as(MAIL)
    ready_modem("a", now)
    person(1, now, NEAR, email="un@example.org")
    person(2, now, NEAR, mobile="", email="deux@example.org", language="nl")
    person(3, now, NEAR)
    person(4, now, NEAR, email="Un@example.org")
    person(5, now, NEAR, email="stop@example.org")
    person(6, now, FAR, email="loin@example.org")
    Consent.update(given=False).where(Consent.member == 5).execute()
    placed = order(now, audience=Audience(neighbourhoods=(NEAR,)))
    Part.update(state=PartState.SENT).execute()
    save_policy(24, True, "test", now)
    yield placed.id
    send_as(None)


def longer(alert, now, nonce="n"):
    texts = {"category": "longer", "texts": (FRENCH, DUTCH), "everywhere": None, "alert_id": alert}
    return save_draft(None, draft(**texts), nonce, "anne", now)


def send(made, now):
    card = bulletin(made)
    return send_bulletin(made, card.seen, "anne", now, people=len(readers_of(card).people))


def test_it_goes_once_to_the_people_of_the_alert_with_an_address(alert, now):
    made = longer(alert, now)
    assert [one.address for one in readers_of(bulletin(made)).people] == ["un@example.org", "deux@example.org"]
    assert send(made, now)
    assert not send(made, now)
    assert tallies([made])[made].relayed == 0
    assert send_bulletins(MAIL, now)
    assert not send_bulletins(MAIL, now)
    mails = {mail.address: mail for mail in Mail.select()}
    assert sorted(mails) == ["deux@example.org", "un@example.org"]
    assert "Aucun relais n'est demandé" in mails["un@example.org"].text
    assert "Twee mannen." in mails["deux@example.org"].text
    for mail in mails.values():
        assert "PLP-R" not in mail.text + mail.html


def test_only_mails_that_went_wrong_are_listed_and_the_others_counted(alert, now):
    made = longer(alert, now)
    send(made, now)
    send_bulletins(MAIL, now)
    assert relays(made) == []
    Mail.update(state=MailState.ACCEPTED).where(Mail.address == "un@example.org").execute()
    Mail.update(state=MailState.BOUNCED).where(Mail.address == "deux@example.org").execute()
    told = tallies([made])[made]
    assert (told.places, told.relayed, told.mailed) == (2, 1, True)
    assert [row.name for row in relays(made)] == [Member.get_by_id(2).full_name]


def test_who_refused_or_was_restricted_since_gets_nothing(alert, now):
    send(longer(alert, now), now)
    Consent.update(given=False).where(Consent.member == 1).execute()
    Member.update(restricted_at=now).where(Member.id == 2).execute()
    assert [owed.address for owed in owed_mails()] == ["", ""]
    send_bulletins(MAIL, now)
    assert Mail.select().count() == 0


@pytest.mark.parametrize("people", [None, 3])
def test_it_goes_to_the_number_of_people_that_somebody_confirmed(alert, now, people):
    made = longer(alert, now)
    with pytest.raises(Refusal, match="Tapez le nombre"):
        send_bulletin(made, bulletin(made).seen, "anne", now, people=people)
    assert bulletin(made).sent_at is None


def test_a_second_one_of_the_same_alert_is_refused(alert, now):
    first, second = longer(alert, now), longer(alert, now, "other")
    send(first, now)
    with pytest.raises(Refusal, match="déjà envoyée"):
        send(second, now)
    with pytest.raises(Refusal, match="déjà envoyée"):
        longer(alert, now, "third")


def test_it_is_refused_where_the_zone_does_not_want_it_or_nobody_has_the_alert(alert, now):
    with pytest.raises(Refusal, match="ouvrez d'abord la page de l'alerte"):
        longer(None, now)
    Part.update(state=PartState.QUEUED).execute()
    with pytest.raises(Refusal, match="n'a encore atteint personne"):
        longer(alert, now)
    Part.update(state=PartState.DELIVERED).execute()
    made = longer(alert, now)
    save_policy(24, False, "test", now)
    with pytest.raises(Refusal, match="un administrateur peut l'activer"):
        send(made, now)


def test_an_alert_to_single_numbers_has_no_people_to_write_to(alert, now):
    placed = order(now, text=Text("Feu.", "gsm7", ("Feu.",)), audience=Audience(numbers=(mobile(1),)))
    Part.update(state=PartState.SENT).execute()
    made = longer(placed.id, now)
    assert readers_of(bulletin(made)).people == ()
    with pytest.raises(Refusal, match="aucune personne"):
        send(made, now)
