"""Lists of members as people have them: every row is kept, or refused with its line and reason."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.people.members.listing import neighbourhoods
from rules.lists.consents import UnclearColumns
from rules.refusals import Refusal
from tests.support.people import mobile
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
        ("first_name,last_name,neighbourhood\n", "Il manque la colonne gsm"),
        ("nom,gsm\nA,0470000001", "Il manque la colonne quartier"),
        ("prenom,nom,nom,gsm,quartier\n", "La colonne nom figure deux fois"),
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
    assert (report.read, report.added) == (16, 7)
    assert {card.first_name for card in everyone()} == {"Anne", "Luc", "Rita", "Noé", "Zoé", "Eva", "Bob"}
    told = reasons(report)
    for line, words in {
        6: "il manque un chiffre",
        7: "numéro court ou d'urgence",
        8: "ce numéro est déjà à la ligne 2",
        9: "il faut un GSM, un autre numéro ou une adresse",
        10: "il manque le quartier",
        11: "il manque le nom",
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
    try:
        foreseen = take(content, now, dry_run=True)
    except UnclearColumns:
        return
    before = len(everyone())
    report = take(content, now)
    assert report == foreseen
    assert len(everyone()) == before + report.added
    again = take(content, now)
    assert (again.added, again.updated) == (0, report.added + report.updated)


@pytest.mark.slow
@given(st.binary(max_size=300), st.sampled_from(["", "first_name,last_name,mobile,neighbourhood\n"]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(now, content, header):
    try:
        take(header.encode() + content, now, dry_run=True)
    except Refusal:
        return
