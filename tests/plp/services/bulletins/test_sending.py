"""Bulletins from draft to sent: nothing lost, nothing sent twice, and nobody forgotten in silence."""

from datetime import timedelta

import pytest

from db.bulletins.drafts import bulletin, drafts, enclosure, feedback_given, feedback_owed, sent_bulletins
from db.bulletins.groups import group, neighbourhoods_of_account, possible_deputies, readers_of
from db.bulletins.relay import left_out, owed_mails, relays
from db.bulletins.values import Words
from db.mail.claim import apply_bounce
from db.mail.values import Enclosure
from db.models.broadcasts import Broadcast, Part
from db.models.mail import Mail
from plp.services.accounts.rights import add_account
from plp.services.bulletins.drafts import delete_draft, enclose, remove_enclosure, save_draft
from plp.services.bulletins.relaying import enqueue_deputies, enqueue_nudge, save_policy, save_relaying, send_bulletin
from plp.services.forgetting import forget_member
from plp.services.mails import cancel_mail
from plp.services.people.saving import save_member
from rules.mail import MailState
from rules.members import MemberDraft
from rules.refusals import Refusal
from rules.states import PartState, Stage
from tests.support.bulletins import FRENCH, coordinator, draft, sent, written
from tests.support.people import later, mobile, order, person, place, ready_modem

pytestmark = pytest.mark.usefixtures("database")


def test_a_form_makes_one_draft_and_changes_it(now):
    first = save_draft(None, draft(everywhere=False, neighbourhood_ids=(place("Rotheux", now),)), "n1", "anne", now)
    changed = draft(category="prevention", texts=(FRENCH, Words("de", "Titel", "Text")))
    assert save_draft(None, changed, "n1", "anne", later(now, 60)) == first
    (card,) = drafts()
    assert (card.category, card.everywhere, card.places, card.version) == ("prevention", True, (), 2)
    assert card.words_for("de").title == "Titel"
    assert card.words_for("nl") == FRENCH
    delete_draft(first, "anne", now)
    delete_draft(first, "anne", now)
    assert drafts() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"category": "gossip"}, "catégorie"),
        ({"texts": ()}, "Écrivez un titre"),
        ({"texts": (Words("fr", " ", "x"),)}, "Il manque le titre"),
        ({"texts": (Words("fr", "x" * 121, "x"),)}, "au plus 120"),
        ({"texts": (Words("fr", "x", "a\n\n" * 301),)}, "au plus 300 lignes"),
        ({"texts": (FRENCH, FRENCH)}, "deux fois"),
        ({"texts": (Words("it", "x", "y"),)}, "Une langue figure deux fois ou est inconnue"),
        ({"everywhere": None}, "Choisissez les destinataires"),
        ({"everywhere": False}, "Choisissez les destinataires"),
        ({"everywhere": False, "neighbourhood_ids": (999,)}, "n'existe plus"),
        ({"category": "feedback", "alert_id": 999}, "L'alerte 999 n'existe plus"),
    ],
)
def test_a_draft_that_cannot_be(now, changes, sentence):
    with pytest.raises(Refusal, match=sentence):
        save_draft(None, draft(**changes), "n", "anne", now)
    assert drafts() == []


def test_files_of_a_draft(now):
    made = save_draft(None, draft(), "n", "anne", now)
    for _ in range(2):
        enclose(made, Enclosure("photo.jpg", "image/jpeg", b"x"), now)
    card = bulletin(made)
    assert [file.filename for file in card.enclosures] == ["photo.jpg", "photo-2.jpg"]
    assert card.version == 3
    assert enclosure(made, card.enclosures[0].id).content == b"x"
    assert enclosure(made + 1, card.enclosures[0].id) is None
    with pytest.raises(Refusal, match="dépassent 6 Mo"):
        enclose(made, Enclosure("b.pdf", "application/pdf", b"x" * 6 * 1024 * 1024), now)
    for number in range(3):
        enclose(made, Enclosure(f"{number}.pdf", "application/pdf", b"x"), now)
    with pytest.raises(Refusal, match="Maximum : 5"):
        enclose(made, Enclosure("6.pdf", "application/pdf", b"x"), now)
    remove_enclosure(made, card.enclosures[0].id, now)
    assert len(bulletin(made).enclosures) == 4


def test_who_would_get_it(now):
    coordinator(1, now, "A")
    coordinator(2, now, "A", language="de")
    person(3, now, "B", role="coordinator")
    place("C", now, "c@example.org")
    place("D", now)
    person(4, now, "E", role="coordinator")
    place_f, deputy = place("F", now), person(5, now, "F", email="f@example.org")
    save_relaying(place_f, deputy, "", "test", now)
    found = readers_of(draft())
    assert [(one.place, one.address, one.language, one.deputy) for one in found.people] == [
        ("A", "c1@example.org", "fr", False),
        ("A", "c2@example.org", "de", False),
        ("C", "c@example.org", "fr", False),
        ("F", "f@example.org", "fr", True),
    ]
    assert [(gap.place, gap.reason, gap.name) for gap in found.gaps] == [
        ("B", "no_address", "Prénom3 Nom003"),
        ("D", "nobody", ""),
        ("E", "no_address", "Prénom4 Nom004"),
    ]


def test_a_coordinator_without_an_address_is_reached_at_the_neighbourhoods(now):
    place("A", now, "quartier@example.org")
    person(1, now, "A", role="coordinator", language="nl")
    (reader,) = readers_of(draft()).people
    assert (reader.name, reader.address, reader.language) == ("Prénom1 Nom001", "quartier@example.org", "nl")


def test_it_is_sent_once_and_as_it_was_seen(now):
    coordinator(1, now, "A")
    place("B", now)
    made = save_draft(None, draft(), "n", "anne", now)
    seen = bulletin(made).seen
    save_draft(made, draft(texts=(Words("fr", "Autre", "chose"),)), "n", "luc", now)
    with pytest.raises(
        Refusal,
        match="Aucun e-mail n'a été envoyé : le bulletin a été modifié depu",
    ):
        send_bulletin(made, seen, "anne", now)
    assert send_bulletin(made, bulletin(made).seen, "anne", now)
    assert not send_bulletin(made, bulletin(made).seen, "anne", later(now, 1))
    assert len(relays(made)) == 1
    assert bulletin(made).places == ("A", "B")
    assert left_out(made) == ["B"]
    assert [card.id for card in sent_bulletins().rows] == [made]
    for change in (
        lambda: save_draft(made, draft(), "n", "anne", now),
        lambda: delete_draft(made, "anne", now),
        lambda: enclose(made, Enclosure("a", "b", b"c"), now),
    ):
        with pytest.raises(Refusal, match="déjà envoyé"):
            change()


def test_another_draft_under_the_number_of_a_deleted_one_is_not_taken_for_it(now):
    coordinator(1, now, "A")
    made = save_draft(None, draft(), "n1", "anne", now)
    seen = bulletin(made).seen
    delete_draft(made, "luc", now)
    other = save_draft(None, draft(texts=(Words("fr", "Jamais relu", "x"),)), "n2", "luc", now)
    with pytest.raises(
        Refusal,
        match="Aucun e-mail n'a été envoyé : le bulletin a été modifié depu",
    ):
        send_bulletin(other, seen, "anne", now)
    with pytest.raises(Refusal, match="n'existe plus"):
        save_draft(other, draft(), "n1", "anne", now)
    assert (bulletin(other).sent_at, bulletin(other).title) == (None, "Jamais relu")


def test_without_any_reader_nothing_is_sent(now):
    place("A", now)
    made = save_draft(None, draft(), "n", "anne", now)
    with pytest.raises(Refusal, match="Aucun e-mail n'a été envoyé"):
        send_bulletin(made, "n/1", "anne", now)
    assert bulletin(made).sent_at is None


def test_what_the_jobs_owe_is_written_once(now):
    coordinator(1, now, "A", language="nl")
    save_relaying(place("A", now), None, "Groupe-A@example.org", "test", now)
    made = sent(now)
    (owed,) = owed_mails()
    assert (owed.kind, owed.address, owed.language, owed.group_address) == (
        "first",
        "c1@example.org",
        "nl",
        "groupe-a@example.org",
    )
    assert owed.bulletin.title == "Faux livreurs"
    written(now)
    assert owed_mails() == []
    (card,) = relays(made)
    assert card.mail_id is not None


def test_whoever_left_is_not_written_to_elsewhere(now):
    place("A", now, "quartier@example.org")
    member = coordinator(1, now, "A")
    sent(now)
    forget_member(member, "test", now)
    (owed,) = owed_mails()
    assert (owed.address, owed.name) == ("", "")


def test_a_reference_address_is_a_reader_of_its_own(now):
    place("A", now, "quartier@example.org")
    sent(now)
    (owed,) = owed_mails()
    assert (owed.address, owed.name, owed.member_id) == ("quartier@example.org", "", None)


def test_the_deputy_gets_it_when_nobody_relays_in_time(now):
    coordinator(1, now, "A")
    deputy = person(2, now, "A", email="d@example.org")
    save_relaying(place("A", now), deputy, "", "test", now)
    made = sent(now)
    written(now)
    assert enqueue_deputies(now + timedelta(hours=23)) == 0
    assert enqueue_deputies(now + timedelta(hours=24)) == 1
    assert enqueue_deputies(now + timedelta(hours=25)) == 0
    assert [(row.name, row.deputy) for row in relays(made)] == [("Prénom1 Nom001", False), ("Prénom2 Nom002", True)]


def test_the_zone_chooses_how_long_it_waits(now):
    coordinator(1, now, "A")
    save_relaying(place("A", now), person(2, now, "A", email="d@example.org"), "", "test", now)
    sent(now)
    for hours in (None, 0, 337):
        with pytest.raises(Refusal, match="de 1 à 336"):
            save_policy(hours, False, "test", now)
    save_policy(2, False, "test", now)
    save_policy(3, False, "test", now)
    assert enqueue_deputies(now + timedelta(hours=2)) == 0
    assert enqueue_deputies(now + timedelta(hours=3)) == 1


def test_a_mail_that_does_not_arrive_goes_to_the_deputy_at_once(now):
    coordinator(1, now, "A")
    save_relaying(place("A", now), person(2, now, "A", email="d@example.org"), "", "test", now)
    sent(now)
    (mail_id,) = written(now)
    assert enqueue_deputies(later(now, 60)) == 0
    Mail.update(state=MailState.ACCEPTED, accepted_at=now).where(Mail.id == mail_id).execute()
    apply_bounce(mail_id, True, "unknown user", later(now, 90))
    assert enqueue_deputies(later(now, 120)) == 1


def test_what_a_person_stopped_goes_to_no_deputy(now):
    coordinator(1, now, "A")
    coordinator(2, now, "A")
    save_relaying(place("A", now), person(3, now, "A", email="d@example.org"), "", "test", now)
    made = sent(now)
    first, second = written(now)
    cancel_mail(first, "anne", now)
    Mail.update(state=MailState.CANCELLED, reason="erased").where(Mail.id == second).execute()
    assert enqueue_deputies(now + timedelta(hours=25)) == 0
    # Whoever reminds a reader has thought better of it.
    enqueue_nudge(relays(made)[0].id, "anne", now + timedelta(hours=26))
    assert enqueue_deputies(now + timedelta(hours=26)) == 1


def test_a_reader_who_is_gone_is_a_case_for_the_deputy(now):
    coordinator(1, now, "A")
    save_relaying(place("A", now), person(2, now, "A", email="d@example.org"), "", "test", now)
    sent(now)
    (mail_id,) = written(now)
    Mail.update(state=MailState.CANCELLED, reason="withdrawn").where(Mail.id == mail_id).execute()
    assert enqueue_deputies(now + timedelta(hours=23)) == 0
    assert enqueue_deputies(now + timedelta(hours=24)) == 1


def test_a_deputy_who_moved_away_gets_nothing_more(now):
    coordinator(1, now, "A")
    here, moved = place("A", now), person(2, now, "A", email="d@example.org")
    save_relaying(here, moved, "", "test", now)
    there = MemberDraft("P", "N", mobile(2), "d@example.org", "fr", place("B", now), "member")
    save_member(moved, there, "test", now)
    sent(now)
    assert enqueue_deputies(now + timedelta(hours=25)) == 0
    assert [reader.address for reader in readers_of(draft()).people] == ["c1@example.org"]
    assert (group(here).deputy_id, group(here).deputy) == (None, "")


def test_old_bulletins_do_not_go_to_a_deputy_named_later(now):
    coordinator(1, now, "A")
    sent(now)
    save_relaying(place("A", now), person(2, now, "A", email="d@example.org"), "", "test", now)
    assert enqueue_deputies(now + timedelta(days=16)) == 0


def test_a_deputy_lives_there_and_has_an_address(now):
    here, there = place("A", now), place("B", now)
    ok = person(1, now, "A", email="a@example.org")
    for wrong in (person(2, now, "A"), person(3, now, "B", email="b@example.org"), 999):
        with pytest.raises(Refusal, match="Choisissez un membre de ce quartier"):
            save_relaying(here, wrong, "", "test", now)
    with pytest.raises(Refusal, match="n'est pas une adresse"):
        save_relaying(here, ok, "groupe", "test", now)
    with pytest.raises(Refusal, match="Ce quartier"):
        save_relaying(there + 99, None, "", "test", now)
    assert possible_deputies(here) == [(ok, "Prénom1 Nom001")]
    save_relaying(here, ok, "", "test", now)
    assert group(here).deputy == "Prénom1 Nom001"
    forget_member(ok, "test", now)
    assert group(here).deputy_id is None


def test_a_group_gets_those_who_agreed_and_nobody_else(now):
    here = place("A", now)
    person(1, now, "A", email="b@example.org", mail_group=True)
    person(2, now, "A", email="a@example.org", mail_group=True)
    person(3, now, "A", email="non@example.org")
    person(4, now, "B", email="ailleurs@example.org", mail_group=True)
    person(5, now, "A")
    found = group(here)
    assert found.addresses == ("a@example.org", "b@example.org")
    assert found.without_consent == 1
    assert group(999) is None


def test_an_account_is_tied_to_its_coordinator_by_its_mobile(now):
    coordinator(1, now, "A")
    person(2, now, "B")
    tied = add_account("Un", ["coordinator"], None, "test", now, mobile=mobile(1))
    member_only = add_account("Deux", ["coordinator"], None, "test", now, mobile=mobile(2))
    assert neighbourhoods_of_account(tied) == [place("A", now)]
    assert neighbourhoods_of_account(member_only) == []
    assert neighbourhoods_of_account(999) == []


def test_feedback_is_owed_until_it_is_given(now):
    ready_modem("a", now)
    coordinator(1, now, "A")
    alert, drill, nobody = order(now).id, order(now, kind="drill", again=True).id, order(now, again=True).id
    assert feedback_owed(now) == []
    Part.update(state=PartState.SENT).where(Part.broadcast != nobody).execute()
    Broadcast.update(stage=Stage.FINISHED).execute()
    assert [owed.broadcast_id for owed in feedback_owed(now)] == [alert]
    assert feedback_owed(now + timedelta(days=31)) == []
    waiting = save_draft(None, draft(category="feedback", alert_id=alert), "f", "anne", now)
    assert feedback_given(alert) is None
    send_bulletin(waiting, "f/1", "anne", later(now, 60))
    assert feedback_given(alert) == (waiting, later(now, 60))
    assert feedback_owed(now) == []
    assert len({alert, drill, nobody}) == 3


def test_only_a_feedback_belongs_to_an_alert(now):
    ready_modem("a", now)
    coordinator(1, now, "A")
    alert = order(now).id
    made = save_draft(None, draft(category="tactical", alert_id=alert), "t", "anne", now)
    assert bulletin(made).alert_id is None
