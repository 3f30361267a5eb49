"""Doors and rules, as `docs/doors.md` has them: every cell of its table is tried, and none is weaker than the page."""

import os
import pwd
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP

from console.web.session import secret_key
from db.alerts.orders.approval import approval_of, waiting_approvals
from db.alerts.planned import DatedOrder
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.engine.files import state_folder
from db.models.accounts import AccountSession
from db.models.broadcasts import Broadcast
from db.models.people import Member
from db.models.policy import DrillPerson, ZonePolicy
from db.modems.budgets.limits import apply_configured
from db.people.accounts.factors import Seal
from plp.cli.main import main
from plp.jobs.planned import send_planned
from plp.services.accounts.links import add_token
from plp.services.accounts.rights import account_card, add_account
from plp.services.accounts.second_factor import confirm_app, offered_secret
from plp.services.drills import plan_for
from plp.settings.reading import load_settings
from rules.orders.budgets import Limits
from rules.people import Actor
from rules.refusals import Refusal
from tests.architecture.source import ROOT
from tests.console.alerts import scene
from tests.console.api.scene import Program
from tests.console.conftest import PASSWORD, Browser
from tests.support.people import SENDING, approve, person

PAGE = (ROOT / "docs/doors.md").read_text(encoding="utf-8")
HEADER, _, *ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")
]
TABLE = {(row[0], rule.lower()): cell for row in ROWS for rule, cell in zip(HEADER[1:], row[1:], strict=True)}
DOORS = ("page", "command", "token", "API", "job")
RULES = ("approval", "ceiling", "budget", "guard", "second factor", "duplicates", "author")
REASONS = set(re.findall(r"^- (\w+, [a-z ]+):", PAGE.partition("## Why")[2], re.MULTILINE))
PLATE, UNREAL = "Golf grise 1-ABC-234. Rue de la Station, 21h40.", "Ceci n'est pas un exercice. Rue de la Station."
OFFICER, COLLEAGUE, THIRD = "Test officer", "Benoît", "Chloé"


@dataclass
class House:
    """The five ways in; each tells whether its order was taken."""

    app: Flask
    officer: Browser
    programs: dict[str, Program]
    people: int = 0

    def taken(self, door: str, text: str = scene.TEXT) -> bool:
        before = scene.broadcasts()
        {"token": self.program, "API": self.program}.get(door, getattr(self, door, None))(door, text)
        return scene.broadcasts() > before

    def page(self, _door: str, text: str) -> None:
        scene.send(self.officer, self.people, text=text, nonce=f"form-{scene.broadcasts()}-{len(text)}-of-a-test")

    def command(self, _door: str, text: str) -> None:
        asked = ["broadcast", "send", "--all", "--text", text, "--yes"]
        CliRunner().invoke(main, ["--config", str(self.app.config["PLP_SETTINGS"].path), *asked])

    def program(self, door: str, text: str) -> None:
        self.programs[door].order(text=text)

    def job(self, _door: str, text: str) -> None:
        """A plan whose hour has come; its own page would not have taken every text."""
        now = utc_now()
        with connected():
            plan_for(DatedOrder("drill", now, text=text), OFFICER, now - timedelta(minutes=1))
            send_planned(self.app.config["PLP_SETTINGS"], now)

    def limit(self, lines: str) -> None:
        """config.ini with more lines, for every process."""
        path = self.app.config["PLP_SETTINGS"].path
        path.write_text(path.read_text(encoding="utf-8") + lines, encoding="utf-8")
        self.app.config["PLP_SETTINGS"] = load_settings(path)

    def crowd(self, count: int) -> None:
        """So many members, all of them in the drill group, which has no room for them on its page."""
        with connected(), writing():
            now = utc_now()
            for number in range(count):
                person(number, now)
            DrillPerson.insert_many([{"member": row.id, "added_by": "t", "added_at": now} for row in Member]).execute()
        self.people = count


@pytest.fixture
def house(app: Flask, client: FlaskClient, ready_modem: Callable[..., None], sign_in: Callable[..., Browser]) -> House:
    ready_modem()
    officer = sign_in("officer")
    with connected():
        for name in (COLLEAGUE, THIRD):
            add_account(name, ["officer"], PASSWORD, "test", utc_now())
        tokens = {
            "token": add_token("centrale", "officer", "test", utc_now(), owner=OFFICER),
            "API": add_token("script", "officer", "test", utc_now()),
        }
    return House(app, officer, {door: Program(client, token) for door, token in tokens.items()})


def second_person_wanted() -> None:
    with connected():
        ZonePolicy.create(approval="second")


def asks_approval(house: House, door: str) -> str:
    house.crowd(11)
    second_person_wanted()
    assert house.taken(door)
    with connected():
        return "asked" if waiting_approvals(utc_now()) else "not asked"


def asks_ceiling(house: House, door: str) -> str:
    house.crowd(3)
    house.limit("\n[sending]\nhourly_ceiling = 2\n")
    return "not asked" if house.taken(door) else "asked"


def asks_budget(house: House, door: str) -> str:
    house.crowd(3)
    with connected():
        apply_configured("206010000000001", "box", "a", Limits(day=2))
    return "not asked" if house.taken(door) else "asked"


def asks_guard(house: House, door: str) -> str:
    house.crowd(3)
    return "not asked" if house.taken(door, UNREAL if door == "job" else PLATE) else "asked"


def asks_second_factor(house: House, door: str) -> str:
    house.crowd(51)
    with connected():
        who = account_card(OFFICER)
        seal, long_ago = (
            Seal(secret_key(state_folder(house.app.config["PLP_SETTINGS"]))),
            utc_now() - timedelta(hours=1),
        )
        confirm_app(who, TOTP(offered_secret(who.id, seal)).at(long_ago), Actor("account", OFFICER), seal, long_ago)
        AccountSession.update(proven_at=long_ago).execute()
    return "not asked" if house.taken(door) else "asked"


def asks_duplicates(house: House, door: str) -> str:
    house.crowd(3)
    assert house.taken(door)
    return "not asked" if house.taken(door) else "asked"


def asks_author(house: House, door: str) -> str:
    house.crowd(11)
    second_person_wanted()
    assert house.taken(door)
    if door != "command":
        known = {"page": "the account", "token": "its owner", "job": "whoever planned it"}
        return known.get(door, "somebody") if is_theirs(OFFICER) else "nobody: two approve"
    assert not is_theirs(OFFICER)
    user = pwd.getpwuid(os.getuid()).pw_name
    with connected():
        add_account(user, ["officer"], PASSWORD, "test", utc_now())
        Broadcast.delete().execute()
    assert house.taken(door)
    return "the system's user, or nobody: two approve" if is_theirs(user) else "nobody: two approve"


def is_theirs(name: str) -> bool:
    """True when the only order is taken for this person's: they may not approve it, and one other does. Where nobody's,
    anybody is the first of two.
    """
    now = utc_now()
    with connected():
        broadcast = Broadcast.get().id
        try:
            approve(broadcast, name, 11, SENDING, now)
        except Refusal:
            approve(broadcast, COLLEAGUE, 11, SENDING, now)
            assert progress(broadcast, now).state != "awaiting_approval"
            return True
        assert approval_of(broadcast).first_by == name
        assert progress(broadcast, now).state == "awaiting_approval"
        approve(broadcast, COLLEAGUE, 11, SENDING, now)
        assert progress(broadcast, now).state != "awaiting_approval"
    return False


TRIES = {
    "approval": asks_approval,
    "ceiling": asks_ceiling,
    "budget": asks_budget,
    "guard": asks_guard,
    "second factor": asks_second_factor,
    "duplicates": asks_duplicates,
    "author": asks_author,
}


def test_the_table_has_every_door_and_rule():
    assert list(TABLE) == [(door, rule) for door in DOORS for rule in RULES]


def test_no_door_is_weaker_than_the_page_without_a_reason():
    weaker = {f"{door}, {rule}" for (door, rule), cell in TABLE.items() if cell == "not asked"}
    assert weaker == REASONS
    assert "not asked" not in {TABLE["page", rule] for rule in RULES}


@pytest.mark.slow
@pytest.mark.parametrize(("door", "rule"), TABLE)
def test_a_cell_is_what_happens(house, door, rule):
    assert TRIES[rule](house, door) == TABLE[door, rule]
