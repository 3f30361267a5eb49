"""Incidents: one per trouble, whoever sees it and however often, and one beginning and one end to tell."""

from datetime import timedelta

import pytest

from db.models.incidents import Incident
from db.operations.incidents import (
    EVERY_CHANNEL,
    FLAPPING,
    STALE,
    alarm_of,
    close_incident,
    close_unseen,
    incidents,
    mark_told,
    open_incident,
    open_incidents,
    watch_incident,
)
from db.operations.retention import forget_records
from rules.sentences import coded
from tests.support.people import later

pytestmark = pytest.mark.usefixtures("database")


def kinds(cards):
    return [(card.kind, card.subject) for card in cards]


def test_what_is_seen_again_is_the_same_incident(now):
    first = open_incident("modem", "box/a", "Le modem a est en panne.", now)
    assert open_incident("modem", "box/a", "Le modem a est en panne.", later(now, 20)) == first
    assert open_incident("modem", "box/a", "Le modem a est débranché.", later(now, 40)) == first
    assert open_incident("modem", "box/b", "Le modem b est en panne.", later(now, 40)) != first
    a, b = sorted(open_incidents(), key=lambda card: card.subject)
    assert (a.sentence, a.opened_at, a.ended_at) == ("Le modem a est débranché.", now, None)
    assert b.opened_at == later(now, 40)


def _trouble(code: str, name: str = "a") -> str:
    return coded("modem_trouble", name=name, host="box", why=coded(code)).stored


def test_another_fault_of_the_same_modem_is_another_incident(now):
    unplugged = open_incident("modem", "box/a", _trouble("unplugged"), now)
    refused = open_incident("modem", "box/a", _trouble("sim_silent"), later(now, 600))
    assert refused != unplugged
    newest, oldest = incidents()
    assert (newest.sentence, newest.opened_at, newest.ended_at) == (
        "Modem a (box). La carte SIM ne répond pas : retirez-la et remettez-la.", later(now, 600), None
    )  # fmt: skip
    assert (oldest.sentence, oldest.ended_at) == ("Modem a (box). Le modem n'est pas branché.", later(now, 600))
    # The first one again, while it may be flapping: its own incident.
    assert open_incident("modem", "box/a", _trouble("unplugged"), later(now, 700)) == unplugged
    assert kinds(open_incidents()) == [("modem", "box/a")]


def test_other_figures_are_the_same_fault(now):
    full = [coded("storage_full", memory="SM", name="a", used=used, total=20).stored for used in (18, 19)]
    assert open_incident("storage", "box/a/SM", full[0], now) == open_incident("storage", "box/a/SM", full[1], now)


def test_a_fault_in_passing_is_not_told_in_the_place_of_the_one_that_lasts(now):
    def see(code: str, seconds: int) -> list[str]:
        watch_incident("modem", "box/a", _trouble(code), timedelta(), later(now, seconds))
        return [card.sentence for card in incidents()]

    first = see("unplugged", 0)
    assert see("starting", 20) == see("starting", 79) == see("unplugged", 90) == first
    assert see("sim_silent", 100) == see("sim_silent", 159) == first
    assert len(see("sim_silent", 160)) == 2


def test_it_ends_once_and_stays_in_the_list(now):
    open_incident("no_modem", "", "Aucun modem n'est prêt.", now)
    assert close_incident("no_modem", "", later(now, 300))
    assert not close_incident("no_modem", "", later(now, 301))
    assert not close_incident("queue", "", later(now, 301))
    assert open_incidents() == []
    (card,) = incidents()
    assert card.ended_at == later(now, 300)


def test_flapping_is_one_incident_with_one_beginning_and_one_end(now):
    first, at = open_incident("modem", "box/a", "En panne.", now), now
    mark_told("mail", alarm_of("mail", now), now)
    for _ in range(4):
        at += timedelta(minutes=5)
        close_incident("modem", "box/a", at)
        assert not alarm_of("mail", at)
        at += timedelta(minutes=5)
        assert open_incident("modem", "box/a", "En panne.", at) == first
        assert not alarm_of("mail", at)
    close_incident("modem", "box/a", at)
    assert not alarm_of("mail", at + FLAPPING - timedelta(seconds=1))
    alarm = alarm_of("mail", at + FLAPPING)
    assert (kinds(alarm.opened), kinds(alarm.ended)) == ([], [("modem", "box/a")])
    assert alarm.ended[0].reopened == 4
    mark_told("mail", alarm, at + FLAPPING)
    assert not alarm_of("mail", at + FLAPPING)
    assert open_incident("modem", "box/a", "En panne.", at + FLAPPING + timedelta(seconds=1)) != first


def test_what_came_and_went_before_anybody_was_told_is_told_whole_and_once(now):
    open_incident("mail_down", "", "Le serveur de mail ne répond pas.", now)
    close_incident("mail_down", "", later(now, 60))
    alarm = alarm_of("mail", later(now, 3600))
    assert (kinds(alarm.opened), kinds(alarm.ended)) == ([("mail_down", "")], [])
    assert alarm.opened[0].ended_at == later(now, 60)
    mark_told("mail", alarm, later(now, 3600))
    assert not alarm_of("mail", later(now, 3600))


def test_old_troubles_are_not_told_when_mail_is_set_up_at_last(now):
    open_incident("disk", "box", "Le disque est presque plein.", now)
    open_incident("no_modem", "", "Aucun modem n'est prêt.", now)
    close_incident("disk", "box", later(now, 60))
    assert kinds(alarm_of("mail", later(now, 60) + STALE).opened) == [("no_modem", "")]


def test_the_duty_phone_is_told_apart_from_the_mails_and_not_of_quiet_kinds(now):
    open_incident("no_modem", "", "Aucun modem n'est prêt.", now)
    open_incident("budget_near", "206010000000001", "80 %", now)
    mark_told("mail", alarm_of("mail", now), now)
    alarm = alarm_of("text", now, ["budget_near"])
    assert kinds(alarm.opened) == [("no_modem", "")]
    mark_told("text", alarm, now)
    assert not alarm_of("text", now, ["budget_near"])
    close_incident("no_modem", "", later(now, 1))
    settled = later(now, 1) + FLAPPING
    assert kinds(alarm_of("text", settled, ["budget_near"]).ended) == [("no_modem", "")]


def test_what_every_channel_need_not_tell_is_told_by_none_and_its_end_still_is(now):
    open_incident("no_modem", "", "Aucun modem n'est prêt.", now)
    mark_told(EVERY_CHANNEL, alarm_of(EVERY_CHANNEL, now), now)
    assert not alarm_of("mail", now)
    close_incident("no_modem", "", later(now, 1))
    settled = later(now, 1) + FLAPPING
    for channel in ("mail", "text"):
        assert kinds(alarm_of(channel, settled).ended) == [("no_modem", "")]
        mark_told(channel, alarm_of(channel, settled), settled)
        assert not alarm_of(channel, settled)


def test_retention_keeps_what_lasts(now):
    open_incident("no_modem", "", "Aucun modem n'est prêt.", now)
    open_incident("disk", "box", "Le disque est presque plein.", now)
    close_incident("disk", "box", later(now, 60))
    assert forget_records(later(now, 60)) == 0
    assert forget_records(later(now, 61)) == 1
    assert [row.kind for row in Incident.select()] == ["no_modem"]


def test_what_does_not_last_is_no_incident(now):
    two = timedelta(minutes=2)
    watch_incident("no_modem", "", "Rien n'est prêt.", two, now)
    watch_incident("no_modem", "", "Rien n'est prêt.", two, later(now, 119))
    assert open_incidents() == []
    close_unseen(["no_modem"], set(), later(now, 119))
    watch_incident("no_modem", "", "Rien n'est prêt.", two, later(now, 121))
    assert open_incidents() == []
    watch_incident("no_modem", "", "Rien n'est prêt.", two, later(now, 241))
    assert kinds(open_incidents()) == [("no_modem", "")]


def test_what_is_seen_no_more_ends_and_other_people_s_incidents_stay(now):
    for kind, subject in (("modem", "box/a"), ("modem", "box/b"), ("disk", "box"), ("disk", "other"), ("mailbox", "")):
        watch_incident(kind, subject, "…", timedelta(), now)
    close_unseen(["modem"], {("modem", "box/b")}, later(now, 1))
    close_unseen(["disk"], set(), later(now, 1), subject="box")
    assert set(kinds(open_incidents())) == {("modem", "box/b"), ("disk", "other"), ("mailbox", "")}
