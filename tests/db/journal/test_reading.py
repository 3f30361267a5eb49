"""The journal as it is read: every entry once, what was done at once as one line, and no query that scans history."""

from datetime import timedelta
from itertools import pairwise

import pytest

from db.journal import audit
from db.journal.chain import typed_naming
from db.journal.reading import AT_ONCE, JournalSearch, entries_beside, journal_page, values_of
from db.models.zone import AuditEntry
from db.people.zone import ZoneCard
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from plp.services.zone import name_zone
from rules.members import MemberDraft
from rules.numbers import mentioning
from tests.support.people import later, mobile, person, place, plans_of
from tests.support.rosters import import_members

pytestmark = pytest.mark.usefixtures("database")


def pages(search=None, per_page=3):
    """The lines of each page from the newest to the oldest."""
    before, found = "", []
    while not found or before:
        lines, before = journal_page(search or JournalSearch(), before, per_page)
        found.append(lines)
    return found


def shown(search=None, per_page=3):
    return [line for page in pages(search, per_page) for line in page]


@pytest.mark.slow
def test_every_entry_stands_on_one_page_newest_first(now):
    for number in range(200):
        # Five at a time, and the clock is set back once.
        audit.record(later(now, number // AT_ONCE - (50 if number > 150 else 0)), f"user{number % 3}", "sign_in")
    lines = shown(per_page=7)
    assert len(lines) == len({line.id for line in lines}) == 200
    assert all((one.entry.at, one.id) > (two.entry.at, two.id) for one, two in pairwise(lines))
    assert len(pages(per_page=7)[0]) == 7


def test_an_import_hides_nothing_and_holds_its_list(now):
    audit.record(later(now, -1), "anne", "sign_in")
    rows = "".join(f"Luc;Nom{number};{mobile(number)};Plainevaux\n" for number in range(100))
    import_members(f"prénom;nom;gsm;quartier\n{rows}".encode(), "list.csv", "anne", now)
    audit.record(later(now, 1), "anne", "session_ended")
    newest, imported, oldest = shown()[:3]
    assert [line.entry.action for line in (newest, imported, oldest)] == [
        "session_ended",
        "members_imported",
        "sign_in",
    ]
    assert (imported.at_once, imported.entry.detail["added"]) == (True, 100)
    listed = entries_beside(imported.id)
    assert sum(line.entry.action == "member_added" for line in listed) == 100
    assert entries_beside(imported.id, after=listed[-3].id) == listed[-2:]
    assert entries_beside(10**9) == []
    added = shown(JournalSearch(action="member_added"))
    assert [line.at_once for line in added] == [True]


def test_filters_narrow_together(now):
    for number, (actor, action, subject) in enumerate(
        [
            ("anne", "member_changed", "7"),
            ("luc", "member_changed", "8"),
            ("anne", "sign_in", ""),
            ("luc", "sign_in", ""),
        ]
    ):
        audit.record(later(now, number), actor, action, subject)

    def found(**wanted):
        return [(line.entry.actor, line.entry.action) for line in shown(JournalSearch(**wanted))]

    assert found(actor="anne") == [("anne", "sign_in"), ("anne", "member_changed")]
    assert found(actor="anne", action="sign_in") == [("anne", "sign_in")]
    assert found(subject="8", actor="anne") == []
    assert found(subject="8", action="member_changed") == [("luc", "member_changed")]
    assert found(since_at=later(now, 1), until_at=later(now, 2)) == [("luc", "member_changed")]
    assert found(matches=(("actor", "luc"), ("subject", "7"))) == [
        ("luc", "sign_in"),
        ("luc", "member_changed"),
        ("anne", "member_changed"),
    ]
    assert found(matches=(("actor", "luc"),), actor="anne") == []
    assert found(matches=()) == []
    assert {"anne", "luc"} <= set(values_of("actor"))


@pytest.mark.parametrize("before", ["x", "1.x", "99999999999999999.1", "\0"])
def test_a_place_that_nobody_gave_is_the_newest(now, before):
    audit.record(now, "anne", "sign_in")
    assert journal_page(JournalSearch(), before)[0][0].entry.action == "sign_in"


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("search", "ways"),
    [
        (JournalSearch(), ["(at<?)"]),
        (JournalSearch(actor="plp"), ["(actor=? AND at<?)"]),
        (JournalSearch(action="sign_in"), ["(action=? AND at<?)"]),
        (JournalSearch(actor="plp", action="sign_in"), ["(action=? AND actor=? AND at<?)"]),
        (JournalSearch(subject="7", actor="plp", action="sign_in"), ["(subject=? AND at<?)"]),
        (
            JournalSearch(matches=(("actor", "plp"), ("action", "sign_in"), ("subject", "7"))),
            ["(actor=? AND at<?)", "(action=? AND at<?)", "(subject=? AND at<?)"],
        ),
    ],
)
def test_no_query_scans_or_sorts_the_journal(now, search, ways):
    plans = plans_of(lambda: journal_page(search, "1795552800000000.5"))
    assert len(plans) == len(ways)
    for plan, way in zip(plans, ways, strict=True):
        assert way in plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.sqlite
def test_values_and_lists_are_found_by_an_index(now):
    person(1, now)
    plans = plans_of(lambda: (values_of("actor"), values_of("action"), entries_beside(1)))
    assert len(plans) > 4
    for plan in plans:
        assert "SEARCH" in plan
        assert "TEMP B-TREE" not in plan


def test_a_change_is_told_by_field_and_a_person_s_data_are_not(now):
    member = person(1, now)
    other = place("Hout-si-Plout", now)
    draft = MemberDraft("Prénom1", "Autrement", mobile(2), "luc@example.org", "nl", other)
    save_member(member, draft, "anne", later(now, 1))
    entry = audit.newest("member_changed")
    assert entry.detail["changed"] == {
        "last_name": [],
        "mobile": [],
        "email": [],
        "language": ["fr", "nl"],
        "neighbourhood": ["Plainevaux", "Hout-si-Plout"],
    }
    stored = AuditEntry.select().order_by(AuditEntry.id.desc()).first().detail
    assert "Autrement" not in stored
    assert "luc@" not in stored
    save_member(member, draft, "anne", later(now, 2))
    assert "changed" not in audit.newest("member_changed").detail


def test_an_import_tells_what_it_changed(now):
    person(1, now)
    content = f"prénom;nom;gsm;quartier;langue\nPrénom1;Nouveau;{mobile(1)};Plainevaux;de\n".encode()
    import_members(content, "list.csv", "anne", now + timedelta(minutes=1))
    assert audit.newest("member_changed").detail == {
        "how": "import",
        "changed": {"last_name": [], "language": ["fr", "de"]},
    }


def test_the_zone_and_a_neighbourhood_tell_theirs(now):
    name_zone(ZoneCard("Police locale", "5278", "112", "04/330 40 00"), "anne", now)
    assert audit.newest("zone_changed").detail["changed"]["emergency"][1] == "112"
    number = place("Plainevaux", now)
    save_neighbourhood(number, "Plainevaux-Sud", "a@example.org", "anne", now)
    assert audit.newest("neighbourhood_saved").detail["changed"] == {
        "name": ["Plainevaux", "Plainevaux-Sud"],
        "reference_address": [],
    }


def test_names_are_looked_for_where_somebody_typed_since_then(now):
    audit.record(now, "anne", "approval_alone", "1", reason="Odile Quadflieg appelle")
    audit.record(now, "anne", "roles_changed", "Odile Quadflieg", roles=["Odile Quadflieg"])
    later = audit.record(now + timedelta(seconds=1), "anne", "broadcast_ordered", "2", kind="x", override="Odile !")
    names = mentioning((), None, "Odile", "Quadflieg")
    (entry,) = typed_naming(names, now)
    assert AuditEntry.get_by_id(entry).action == "approval_alone"
    assert typed_naming(names, now + timedelta(seconds=1)) == []
    assert typed_naming("Odile !".__eq__, now) == [later]


@pytest.mark.sqlite
def test_no_erasure_reads_through_the_entries_of_imports(now):
    person(1, now)
    audit.record(now, "anne", "approval_alone", "1", reason="x")
    assert "audit_typed" in plans_of(lambda: typed_naming("x".__eq__, now))[-1]
