"""One verdict on a text at every way in: the page, the command, the API, and a bulletin's page."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from db.bulletins.drafts import drafts
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import newest
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast, BroadcastText, Message
from db.models.people import Member
from plp.cli.main import main
from tests.console.alerts import scene
from tests.console.api.scene import Program, program
from tests.console.bulletins import scene as letters
from tests.console.bulletins.conftest import MAIL
from tests.console.conftest import Browser
from tests.support.people import mobile, person

pytestmark = pytest.mark.slow

DOORS = ("page", "command", "api", "bulletin")
SENTENCE = "Ceci est un exercice, un homme de type africain 1-ABC-234"
REASON = "Demandé par le magistrat."
AT = " Rue de la Station, 21h40."
FOUND = {
    "drill_words": "Ceci est un exercice.",
    "plate": "Golf grise 1-ABC-234.",
    "phone": "Appelez le 0470 12 34 56.",
    "email": "Écrivez à jean.dupont@example.be.",
    "link": "Voir www.example.org.",
    "person": "M. Dupont est recherché.",
    "ethnic": "Un homme de type africain.",
}
DUTCH = "Diefstal Stationsstraat, 21u40. Blijf binnen."


@dataclass
class Doors:
    """The ways in, with one answer: whether it was taken."""

    officer: Browser
    program: Program

    def taken(self, door: str, text: str, reason: str | None = None, **more: str) -> bool:
        """Ask through one door; what was refused has sent nothing."""
        before = scene.broadcasts()
        taken = bool(getattr(self, door)(text, reason, **more))
        assert door == "bulletin" or scene.broadcasts() - before == taken
        return taken

    def page(self, text: str, reason: str | None, **more: str) -> bool:
        accepted = {"guarded": "yes", "guard_reason": reason} if reason is not None else {}
        texts = {"text_nl": more["nl"]} if "nl" in more else {}
        one = {"one_language": "yes"} if "one_language" in more else {}
        answer = scene.send(self.officer, text=text, **accepted, **texts, **one)
        assert answer.status_code in (303, 400)
        return answer.status_code == 303

    def command(self, text: str, reason: str | None, **more: str) -> bool:
        answer = self.plp(text, reason, "--yes", **more)
        assert answer.exit_code in (0, 1), answer.output
        return answer.exit_code == 0

    def plp(self, text: str, reason: str | None, *also: str, **more: str) -> Result:
        """`plp broadcast send` itself."""
        accepted = ["--accept-findings", reason] if reason is not None else []
        texts = ["--text-nl", more["nl"]] if "nl" in more else []
        one = ["--one-language"] if "one_language" in more else []
        path = str(self.officer.client.application.config["PLP_SETTINGS"].path)
        asked = ["broadcast", "send", "--all", "--text", text, *accepted, *texts, *one, *also]
        return CliRunner().invoke(main, ["--config", path, *asked])

    def api(self, text: str, reason: str | None, **more: str) -> bool:
        accepted = {"accept_findings": reason} if reason is not None else {}
        texts = {"texts": {"nl": more["nl"]}} if "nl" in more else {}
        one = {"one_language": True} if "one_language" in more else {}
        answer = self.program.order(text=text, **accepted, **texts, **one)
        assert answer.status_code in (201, 422), answer.text
        return answer.status_code == 201

    def bulletin(self, text: str, reason: str | None) -> bool:
        with connected():
            known = [card.id for card in drafts()]
        made = known[0] if known else letters.draft(self.officer, body_fr=text)
        accepted = {"guarded": "yes", "guard_reason": reason} if reason is not None else {}
        answer = letters.send(self.officer, made, **accepted)
        assert answer.status_code in (303, 409)
        return answer.status_code == 303


@pytest.fixture
def doors(app: Flask, client: FlaskClient, ready_modem: Callable[..., None], sign_in: Callable[..., Browser]) -> Doors:
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=MAIL)
    send_as(MAIL)
    ready_modem()
    scene.people()
    with connected():
        person(20, utc_now(), role="coordinator", mobile="", email="anne@example.org")
    return Doors(sign_in("officer"), program(client))


# Each kind at one door and one kind at each; the rest of the table in `make test`.
TABLE = [
    pytest.param(kind, door, marks=[] if kind == "plate" or door == "command" else pytest.mark.slow)
    for kind in FOUND
    for door in DOORS
]


@pytest.mark.parametrize(("kind", "door"), TABLE)
def test_what_the_guard_finds_is_refused_until_somebody_answers_for_it(doors, door, kind):
    text = FOUND[kind] + AT
    assert not doors.taken(door, text)
    assert doors.taken(door, text, REASON)
    with connected():
        written = newest("bulletin_sent" if door == "bulletin" else "broadcast_ordered")
    assert written.detail["guard"] == [kind]
    assert written.detail["guard_reason"] == REASON


@pytest.mark.parametrize("door", DOORS)
def test_the_sentence_that_went_out_is_refused_at_every_door(doors, door):
    assert not doors.taken(door, SENTENCE)


@pytest.mark.parametrize("door", DOORS)
def test_what_it_says_nothing_of_goes_out(doors, door):
    assert doors.taken(door, scene.TEXT)


@pytest.mark.parametrize("door", DOORS[:3])
def test_who_reads_dutch_gets_dutch_or_nobody_gets_anything(doors, door):
    with connected():
        Member.update(language="nl").where(Member.mobile == mobile(3)).execute()
    assert not doors.taken(door, scene.TEXT)
    assert doors.taken(door, scene.TEXT, nl=DUTCH)
    with connected():
        read = Message.select(BroadcastText.body).join(BroadcastText).where(Message.msisdn == mobile(3))
        assert [row.body for row in read.objects()] == [DUTCH]


@pytest.mark.parametrize("door", DOORS[:3])
def test_one_language_is_said(doors, door):
    with connected():
        Member.update(language="nl").where(Member.mobile == mobile(3)).execute()
    assert doors.taken(door, scene.TEXT, one_language="yes")


def test_a_program_is_told_each_finding(doors):
    told = doors.plp(SENTENCE, None, "--yes")
    assert "1-ABC-234" in told.stderr
    assert len(told.stderr.splitlines()) >= 4
    answer = doors.program.order(text=SENTENCE)
    assert {each["kind"] for each in answer.json["findings"]} == {"drill_words", "ethnic", "plate"}
    phone = doors.program.order(text=FOUND["phone"] + AT).json["findings"]
    assert "0470 12 34 56" not in str(phone)
    preview = doors.plp(SENTENCE, None)
    assert preview.exit_code == 2
    assert "1-ABC-234" in preview.stderr


def test_a_reason_that_is_none_is_refused(doors):
    assert doors.plp(SENTENCE, "ok", "--yes").exit_code == 1
    assert doors.program.order(text=SENTENCE, accept_findings="ok").status_code == 400
    assert scene.broadcasts() == 0


def test_a_drill_that_says_it_is_real_is_accepted_from_nobody(doors):
    text = "Ceci n'est pas un exercice. Rue de la Station."
    assert doors.plp(text, REASON, "--drill", "--yes").exit_code == 1
    assert doors.program.order(text=text, drill=True, accept_findings=REASON).status_code == 422
    assert doors.plp(FOUND["drill_words"] + AT, None, "--drill", "--yes").exit_code == 0


def test_the_same_key_gives_the_same_answer_whoever_reads_what_since(doors):
    first = doors.program.order(idempotency_key="k")
    with connected():
        Member.update(language="nl").where(Member.mobile == mobile(3)).execute()
    again = doors.program.order(idempotency_key="k")
    assert (again.status_code, again.json["id"]) == (201, first.json["id"])


@pytest.mark.parametrize("verb", ["correct", "end"])
def test_a_correction_and_an_end_are_looked_at_too(doors, verb):
    assert doors.taken("command", scene.TEXT)
    scene.modem_does(["sent"] * scene.PEOPLE)
    with connected():
        number = Broadcast.get().id
    path = str(doors.officer.client.application.config["PLP_SETTINGS"].path)
    asked = ["--config", path, "broadcast", verb, str(number), "--text", FOUND["plate"], "--yes"]
    refused = CliRunner().invoke(main, asked)
    assert refused.exit_code == 1
    assert "1-ABC-234" in refused.stderr
    assert CliRunner().invoke(main, [*asked, "--accept-findings", REASON]).exit_code == 0
