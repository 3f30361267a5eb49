"""Four neighbourhoods: two with a coordinator, one whose coordinator has no address, one with nobody."""

from datetime import datetime

from werkzeug.test import TestResponse

from db.bulletins.drafts import bulletin
from db.bulletins.relay import relays
from db.engine.connection import connected
from plp.jobs.bulletins import send_bulletins
from tests.console.conftest import Browser
from tests.support.people import person, place

NONCE = "a-nonce-of-this-form"
TEXT = "Deux hommes se disent **livreurs**."


def people(now: datetime) -> None:
    person(1, now, "Plainevaux", role="coordinator", email="anne@example.org", first_name="Anne", last_name="Dumont")
    person(2, now, "Rotheux", role="coordinator", email="jan@example.org", language="nl", first_name="Jan")
    person(3, now, "Bonsgnée", role="coordinator")
    place("Neuville", now)


def form(**changes: object) -> dict[str, object]:
    """The form as an officer fills it in; `nonce` is the same for the same test."""
    return {
        "nonce": NONCE,
        "category": "tactical",
        "language": "fr",
        "title_fr": "Faux livreurs",
        "body_fr": TEXT,
        "audience": "all",
        **changes,
    }


def draft(officer: Browser, **changes: object) -> int:
    """A draft that was saved; its id."""
    answer = officer.post("/bulletins/new", form(**changes))
    assert answer.status_code == 303, answer.text
    return int(answer.location.split("/")[-2])


def send(officer: Browser, bulletin_id: int, **changes: object) -> TestResponse:
    with connected():
        seen = bulletin(bulletin_id).seen
    return officer.post(f"/bulletins/{bulletin_id}/send", {"seen": seen, **changes})


def sent(officer: Browser, **changes: object) -> int:
    """A bulletin that was sent; its id."""
    made = draft(officer, **changes)
    assert send(officer, made).status_code == 303
    return made


def written(mail, now: datetime) -> None:
    """The jobs put what is owed into the mail queue."""
    with connected():
        send_bulletins(mail, now)


def relay_ids(bulletin_id: int) -> list[int]:
    with connected():
        return [row.id for row in relays(bulletin_id)]
