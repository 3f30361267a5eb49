"""A STOP by SMS while an admin, a list or a proposal changes that member: nobody's change takes the STOP back."""

from functools import partial

import pytest

from db.engine.connection import writing
from db.inbound.replies.leaving import apply_stop
from db.models.people import Member
from db.people.members.listing import agrees_to, member
from db.people.proposals import corrections
from plp.services.people.proposals import accept_correction, propose_corrections
from plp.services.people.saving import change_together, draft_of, merge_members, save_member, undo_act
from rules.refusals import Overtaken
from tests.support.people import later, mobile, person
from tests.support.races import BEGIN, COMMIT, race
from tests.support.rosters import import_members

DEEDS = ["correction", "form", "list", "merge", "together", "undo"]
CHANGED, CONSENT = 'UPDATE "member" ', 'UPDATE "consent" '
# What changes no consent leaves all consents alone; this one changes one.
LIST = f"""first_name,last_name,mobile,email,language,neighbourhood,consent_mail_group
Prénom1,Nom001,{mobile(1)},un@example.org,fr,Plainevaux,non
"""


@pytest.fixture
def who(modem, now):
    return person(1, now, email="un@example.org")


@pytest.fixture
def deeds(who, modem, now):
    """Changes of this member, by name."""
    card, then = member(who), later(now, 60)
    propose_corrections(who, [card.neighbourhood_id], {"last_name": "Nom autre"}, "Ida", now)
    (proposal,) = corrections()
    other = person(2, now, email="autre@example.org")
    _changed, act = change_together([who], "mail_group", True, "Anne", now)
    return {
        "correction": partial(accept_correction, proposal.id, "Anne", then),
        "form": partial(save_member, who, draft_of(member(who)), "Anne", then, shown=["sms", "mail_group"]),
        "list": partial(import_members, LIST.encode(), "liste.csv", "Anne", then),
        "merge": partial(merge_members, who, other, "Anne", then),
        "together": partial(change_together, [who], "mail_group", False, "Anne", then),
        "undo": partial(undo_act, act, "Anne", then),
    }


@pytest.fixture
def stop(who, now):
    def write_stop():
        with writing():
            return apply_stop(mobile(1), later(now, 600), later(now, 600), later(now, 600))

    return write_stop


def agrees(who):
    return Member.select().where(Member.id == who, agrees_to("sms")).exists()


@pytest.mark.parametrize("name", DEEDS)
@pytest.mark.parametrize("at", [(BEGIN,), (CHANGED,), (CHANGED, COMMIT)])
def test_a_stop_during_a_change_counts(deeds, stop, who, name, at):
    came_to = race(deeds[name], at, stop)
    assert not agrees(who), came_to


@pytest.mark.parametrize("name", DEEDS)
@pytest.mark.parametrize("at", [(CONSENT,), (CONSENT, COMMIT)])
def test_a_change_during_a_stop_leaves_it(deeds, stop, who, name, at):
    _stopped, changed = race(stop, at, deeds[name])
    assert not agrees(who), changed
    assert not isinstance(changed, Exception) or (name == "form" and isinstance(changed, Overtaken)), changed
