"""From a member's SMS on the first page to a report with its outcome and its answer: four presses, and one SMS in the
words of the zone on the member's telephone.
"""

import json
import re

import pytest
from playwright.sync_api import BrowserContext, expect

from db.engine.clock import utc_now
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.people import Member
from rules.states import PartState
from tests.browser.actions import Actions
from tests.browser.demonstration import Demonstration, database
from tests.e2e.box import eventually
from tests.support.inbox import comes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

THANKS = "Merci pour votre signalement: il a été utile à une intervention de la police. Urgence: 101."
PRESSES = 4


def test_a_members_sms_becomes_a_report_with_its_answer_in_four_presses(
    signed_in: BrowserContext, demo: Demonstration
) -> None:
    with database(demo.folder):
        writer = Member.select().where(Member.language == "fr", Member.mobile.is_null(False)).first()
        comes(utc_now(), writer.mobile, "Deux hommes regardent dans les voitures, rue du Bois.")
    page = signed_in.new_page()
    page.goto(demo.url)
    hand = Actions()
    hand.press(page.locator(".home-tasks").get_by_role("link", name=re.compile("entrants? à traiter")))
    hand.press(page.get_by_role("link", name=writer.full_name))
    hand.press(page.get_by_role("button", name="Créer un signalement").last)
    expect(page.locator("#tip")).to_contain_text(THANKS)
    hand.press(page.get_by_role("button", name="Utile à une intervention"))
    expect(page.get_by_role("status").first).to_contain_text("réponse en cours d'envoi")
    assert hand.count <= PRESSES
    page.close()

    def texts() -> list[str]:
        rows = Part.select(BroadcastText.body).join(Message).join(BroadcastText)
        rows = rows.join(Broadcast, on=(Part.broadcast == Broadcast.id)).where(Message.msisdn == writer.mobile)
        taken = Part.state.in_([PartState.SENT, PartState.DELIVERED])
        return [body for (body,) in rows.where(Broadcast.kind == "answer", taken).tuples()]

    with database(demo.folder):
        eventually("the telephone has the words of the zone", lambda: THANKS in texts(), within_s=60)
        assert texts().count(THANKS) == 1
    network = [json.loads(line) for line in (demo.folder / "var/demo/sim-demo.jsonl").read_text().splitlines()]
    assert [sms["text"] for sms in network if sms["to"] == writer.mobile].count(THANKS) == 1
