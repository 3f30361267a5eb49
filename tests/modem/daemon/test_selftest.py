"""What a self-test wants, and in which words it says what is missing."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_retry, mark_sent, mark_unconfirmed
from db.alerts.queue.reports import NetworkReport, apply_report
from db.inbound.received import apply_inbound
from db.modems import status as modems
from db.modems.proof import last_proof
from db.settings.values import ModemSettings, SendingSettings, Settings
from modem.daemon.selftest import INBOUND, PATIENCE, RECEIPT, REPORT, Target, Trial, modem_to_test, target_of
from modem.sms.message import Deliver
from plp.rules.refusals import Refusal
from tests.support.inbound import received_texts
from tests.support.people import later, mobile, ready_modem

pytestmark = pytest.mark.usefixtures("database")

OWN, DUTY = mobile(777), mobile(888)
IMSI = "206010000000001"


@pytest.fixture
def sender(now):
    return ready_modem("a", now, IMSI)


@pytest.fixture
def trial(now, sender):
    return Trial(modem_to_test("a", now), Target(OWN, own=True), "tech", now)


def take(sender, now, reference=9):
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, reference, sender, now)
    return claim


def report(now, outcome="delivered", status=0, reference=9):
    apply_report(NetworkReport(IMSI, reference, OWN, now, status, outcome), now)


def comes_back(claim, now, imsi=IMSI):
    apply_inbound(imsi, Deliver(OWN, claim.text, now, None), False, now)


def test_all_three_come(now, sender, trial):
    assert trial.look(now) == []
    claim = take(sender, later(now, 1))
    assert trial.look(later(now, 1)) == [RECEIPT]
    report(later(now, 2))
    assert trial.look(later(now, 2)) == [REPORT]
    assert not trial.done(later(now, 2))
    comes_back(claim, later(now, 3))
    assert trial.look(later(now, 3)) == [INBOUND]
    assert trial.done(later(now, 3))
    assert trial.passed
    assert trial.end(later(now, 3)) == "Le modem a envoie et reçoit."


def test_what_came_back_is_no_text_for_anybody_and_proves_the_modem(now, sender, trial):
    claim = take(sender, now)
    report(later(now, 2))
    comes_back(claim, later(now, 3))
    trial.look(later(now, 3))
    assert received_texts() == []
    proof = last_proof(modem_to_test("a", now))
    assert (proof.state, proof.proven_at) == ("proven", later(now, 3))


def test_the_duty_phone_sends_nothing_back(now, sender):
    trial = Trial(modem_to_test("a", now), Target(DUTY, own=False), "tech", now)
    claim = take(sender, now)
    assert claim.msisdn == DUTY
    apply_report(NetworkReport(IMSI, 9, DUTY, now, 0, "delivered"), now)
    assert trial.look(now) == [RECEIPT, REPORT]
    assert trial.passed
    assert trial.end(now) == "Le modem a envoie."


def test_a_text_of_another_card_or_with_another_code_is_not_it(now, sender, trial):
    claim = take(sender, now)
    comes_back(claim, now, imsi="206010000000002")
    apply_inbound(IMSI, Deliver(OWN, "plp-alerte, essai du modem a, 000000", now, None), False, now)
    assert trial.look(now) == [RECEIPT]


def test_one_that_nobody_takes_is_stopped_after_a_minute(now, sender, trial):
    assert not trial.done(now + PATIENCE - timedelta(seconds=1))
    end = now + PATIENCE
    assert trial.done(end)
    modems.save_modem("box", "a", {"state": "not_registered", "sentence": "Pas de réseau : vérifiez l'antenne."}, end)
    modems.beat("box", "modem", 1, end)
    assert trial.end(end) == "Le SMS n'a pas été envoyé : Pas de réseau : vérifiez l'antenne."
    assert claim_part(sender, end) is None


def test_a_clock_that_goes_back_ends_it(now, sender, trial):
    assert trial.done(now - timedelta(hours=1))


def sentence(trial, now):
    trial.look(now)
    assert not trial.passed
    return trial.end(now)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("CMS 21", "appelez-le"),
        ("CMS 30", "motif inconnu"),
        ("CMS 42", "encombré"),
        ("CMS 50", "autre carte SIM"),
        ("CMS 322", "mémoire"),
        ("CMS 196", "vérifiez « number »"),
        ("ERROR", "plp modem doctor"),
    ],
)
def test_a_refusal_says_what_to_do(now, sender, trial, code, words):
    mark_failed(claim_part(sender, now), code, now)
    assert trial.done(now)
    found = sentence(trial, now)
    assert found.startswith(f"Le SMS a été refusé ({code})")
    assert words in found


def test_a_refusal_that_is_tried_again_is_told_and_stopped(now, sender, trial):
    mark_retry(claim_part(sender, now), "CMS 41", later(now, 5), now)
    assert not trial.done(now)
    assert sentence(trial, now).startswith("Le SMS a été refusé (CMS 41)")
    assert claim_part(sender, later(now, 6)) is None


@pytest.mark.slow
def test_no_answer(now, sender, trial):
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_unconfirmed(claim, "no_answer", sender, now)
    assert "Non confirmé" in sentence(trial, now)


def test_no_report(now, sender, trial):
    take(sender, now)
    assert "sans accusé de réception" in sentence(trial, now)


def test_it_came_back_without_a_report(now, sender, trial):
    comes_back(take(sender, now), now)
    assert "sans accusé" in sentence(trial, now)


def test_it_was_delivered_and_did_not_come_back(now, sender, trial):
    take(sender, now)
    report(now)
    assert "n'est pas le numéro de cette carte SIM" in sentence(trial, now)


def test_it_could_not_be_delivered(now, sender, trial):
    take(sender, now)
    report(now, "undelivered", 0x41)
    assert trial.done(now)
    assert "Envoyé, mais non reçu" in sentence(trial, now)


def settings(tmp_path, number=None, duty=None):
    return Settings(
        path=tmp_path / "config.ini",
        folder=tmp_path,
        modems=(ModemSettings("a", number=number),),
        sending=SendingSettings(duty_phone=duty),
    )


def test_where_it_goes(tmp_path):
    assert target_of(settings(tmp_path, OWN, DUTY), "a") == Target(OWN, own=True)
    assert target_of(settings(tmp_path, None, DUTY), "a") == Target(DUTY, own=False)
    assert target_of(settings(tmp_path, OWN, DUTY), "m1234") == Target(DUTY, own=False)
    with pytest.raises(Refusal, match="duty_phone"):
        target_of(settings(tmp_path), "a")


def test_only_a_modem_that_is_ready_is_tested(now, sender):
    with pytest.raises(Refusal, match=r"Modem « b » inconnu. Modems connus : a\."):
        modem_to_test("b", now)
    modems.save_modem("box", "a", {"state": "pin", "sentence": "La carte SIM demande son code PIN."}, now)
    with pytest.raises(Refusal, match="n'est pas prêt : La carte SIM demande"):
        modem_to_test("a", now)
