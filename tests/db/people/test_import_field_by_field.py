"""A list of members, field by field: what it changes, whom it proposes, whom it misses, and how all of it is undone."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.journal import audit
from db.models.people import Consent, MembersAct, MembersActChange
from db.people.members import saving
from db.people.members.listing import Filter, member, members, neighbourhoods
from db.people.members.saving import UNDONE_WITHIN, forget_acts
from plp.services.forgetting import forget_member
from plp.services.people import importing
from plp.services.people.exporting import export_members
from plp.services.people.importing import Choices, import_list, remembered_columns
from plp.services.people.neighbourhoods import save_neighbourhood, save_outline
from plp.services.people.reading import list_in
from plp.services.people.saving import save_member, undo_act, undo_cut_short
from rules.members import MemberDraft
from rules.refusals import Refusal
from tests.support.people import later, mobile, order, person, ready_modem
from tests.support.rosters import everyone, import_members, only

pytestmark = pytest.mark.usefixtures("database")

HEADER = "prénom;nom;gsm;e-mail;quartier;rôle\n"


def take(lines, now, **options):
    whole = list_in((HEADER + "\n".join(lines)).encode(), "liste.csv")
    return import_list(whole, whole.guess, "anne", now, **options)


def state():
    return sorted((card for card in everyone()), key=lambda card: card.id)


def test_a_new_number_of_a_known_address_and_name_is_theirs_and_the_old_one_gets_no_more(now):
    anne = person(1, now, first_name="Anne", last_name="Noël", email="anne@example.org")
    person(5, now)
    modem = ready_modem("a", now)
    order(now)
    report = take(["ANNE;Noel;0470000002;anne@example.org;Plainevaux;"], later(now, 1))
    assert (report.added, report.changed) == (0, 1)
    assert report.changes[0].differs["mobile"] == (mobile(1), mobile(2))
    assert (member(anne).mobile, member(anne).state) == (mobile(2), "active")
    left = [part.msisdn for part in iter(lambda: claim_part(modem, later(now, 2)), None)]
    assert left == [mobile(5)]


def test_an_address_that_two_share_makes_nobody_into_the_other(now):
    anne = person(1, now, first_name="Anne", email="famille@example.org")
    report = take(["Luc;Noël;0470000002;famille@example.org;Plainevaux;"], now)
    assert (report.added, len(report.namesakes)) == (1, 1)
    assert (member(anne).first_name, member(anne).mobile) == ("Anne", mobile(1))


@pytest.mark.parametrize("line", ["Anne;Noël;0470000002;;Plainevaux;", "Noel;anne;;autre@example.org;Plainevaux;"])
def test_a_known_name_is_proposed_and_one_person_only_when_somebody_says_so(now, line):
    anne = person(1, now, first_name="Anne", last_name="Noël")
    foretold = take([line], now, dry_run=True)
    assert [(each.line, each.namesake.id) for each in foretold.namesakes] == [(2, anne)]
    report = take([line], now, choices=Choices(same=set({(2, anne)})))
    assert (report.added, report.changed, len(everyone())) == (0, 1, 1)
    assert only().mobile == (mobile(2) if "0470000002" in line else mobile(1))


def test_changes_are_told_field_by_field_and_each_can_be_declined(now):
    anne = person(1, now, first_name="Anne", last_name="Noël")
    line = "Annie;Maes;0470000001;;Rotheux;coordinateur"
    (change,) = take([line], now, dry_run=True).changes
    assert change.differs == {
        "first_name": ("Anne", "Annie"),
        "last_name": ("Noël", "Maes"),
        "role": ("member", "coordinator"),
        "neighbourhood": ("Plainevaux", "Rotheux"),
    }
    choices = Choices(declined=set({(2, "last_name"), (2, "role"), (2, "neighbourhood")}))
    take([line], now, choices=choices)
    card = member(anne)
    assert (card.name, card.role, card.neighbourhood) == ("Annie Noël", "member", "Plainevaux")


def test_unchanged_people_are_no_changes(now):
    person(1, now, first_name="Anne", last_name="Noël")
    report = take(["Anne;Noël;0470000001;;Plainevaux;membre"], now)
    assert (report.updated, report.changed, report.unchanged) == (1, 0, 1)


def test_whom_a_list_of_their_neighbourhood_does_not_name_leaves_only_when_it_is_said(now):
    person(1, now)
    gone = person(2, now)
    person(3, now, neighbourhood="Rotheux")
    person(4, now, sms=False)
    line = "Prénom1;Nom001;0470000001;;Plainevaux;"
    assert [one.member_id for one in take([line], now).absent] == [gone]
    assert member(gone).sms
    report = take([line], now, choices=Choices(leaving=set({gone, 3})))
    assert (report.left, member(gone).sms, member(3).sms) == (["Prénom2 Nom002"], False, True)
    undo_act(report.act_id, "anne", later(now, 60))
    assert member(gone).sms


def test_someone_who_had_no_mobile_agrees_by_giving_one(now):
    anne = person(1, now, mobile="", email="anne@example.org", first_name="Anne", last_name="Noël")
    take(["Anne;Noël;0470000001;anne@example.org;Plainevaux;"], now)
    assert member(anne).state == "active"


def test_a_person_who_came_meanwhile_is_not_there_twice(now, monkeypatch):
    wait = importing.begin_act

    def begin(*values):
        person(1, now)
        return wait(*values)

    monkeypatch.setattr(importing, "begin_act", begin)
    report = take(["Anne;Noël;0470000001;;Plainevaux;"], now)
    assert (report.added, [str(row.reason)[:38] for row in report.refused]) == (
        0,
        ["cette personne vient d'être ajoutée pa"],
    )
    assert len(everyone()) == 1


LINES = [
    "Annie;Maes;0470000001;;Rotheux;coordinateur",
    "Luc;Dupont;0470000002;luc@example.org;Plainevaux;",
    "Zoé;Neuve;0470000003;;Nouveau;",
]


@pytest.fixture
def before(now):
    person(1, now, first_name="Anne", last_name="Noël")
    person(2, now, mobile="0470000009", email="luc@example.org", first_name="Luc", last_name="Dupont")
    return state()


def test_a_whole_import_is_undone_within_a_day(now, before):
    report = take(LINES, later(now, 60))
    assert (report.added, report.changed) == (1, 2)
    counts = undo_act(report.act_id, "jan", later(now, 120))
    assert counts == {"undone": 3, "kept": 0}
    after = state()
    assert [(card.name, card.mobile, card.neighbourhood, card.role, card.sms) for card in after] == [
        (card.name, card.mobile, card.neighbourhood, card.role, card.sms) for card in before
    ]
    assert members(Filter("maes")).total == 0
    assert members(Filter("noel")).total == 1
    assert audit.entries()[0].action == "members_act_undone"
    with pytest.raises(Refusal, match="Trop tard"):
        undo_act(report.act_id, "jan", later(now, 130))


def test_what_somebody_changed_since_stays(now, before):
    report = take(LINES, later(now, 60))
    draft = MemberDraft("Annie", "Rossi", mobile(1), "", "fr", before[0].neighbourhood_id)
    save_member(before[0].id, draft, "jan", later(now, 90))
    zoe = next(card for card in everyone() if card.first_name == "Zoé")
    save_member(zoe.id, MemberDraft("Zoé", "N", mobile(3), "", "nl", zoe.neighbourhood_id), "jan", later(now, 90))
    assert undo_act(report.act_id, "jan", later(now, 120)) == {"undone": 1, "kept": 2}
    assert member(before[0].id).name == "Anne Rossi"
    assert member(zoe.id).language == "nl"


def test_after_a_day_it_stays(now, before):
    report = take(LINES, now)
    with pytest.raises(Refusal, match="Trop tard"):
        undo_act(report.act_id, "jan", now + UNDONE_WITHIN)
    assert forget_acts(now + UNDONE_WITHIN + timedelta(seconds=1))
    assert MembersActChange.select().count() == 0
    assert not forget_acts(now + UNDONE_WITHIN + timedelta(seconds=2))


def test_nothing_is_half_done_after_a_kill(now, before, monkeypatch):
    monkeypatch.setattr("db.engine.connection.FIRST_CHUNK", 1)
    monkeypatch.setattr("db.engine.connection.CHUNK", 1)
    written = iter([None, KeyboardInterrupt])

    def killed():
        if (how := next(written)) is not None:
            raise how

    with monkeypatch.context() as dies:
        dies.setattr("plp.services.people.importing.alive", killed)
        with pytest.raises(KeyboardInterrupt):
            take(LINES, later(now, 60))
    assert state() != before
    assert not undo_cut_short(later(now, 90)), "it may still be at work"
    assert undo_cut_short(later(now, 600))
    assert [card.name for card in state()] == ["Anne Noël", "Luc Dupont"]
    assert saving.acts(later(now, 601))[0].undone_at is not None
    take(LINES, later(now, 700))
    assert {card.name for card in state()} == {"Annie Maes", "Luc Dupont", "Zoé Neuve"}


def test_an_import_that_was_taken_for_dead_writes_no_more(now, before, monkeypatch):
    monkeypatch.setattr("db.engine.connection.FIRST_CHUNK", 1)
    monkeypatch.setattr("plp.services.people.importing.alive", lambda: undo_cut_short(later(now, 600)))
    with pytest.raises(Refusal, match="Interruption trop longue"):
        take(LINES, now)
    assert [card.name for card in state()] == ["Anne Noël", "Luc Dupont"]


def test_what_an_act_keeps_of_a_person_goes_with_them(now, before):
    report = take(LINES, later(now, 60))
    forget_member(before[0].id, "anne", later(now, 90))
    kept = [row.changes for row in MembersActChange.select()]
    assert MembersAct.select().count() == 1
    assert "Noël" not in str(kept)
    assert undo_act(report.act_id, "jan", later(now, 120)) == {"undone": 2, "kept": 0}
    assert "Rotheux" not in [card.name for card in neighbourhoods()], "nobody is left whom it was made for"
    assert Consent.select().count() == 2


@pytest.mark.parametrize("reason", ["motif", "raison"])  # the older word stands in files of before
def test_the_corrected_file_of_refused_rows_names_nobody_as_absent(now, reason):
    person(1, now)
    line = "Anne;Maes;0470000009;;Plainevaux;"
    assert take([line], now, dry_run=True).absent
    whole = list_in(f"ligne;{reason};{HEADER}7;c'était un fixe;{line}".encode(), "lignes-refusees.csv")
    report = import_list(whole, whole.guess, "anne", now, dry_run=True)
    assert (report.added, report.absent) == (1, [])


def test_a_house_number_that_excel_saved_as_a_day_and_month_is_left_empty_and_told(now):
    numbers = ["12-mars", "3/févr.", "2-mrt-19", "3. Mrz", "12/3", "12-a", "3-b"]
    lines = [f"N;047000{at:04};Plainevaux;rue Haute;{said}" for at, said in enumerate(numbers)]
    whole = list_in("\n".join(["nom;gsm;quartier;rue;numéro", *lines]).encode(), "liste.csv")
    report = import_list(whole, whole.guess, "anne", now, dry_run=True)
    assert (report.added, report.refused) == (7, [])
    assert [line for line, _note in report.notes] == [2, 3, 4, 5]
    assert str(report.notes[0][1]) == "« 12-mars » est une date dans la colonne numéro ; il est laissé vide"


def test_neighbourhoods_that_an_import_made_go_with_it_unless_they_are_used(now):
    kept = save_neighbourhood(None, "Plainevaux", "", "anne", now)
    lines = [f"N;P;{mobile(at)};;{place};" for at, place in enumerate(["Plainevaux", "Fôte", "Ehein", "Limal", "Hout"])]
    report = take(lines, later(now, 60))
    places = {card.name: card.id for card in neighbourhoods()}
    save_neighbourhood(places["Ehein"], "Ehein", "ehein@example.org", "anne", later(now, 70))
    person(9, later(now, 70), neighbourhood="Limal")
    save_outline(places["Hout"], [(5.4, 50.5), (5.5, 50.5), (5.5, 50.6)], "anne", later(now, 70))
    undo_act(report.act_id, "jan", later(now, 80))
    assert {card.name: card.id for card in neighbourhoods()} == {
        "Plainevaux": kept,
        **{name: places[name] for name in ("Ehein", "Limal", "Hout")},
    }


COUPLE = "nom;gsm;quartier;rue", "Thiry Paul;0470000001;Ehein;Rue Haute", "Thiry Hélène;0470 00 00 01;Ehein;Rue Haute"


def test_two_people_of_one_number_come_in_by_a_column_that_says_so(now):
    report = import_members("\n".join(COUPLE).encode(), "liste.csv", "anne", now)
    assert (report.added, [row.line for row in report.refused]) == (1, [3])
    assert "numéro partagé" in report.refused[0].reason
    said = "\n".join(f"{line};{said}" for line, said in zip(COUPLE, ["numéro partagé", "oui", "oui"], strict=True))
    for added in (1, 0):
        report = import_members(said.encode(), "liste.csv", "anne", now)
        assert (report.added, report.changed, report.refused) == (added, 0, [])
    assert {(card.name, card.mobile) for card in everyone()} == {("Thiry Paul", mobile(1)), ("Thiry Hélène", mobile(1))}
    taken = b"".join(export_members(Filter(), "csv", "anne", now))
    report = import_members(taken, "liste.csv", "anne", now)
    assert (report.added, report.changed, report.refused) == (0, 0, [])


def test_a_list_does_not_turn_who_is_left_into_who_was_forgotten(now):
    both = [f"{COUPLE[0]};e-mail;numéro partagé", f"{COUPLE[1]};paul@example.org;oui", f"{COUPLE[2]};;oui"]
    import_members("\n".join(both).encode(), "liste.csv", "anne", now)
    forget_member(next(card.id for card in everyone() if card.email), "anne", now)
    report = import_members("\n".join(both[:2]).encode(), "liste.csv", "anne", later(now, 60))
    assert (report.changed, report.added) == (0, 0)
    assert "personne supprimée le" in report.refused[0].reason
    assert only().name == "Thiry Hélène"


def test_another_name_for_a_number_is_told_apart_from_a_corrected_one(now):
    import_members("\n".join(COUPLE[:2]).encode(), "liste.csv", "anne", now)
    for name, other in (("Thiry Hélène", True), ("THIRY-NOËL Paul", False), ("Tiry Paul", False), ("Maes Luc", True)):
        content = "\n".join([COUPLE[0], COUPLE[1].replace("Thiry Paul", name)])
        (change,) = import_members(content.encode(), "liste.csv", "anne", now, dry_run=True).changes
        assert change.is_other_name == other, name


def test_columns_once_said_stand_beside_an_added_one(now):
    said = "N°;NOM Prénom;Tél. du conjoint;2e n°;Où", "1;Noël Anne;0470000001;;Ehein"
    whole = list_in("\n".join(said).encode(), "liste.csv")
    assert whole.guess == ("", "last_name", "", "second_number", "")
    import_list(whole, ("", "last_name", "mobile", "second_number", "neighbourhood"), "anne", now)
    more = list_in(f"{said[0]};fixe\n2;Maes;;;Ehein;04 330 40 00".encode(), "liste.csv")
    assert remembered_columns(more) == ["", "last_name", "mobile", "second_number", "neighbourhood", "landline"]
    assert list_in(f"ligne;motif;{said[0]}\n2;;1;Noël".encode(), "liste.csv").guess == whole.guess
    twice = list_in(f"{said[0]};GSM\n2;Maes;;;Ehein;0470000002".encode(), "liste.csv")
    assert remembered_columns(twice) == list(twice.guess)
    numbered = list_in("N°;Rue;nom;gsm;quartier\n12;Rue Haute;Maes;0470000003;Ehein".encode(), "liste.csv")
    assert numbered.guess[0] == "house_number"
