"""Every page, every form and every query, answered with hostile input."""

import io
import os
import random
import time
from dataclasses import replace
from itertools import permutations, product

import pytest

from console.web.limits import limiter
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.mail.enqueue import send_as
from rules.people import ROLES
from tests.browser import trouble
from tests.console.alerts import scene
from tests.console.bulletins.scene import draft as bulletin_draft
from tests.support.people import person
from tests.support.sampling import left_to_soak

pytest.importorskip("bs4", reason="install requirements-dev.lock")
from tests.support.crawler import PAYLOADS, Form, Visit

# CRAWL_SECONDS=600 gives every payload to every form and query; each run takes others. `make soak` takes longer.
SECONDS = float(os.environ.get("CRAWL_SECONDS", "2"))
# What a failure names, to be tried again: CRAWL_SEED=7.
SEED = int(os.environ.get("CRAWL_SEED") or random.randrange(1_000_000))
# Enough for a long queue's pages. A modem looks through them all for each part, and 5,000 took PostgreSQL so long that
# a busy machine ended the test.
PEOPLE = 250
# Pages that no link leads to before something was done.
STARTS = (
    "/",
    "/login",
    "/alerts/new",
    "/members",
    "/bulletins/",
    "/inbox",
    "/modems/",
    "/journal",
    "/settings",
    "/nulle-part",
)
LIST = "nom,prénom,gsm,quartier\n=cmd|A,<x-hostile>,0470123456,Rotheux\n@x,Luc,12,Rotheux\n"


@pytest.fixture
def house(app, settings, sign_in, monkeypatch):
    """An evening's worth of everything: modems in each state, texts, mails, an alert under way, a bulletin, a list."""
    monkeypatch.setattr(limiter, "enabled", False)
    send_as(replace(settings.mail, sender="plp@example.be"))
    with connected():
        trouble.fill(utc_now(), PEOPLE)
        for number in (11, 12, 13):
            person(
                number,
                utc_now(),
                "Rotheux",
                role="coordinator",
                email=f"n{number}@example.org",
                last_name="<x-hostile>",
            )
    everybody = sign_in(*ROLES)
    scene.sent(everybody, reason="la file est déjà longue")
    scene.modem_does(["sent", "CMS 1", "unconfirmed"])
    bulletin_draft(everybody)
    everybody.post("/members/import", {"file": (io.BytesIO(LIST.encode()), "liste.csv")})
    return everybody


def starts(app, browser):
    """Every address that needs no value, and those that the tests of pages know."""
    plain = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set()) and not rule.arguments]
    return [*STARTS, *plain]


def attack(visit, seconds, dice):
    """Each payload into each form and each query, in any order, until the time is over; gives what share it was."""
    until = time.monotonic() + seconds
    jobs = list(product([*visit.forms.values(), *visit.queries], PAYLOADS.values()))
    dice.shuffle(jobs)
    for done, (place, payload) in enumerate(jobs):
        if time.monotonic() > until:
            return done / len(jobs)
        if isinstance(place, Form):
            visit.attack(place, payload, dice)
        else:
            visit.attack_query(*place, payload[:5000])
    return 1.0


@pytest.mark.slow
@pytest.mark.both  # whatever a page asks, it asks PostgreSQL too
@pytest.mark.parametrize("roles", [" ".join(ROLES), "", *map(left_to_soak, ROLES)])
def test_every_page_of_a_role_is_whole(app, house, sign_in, stranger, roles):
    visit = Visit(sign_in(*roles.split()) if roles else stranger)
    visit.walk(starts(app, visit.browser), most=250)
    assert visit.wrong == []
    assert set(visit.pages.values()) <= {200, 302, 303, 401, 403, 404}
    assert len(visit.pages) > 20


@pytest.mark.slow
@pytest.mark.parametrize("each", [1, left_to_soak(3)])
@pytest.mark.parametrize("role", ROLES)
def test_no_page_has_a_link_that_its_reader_may_not_follow(house, sign_in, role, each):
    visit = Visit(sign_in(role))
    visit.walk(["/", "/guide"], most=300, each=each)
    assert [path for path, status in visit.pages.items() if status == 403] == []
    assert len(visit.pages) > 8


@pytest.mark.slow
# The test client leaves the temporary file open that it writes a large form into.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(120 + 20 * SECONDS)
@pytest.mark.parametrize("seconds", [SECONDS, left_to_soak(20 * SECONDS)])
def test_no_hostile_input_breaks_a_page(app, house, sign_in, seconds):
    names = permutations(ROLES)  # an account is called by its roles, in their order
    next(names)
    visit = Visit(house, lambda: sign_in(*next(names)))
    visit.walk(starts(app, house), most=160)
    assert len(visit.forms) > 60
    dice = random.Random(SEED)
    share = attack(visit, seconds, dice)
    for form in dice.sample([form for form in visit.forms.values() if form.method == "POST" and not form.files], 12):
        answer = visit.fill_in(form, {"more": "x" * 10_000_000})
        assert answer is not None
        assert answer.status_code == 413
    for path in visit.pages:
        visit.ask("GET", path)
    print(f"{visit.asked} requests, {share:.0%} of {len(visit.forms)} forms and {len(visit.queries)} queries")
    assert "\n".join(visit.wrong) == "", f"CRAWL_SEED={SEED}"
    assert share > 0.0002  # on a machine that does much else
