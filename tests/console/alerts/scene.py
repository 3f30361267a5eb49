"""An officer's evening: two neighbourhoods, five phones, and what the daemon would do."""

import re
from collections.abc import Iterable
from datetime import timedelta

from werkzeug.test import TestResponse

from base.settings.values import Settings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_sent, mark_unconfirmed
from db.alerts.queue.recovery import release_due
from db.alerts.values import Sender
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.models.broadcasts import Broadcast, Part
from db.models.mail import Mail
from plp.jobs.bulletins import mail_alerts
from rules.states import PartState
from tests.console.conftest import Browser
from tests.support.people import person

TEXT = "Vol rue de la Station, 21h40. Restez chez vous, appelez le 101."
NEAR, FAR = "Plainevaux", "Bois de l'Abbé"
PEOPLE = 5
SENDER = Sender("box", "a", "206010000000001", False)
BEGUN = re.compile(r'name="(begun_\w\w)" value="([0-9a-f]+)"')
NONCE = re.compile(r'name="nonce" value="([^"]+)"')


def people() -> None:
    """Three near, two far, one without a mobile."""
    now = utc_now()
    with connected(), writing():  # one commit for all: a test waits for its disk
        for number in range(PEOPLE):
            person(number, now, NEAR if number < 3 else FAR)
        person(9, now, NEAR, mobile="", email="nom9@example.org")


def draft(**changes: object) -> dict[str, object]:
    """The form as an officer fills it in; `nonce` is the same for the same test."""
    return {"text": TEXT, "audience": "all", "when": "now", "nonce": "a-nonce-of-this-form", **changes}


def send(officer: Browser, typed: object = PEOPLE, **changes: object) -> TestResponse:
    """Press the red button; of a drill (`drill`) its own."""
    if changes.pop("drill", ""):
        return officer.post("/drills/send", draft(typed="EXERCICE", **changes))
    return officer.post("/alerts/send", draft(typed=str(typed), **changes))


def sent(officer: Browser, **changes: object) -> int:
    """An alert that was taken; its id."""
    answer = send(officer, **changes)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def burglary(officer: Browser, place: str, **changes: object) -> int:
    """The ready-made « Cambriolage en cours » at a place, which everybody has."""
    answers = {"answer_lieu": place, "answer_heure": "21:40", "nonce": f"a-nonce-for-{place}"}
    answer = send(officer, typed=3 if changes else PEOPLE, text="", template=1, **answers, **changes)
    assert answer.status_code == 303
    modem_does(["sent"] * (3 if changes else PEOPLE))
    return int(answer.location.rsplit("/", 1)[1])


def follow_up(page: TestResponse, text: str, kind: str = "correction", **changes: object) -> dict[str, object]:
    """The form of a correction or an end on its page, with this text."""
    found = NONCE.search(page.text)
    assert found is not None
    return {"nonce": found[1], "kind": kind, "text": text, **dict(BEGUN.findall(page.text)), **changes}


def broadcasts() -> int:
    """How many the database holds."""
    with connected():
        return int(Broadcast.select().count())


def modem_does(outcomes: Iterable[str]) -> None:
    """The daemon hands over one part per outcome: sent, a code like `CMS 1`, or unconfirmed."""
    now = utc_now() + timedelta(minutes=1)
    with connected():
        release_due(now)
        for reference, outcome in enumerate(outcomes):
            claim = claim_part(SENDER, now)
            assert claim is not None
            mark_pdu_started(claim, now)
            if outcome == "sent":
                mark_sent(claim, reference, SENDER, now)
            elif outcome == "unconfirmed":
                mark_unconfirmed(claim, "no_answer", SENDER, now)
            else:
                mark_failed(claim, outcome, now)


def reported(broadcast_id: int, most: int) -> None:
    """The telephones of its first people report what the network took of it, so many in the order of sending."""
    with connected():
        parts = Part.select().where(Part.broadcast == broadcast_id).order_by(Part.id).limit(most)
        taken = [part.id for part in parts if part.state == PartState.SENT]
        Part.update(state=PartState.DELIVERED, changed_at=utc_now()).where(Part.id.in_(taken)).execute()


def mails_are(state: str, mail: Settings) -> None:
    """The mails of what was sent are queued, and a server says this of them."""
    with connected():
        mail_alerts(mail, utc_now() + timedelta(minutes=1))  # the undo seconds are over
        Mail.update(state=state, changed_at=utc_now()).execute()
