"""What the confirm page shows of a sentence is what the daemon is given to send, letter for letter."""

import html
import re
from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.recovery import release_due
from db.engine.clock import utc_now
from db.engine.connection import connected
from modem.sms.composition import count, propose_gsm7
from tests.console.alerts.scene import SENDER, draft, sent
from tests.modem.sms.sentences import EVERY

_BUBBLE = re.compile(r'<p class="alert-bubble"[^>]*>(.*?)</p>', re.DOTALL)


@pytest.mark.parametrize("text", [propose_gsm7(text) for text in EVERY[::60]])
def test_the_preview_is_what_goes_out(officer, text):
    page = officer.post("/alerts/confirm", draft(text=text, guarded="yes"))
    assert page.status_code == 200, page.text
    shown = html.unescape(_BUBBLE.search(page.text)[1])
    assert shown == text
    sent(officer, text=text, guarded="yes")
    with connected():
        release_due(later := utc_now() + timedelta(minutes=1))
        claimed = [claim_part(SENDER, later) for _part in range(count(text).parts)]
    assert "".join(claim.text for claim in claimed) == shown
