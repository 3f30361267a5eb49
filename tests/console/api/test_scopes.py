"""A program that holds a small token asks every operation: it gets its own, and no more."""

import re

import pytest

import console.api.openapi  # noqa: F401 - declares every operation
from console.api.operations import OPERATIONS
from db.engine.clock import utc_now
from plp.services.accounts.links import add_token
from rules.people import ROLES, SCOPES, USUAL_SCOPES, scopes_for
from rules.refusals import Refusal
from tests.console.alerts import scene
from tests.console.api.scene import program

GUARDED = [declared for declared in OPERATIONS if declared.scope]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_for_one_scope_is_refused_everywhere_else(client, app, scope):
    scene.people()
    role = next(role for role in ROLES if scope in scopes_for(role))
    holder = program(client, role, scopes=[scope])
    for declared in GUARDED:
        path = re.sub(r"\{\w+_id\}", "1", declared.path).replace("{ref}", "sms-1")
        body = {} if declared.body else None
        answer = client.open(path, method=declared.method, headers=holder.headers, json=body)
        assert (answer.status_code in (401, 403)) == (declared.scope != scope), (declared.path, answer.status_code)


def test_every_operation_that_reads_or_changes_has_a_scope():
    assert {declared.path for declared in OPERATIONS if not declared.scope} == {"/healthz", "/readyz", "/metrics"}
    assert {declared.scope for declared in GUARDED} == set(SCOPES)


@pytest.mark.parametrize("role", ["officer", "technician", "admin", "auditor"])
def test_a_token_that_names_no_scope_reads_nothing_of_members(client, app, role):
    scene.people()
    for path in ("/api/v1/members", "/api/v1/members/1", "/api/v1/inbox", "/api/v1/inbox/sms-1"):
        assert program(client, role, path).get(path).status_code == 403
    assert set(USUAL_SCOPES).isdisjoint({"members:read", "inbox:read"})


def test_a_scope_that_the_role_does_not_have_is_refused(database):
    for scope in ("members:read", "tout"):
        with pytest.raises(Refusal, match="ne peut pas avoir la portée"):
            add_token("x", "officer", "test", utc_now(), scopes=[scope])
