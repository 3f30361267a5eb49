"""The demonstration as a person starts it, and a browser to look at it with."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

from base.catalogues import catalogue
from db.alerts.incidents.incidents import mark_closed
from db.bulletins.values import BulletinDraft, Words
from db.engine.clock import utc_now
from db.engine.connection import bind, connected, writing
from db.inbound.mailbox import Arrival, MailPosition, apply_mail, mark_generation
from db.inbound.tips import TipDraft
from db.models.accounts import Account, AccountRole
from db.models.broadcasts import Broadcast, Part
from db.models.policy import ZonePolicy
from db.people.members.listing import neighbourhoods
from plp.services.bulletins.drafts import save_draft
from plp.services.tips import save_tip
from rules.refusals import WrongState
from rules.states import OPEN, PartState, Stage
from tests.e2e.box import eventually, free_port
from tests.support.clocked import suite_clock
from tests.support.people import cancel_broadcast

# The shell (Debian 13) shows the same pages without a window around them, which is two fifths of the work.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next((path for name in _NAMES if (path := shutil.which(name))), None)
# Chromium in a container: no sandbox; and it looks up nothing outside.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
NAME, PASSWORD = "Dominique", "un mot de passe assez long"


@dataclass(frozen=True)
class Demonstration:
    """A running `plp run --demo`: the console's address, the first admin's one-time link, and its folder."""

    url: str
    link: str
    folder: Path


@contextmanager
def demonstration(folder: Path) -> Iterator[Demonstration]:
    """Start it in an empty folder, wait until its modem is ready, end it."""
    port = free_port()
    config = folder / "config.ini"
    config.write_text(
        "[zone]\nname = Police locale Seraing/Neupré\ncode = 5278\nphone = 04/330 40 00\n"
        f"[console]\nlisten = 127.0.0.1:{port}\n[sending]\nundo_seconds = 5\n"
        "[mail]\npublic_url = https://plp.example.be\n"
    )
    output = folder / "output.txt"
    command = [sys.executable, "-m", "plp", "--config", str(config), "run", "--demo"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(suite_clock.SEARCHED)}
    with output.open("wb") as file:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=file)
        try:
            found = eventually("a link", lambda: re.search(r"http://\S+/setup/\S+", output.read_text()), within_s=60)
            eventually("a modem", lambda: _answers(f"http://127.0.0.1:{port}/readyz"), within_s=30)
            somebody_writes(folder)
            a_bulletin_is_begun(folder)
            somebody_called(folder)
            yield Demonstration(f"http://127.0.0.1:{port}", found[0], folder)
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def database(folder: Path) -> Iterator[None]:
    """The demonstration's database, whichever one this process had before."""
    bind("sqlite:///var/demo/plp.db", folder)
    with connected():
        yield


def somebody_writes(folder: Path) -> None:
    """An e-mail of a coordinator lies in the inbox: nothing answers it by itself."""
    with database(folder):
        mark_generation("plp@imap.example.be:993", 1)
        arrival = Arrival(
            kind="message",
            digest="1",
            sender="membre0@example.org",
            subject="TR : Voiture suspecte rue du Bois",
            text="Je vous transmets le message d'une habitante : une voiture sans plaque, avec deux hommes dedans.",
            quoted="Le 24 nov. 2026, Nadège a écrit :\n> Depuis lundi, au bout de la rue.",
            enclosures=("photo.jpg",),
        )
        apply_mail(arrival, MailPosition("plp@imap.example.be:993", 1, 1), utc_now())


def a_bulletin_is_begun(folder: Path) -> None:
    """A draft in the category with the longest name."""
    text = Words("fr", "Deux hommes recherchés", "Vus rue du Bois, en camionnette.")
    with database(folder):
        save_draft(None, BulletinDraft("operational", (text,), everywhere=True), "begun", NAME, utc_now())


def somebody_called(folder: Path) -> None:
    """A tip that an officer wrote down, without an outcome."""
    with database(folder):
        place = neighbourhoods()[0].id
        now = utc_now()
        draft = TipDraft(
            now, "other", neighbourhood_id=place, street="rue du Bois", words="Une porte forcée au garage."
        )
        save_tip(None, draft, "", "fr", "called", NAME, now)


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


def complaints(page: Page) -> list[str]:
    """Complaints of scripts and the content policy from now on. A refusal and a page that is not there are told by
    their status, which the browser calls an error: they are none.
    """
    found: list[str] = []

    def hear(text: str) -> None:
        if not any(f"status of {code}" in text for code in (400, 404, 409)):
            found.append(text)

    page.on("pageerror", lambda error: hear(str(error)))
    page.on("console", lambda message: hear(message.text) if message.type == "error" else None)
    return found


def settle(demo: Demonstration, name: str) -> None:
    """As if this account had been made days ago: a new officer cannot be the second person yet and, where another admin
    could confirm the account, cannot alert.
    """
    long_ago = utc_now() - timedelta(days=2)
    with database(demo.folder), writing():
        account = Account.get(Account.name == name)
        Account.update(approves_from_at=None, maker="").where(Account.id == account.id).execute()
        AccountRole.update(given_at=long_ago, holds_from_at=None).where(AccountRole.account == account.id).execute()


def let_the_modem_finish(demo: Demonstration) -> None:
    """Before something is timed: the alerts of the tests before have left."""
    with database(demo.folder):
        waiting = (
            Part.select()
            .join(Broadcast, on=(Part.broadcast == Broadcast.id))
            .where(Part.state.in_([PartState.QUEUED, PartState.SENDING]))
            .where(Broadcast.stage.in_([Stage.SCHEDULED, Stage.QUEUED]))
        )
        eventually("the modem has nothing to do", lambda: not waiting.exists(), within_s=100)


def wait_until_some_have_it(demo: Demonstration, broadcast: int) -> None:
    """A correction or an end has people to go to, more than one."""
    with database(demo.folder):
        gone = Part.select().where(Part.broadcast == broadcast, Part.state.in_([PartState.SENT, PartState.DELIVERED]))
        eventually("some have it", lambda: gone.count() > 1, within_s=100)


def broadcasts_after(demo: Demonstration, newest: int = 0) -> list[int]:
    """Ids of the broadcasts that were written after this one, the oldest first."""
    with database(demo.folder):
        return [each.id for each in Broadcast.select().where(Broadcast.id > newest).order_by(Broadcast.id)]


def close(demo: Demonstration, broadcasts: list[int]) -> None:
    """Stop them, and close their incidents once no SMS is on its way: the next test finds no alert of this one."""
    with database(demo.folder):
        mine = Broadcast.id.in_(broadcasts)
        # Lists: SQLite refuses at once to write beside an open query when somebody else has written since it began.
        for broadcast_id in [row.id for row in Broadcast.select().where(mine, Broadcast.stage.in_(OPEN))]:
            with suppress(WrongState):  # it ended meanwhile
                cancel_broadcast(broadcast_id, NAME, utc_now())
        leaving = Part.select().where(Part.broadcast.in_(broadcasts), Part.state == PartState.SENDING)
        eventually("no SMS is on its way", lambda: not leaving.exists(), within_s=60)
        for broadcast_id in [row.id for row in Broadcast.select().where(mine, Broadcast.kind == "alert")]:
            mark_closed(broadcast_id, utc_now())  # if the test did not


def agree_by(demo: Demonstration, way: str) -> None:
    """The zone's rule "none", "typed" or "second", whoever else is an admin by now."""
    with database(demo.folder), writing():
        row = ZonePolicy.select().first() or ZonePolicy()
        row.approval = way
        row.save()


def first_admin(page: Page, demo: Demonstration) -> None:
    """Use the one-time link, as the person who starts the box for the first time."""
    page.goto(demo.link)
    page.get_by_label("Nom d'utilisateur").fill(NAME)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/(login)?$"))


def sign_in(page: Page, demo: Demonstration) -> None:
    """Through the login page, where somebody is not signed in already."""
    page.goto(f"{demo.url}/login")
    if "/login" not in page.url:
        return
    page.get_by_label("Nom d'utilisateur").fill(NAME)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{demo.url}/")


def write_alert(page: Page, demo: Demonstration, text: str, language: str = "fr") -> None:
    """From the compose page to the confirm page, to everybody, in French; the console speaks `language`."""
    said = catalogue(language).gettext
    page.goto(f"{demo.url}/alerts/new")
    page.locator("#text").fill(text)
    page.locator("input[name=audience][value=all]").check()
    page.get_by_role("button", name=said("Vérifier avant l'envoi")).click()
    # One in four reads Dutch: the page asks once. Of an hour that has passed it asks before.
    page.get_by_role("alert").wait_for()
    if (going_on := page.locator("input[name=when][value=now]")).count():
        going_on.check()
        page.get_by_role("button", name=said("Vérifier avant l'envoi")).click()
    page.get_by_role("button", name=said("Envoyer en français à tous")).click()
    page.locator("#typed").wait_for()
    page.wait_for_load_state()  # with its style sheets: a page without them is eight screens long


def confirm_alert(page: Page) -> int:
    """Type the number of people and send; returns the broadcast's id."""
    people = page.locator(".alert-fact-main").first.inner_text().split()[0]
    page.locator("#typed").fill(people)
    page.get_by_role("button", name=re.compile("^Envoyer")).click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    return int(page.url.rsplit("/", 1)[1])


def open_follow_up(page: Page, demo: Demonstration, sent: int, kind: str) -> None:
    """The page of the correction or the end, once it is offered: before somebody has the alert, its own is shown."""
    path = f"{demo.url}/alerts/{sent}/follow-up?kind={kind}"
    eventually(f"{kind} is offered", lambda: page.goto(path) and page.url == path, within_s=60)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        time.sleep(0.1)
        return False
