"""A database that holds French sentences is upgraded: what is known becomes a code, the rest stays as it was."""

import json
import runpy
from string import Formatter

import pytest

from db.engine import schema
from db.engine.base import database as current
from db.engine.connection import bind, connected
from db.models.broadcasts import Broadcast
from db.models.incidents import Incident
from db.models.mail import InboxAnswer
from db.models.zone import Modem
from db.operations.incidents import incidents
from rules.sentences import Sentence, coded, stored_sentence
from tests.conftest import ON_POSTGRES
from tests.support.migrations import upgraded_to
from tests.support.postgres import fresh_url

FROZEN = runpy.run_path(str(schema.MIGRATIONS / "0019_codes.py"))
AT = "2026-11-21 20:40"
# These lost the full stop of the sentence inside them.
CUT = ("not_ready_modem", "not_ready_modem_and_1", "not_ready_modem_and_more")
SILENT = coded("modem_silent", stage="AT+CPIN?")
MODEM = coded("modem_trouble", name="a", host="box", why=coded("restarts_in_vain", sentence=SILENT))
BUDGET = coded("budget_over", modem="a", imsi="0001", used="9", limit="9", what=coded("budget_day"))
UNWRITABLE = coded("database_unwritable_inside", why=coded("database_full"), remedy=coded("database_full_remedy"))
UNKNOWN = "Le courant est coupé : la batterie tient une heure."


def of_before(sentence):
    """The sentence in the words of the release that stored it."""
    values = {name: of_before(v) if isinstance(v, Sentence) else v for name, v in sentence.values.items()}
    return FROZEN["_TEMPLATES"][sentence.code].format(**values)


@pytest.mark.parametrize("code", [code for code in FROZEN["_TEMPLATES"] if code not in CUT])
def test_every_sentence_of_before_is_read(code):
    template = FROZEN["_TEMPLATES"][code]
    values = {name: f"x{name[:4]}" for _text, name, _form, _conversion in Formatter().parse(template) if name}
    sentence = Sentence(template, values, code)
    assert json.dumps(FROZEN["_known"](str(sentence)), ensure_ascii=False, sort_keys=True) == sentence.stored


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (of_before(MODEM), MODEM),
        (of_before(BUDGET), BUDGET),
        (f"Pas prêt : {of_before(UNWRITABLE)}", coded("not_ready", why=UNWRITABLE)),
        (
            "Aucun modem connu n'est libre : branchez-en un. Le modem démarre.",
            coded("together", first=coded("none_free"), next=coded("starting")),
        ),
        (
            "Pas prêt : modem a : Pas de réseau : vérifiez l'antenne et la carte SIM (et 2 autres).",
            coded("not_ready", why=coded("not_ready_modem_and_more", name="a", others="2", why=coded("no_network"))),
        ),
        (
            "Le modem d'IMEI 350000000000017 n'est pas branché : branchez-le.",
            coded("imei_missing", imei="35•••••0017"),
        ),
    ],
    ids=["nested", "value", "database", "several", "the others", "imei"],
)
def test_what_is_inside_a_sentence_becomes_a_code_too(before, after):
    assert json.dumps(FROZEN["_known"](before), ensure_ascii=False, sort_keys=True) == after.stored


def test_a_text_made_to_be_slow_is_left_as_it_is():
    assert FROZEN["_known"]("Modem a (b). " * 60) is not None
    assert FROZEN["_known"]("Le quartier de Jean. " * 40) is None
    assert FROZEN["_known"]("La carte SIM du modem a (IMSI …1) est à son plafond, 1 sur " * 14) is None


@pytest.fixture
def opened(database, tmp_path):
    """An empty database of this run's kind."""
    seeded = current.obj
    yield bind(fresh_url() if ON_POSTGRES else "sqlite:///old.db", tmp_path)
    current.initialize(seeded)


@pytest.mark.slow
def test_a_database_of_before_is_upgraded(opened, tmp_path):
    def insert(table, **values):
        names, mark = ", ".join(values), "%s" if ON_POSTGRES else "?"
        marks = ", ".join(mark for _value in values)
        opened.execute_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))

    with connected():
        upgraded_to(opened, tmp_path, "0016_start")
        for number, sentence in enumerate((of_before(MODEM), UNKNOWN), 1):
            insert("incident", kind="x", subject=str(number), sentence=sentence, opened_at=AT, reopened=0)
            modem = {"host": "box", "name": str(number), "device": "auto", "state": "faulty", "model": ""}
            speeds = {"messages_per_minute": 0, "urgent_messages_per_minute": 0}
            insert("modem", **modem, **speeds, sentence=sentence, simulated=False, changed_at=AT)
        for number, refused in enumerate(("Ce message n'est plus là.", UNKNOWN)):
            insert("inbox_answer", key=str(number), kind="letter", body="", by="Anne", at=AT, refused=refused)
        for number, audience in enumerate(("tous les membres (au plus près de Bois d'abord)", "Aval, Bois"), 1):
            made = {"kind": "alert", "lane": 0, "stage": "finished", "recipients": 1, "fingerprint": ""}
            times = {"created_at": AT, "deadline_at": AT}
            insert("broadcast", id=number, **made, **times, audience=audience, ordered_by="x")
        assert "0019_codes" in schema.upgrade(opened)
        schema.require_current(opened)
        assert [row.sentence for row in Modem.select().order_by(Modem.id)] == [MODEM.stored, UNKNOWN]
        assert [row.sentence for row in Incident.select().order_by(Incident.id)] == [MODEM.stored, UNKNOWN]
        assert {card.sentence for card in incidents()} == {str(MODEM), UNKNOWN}
        assert [str(stored_sentence(row.refused)) for row in InboxAnswer.select().order_by(InboxAnswer.id)] == [
            "Ce message n'existe plus.",
            UNKNOWN,
        ]
        near = coded("audience_near", places=coded("audience_all"), near="Bois")
        assert [row.audience for row in Broadcast.select().order_by(Broadcast.id)] == [near.stored, "Aval, Bois"]
