"""Lists of members as people have them: every row is kept, or refused with its line and reason."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.journal import audit
from db.people.members.importing import import_members
from db.people.members.listing import member, members, neighbourhoods
from db.people.members.saving import MemberDraft, save_member
from db.people.members.welcome import due_welcomes
from plp.rules.refusals import Refusal
from tests.support.people import later, mobile, person, place
from tests.support.rosters import HEADER, everyone, only, reasons, rows, take

pytestmark = pytest.mark.usefixtures("database")

FRENCH = "prénom;nom;gsm;e-mail;langue;quartier;rôle"
HÉLÈNE = "Hélène;Noël;0470/00.00.01;helene@example.org;fr;Rotheux-Rimière;membre"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_files_as_excel_and_others_write_them(now, encoding, separator, line_end):
    content = line_end.join([FRENCH, HÉLÈNE, ""]).replace(";", separator)
    assert take(content.encode(encoding), now).added == 1
    card = only()
    assert (card.name, card.mobile, card.email) == ("Hélène Noël", mobile(1), "helene@example.org")
    assert (card.language, card.neighbourhood, card.role) == ("fr", "Rotheux-Rimière", "member")


def test_a_name_written_in_two_code_points_is_the_same_name(now):
    take(rows("Hélène,Noël,0470000001,,fr,Rimière,"), now)
    assert take(rows("He\u0301le\u0300ne,Noe\u0308l,0470000001,,fr,Rimie\u0300re,"), now).updated == 1
    assert only().name == "Hélène Noël"
    assert [card.name for card in neighbourhoods()] == ["Rimière"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "vide"),
        ("\n;;\n \n", "vide"),
        ("first_name,last_name,email,neighbourhood\n", "Il manque la colonne mobile"),
        ("nom,gsm\nA,0470000001", "first_name, neighbourhood"),
        ("prenom,nom,gsm,quartier,shoe size\n", "Colonne inconnue : shoe size"),
        ("prenom,nom,nom,gsm,quartier\n", "last_name est là deux fois"),
        ("Anne,Lambert,0470000001,,fr,Ehein,member\n", "Il manque la colonne"),
        (b"PK\x03\x04not a workbook", "Excel"),
        (b"\xff\xfe\x00", "pas un texte lisible"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Il manque la colonne"),
        (rows('Anne,Lambert,0470000001,,fr,Ehein,"member', "Luc,B,0470000002,,fr,Ehein,"), "Ligne 2"),
        (rows('Anne,Lambert,0470000001,,fr,Ehein,"' + "x" * 200_000 + '"'), "Ligne 2"),
        (b"x" * (8 * 1024 * 1024 + 1), "8 Mo"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(now, content, words):
    with pytest.raises(Refusal, match=words):
        take(content, now)
    assert everyone() == []


def test_bad_rows_are_refused_by_line_and_the_others_taken(now):
    report = take(
        rows(
            "Anne,A,0470000001,,fr,Ehein,member",
            "",
            " , ,,,,,",
            "Luc,B,04 330 40 00,,fr,Ehein,",
            "Jan,C,0470 00 00 0,,nl,Ehein,",
            "Piet,D,101,,nl,Ehein,",
            "Inès,E,0470/00.00.01,,fr,Ehein,",
            "Théo,F,,,fr,Ehein,",
            "Maya,G,0470000002,,fr,,",
            ",,0470000003,,fr,Ehein,",
            "Rita,H,0470000004,pas une adresse,fr,Ehein,",
            "Noé,I,0470000005,,it,Ehein,",
            "Zoé,J,0470000006,,fr,Ehein,chef",
            "Léa,K,0470000007,,fr,Ehein,member,trop",
            "Eva,L,0470000008,,fr,Ehein,,,",
            "Tom,M",
            "Bob,N,,bob@example.org,FR,Ehein,",
            "Pia,O,,BOB@example.org,fr,Ehein,",
        ),
        now,
    )
    assert (report.read, report.added) == (16, 3)
    assert {card.first_name for card in everyone()} == {"Anne", "Eva", "Bob"}
    told = reasons(report)
    for line, words in {
        5: "fixe de la région liégeoise",
        6: "il manque un chiffre",
        7: "numéro court ou d'urgence",
        8: "ce numéro est déjà à la ligne 2",
        9: "il faut un gsm ou une adresse",
        10: "il manque le quartier",
        11: "il manque le nom",
        12: "n'est pas une adresse e-mail",
        13: "langue inconnue : it",
        14: "rôle inconnu : chef",
        15: "plus de cellules",
        17: "il manque le quartier",
        19: "cette adresse est déjà à la ligne 18",
    }.items():
        assert words in told.pop(line)
    assert told == {}


def test_a_refused_row_does_not_block_the_corrected_one(now):
    report = take(rows("Anne,A,0470000001,,it,Ehein,", "Anne,A,0470000001,,fr,Ehein,"), now)
    assert (report.added, len(report.refused)) == (1, 1)


def test_a_value_under_an_unnamed_column_is_one_cell_too_many(now):
    header = HEADER + ","
    report = take(rows("Anne,A,B,0470000001,,fr,Ehein,", "Luc,C,0470000002,,fr,Ehein,,", header=header), now)
    assert report.added == 1
    shifted = take(rows("Anne,A,0470000001,,fr,Ehein,member,extra", header=header), now)
    assert "plus de cellules" in reasons(shifted)[2]


def test_quoted_values_may_hold_separators_quotes_and_line_ends(now):
    report = take(
        rows(
            '"Jean ""Jojo""","Dupont, fils","0470 00\n00 01",,fr,"Ehein\nNord",',
            "Luc,B,101,,fr,Ehein,",
        ),
        now,
    )
    assert (only().name, only().mobile, only().neighbourhood) == ('Jean "Jojo" Dupont, fils', mobile(1), "Ehein Nord")
    # the first row stands on three lines
    assert list(reasons(report)) == [5]


def test_hostile_cells_are_text_of_one_printable_line(now):
    take(
        rows(
            '"=HYPERLINK(""http://x.example"")",<script>alert(1)</script>,0470000001,,fr,"\'; DROP TABLE member; --",',
            "Nul\x00l\x07\x1b[31m,\u202egnirts,0470000002,,fr,Ehein,",
            "{0.__class__},%s,0470000003,,fr,Ehein,",
        ),
        now,
    )
    by_number = {card.mobile: card for card in everyone()}
    assert by_number[mobile(1)].first_name == '=HYPERLINK("http://x.example")'
    assert by_number[mobile(1)].last_name == "<script>alert(1)</script>"
    assert by_number[mobile(1)].neighbourhood == "'; DROP TABLE member; --"
    assert (by_number[mobile(2)].first_name, by_number[mobile(2)].last_name) == ("Nul l [31m", "gnirts")
    assert by_number[mobile(3)].name == "{0.__class__} %s"


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\u202e", "\u200b", "\x7f"])
def test_an_address_holds_nothing_invisible(now, character):
    report = take(rows(f"Anne,A,,an{character}ne@example.org,fr,Ehein,"), now)
    assert "n'est pas une adresse e-mail" in reasons(report)[2]


def test_a_reason_never_repeats_a_whole_hostile_cell(now):
    report = take(rows(f"Anne,A,{'x' * 5000},,fr,Ehein,", f"Anne,A,0470000001,{'y' * 5000},fr,Ehein,"), now)
    assert all(len(row.reason) < 200 for row in report.refused)


CELL = st.one_of(
    st.sampled_from(
        ["", "Anne", "0470000001", "0470 00 00 02", "042345678", "101", "a@example.org", "fr", "oui", "chef"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=8),
)


@pytest.mark.slow
@given(table=st.lists(st.lists(CELL, max_size=9), max_size=12), known=st.booleans())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_read_are_kept_or_refused_whatever_they_hold(now, table, known):
    def quoted(cell):
        return '"' + cell.replace('"', '""') + '"'

    content = rows(*(",".join(map(quoted, line)) for line in table))
    foreseen = take(content, now, dry_run=True)
    before = len(everyone())
    report = take(content, now)
    assert report == foreseen
    assert len(everyone()) == before + report.added
    again = take(content, now)
    assert (again.added, again.updated) == (0, report.added + report.updated)


@given(st.binary(max_size=300), st.sampled_from(["", "first_name,last_name,mobile,neighbourhood\n"]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(now, content, header):
    try:
        take(header.encode() + content, now, dry_run=True)
    except Refusal:
        return


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
        "Jan": (True, False),
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
    assert {card.name: card.members for card in neighbourhoods()} == {"Rotheux Haut": 1, "Ehein": 2, "x" * 100: 2}


def test_only_new_people_are_welcomed_and_only_when_asked(now):
    take(rows("Anne,A,0470000001,,fr,Ehein,"), now)
    assert due_welcomes() == []
    take(rows("Anne,A,0470000001,,fr,Ehein,coordinator", "Luc,B,0470000002,,nl,Ehein,"), now, welcome=True)
    assert [(due.msisdn, due.language) for due in due_welcomes()] == [(mobile(2), "nl")]


@pytest.mark.slow
def test_twenty_thousand_rows(now):
    lines = [f"P{n},N{n},0470{n:06},m{n}@example.org,fr,Q{n % 40},member" for n in range(20_000)]
    started = time.perf_counter()
    report = take(rows(*lines), now)
    took_s = time.perf_counter() - started
    assert (report.read, report.added) == (20_000, 20_000)
    assert members().total == 20_000
    assert took_s < 60, f"{took_s:.1f} s"


def test_the_report_names_the_neighbourhoods_that_the_file_would_make(database, now):
    content = "first_name,last_name,mobile,neighbourhood\n"
    content += "".join(
        f"P{n},N{n},+324700000{n:02},{place}\n" for n, place in enumerate(("Ehein", "ehein", "Eheinn"), 1)
    )
    dry = import_members(content.encode(), "m.csv", "test", now, dry_run=True)
    assert dry.new_neighbourhoods == ["Ehein", "Eheinn"]
    assert import_members(content.encode(), "m.csv", "test", now).new_neighbourhoods == ["Ehein", "Eheinn"]
    assert import_members(content.encode(), "m.csv", "test", now).new_neighbourhoods == []
