"""`plp broadcast` from the outside: JSON, exit status, and one French line that says why."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast, Part
from db.models.zone import Modem
from db.modems.budgets import apply_configured
from plp.cli.main import main
from rules.orders.budgets import Limits
from tests.console.alerts import scene
from tests.console.alerts.scene import TEXT, broadcasts, modem_does


@pytest.fixture
def plp(settings, app, ready_modem):
    ready_modem()
    scene.people()
    runner = CliRunner()

    def run(*arguments):
        return runner.invoke(main, ["--config", str(settings.path), "broadcast", *arguments])

    return run


def test_send_prints_the_contract_s_json(plp):
    done = plp("send", "--all", "--text", TEXT, "--yes", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "id": 1,
        "state": "queued",
        "recipients": 5,
        "parts": 5,
        "encoding": "gsm7",
        "quiet": 0,
        "simulated": False,
        "without_mobile": 1,
    }


def test_show_prints_the_contract_s_json(plp):
    plp("send", "--neighbourhood", "Plainevaux", "--text", TEXT, "--yes")
    shown = json.loads(plp("show", "1", "--json").stdout)
    counts = dict.fromkeys(
        ["sending", "sent", "delivered", "undelivered", "failed", "unconfirmed", "expired", "cancelled"], 0
    )
    assert shown.pop("last_phone_at")
    assert shown == {
        "id": 1,
        "state": "queued",
        "before": 0,
        "recipients": 3,
        "taken": 0,
        "simulated": False,
        "quiet": 0,
        "counts": {**counts, "queued": 3},
        "roads": {"sms": 0, "mail": 0, "called": 0, "not_reached": 4},
        "reach": {
            "people": 4,
            "received": 0,
            "sent": 0,
            "waiting": 3,
            "otherwise": 1,
            "received_by": {"sms": 0, "mail": 0, "called": 0},
        },
        "followed_by": [],
    }
    assert "queued" in plp("show", "1").stdout


def test_without_yes_nothing_is_sent(plp):
    done = plp("send", "--all", "--text", TEXT, "--json", "--drill")
    assert done.exit_code == 2
    told = json.loads(done.stdout)
    assert (told["error"], told["recipients"]) == ("not_confirmed", 5)
    assert f"EXERCICE. {TEXT} EXERCICE." in done.stderr
    assert "5 personnes, 1 SMS par personne, 5 en tout, 1 sans GSM." in done.stderr
    assert "--yes" in done.stderr
    assert broadcasts() == 0


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        (["send", "--text", TEXT, "--yes"], 2, "seule manière"),
        (["send", "--text", TEXT, "--yes", "--all", "--to", "+32470000001"], 2, "seule manière"),
        (["send", "--all", "--yes"], 2, "--text"),
        (["send", "--text", TEXT, "--all", "--yes", "--priority", "soon"], 2, "soon"),
        (["send", "--text", " ", "--all", "--yes"], 1, "Le message est vide"),
        (["send", "--text", "x" * 2000, "--all", "--yes"], 1, "le maximum est 10"),
        (["send", "--text", TEXT, "--to", "04 232 11 11", "--yes"], 1, "fixe"),
        (["send", "--text", TEXT, "--neighbourhood", "Ailleurs", "--yes"], 1, "Quartier inconnu"),
        (["send", "--text", TEXT, "--group", "Rien", "--yes"], 1, "Groupe inconnu"),
        (["send", "--text", TEXT, "--neighbourhood", "", "--yes"], 1, "Quartier inconnu"),
        (["send", "--text", TEXT, "--group", "", "--yes"], 1, "Groupe inconnu"),
        (["send", "--text", TEXT, "--street", "Rien", "--yes"], 1, "Rue inconnue"),
        (["show", "99"], 1, "L'envoi 99 n'existe pas"),
        (["show", "0"], 2, "0"),
        (["cancel", "99"], 1, "L'envoi 99 n'existe pas"),
        (["release", "99"], 1, "L'envoi 99 n'existe pas"),
        (["resend", "99", "--only", "failed"], 1, "L'envoi 99 n'existe pas"),
        (["resend", "1"], 2, "--only"),
    ],
)
def test_what_is_refused_says_why(plp, arguments, status, why):
    done = plp(*arguments)
    assert (done.exit_code, done.stdout) == (status, "")
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    assert broadcasts() == 0


def test_twice_needs_to_be_meant(plp):
    order = ("send", "--all", "--text", TEXT, "--yes")
    assert plp(*order).exit_code == 0
    assert plp(*order).exit_code == 1
    assert plp(*order, "--again").exit_code == 0


def test_cancel_and_resend(plp):
    plp("send", "--all", "--text", TEXT, "--yes")
    modem_does(["CMS 1", "unconfirmed"])
    assert "3 messages annulés" in plp("cancel", "1").stdout
    assert "renvoyé à 1 personnes" in plp("resend", "1", "--only", "failed").stdout
    assert plp("resend", "1", "--only", "unconfirmed").exit_code == 0
    assert plp("resend", "1", "--only", "unconfirmed").exit_code == 1
    assert plp("release", "1").exit_code == 1


def test_pause_and_resume(plp):
    plp("send", "--all", "--text", TEXT, "--yes")
    assert plp("pause", "1").output == "Envoi 1 en pause : 5 messages en attente.\n"
    assert json.loads(plp("show", "1", "--json").stdout)["state"] == "paused"
    assert plp("resume", "1").output == "Envoi 1 repris : 5 messages à envoyer.\n"
    assert plp("resume", "1").exit_code == 1


def test_an_incomplete_message_is_told_and_sent_again_whole(plp, app):
    plp("send", "--all", "--text", TEXT * 3, "--yes")
    modem_does(["sent"])
    with connected():
        Modem.update(state="absent").execute()
        Part.update(changed_at=utc_now() - timedelta(minutes=6)).execute()
    assert "1 messages sont incomplets" in plp("show", "1").output
    assert json.loads(plp("show", "1", "--json").stdout)["incomplete"] == 1
    assert "renvoyé à 1 personnes" in plp("resend", "1", "--only", "incomplete").output


def test_a_budget_asks_for_a_reason(plp):
    with connected():
        apply_configured("206010000000001", "box", "a", Limits(day=4))
    refused = plp("send", "--all", "--text", TEXT, "--yes")
    assert refused.exit_code == 1
    assert "soit 1 de trop" in refused.stderr
    assert plp("send", "--all", "--text", TEXT, "--yes", "--override-budget", "vie en danger").exit_code == 0


def test_correct_and_end(plp):
    plp("send", "--all", "--text", TEXT, "--yes")
    assert "alerté personne" in plp("correct", "1", "--text", "Non.", "--yes").stderr
    modem_does(["sent", "sent"])
    assert plp("correct", "1", "--text", "Fausse alerte.", "--yes").output == "Envoi 2 : 2 personnes, 2 SMS.\n"
    assert json.loads(plp("show", "1", "--json").stdout)["counts"]["cancelled"] == 3
    assert plp("correct", "1", "--text", "Fausse alerte.", "--yes").exit_code == 1
    ended = json.loads(plp("end", "1", "--text", "Fin d'alerte.", "--yes", "--json").stdout)
    assert (ended["id"], ended["recipients"], ended["state"]) == (3, 2, "queued")
    assert plp("end", "77", "--text", "Fin.", "--yes").exit_code == 1


@pytest.mark.parametrize("command", ["correct", "end"])
def test_a_correction_and_an_end_show_what_they_would_send_and_want_yes(plp, command):
    plp("send", "--all", "--text", TEXT, "--yes")
    modem_does(["sent", "sent"])
    shown = plp(command, "1", "--text", "C'était rue Haute.")
    assert shown.exit_code == 2
    assert {"correct": "CORRECTION. C'était rue Haute.", "end": "FIN D'ALERTE. C'était rue Haute."}[
        command
    ] in shown.stderr
    assert "2 personnes qui ont reçu l'alerte ou l'ont peut-être reçue" in shown.stderr
    assert "Ajoutez --yes pour envoyer." in shown.stderr
    assert broadcasts() == 1


def test_correct_reaches_both_groups(plp):
    plp("send", "--all", "--text", TEXT, "--yes")
    modem_does(["sent", "unconfirmed"])
    done = plp("correct", "1", "--text", "Vol rue Haute.", "--rest", "--yes", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["id"], told["recipients"]) == (2, 2)
    assert (told["rest"]["id"], told["rest"]["recipients"]) == (3, 3)
    assert plp("correct", "1", "--text", "Vol rue Basse.", "--rest", "--yes").output == (
        "Envoi 4 : 2 personnes, 2 SMS.\nEnvoi 5 : 3 personnes, 3 SMS.\n"
    )


def test_a_welcome_is_not_corrected(plp):
    plp("send", "--all", "--text", TEXT, "--yes")
    modem_does(["sent"])
    with connected():
        Broadcast.update(kind="welcome").execute()
    for command in ("correct", "end"):
        done = plp(command, "1", "--text", "Ce que je veux.")
        assert done.exit_code == 1
        assert "ni une alerte ni un exercice" in done.stderr
    assert broadcasts() == 1
