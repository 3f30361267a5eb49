"""The tables of `docs/doors.md`, and a house with the five ways in that they speak of."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP

from base.settings.reading import load_settings
from db.alerts.planned import DatedOrder
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.engine.files import state_folder
from db.models.accounts import AccountSession
from db.models.broadcasts import Broadcast, Part
from db.models.people import Member
from db.models.policy import DrillPerson
from db.people.accounts.factors import Seal
from plp.cli.main import main
from plp.jobs.planned import send_planned
from plp.services.accounts.links import add_token
from plp.services.accounts.rights import account_card, add_account
from plp.services.accounts.signing_in import confirm_app, offered_secret
from plp.services.drills import plan_for
from plp.serving import secret_key
from rules.people import Actor
from tests.architecture.source import ROOT
from tests.console.alerts import scene
from tests.console.api.scene import Program
from tests.console.conftest import PASSWORD, Browser
from tests.support.people import person

PAGE = (ROOT / "docs/doors.md").read_text(encoding="utf-8")


def table(part: str) -> dict[tuple[str, str], str]:
    """The cells of the table of a part of the page, by door and rule."""
    lines = [line for line in part.splitlines() if line.startswith("|")]
    header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {(row[0], rule.lower()): cell for row in rows for rule, cell in zip(header[1:], row[1:], strict=True)}


ORDERING, _, LATER = PAGE.partition("## Going on")
GOING_ON, _, UNORDERED = LATER.partition("## Texts that nobody orders")
TABLE, GOING_TABLE = table(ORDERING), table(GOING_ON)
DOORS = ("page", "command", "token", "API", "job")
RULES = ("approval", "ceiling", "budget", "guard", "second factor", "duplicates", "author")
GOING_DOORS, ACTS = ("page", "command", "token", "API"), ("resume", "release", "resend")
REASONS = set(re.findall(r"^- (\w+, [a-z ]+):", ORDERING.partition("## Why")[2], re.MULTILINE))
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

    def goes_on(self, door: str, act: str, **typed: str) -> bool:
        """True when the only broadcast goes out again."""
        number = str(the_broadcast().id)
        if door == "page":
            self.officer.post(f"/alerts/{number}/{act}", {"state": "failed", **typed})
        elif door == "command":
            only = ["--only", "failed"] if act == "resend" else []
            asked = ["--config", str(self.app.config["PLP_SETTINGS"].path), "broadcast", act, number, *only]
            CliRunner().invoke(main, asked)
        else:
            self.programs[door].act(act, {"only": "failed"} if act == "resend" else None, int(number))
        return the_broadcast().stage == "queued"

    def follows(self, kind: str, **typed: str) -> bool:
        """True when a correction or an end of the only alert is taken from the page."""
        address = f"/alerts/{the_broadcast().id}/follow-up"
        page = self.officer.get(f"{address}?kind={kind}")
        return self.officer.post(address, scene.follow_up(page, "Fausse alerte.", kind, **typed)).status_code == 303

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


def with_old_proof(house: House) -> str:
    """The officer has an app, and gave its code an hour ago; returns the code of now."""
    with connected():
        who = account_card(OFFICER)
        seal, long_ago = (
            Seal(secret_key(state_folder(house.app.config["PLP_SETTINGS"]))),
            utc_now() - timedelta(hours=1),
        )
        app = TOTP(offered_secret(who.id, seal))
        confirm_app(who, app.at(long_ago), Actor("account", OFFICER), seal, long_ago)
        AccountSession.update(proven_at=long_ago).execute()
        return app.at(utc_now())


def the_broadcast() -> Broadcast:
    with connected():
        return Broadcast.get()


def gone_out(house: House, since: timedelta) -> str:
    """An order that everybody had so long ago, and an old proof of the officer; the code of now."""
    house.crowd(51)
    assert house.taken("page")
    with connected():
        Broadcast.update(stage="finished", created_at=utc_now() - since).execute()
        Part.update(state="sent").execute()
    return with_old_proof(house)


def stopped(house: House, act: str, people: int, since: timedelta = timedelta()) -> str:
    """An order of so long ago that this act makes go on, and an old proof of the officer; the code of now."""
    house.crowd(people)
    assert house.taken("page")
    stage = {"resume": "paused", "release": "held", "resend": "finished"}[act]
    with connected():
        now = utc_now()
        Broadcast.update(stage=stage, created_at=now - since, deadline_at=now + timedelta(hours=4)).execute()
        if act == "resend":
            Part.update(state="failed", reason="CMS 38").execute()
    return with_old_proof(house)
