"""The journal: everything that the product writes into its audit has words, found in the code itself."""

import ast
import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from console.i18n.audit_labels import ACTIONS, DETAILS, VALUES, deed
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal import audit
from db.journal.audit import Entry
from db.models.zone import AuditEntry
from db.modems.commands import VERBS
from db.people.policy import Policy
from modem.daemon.worker.worker import ALARMS
from plp.rules.people import Actor
from tests.architecture.source import modules
from tests.console.conftest import words

# Actions that are put together: what the code says, and what that may become.
MADE = {
    "account_{column}_changed": {"account_email_changed", "account_mobile_changed"},
    "modem_{verb}": {f"modem_{verb}" for verb in VERBS if verb != "transcript"},
    "modem_{state}": {f"modem_{state}" for state in ALARMS},
}
# `**answers(…)`, `**counts` of db.people.members, and every rule of db.people.policy.
UNNAMED = {
    *(rule.name for rule in fields(Policy)),
    "guard_reason",
    "sms",
    "mail_group",
    "added",
    "updated",
    "refused",
    "guard",
    "late",
    "one_language",
    "without_mobile",
    "request",
    "address",
}


def records() -> Iterator[ast.Call]:
    """Every call of `audit.record` and `audit.record_from` in the product."""
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit.record", "audit.record_from"):
                yield node


def actions(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return actions(node.body) | actions(node.orelse)
    assert isinstance(node, ast.JoinedStr), ast.unparse(node)
    return MADE[ast.unparse(node).strip("f'\"")]


def test_every_action_that_the_product_records_has_words():
    recorded = set().union(*(actions(call.args[2]) for call in records()))
    assert len(recorded) > 25
    assert recorded == set(ACTIONS)


def test_every_detail_that_the_product_records_has_words():
    named = {keyword.arg for call in records() for keyword in call.keywords if keyword.arg}
    assert named | UNNAMED == set(DETAILS)


def entry(action, subject="", **detail):
    return Entry(datetime(2026, 11, 24, 20, 40, tzinfo=UTC), Actor("job"), action, subject, detail)


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        (entry("modem_restart", "box/a"), ("redémarrage demandé, modem", "")),
        (
            entry("broadcast_ordered", "7", kind="drill", recipients=1200, override=None),
            ("envoi ordonné\xa0: n°", "genre\xa0: Exercice · personnes\xa0: 1\u202f200"),
        ),
        (
            entry("roles_changed", "Anne", roles=["admin", "officer"]),
            ("rôles changés\xa0:", "rôles\xa0: Administrateur, Policier"),
        ),
        (
            entry("consent_changed", "3", channel="sms", given=False, how="form"),
            ("accord changé\xa0: membre n°", "canal\xa0: SMS · accord\xa0: non · par\xa0: formulaire"),
        ),
        (entry("of_tomorrow", "1", colour="blue", kind="new"), ("of_tomorrow", "colour\xa0: blue · genre\xa0: new")),
    ],
)
def test_an_entry_in_words(app, recorded, told):
    with app.test_request_context():
        shown = deed(recorded)
        assert (shown.action, shown.detail) == told
        assert shown.actor == "la machine"


def test_no_word_is_missing_for_a_role_or_a_kind(app):
    with app.test_request_context():
        assert {str(word) for table in VALUES.values() for word in table.values()}.isdisjoint({"", "None"})


def test_the_page_tells_what_the_modems_did(admin):
    with connected():
        audit.record(utc_now(), "plp", "sim_quarantined", "box/a")
        audit.record(utc_now(), "Anne", "sim_accepted", "box/a")
    page = words(admin.get("/journal"))
    assert "la machine carte SIM inconnue, à accepter, modem box/a" in page
    assert "Anne carte SIM acceptée, modem box/a" in page


def test_hostile_entries_stay_text(admin):
    hostile = '"><script>alert(1)</script>'
    with connected():
        AuditEntry.create(
            at=utc_now(), actor=hostile, action=hostile, subject=hostile, detail=json.dumps({hostile: hostile})
        )
    page = admin.get("/journal")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
