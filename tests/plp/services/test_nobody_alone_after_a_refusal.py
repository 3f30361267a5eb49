"""Attempts to go on with an alert that no second person agreed to, as if it had reached somebody: at each door."""

import pytest
from click.testing import CliRunner

from db.alerts.orders.approval import lapse_approvals
from db.alerts.progress.progress import progress
from db.alerts.values import FollowUpOrder, Order
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import AlertCall, Broadcast
from db.models.people import Member
from db.models.policy import ZonePolicy
from db.people.audience import Audience
from plp.cli.main import main
from plp.services import broadcasts
from plp.services.accounts.rights import add_account
from plp.services.broadcasts import Request
from plp.services.orders.approving import refuse_broadcast
from plp.services.orders.following_up import follow_up
from plp.services.orders.placing import place
from plp.services.texts import Answers
from rules.people import Actor
from rules.refusals import WrongState
from tests.console.alerts import scene
from tests.plp.services.doors import OFFICER
from tests.support.accounts import long_known
from tests.support.people import SENDING, later, people, person, ready_modem

ANNE, LUC = Actor("account", "Anne"), Actor("account", "Luc")
LIE, MEMBERS = "Nuage de chlore, quittez le quartier.", 45


@pytest.fixture
def unagreed(database, now):
    """An alert to all that waits for a second person; its id. One of its people has no mobile."""
    for name in ("Anne", "Luc"):
        add_account(name, ["officer"], "quatre mots faciles à retenir", "test", later(now, -9 * 86400))
    long_known()
    ZonePolicy.create(approval="second")
    people(MEMBERS, now)
    person(99, now, mobile="", landline="042121212")
    ready_modem("a", now)
    return place({"fr": scene.TEXT}, Order(Audience(everyone=True), "alert", "urgent", ANNE), SENDING, now)


def ended(number, how, now):
    """It ends without an agreement; the moment after that."""
    if how == "withdrawn":
        broadcasts.cancel(number, Request(ANNE, SENDING, now))
    elif how == "refused":
        refuse_broadcast(number, LUC, "Ce n'est pas une alerte", now)
    else:
        now = later(now, 3600)
        lapse_approvals(now)
        ready_modem("a", now)
    return now


@pytest.mark.parametrize("kind", ["correction", "end"])
@pytest.mark.parametrize("how", ["withdrawn", "refused", "lapsed"])
def test_a_person_who_was_called_about_it_lets_nobody_correct_it_to_all(unagreed, now, how, kind):
    now = ended(unagreed, how, now)
    AlertCall.create(broadcast=unagreed, member=Member.get(Member.mobile.is_null()), called_at=now, called_by="Anne")
    wanted = FollowUpOrder(unagreed, kind, ANNE, "key")
    with pytest.raises(WrongState, match="non validé"):
        follow_up(
            *({"fr": LIE}, progress(unagreed, now), wanted, SENDING, now, Answers(accepted=True)),
            for_rest=kind == "correction",
        )
    assert Broadcast.select().count() == 1


@pytest.mark.parametrize("how", ["withdrawn", "refused", "lapsed"])
def test_nobody_is_noted_as_called_about_it(unagreed, now, how):
    now = ended(unagreed, how, now)
    called = Member.get(Member.mobile.is_null()).id
    with pytest.raises(WrongState, match="non validé"):
        broadcasts.tick_call(unagreed, called, True, Request(ANNE, SENDING, now))
    assert not AlertCall.select().exists()


@pytest.mark.parametrize("door", ["page", "command", "token", "API"])
def test_no_door_corrects_it(house, door):
    with connected():
        people(3, utc_now())
        person(99, utc_now(), mobile="", landline="042121212")
        ZonePolicy.create(approval="second")
        alert = Order(Audience(everyone=True), "alert", "urgent", Actor("account", OFFICER))
        number = place({"fr": scene.TEXT}, alert, SENDING, utc_now())
        called = Member.get(Member.mobile.is_null())
    house.officer.post(f"/alerts/{number}/cancel")
    house.officer.post(f"/alerts/{number}/called", {"member": called.id})
    with connected():
        assert not AlertCall.select().exists()
        AlertCall.create(broadcast=number, member=called, called_at=utc_now(), called_by=OFFICER)
    if door == "page":
        house.follows("correction", rest="yes", guarded="yes")
    elif door == "command":
        asked = ["broadcast", "correct", str(number), "--text", LIE, "--rest", "--yes"]
        CliRunner().invoke(main, ["--config", str(house.app.config["PLP_SETTINGS"].path), *asked])
    else:
        house.programs[door].act("correct", {"text": LIE, "rest": True}, number)
    assert scene.broadcasts() == 1
