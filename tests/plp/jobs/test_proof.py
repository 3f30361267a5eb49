"""Each night the SIMs write to each other; what does not come is told within a quarter of an hour."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from base.settings.values import DatabaseSettings, ModemSettings, ProofSettings, SendingSettings, Settings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_unconfirmed
from db.alerts.queue.recovery import expire_due
from db.inbound.replies.judging import apply_own_numbers
from db.models.broadcasts import Broadcast, Message
from db.models.modem_records import Proof, SimCard
from db.modems import status
from db.modems.budgets import apply_configured
from db.modems.proof import last_proof
from db.operations.incidents import open_incidents
from plp.jobs.alarms.telling import look
from plp.jobs.alarms.trouble import findings
from plp.services.orders.automatic import proof_troubles, send_proofs, send_test
from rules.calendar import SPREAD, last_hour
from rules.orders.budgets import Limits
from tests.support.people import later, mobile, order, person
from tests.support.proofs import IMSIS, NUMBERS, card, seated, take

pytestmark = pytest.mark.usefixtures("database")

BRUSSELS = ZoneInfo("Europe/Brussels")
NIGHT = datetime(2026, 11, 25, 4, 0, tzinfo=BRUSSELS)
EVENING_BEFORE = NIGHT - timedelta(hours=8)
ALL_BEGAN = NIGHT + SPREAD
QUARTER = timedelta(minutes=15)


@pytest.fixture
def house(tmp_path):
    return Settings(
        path=tmp_path / "config.ini",
        folder=tmp_path,
        database=DatabaseSettings("sqlite:///plp.db", host="box"),
        modems=tuple(ModemSettings(name, number=NUMBERS[name]) for name in "ab"),
    )


def hour(name, at=NIGHT):
    """The moment of this card in the night that begins `at`."""
    moment = last_hour((time(4),), IMSIS[name], at + SPREAD)
    assert at <= moment < at + SPREAD
    return moment


@pytest.fixture
def pair(house):
    """Two modems that know each other's number, before their first night."""
    apply_own_numbers("box", {name: NUMBERS[name] for name in "ab"})
    return {name: seated(name, EVENING_BEFORE) for name in "ab"}


def beats(now):
    status.beat("box", "modem", 1, now)
    status.beat("box", "jobs", 1, now)


def sent(house, now):
    """How many proofs the jobs queue now."""
    beats(now)
    before = Broadcast.select().count()
    send_proofs(house, now)
    return Broadcast.select().count() - before


def night(house, pair, at=NIGHT, lost=(), silent=(), deaf=()):
    """What the jobs and the modems do in one night. Of `lost` the network keeps everything, of `silent` the reports;
    `deaf` ones do not show what is delivered to them.
    """
    for name in sorted(pair, key=lambda name: hour(name, at)):
        moment = later(hour(name, at), 15)
        assert sent(house, moment) == 1
        taken = take(pair[name], moment)
        to = next(other for other in pair if NUMBERS[other] == taken.claim.msisdn)
        if name in lost:
            continue
        if to not in deaf:
            taken.deliver(to, later(moment, 4))
        if name not in silent:
            taken.report(later(moment, 6))


def told(house, now):
    """What would be told of by now, by modem: a missed hour must have been found two minutes ago too."""
    beats(now - timedelta(minutes=2))
    before = {card.name for card, *_ in proof_troubles(house, now - timedelta(minutes=2))}
    beats(now)
    found = proof_troubles(house, now)
    return {card.name: str(why) for card, why, was_sent in found if was_sent or card.name in before}


def test_both_ways_and_each_proven_with_its_seconds(house, pair):
    night(house, pair)
    rows = {row.msisdn: row.imsi for row in Message.select()}
    assert rows == {NUMBERS["b"]: IMSIS["a"], NUMBERS["a"]: IMSIS["b"]}
    for name in "ab":
        last = last_proof(card(name, ALL_BEGAN))
        assert (last.state, last.took_s, last.proven_at) == ("proven", 6.0, later(hour(name), 21))
    assert told(house, ALL_BEGAN + QUARTER) == {}
    assert not sent(house, ALL_BEGAN + QUARTER)


def test_before_its_hour_and_twice_in_one_nothing_goes(house, pair):
    first, second = sorted(map(hour, "ab"))
    assert first < second
    times = (NIGHT, first - timedelta(seconds=1), first, first, second, second, NIGHT + timedelta(hours=23))
    assert [sent(house, at) for at in times] == [0, 0, 1, 0, 1, 0, 0]


def test_a_card_that_came_today_waits_for_its_first_night(house, pair):
    late = ALL_BEGAN + timedelta(hours=1)
    SimCard.update(accepted_at=late).execute()
    assert not sent(house, late + timedelta(hours=1))
    assert told(house, late + timedelta(hours=2)) == {}
    assert last_proof(card("a", late)).state == "never"


def test_after_hours_without_power_the_missed_one_is_made_up_for_once(house, pair):
    afternoon = ALL_BEGAN + timedelta(hours=11)
    assert [sent(house, later(afternoon, seconds)) for seconds in (0, 20)] == [2, 0]


@pytest.mark.slow
@pytest.mark.parametrize("what", [{"lost": "a"}, {"silent": "a"}])
def test_a_sim_that_silently_stopped_is_an_incident_at_its_next_proof_and_the_other_is_not(house, pair, what):
    night(house, pair)
    next_night = NIGHT + timedelta(days=1)
    night(house, pair, next_night, **what)
    moment = hour("a", next_night) + QUARTER
    beats(moment)
    look(house, moment)
    (found,) = open_incidents()
    assert (found.kind, found.subject) == ("proof", "box/a")
    assert found.sentence.startswith("Modem a (box) : sans test réussi depuis le 25/11 à 04:")
    assert ("sans accusé" if "silent" in what else "sans réponse") in found.sentence
    assert NUMBERS["b"] not in found.sentence
    assert {name: last_proof(card(name, moment)).state for name in "ab"} == {"a": "lost", "b": "proven"}
    night(house, pair, next_night + timedelta(days=1))
    look(house, ALL_BEGAN + timedelta(days=2))
    assert open_incidents() == []
    assert last_proof(card("a", moment)).state == "proven"


def test_whoever_mended_it_need_not_wait_for_the_night(house, pair):
    night(house, pair, lost="a")
    moment = hour("a") + QUARTER
    assert "a" in told(house, moment)
    send_test(card("a", moment), None, "luc", moment, to_itself=True)
    taken = take(pair["a"], moment)
    taken.deliver("a", later(moment, 3))
    taken.report(later(moment, 4))
    assert "a" not in told(house, later(moment, 200))


def test_one_that_hears_nothing_is_told_of_and_not_who_sent(house, pair):
    night(house, pair, deaf="b")
    found = told(house, ALL_BEGAN + QUARTER)
    assert set(found) == {"b"}
    assert "du modem a reçu" in found["b"]
    assert last_proof(card("b", ALL_BEGAN)).state == "never"


def test_news_that_come_late_end_it(house, pair):
    moment = hour("a")
    sent(house, moment)
    taken = take(pair["a"], moment)
    assert "a" in told(house, moment + QUARTER)
    taken.deliver("b", moment + timedelta(minutes=20))
    taken.report(moment + timedelta(minutes=21))
    assert "a" not in told(house, moment + timedelta(minutes=24))


@pytest.mark.parametrize(
    ("state", "words"), [("not_registered", "ne pouvait pas envoyer"), ("absent", "ne pouvait pas envoyer")]
)
def test_a_missed_hour_is_told_within_a_quarter_of_an_hour(house, pair, state, words):
    seated("a", NIGHT, state=state)
    moment = hour("a")
    sent(house, moment)
    assert claim_part(pair["a"], moment) is None
    assert "a" not in told(house, moment + timedelta(minutes=8))
    assert words in told(house, moment + QUARTER - timedelta(seconds=20))["a"]
    seated("a", ALL_BEGAN)
    sent(house, ALL_BEGAN + timedelta(hours=2))
    assert claim_part(pair["a"], ALL_BEGAN + timedelta(hours=2)) is not None


@pytest.mark.parametrize("state", ["suspended", "quarantined"])
def test_what_a_person_took_out_has_nothing_to_prove(house, pair, state):
    seated("a", NIGHT, state=state)
    assert "a" not in told(house, ALL_BEGAN + QUARTER)


def test_a_sim_alone_writes_to_itself_and_without_a_number_to_the_duty_phone(house):
    a = seated("a", EVENING_BEFORE)
    assert not sent(house, ALL_BEGAN)
    assert "number, dans [modem:a]" in told(house, ALL_BEGAN + QUARTER)["a"]
    duty = replace(house, sending=SendingSettings(duty_phone=mobile(99)))
    assert sent(duty, ALL_BEGAN)
    taken = take(a, ALL_BEGAN)
    assert taken.claim.msisdn == mobile(99)
    taken.report(later(ALL_BEGAN, 5))
    assert told(house, ALL_BEGAN + QUARTER) == {}
    apply_own_numbers("box", {"a": NUMBERS["a"]})
    next_night = ALL_BEGAN + timedelta(days=1)
    assert sent(duty, next_night)
    taken = take(a, next_night)
    assert taken.claim.msisdn == NUMBERS["a"]
    taken.report(later(next_night, 5))
    assert "sa mémoire est pleine" in told(house, next_night + QUARTER)["a"]
    assert taken.deliver("a", next_night + QUARTER)
    assert told(house, next_night + QUARTER * 2) == {}


def test_within_its_budget(house, pair):
    apply_configured(IMSIS["a"], "box", "a", Limits(day=1))
    apply_configured(IMSIS["b"], "box", "b", Limits())
    night(house, {"b": pair["b"], "a": pair["a"]})
    apply_configured(IMSIS["a"], "box", "a", Limits(month=1))
    next_night = ALL_BEGAN + timedelta(days=1)
    sent(house, next_night)
    assert {row.imsi for row in Message.select().where(Message.id > 2)} == {IMSIS["b"]}
    assert "a atteint son plafond" in told(house, next_night + QUARTER)["a"]


def test_refused_is_told_at_once_and_unconfirmed_is_never_repeated(house, pair):
    moment = max(hour("a"), hour("b"))
    sent(house, moment)
    mark_failed(claim_part(pair["a"], moment), "CMS 21", moment)
    claim = claim_part(pair["b"], moment)
    mark_pdu_started(claim, moment)
    mark_unconfirmed(claim, "no_answer", pair["b"], moment)
    assert {card.name for card, *_ in proof_troubles(house, moment)} == {"a"}
    found = told(house, moment + QUARTER)
    assert "(CMS 21)" in found["a"]
    assert "non confirmé" in found["b"]
    for at in (moment + QUARTER, moment + timedelta(hours=3)):
        assert not sent(house, at)
        assert claim_part(pair["b"], at) is None


def test_who_gave_way_to_an_alert_is_not_accused_and_who_sends_nothing_is(house, pair):
    person(1, NIGHT)
    moment = max(hour("a"), hour("b"))
    sent(house, moment)
    order(moment)
    take(pair["a"], moment + timedelta(minutes=1))
    found = told(house, moment + QUARTER)
    assert set(found) == {"b"}
    assert "encore en attente" in found["b"]
    expire_due(moment + timedelta(hours=2))
    assert set(told(house, moment + timedelta(hours=2))) == {"b"}


def test_switched_off_there_is_none_and_no_trouble(house, pair):
    off = replace(house, proof=ProofSettings(()))
    assert not sent(off, ALL_BEGAN)
    assert told(off, ALL_BEGAN + QUARTER) == {}


def test_one_that_waits_is_no_queue_that_stands(house, pair):
    moment = hour("a")
    sent(house, moment)
    at = moment + timedelta(minutes=8)
    beats(at)
    assert {finding.kind for finding in findings(house, at)} == set()


@pytest.mark.parametrize("died", ["place_selftest", "stored.mark_placed"])
def test_a_kill_in_the_middle_loses_and_doubles_nothing(house, pair, monkeypatch, died):
    def kill(*_args, **_kwargs):
        raise KeyboardInterrupt

    moment = hour("a")
    with monkeypatch.context() as patch:
        patch.setattr(f"plp.services.orders.automatic.{died}", kill)
        beats(moment)
        with pytest.raises(KeyboardInterrupt):
            send_proofs(house, moment)
    begun = Proof.get().text
    assert sent(house, later(moment, 20)) == (died == "place_selftest")
    assert sent(house, later(moment, 40)) == 0
    taken = take(pair["a"], later(moment, 41))
    assert taken.claim.text == begun
    taken.deliver("b", later(moment, 44))
    taken.report(later(moment, 45))
    assert last_proof(card("a", moment)).state == "proven"
