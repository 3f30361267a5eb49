"""What schemathesis makes of the API's own document: bodies that keep to it, and bodies that do not."""

import warnings
from functools import cache
from threading import Semaphore

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import console.api.openapi  # noqa: F401 - declares every operation
from console.api.operations import OPERATIONS as DECLARED
from rules.people import ROLES, scopes_for
from tests.console.alerts import scene
from tests.console.api.scene import program
from tests.support.sampling import sampled

OPERATIONS = [(declared.method.lower(), declared.path, declared.scope) for declared in DECLARED]
PROMISES = ["status_code_conformance", "content_type_conformance", "response_schema_conformance"]


@cache
def library():
    """Read by the worker that has these tests alone: it takes a third of a second."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("schemathesis", reason="install requirements-dev.lock")


@cache
def promises():
    """What every answer is looked at for."""
    library()
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    return CHECKS.get_by_names(PROMISES)


@cache
def document(app):
    """Read once: it is the same for all tests of a process, as the app is."""
    return library().openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.fixture
def officer(app, client, ready_modem, monkeypatch):
    monkeypatch.setattr("console.api.broadcasts._WAITING", Semaphore(0))  # a wait of 30 s is no attack
    ready_modem()
    scene.people()
    return program(client)


@pytest.mark.slow
@pytest.mark.timeout(300)  # a hundred orders on PostgreSQL take half a minute alone, and thrice that beside two others
@pytest.mark.parametrize("most", sampled([5, 100], 2))
@pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)
@pytest.mark.filterwarnings("ignore")
def test_every_operation_does_what_its_document_says(app, officer, method, path, scope, most):
    role = next(role for role in ROLES if not scope or scope in scopes_for(role))
    holder = program(officer.client, role, "schemathesis", [scope] if scope else ())
    operation = document(app)[path][method.upper()]
    modes = [library().GenerationMode.POSITIVE, library().GenerationMode.NEGATIVE]

    @given(case=st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes]))
    @settings(
        max_examples=most,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=most < 100,  # new cases are for whoever has time to look at what they find
    )
    def asked(case):
        case.call_and_validate(headers=holder.headers, checks=promises())

    asked()


def test_a_number_that_no_row_has_is_told_in_json(officer):
    answer = officer.get(f"/api/v1/broadcasts/{2**63}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert officer.get(f"/members/{2**63}").mimetype == "text/html"
    admin = program(officer.client, "admin", "eraser", ["members:erase"])
    answer = officer.client.delete(f"/api/v1/members/{2**70}", headers=admin.headers)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
