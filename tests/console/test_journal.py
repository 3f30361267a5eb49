"""The journal: everything that the product writes into its audit has words, found in the code itself."""

import ast
import html
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from console.i18n.labels import ACTIONS, DETAILS, FIELDS, VALUES, deed
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal import audit
from db.journal.audit import Entry
from db.models.zone import AuditEntry
from db.modems.commands import Verb
from db.people.zone import Policy
from modem.daemon.worker.worker import ALARMS
from rules.calendar import LOCAL
from rules.members import FURTHER
from rules.people import Actor
from tests.architecture.source import modules
from tests.console.conftest import words
from tests.support.rosters import import_members

# Actions that are put together: what the code says, and what that may become.
MADE = {
    "MADE": {"journal_key_made"},
    "act": {"text_agreed", "text_agreed_first"},
    "action": {"correction_accepted", "correction_refused", "inbox_taken", "inbox_handled", "inbox_reopened"}
    | {
        "member_group_joined",
        "member_group_left",
    },
    "account_{column}_changed": {"account_email_changed", "account_mobile_changed"},
    "what": {"members_exported", "broadcast_people_taken", "plan_b_taken", "account_printed"},
    "modem_{verb}": {f"modem_{verb}" for verb in get_args(Verb) if verb not in ("transcript", "doctor")},
    "modem_{state}": {f"modem_{state}" for state in ALARMS},
    "planned_{state}": {f"planned_{each}" for each in ("done", "missed", "refused", "stopped")},
    "summons_{outcome}": {f"summons_{each}" for each in ("answered", "opened", "over", "no_answer", "unsent")},
}
# `**answers(…)`, `**counts` and `**changes_of(…)` of db.people.members.
UNNAMED = {
    "guard_reason",
    "sms",
    "mail_group",
    "added",
    "updated",
    "refused",
    "guard",
    "late",
    "quiet",
    "one_language",
    "without_mobile",
    "request",
    "address",
}


def records() -> Iterator[ast.Call]:
    """Every call in the product that records something."""
    recording = ("audit.record", "audit.record_from", "audit.record_each")
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in recording:
                yield node


def actions(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return actions(node.body) | actions(node.orelse)
    assert isinstance(node, ast.JoinedStr | ast.Name), ast.unparse(node)
    return MADE[ast.unparse(node).strip("f'\"")]


@pytest.mark.slow
def test_every_action_that_the_product_records_has_words():
    recorded = set().union(*(actions(call.args[2]) for call in records()))
    assert len(recorded) > 25
    assert recorded == set(ACTIONS)


@pytest.mark.slow
def test_every_detail_that_the_product_records_has_words():
    named = {keyword.arg for call in records() for keyword in call.keywords if keyword.arg}
    assert named | UNNAMED == set(DETAILS)


def test_every_reason_that_somebody_types_can_be_erased():
    reasons = {name for name, words in DETAILS.items() if str(words).startswith("motif")}
    assert reasons - {"ending"} == set(audit.TYPED)  # why a broadcast ended is a code


def test_every_field_that_may_change_has_words():
    assert {rule.name for rule in fields(Policy)} | set(FURTHER) | {"mobile", "email", "neighbourhood"} <= set(FIELDS)


def entry(action, subject="", **detail):
    return Entry(datetime(2026, 11, 24, 20, 40, tzinfo=UTC), Actor("job"), action, subject, detail)


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        (entry("modem_restart", "box/a"), ("redémarrage\xa0: modem", "")),
        (
            entry("broadcast_ordered", "7", kind="drill", recipients=1200, override=None),
            ("envoi ordonné\xa0: n°", "type\xa0: Exercice · personnes\xa0: 1\u202f200"),
        ),
        (
            entry("roles_changed", "Anne", roles=["admin", "officer"]),
            ("rôles modifiés\xa0:", "rôles\xa0: Administrateur, Policier"),
        ),
        (
            entry("consent_changed", "3", channel="sms", given=False, how="form"),
            ("consentement modifié\xa0: membre n°", "canal\xa0: SMS · consentement\xa0: non · par\xa0: formulaire"),
        ),
        (
            entry(
                "member_changed",
                "3",
                how="form",
                changed={"mobile": [], "language": ["fr", "nl"], "role": ["member", "coordinator"]},
            ),
            (
                "membre modifié\xa0: n°",
                "par\xa0: formulaire · GSM\xa0: modifié · langue\xa0: français → néerlandais"
                " · rôle\xa0: membre → Coordinateur",
            ),
        ),
        (
            entry("policy_changed", changed={"mail_always": [False, True], "second_factor": [True, False]}),
            (
                "règles de la zone modifiées",
                "e-mail avec chaque alerte\xa0: non → oui · deuxième facteur\xa0: oui → non",
            ),
        ),
        (entry("policy_changed", approval="none"), ("règles de la zone modifiées", "confirmation\xa0: aucune")),
        (entry("of_tomorrow", "1", colour="blue", kind="new"), ("of_tomorrow", "colour\xa0: blue · type\xa0: new")),
    ],
)
def test_an_entry_in_words(app, recorded, told):
    with app.test_request_context():
        shown = deed(recorded)
        assert (shown.action, shown.detail) == told
        assert shown.actor == "le serveur"


def test_no_word_is_missing_for_a_role_or_a_kind(app):
    with app.test_request_context():
        assert {str(word) for table in VALUES.values() for word in table.values()}.isdisjoint({"", "None"})


def test_the_page_tells_what_the_modems_did(admin):
    with connected():
        audit.record(utc_now(), "plp", "sim_quarantined", "box/a")
        audit.record(utc_now(), "Anne", "sim_accepted", "box/a")
    page = words(admin.get("/journal"))
    assert "le serveur nouvelle carte SIM à autoriser : modem box/a" in page
    assert "Anne carte SIM autorisée : modem box/a" in page


def table(answer):
    return words(answer).partition("Détails")[2]


def test_it_is_searched_and_filtered(admin):
    now = utc_now()
    with connected():
        for number in range(3):
            audit.record(now - timedelta(days=number), f"Zoé{number}", "bulletin_sent", str(number))
        audit.record(now, "plp", "sim_accepted", "box/a")
    assert "Zoé1" in table(admin.get("/journal"))
    assert "Zoé1" not in table(admin.get("/journal?words=carte+sim"))
    assert "carte SIM autorisée : modem" in table(admin.get("/journal?words=CARTE+sim"))
    assert "Zoé1" in table(admin.get("/journal?words=zoe1"))
    assert "Zoé1" in table(admin.get("/journal?kind=bulletin_sent&by=Zoé1&about=1"))
    today = now.astimezone(LOCAL)  # as the page counts days, also between two midnights
    assert "Zoé1" not in table(admin.get(f"/journal?since={today:%Y-%m-%d}"))
    assert "Aucune action ne correspond" in words(admin.get("/journal?words=nobody"))


def test_a_page_leads_to_the_older_ones_with_the_same_filters(admin):
    now = utc_now()
    with connected():
        for number in range(60):
            audit.record(now + timedelta(seconds=number), "Anne", "bulletin_sent", f"b{number}")
    first = admin.get("/journal?by=Anne")
    assert "b59" in table(first)
    assert "b9" not in table(first)
    (older,) = re.findall(r'href="(/journal\?before=[^"]+)"', first.text)
    second = table(admin.get(html.unescape(older)))
    assert "b9" in second
    assert "b10" not in second
    assert "carte" not in second


def test_an_import_is_one_line_with_its_list(admin):
    rows = "".join(f"Luc;Nom{number};0470{number:06};Plainevaux\n" for number in range(20))
    with connected():
        import_members(f"prénom;nom;gsm;quartier\n{rows}".encode(), "list.csv", "Anne", utc_now())
    page = admin.get("/journal")
    assert table(page).count("membre ajouté") == 0
    (listed,) = re.findall(r'href="(/journal/[0-9]+)"', page.text)
    assert table(admin.get(listed)).count("membre ajouté") == 20
    assert admin.get("/journal/99999999").status_code == 404


def test_hostile_entries_stay_text(admin):
    hostile = '"><script>alert(1)</script>'
    with connected():
        AuditEntry.create(
            at=utc_now(), actor=hostile, action=hostile, subject=hostile, detail=json.dumps({hostile: hostile})
        )
    page = admin.get("/journal")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
