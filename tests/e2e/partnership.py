"""The other half of the plan on a box: coordinators, a real mail server, an officer at the console."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from base.settings.reading import load_settings
from console.web.app import create_app
from db.bulletins.drafts import bulletin
from db.engine.clock import utc_now
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from plp.services.zone import save_policy
from rules.members import MemberDraft
from tests.console.conftest import PASSWORD, Browser
from tests.e2e.box import Box, eventually
from tests.plp.jobs.smtp.server import PostOffice, Taken

ZONE = "plp@zone.example.be"
PLACES = ("Plainevaux", "Rotheux", "Bonsgnée")
LANGUAGES = ("fr", "nl", "de")


@dataclass(frozen=True)
class Partnership:
    """A box whose jobs run, the server that takes its mail, and an officer's browser."""

    box: Box
    office: PostOffice
    officer: Browser

    def mails(self, count: int) -> list[Taken]:
        """Wait for so many mails; more is a failure."""
        eventually(f"{count} mails", lambda: len(self.office.mails) >= count)
        assert len(self.office.mails) == count
        return sorted(self.office.mails, key=lambda mail: mail.readers)

    def draft(self, **changes: object) -> int:
        """A bulletin in French, written in the console, not sent yet; its id."""
        form = {
            "nonce": "a-nonce-of-this-form",
            "category": "tactical",
            "language": "fr",
            "title_fr": "Faux livreurs",
            "body_fr": "Deux hommes se disent **livreurs**. N'ouvrez pas.",
            "audience": "all",
            **changes,
        }
        answer = self.officer.post("/bulletins/new", form)
        assert answer.status_code == 303, answer.text
        return int(answer.location.split("/")[-2])

    def send(self, bulletin_id: int, **changes: str) -> None:
        with self.box.reading():
            seen = bulletin(bulletin_id).seen
        assert self.officer.post(f"/bulletins/{bulletin_id}/send", {"seen": seen, **changes}).status_code == 303


@contextmanager
def partnership(
    make_box: Callable[..., Box], *modems: str, mail: str = "", start: bool = True
) -> Iterator[Partnership]:
    """Three neighbourhoods, each with a coordinator of another language, and one member with a mobile each."""
    office = PostOffice()
    office.start()
    try:
        box = make_box(*modems)
        with box.config.open("a") as config:
            config.write(f"[mail]\nsmtp = 127.0.0.1:{office.port}\nfrom = {ZONE}\ndomain_per_minute = 0\n{mail}\n")
        with box.reading():
            _people()
            add_account("Anne", ["officer"], PASSWORD, "test", utc_now())
            save_policy(Policy(), "test", utc_now())  # a new zone asks for a second factor
        if start:
            box.start("jobs")
        yield Partnership(box, office, signed_in(box))
    finally:
        office.stop()


def signed_in(box: Box) -> Browser:
    """The officer in the console over the box's database."""
    browser = Browser(create_app(load_settings(box.config)).test_client())
    assert browser.post("/login", {"name": "Anne", "password": PASSWORD}).status_code == 302
    return browser


def _people() -> None:
    now = utc_now()
    for number, (name, language) in enumerate(zip(PLACES, LANGUAGES, strict=True)):
        place = save_neighbourhood(None, name, "", "test", now)
        mail = f"coordinateur{number}@example.org"
        coordinator = MemberDraft(f"Coord{number}", "Nom", "", mail, language, place, "coordinator")
        save_member(None, coordinator, "test", now)
        member = MemberDraft(f"Membre{number}", "Nom", f"+32470010{number:03}", f"m{number}@example.org", "fr", place)
        save_member(None, member, "test", now)


def world(box, command):
    """A command to the simulator's world (see tests.simulator.orders)."""
    with socket.socket(socket.AF_UNIX) as wire, wire.makefile("rw", encoding="utf-8") as asked:
        wire.connect(str(box.folder / "a.control"))
        asked.write(command + "\n")
        asked.flush()
        assert json.loads(asked.readline())["ok"]
