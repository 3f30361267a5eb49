"""Consent in lists: columns that nobody named stop the list, and a no is never a yes."""

import time
from contextlib import suppress

import pytest

from plp.services.people.reading import list_in
from rules.lists.addresses import bare_address
from rules.lists.answers import answer
from rules.lists.consents import (
    Answers,
    UnclearColumns,
    answers,
    meaning_of_blank,
    refuse_unclear,
    unclear_columns,
)
from rules.lists.remarks import refuses
from rules.lists.telephones import placed
from rules.refusals import Refusal

HEADER = "nom;gsm;quartier"


def listed(heading, *cells):
    lines = [f"N{at};047000{at:04};Ehein;{cell}" for at, cell in enumerate(cells)]
    return list_in("\n".join([f"{HEADER};{heading}", *lines]).encode(), "liste.csv")


HEADINGS = [
    *("Toestemming", "Consentement", "Accord", "Akkoord ontvangen?", "Einwilligung", "Zustimmung erteilt"),
    *(
        "Consent given",
        "Autorisation",
        "Opt-in",
        "OK ?",
        "SMS",
        "RGPD",
        "Instemming (GDPR)",
        "Refus",
        "STOP",
        "J'accepte",
    ),
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_that_may_say_who_agrees_stops_the_list(heading):
    whole = listed(heading, "2024-05-01", "voir dossier")
    with pytest.raises(UnclearColumns, match="Rien n'est importé") as stopped:
        refuse_unclear(whole, whole.guess)
    assert stopped.value.names == (heading,)


@pytest.mark.parametrize("cells", [("oui", "non", ""), ("ja", "nee"), ("x", "x", ""), ("1", "0"), ("Non merci", "vu")])
def test_cells_that_are_mostly_yes_or_no_stop_it_too(cells):
    whole = listed("Divers", *cells)
    assert unclear_columns(whole, whole.guess) == [3]


@pytest.mark.parametrize("cells", [("1", "2", "3", "4"), ("brun", "oui", "gris"), ("", "", "")])
def test_cells_of_another_kind_do_not(cells):
    whole = listed("Divers", *cells)
    assert unclear_columns(whole, whole.guess) == []


def test_a_neighbourhood_that_is_yes_or_no_is_a_consent():
    whole = list_in(b"nom;gsm;PLP\nA;0470000001;oui\nB;0470000002;non\n", "liste.csv")
    assert unclear_columns(whole, whole.guess) == [2]


@pytest.mark.parametrize("field", ["consent_sms", "consent_mail_group", "consent", "refusal", "unrelated"])
def test_what_was_said_of_a_column_stops_nothing(field):
    whole = listed("Toestemming", "ja", "nee")
    assert unclear_columns(whole, [*whole.guess[:3], field]) == []


@pytest.mark.parametrize(
    ("columns", "cells", "sms", "mail_group"),
    [
        (["consent"], ["nee"], False, False),
        (["consent"], ["ja"], True, None),
        (["consent"], [""], None, None),
        (["refusal"], ["x"], False, False),
        (["refusal"], ["non"], None, None),
        (["consent_sms", "consent_mail_group"], ["non", "oui"], False, True),
        (["consent_sms", ""], ["oui", "ne veut plus de SMS"], False, False),
        (["consent_sms", "unrelated"], ["oui", "non"], True, None),
    ],
)
def test_a_no_anywhere_on_a_row_is_never_a_yes(columns, cells, sms, mail_group):
    said = answers(columns, cells)
    assert (said.sms, said.mail_group) == (sms, mail_group)
    assert bool(said.notes()) == ("" in columns)


def test_a_row_that_says_nothing_answers_nothing():
    assert answers(["last_name", "", ""], ["Noël", "rappeler le soir", ""]) == Answers()


def test_an_answer_that_is_none_refuses_the_row():
    with pytest.raises(Refusal, match="ni oui ni non"):
        answers(["consent"], ["peut-être"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *((yes, True) for yes in ("oui", "Oui (2019)", "JA", "x", "ok", "D'accord", "✓", "wahr")),
        *((no, False) for no in ("non", "Non merci", "nee, dank u", "nein!", "0", "refusé", "niet akkoord", "falsch")),
        *((none, None) for none in ("oui mais pas le soir", "peut-être", "", "oui / non", "voir Anne")),
    ],
)
def test_answers_in_four_languages(text, said):
    assert answer(text) is said


@pytest.mark.parametrize(
    ("text", "no"),
    [
        *((text, True) for text in ("NON", "nee.", "Plus de SMS svp", "geen berichten", "uitgeschreven", "sms: non")),
        *((text, True) for text in ("bitte keine SMS", "STOP", "désinscrite en 2019", "refuse", "do not text")),
        *((text, False) for text in ("non-fumeur", "0", "n", "rappeler le soir", "sonner 2x", "Stopstraat", "notaire")),
    ],
)
def test_a_text_that_refuses_by_itself(text, no):
    assert refuses(text) is no


@pytest.mark.parametrize(
    ("cells", "meaning"),
    [
        (("x", ""), False),
        (("x (signé)", ""), False),
        (("oui", "non", ""), None),
        (("non", ""), None),
        (("peut-être", ""), None),
        (("", "-"), True),
    ],
)
def test_an_empty_cell_is_a_no_among_ticks_alone_and_asked_about_among_answers(cells, meaning):
    columns = ["last_name", "mobile", "neighbourhood", "consent"]
    assert meaning_of_blank(listed("Toestemming", *cells), columns) is meaning


@pytest.mark.parametrize(
    "text", ["(" * 9_000 + "a", "1" * 9_000, "pas " * 3_000, "@" * 9_000, "(a" * 4_000, "a1" * 4_000, "<" * 9_000]
)
def test_a_hostile_cell_costs_next_to_nothing(text):
    began_s = time.process_time()
    for _time in range(20):
        answers(["consent", "", "mobile"], ["oui", text, text])
        bare_address(text)
        with suppress(Refusal):
            placed({"mobile": text[:120]})
        with suppress(Refusal):
            placed({"mobile": text})
    assert time.process_time() - began_s < 0.5
