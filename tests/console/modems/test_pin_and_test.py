"""A PIN typed once, and a test SMS, from a modem's page."""

import pytest

from db.engine.clock import utc_now
from db.engine.connection import bound_state_folder, connected
from db.inbound.replies.judging import apply_own_numbers
from db.journal.audit import entries
from db.models.broadcasts import Broadcast, Message
from db.modems.budgets import apply_configured, count_sent
from db.modems.proof import newest_proofs
from db.modems.sims import take_typed_pin
from db.modems.status import modem_cards
from rules.orders.budgets import Limits
from rules.sentences import coded
from tests.console.conftest import words
from tests.console.modems.conftest import IMSI

# Eight digits do not turn up by chance in a moment or a hash of the database.
PIN = "48217305"


def typed(host_modem="a"):
    with connected():
        return take_typed_pin(host_modem, utc_now())


@pytest.fixture
def here(app, monkeypatch):
    """The console runs on the machine of the modem."""
    monkeypatch.setattr("console.hardware.pages.settings", lambda: _Here(app.config["PLP_SETTINGS"]))


class _Here:
    def __init__(self, settings):
        self.sending, self.host = settings.sending, "box"


def test_a_pin_goes_to_the_daemon_once_and_into_no_table_and_no_journal(technician, plug, here):
    plug(state="pin", pin_tries=3)
    assert "Essais restants : 3." in words(technician.get("/modems/box/a"))
    answer = technician.post("/modems/box/a/pin", {"pin": PIN})
    assert "Le code sera essayé une seule fois, dans quelques secondes" in words(technician.get(answer.location))
    with connected():
        [entry] = [each for each in entries() if each.action == "modem_pin_entered"]
    assert (entry.subject, entry.detail, str(entry.actor)) == ("box/a", {}, "Test technician")
    folder = bound_state_folder()
    assert [path.name[:10] for path in folder.rglob("*") if path.is_file() and PIN.encode() in path.read_bytes()] == [
        "typed-pin-"
    ]
    assert (typed(), typed()) == (PIN, None)


@pytest.mark.parametrize("others", ["", "bcde"], ids=["a card", "a line of the table"])
def test_the_list_leads_a_technician_to_where_a_pin_is_entered(technician, sign_in, plug, others):
    plug(state="pin", pin_tries=3)
    for name in others:
        plug(name, imsi=f"20601000000000{ord(name)}")
    assert words(technician.get("/modems/")).count("Entrer le code PIN") == 1
    assert "Entrer le code PIN" not in words(sign_in("officer").get("/modems/"))


@pytest.mark.parametrize("tries", [0, 1, 2])
def test_no_pin_is_tried_after_a_wrong_one(technician, plug, here, tries):
    plug(state="pin", pin_tries=tries)
    answer = technician.post("/modems/box/a/pin", {"pin": PIN})
    page = words(technician.get(answer.location))
    assert f"essais restants : {tries}" in page
    assert "Essayer le code PIN" not in page
    assert typed() is None


@pytest.mark.parametrize(
    ("sentence", "tries", "word"),
    [
        (coded("puk_asked"), 0, "carte SIM bloquée"),
        (coded("puk_asked"), None, "carte SIM bloquée"),
        (coded("pin_refused", tries_left=1), 1, "code PIN demandé"),
    ],
)
def test_no_pin_is_asked_for_that_would_be_refused(technician, plug, sentence, tries, word):
    plug(state="pin", pin_tries=tries, sentence=sentence.stored)
    for address in ("/modems/", "/modems/box/a"):
        page = words(technician.get(address))
        assert f"{word} {sentence} Remettez ensuite la carte SIM dans le modem." in page
        assert "Entrer le code PIN" not in page


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", '1234"', "١٢٣٤", "1234\r"])
def test_only_digits_reach_a_card(technician, plug, here, pin):
    plug(state="pin", pin_tries=3)
    page = words(technician.get(technician.post("/modems/box/a/pin", {"pin": pin}).location))
    assert "un code PIN a de 4 à 8 chiffres" in page
    assert typed() is None


def test_a_modem_that_asks_for_none_or_is_elsewhere_gets_no_pin(technician, plug, here):
    plug(state="ready")
    assert "Entrer le code PIN" not in words(technician.get("/modems/box/a"))
    page = words(technician.get(technician.post("/modems/box/a/pin", {"pin": PIN}).location))
    assert "ne demande pas de code PIN" in page
    assert typed() is None


def test_a_modem_of_another_machine_gets_its_pin_there(technician, plug):
    plug(state="pin", pin_tries=3)
    page = words(technician.get(technician.post("/modems/box/a/pin", {"pin": PIN}).location))
    assert "dans la console de box" in page
    assert typed() is None


@pytest.fixture
def numbered(plug):
    """Modem a, ready, whose number is known."""
    plug()
    with connected():
        apply_own_numbers("box", {"a": "+32470123456"})


def test_a_test_is_a_proof_that_the_technician_asked_for(technician, numbered):
    answer = technician.post("/modems/box/a/test")
    page = words(technician.get(answer.location))
    assert "État du message à +324•••••56" in page
    assert "Modem a" in page
    with connected():
        broadcast = Broadcast.get()
        assert (broadcast.kind, broadcast.ordered_by) == ("selftest", "Test technician")
        assert (Message.get().imsi, Message.get().modem) == (IMSI, "box/a")
        assert len(newest_proofs(modem_cards(utc_now())[0])) == 1
    answer = technician.post("/modems/box/a/test")
    assert "Un test de ce modem est déjà en cours : vérifiez dans un instant" in words(technician.get(answer.location))


@pytest.mark.parametrize(
    ("state", "limit", "number", "why"),
    [
        ("paused", 0, True, "n'est pas prêt"),
        ("ready", 0, False, "Destinataire du test manquant. Indiquez le numéro de la carte SIM (number, dans [modem"),
        ("ready", 1, True, "le plafond de la carte du modem a est atteint"),
    ],
)
def test_a_test_that_cannot_be_sent_says_why(technician, plug, state, limit, number, why):
    plug(state=state)
    with connected():
        apply_own_numbers("box", {"a": "+32470123456"} if number else {})
        apply_configured(IMSI, "box", "a", Limits(limit, 0, 0))
        if limit:
            count_sent(IMSI, "+32470000001", utc_now())
    page = words(technician.get(technician.post("/modems/box/a/test").location))
    assert why in page
    with connected():
        assert not Broadcast.select().exists()
