"""What a list of members changes: who is known again, who agreed, and what the report says."""

import time

import pytest

from db.journal import audit
from db.people.members.listing import member, members, neighbourhoods
from db.people.members.welcome import due_welcomes
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from tests.support.people import later, mobile, person, place
from tests.support.rosters import HEADER, everyone, import_members, only, reasons, rows, take
from tests.support.sampling import left_to_soak

pytestmark = pytest.mark.usefixtures("database")


def test_a_dry_run_writes_nothing_and_foretells_everything(now):
    person(1, now)
    content = rows("Anne,A,0470000001,,fr,Nouveau,", "Luc,B,0470000002,,fr,Nouveau,", "Jan,C,101,,fr,Ehein,")
    before = (everyone(), neighbourhoods(), audit.entries())
    foretold = take(content, later(now, 9), dry_run=True, welcome=True)
    assert (everyone(), neighbourhoods(), audit.entries()) == before
    assert take(content, later(now, 9)) == foretold
    assert (foretold.added, foretold.updated) == (1, 1)


def test_importing_again_updates(now):
    take(rows("Anne,A,0470000001,anne@example.org,nl,Ehein,coordinator"), now)
    report = take(rows("Anna,Aa,+32 470 00 00 01,anna@example.org,de,Plainevaux,member"), later(now, 60))
    assert (report.added, report.updated) == (0, 1)
    card = only()
    assert (card.name, card.email, card.language) == ("Anna Aa", "anna@example.org", "de")
    assert (card.neighbourhood, card.role) == ("Plainevaux", "member")


def test_a_list_that_does_not_say_takes_nothing_away(now):
    take(rows("Anne,A,0470000001,anne@example.org,nl,Ehein,coordinator"), now)
    before = only()
    take("prenom,nom,gsm,quartier\n,A,0470000001,Ehein", later(now, 60))
    take("prenom,nom,gsm,quartier,e-mail\nAnne,,,Ehein,ANNE@example.org", later(now, 60))
    assert only() == before


def test_someone_known_by_address_keeps_the_number_and_the_consent(now):
    take(rows("Anne,A,0470000001,anne@example.org,fr,Ehein,"), now)
    take(rows("Anne,A,,anne@example.org,fr,Ehein,"), later(now, 60))
    assert (only().mobile, only().state) == (mobile(1), "active")


def test_an_address_of_an_earlier_row_is_somebody_already(now):
    report = take(rows("Jean,D,0470000001,d@example.org,fr,Ehein,", "Marie,D,,d@example.org,fr,Ehein,"), now)
    assert "cette adresse est déjà à la ligne 2" in reasons(report)[3]
    assert only().first_name == "Jean"


def test_two_people_with_phones_may_share_an_address(now):
    content = rows("Jean,D,0470000001,d@example.org,fr,Ehein,", "Marie,D,0470000002,d@example.org,fr,Ehein,")
    assert take(content, now).added == 2
    assert take(content, now).updated == 2
    told = reasons(take(rows("Paul,D,,d@example.org,fr,Ehein,"), now))
    assert "plusieurs personnes partagent cette adresse" in told[2]


def test_a_shared_number_finds_the_person_of_that_name(now):
    first = person(1, now, first_name="Jean", last_name="D")
    draft = MemberDraft("Marie", "D", mobile(1), "", "fr", place("Plainevaux", now))
    second = save_member(None, draft, "test", now, number_shared=True)
    assert take(rows("Marie,D,0470000001,marie@example.org,fr,Plainevaux,"), now).updated == 1
    assert (member(first).email, member(second).email) == (None, "marie@example.org")
    told = reasons(take(rows("Paul,D,0470000001,,fr,Plainevaux,"), now))
    assert "plusieurs personnes partagent ce numéro" in told[2]


def test_known_by_address_only(now):
    take(rows("Anne,A,,anne@example.org,fr,Ehein,"), now)
    assert (only().state, only().sms) == ("no_number", False)
    assert take(rows("Anne,B,,Anne@Example.org,fr,Ehein,"), now).updated == 1
    assert only().name == "Anne B"


def test_who_left_stays_away(now):
    take(rows("Anne,A,0470000001,anne@example.org,fr,Ehein,"), now)
    draft = MemberDraft("Anne", "A", mobile(1), "anne@example.org", "fr", only().neighbourhood_id, sms=False)
    save_member(only().id, draft, "jan", now)
    left = only().consents
    take(rows("Anne,A,0470000001,anne@example.org,fr,Plainevaux,"), later(now, 60))
    assert (only().state, only().neighbourhood, only().consents) == ("opted_out", "Plainevaux", left)
    # a list that says yes in so many words is a new answer
    header = HEADER + ",consent_sms"
    take(rows("Anne,A,0470000001,,fr,Ehein,,oui", header=header), later(now, 90))
    assert only().state == "active"


@pytest.mark.parametrize("yes", ["oui", "OUI", "yes", "ja", "1", "x", "vrai", "O"])
@pytest.mark.parametrize("no", ["non", "No", "nee", "0", "faux"])
def test_consent_columns(now, yes, no):
    header = "prenom,nom,gsm,e-mail,quartier,consent_sms,consent_mail_group"
    take(
        rows(
            f"Anne,A,0470000001,a@example.org,Ehein,{no},{yes}",
            f"Luc,B,0470000002,b@example.org,Ehein,{yes},{no}",
            "Jan,C,0470000003,c@example.org,Ehein,,",
            f"Piet,D,,d@example.org,Ehein,{yes},{yes}",
            f"Inès,E,0470000005,,Ehein,{yes},{yes}",
            "Théo,F,0470000006,,Ehein,peut-être,",
            header=header,
        ),
        now,
    )
    told = {card.first_name: (card.sms, card.mail_group) for card in everyone()}
    assert told == {
        "Anne": (False, True),
        "Luc": (True, False),
        "Piet": (False, True),
        "Inès": (True, False),
    }


def test_the_import_is_the_recorded_source_of_consent(now):
    take(rows("Anne,A,0470000001,a@example.org,fr,Ehein,"), now)
    sms = {consent.channel: consent for consent in only().consents}["sms"]
    assert (sms.given, sms.at, sms.how, sms.who) == (True, now, "import", "anne")
    added = [entry for entry in audit.entries() if entry.action == "member_added"]
    assert [(entry.actor, entry.subject) for entry in added] == [("anne", str(only().id))]
    assert added[0].detail == {"how": "import", "sms": True, "mail_group": False}


def test_a_list_that_says_nothing_new_leaves_no_trace_but_itself(now):
    content = rows("Anne,A,0470000001,a@example.org,fr,Ehein,")
    take(content, now)
    take(content, later(now, 60))
    actions = [entry.action for entry in audit.entries()]
    assert actions.count("member_changed") == 0
    assert actions.count("members_imported") == 2
    assert audit.entries()[0].detail == {"added": 0, "updated": 1, "refused": 0}


def test_neighbourhoods_are_made_once_and_known_whatever_their_case_and_spaces(now):
    place("Rotheux Haut", now)
    report = take(
        rows(
            "Anne,A,0470000001,,fr,rotheux  HAUT,",
            "Luc,B,0470000002,,fr,Ehein,",
            "Jan,C,0470000003,,fr,EHEIN,",
            f"Piet,D,0470000004,,fr,{'x' * 150},",
            f"Inès,E,0470000005,,fr,{'x' * 151},",
        ),
        now,
    )
    assert report.refused == []
    assert {card.name: card.members for card in neighbourhoods()} == {"Rotheux Haut": 1, "Ehein": 2, "x" * 60: 2}


def test_only_new_people_are_welcomed_and_only_when_asked(now):
    take(rows("Anne,A,0470000001,,fr,Ehein,"), now)
    assert due_welcomes() == []
    take(rows("Anne,A,0470000001,,fr,Ehein,coordinator", "Luc,B,0470000002,,nl,Ehein,"), now, welcome=True)
    assert [(due.member.mobile, due.member.language) for due in due_welcomes()] == [(mobile(2), "nl")]


@pytest.mark.slow
@pytest.mark.parametrize("count", [2_000, left_to_soak(20_000)])
def test_thousands_of_rows(now, count):
    lines = [f"P{n},N{n},0470{n:06},m{n}@example.org,fr,Q{n % 40},member" for n in range(count)]
    started = time.perf_counter()
    report = take(rows(*lines), now)
    took_s = time.perf_counter() - started
    assert (report.read, report.added) == (count, count)
    assert members().total == count
    assert took_s < 10 + count / 400, f"{took_s:.1f} s"


def test_the_report_names_the_neighbourhoods_that_the_file_would_make(database, now):
    content = "first_name,last_name,mobile,neighbourhood\n"
    content += "".join(
        f"P{n},N{n},+324700000{n:02},{place}\n" for n, place in enumerate(("Ehein", "ehein", "Eheinn"), 1)
    )
    dry = import_members(content.encode(), "m.csv", "test", now, dry_run=True)
    assert dry.new_neighbourhoods == ["Ehein", "Eheinn"]
    assert import_members(content.encode(), "m.csv", "test", now).new_neighbourhoods == ["Ehein", "Eheinn"]
    assert import_members(content.encode(), "m.csv", "test", now).new_neighbourhoods == []
