"""The zone's policy: defaults, what is refused, what the audit keeps."""

import pytest

from db.journal.audit import entries
from db.people.zone import Policy, policy
from plp.services.accounts.rights import account_card, add_account, change_account
from plp.services.zone import save_policy
from rules.people import Actor
from rules.refusals import Refusal

PASSWORD = "quatre mots faciles à retenir"


@pytest.mark.parametrize(
    ("base", "people", "seconds"),
    [
        (10, 1, 10),
        (10, 50, 10),
        (10, 51, 20),
        (10, 500, 20),
        (10, 501, 30),
        (25, 9000, 60),
        (90, 9000, 90),
        (0, 9000, 0),
    ],
)
def test_more_people_can_be_undone_for_longer(base, people, seconds):
    assert Policy().undo_seconds(base, people) == seconds


@pytest.mark.usefixtures("database")
def test_what_changed_is_kept_with_who_and_the_rest_stays(now):
    assert policy() == Policy()
    save_policy(Policy(approval="none", mail_always=True), "anne", now)
    save_policy(Policy(approval="none", mail_always=True), "anne", now)
    assert policy() == Policy(approval="none", mail_always=True)
    [entry] = [entry for entry in entries() if entry.action == "policy_changed"]
    changed = {"approval": ["typed", "none"], "mail_always": [False, True]}
    assert (entry.actor, entry.detail) == ("anne", {"changed": changed})


@pytest.mark.usefixtures("database")
def test_what_could_not_be_lived_with_is_refused(now):
    with pytest.raises(Refusal):
        save_policy(Policy(approval="perhaps"), "anne", now)  # type: ignore[arg-type]
    assert policy() == Policy()


@pytest.mark.usefixtures("database")
def test_a_second_person_needs_a_second_officer(now):
    add_account("Anne", ["officer"], PASSWORD, "test", now)
    add_account("Benoît", ["officer"], None, "test", now)  # nobody has opened the link yet
    with pytest.raises(Refusal, match="deux policiers"):
        save_policy(Policy(approval="second"), "anne", now)
    add_account("Anne Bis", ["officer"], PASSWORD, "test", now, mobile="0470000001", email="anne@zone.be")
    add_account("Anne Ter", ["officer"], PASSWORD, "test", now, mobile="0470 00 00 01")
    change_account(account_card("Anne").id, Actor("account", "test"), now, email="Anne@zone.be")
    with pytest.raises(Refusal, match="en commun"):  # three accounts of one person
        save_policy(Policy(approval="second"), "anne", now)
    add_account("Chloé", ["officer"], PASSWORD, "test", now)
    save_policy(Policy(approval="second"), "anne", now)
    assert policy().approval == "second"
