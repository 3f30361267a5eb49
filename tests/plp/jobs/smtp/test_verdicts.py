"""Answers of real servers, and what each means for one mail, its domain and the server."""

import pytest

from plp.jobs.smtp.connection import verdict

MAIL, RCPT, DATA, END = "mail", "rcpt", "data", "end"


@pytest.mark.parametrize(
    ("step", "code", "text", "end", "reason", "waits"),
    [
        (END, 250, "2.0.0 OK  1764016800 gsmtp", "accepted", "accepted", ""),
        (RCPT, 550, "5.1.1 The email account that you tried to reach does not exist", "refused", "unknown", ""),
        (RCPT, 550, "Requested action not taken: mailbox unavailable", "refused", "unknown", ""),
        (RCPT, 550, "5.2.1 The email account that you tried to reach is inactive", "refused", "unknown", ""),
        (RCPT, 550, "5.4.1 Recipient address rejected: Access denied", "refused", "rejected", ""),
        (RCPT, 554, "5.7.1 Relay access denied", "refused", "rejected", ""),
        (RCPT, 552, "5.2.2 The email account that you tried to reach is over quota", "refused", "full", ""),
        (RCPT, 452, "4.2.2 The email account that you tried to reach is over quota", "later", "full", ""),
        (RCPT, 450, "4.2.0 Recipient address rejected: Greylisted", "later", "busy", ""),
        (RCPT, 451, "4.7.1 Greylisting in action, please come back later", "later", "busy", "domain"),
        (RCPT, 450, "Mailbox busy", "later", "busy", "domain"),
        (RCPT, 421, "4.7.0 Too many errors, closing", "later", "busy", "server"),
        (RCPT, 530, "5.7.0 Must issue a STARTTLS command first", "later", "login", "server"),
        (MAIL, 530, "5.7.0 Authentication required", "later", "login", "server"),
        (MAIL, 552, "5.3.4 Message size exceeds fixed limit", "refused", "too_big", ""),
        (MAIL, 553, "5.7.1 Sender address rejected: not owned by user", "later", "sender", "server"),
        (MAIL, 452, "4.3.1 Insufficient system storage", "later", "busy", "server"),
        (DATA, 554, "5.5.1 Error: no valid recipients", "refused", "rejected", ""),
        (
            END,
            550,
            "5.7.26 This mail has been blocked because the sender is unauthenticated",
            "refused",
            "rejected",
            "",
        ),
        (END, 552, "5.3.4 Error: message file too big", "refused", "too_big", ""),
        (END, 421, "4.7.28 Gmail has detected an unusual rate", "later", "busy", "server"),
        (END, 451, "4.3.0 Error: queue file write error", "later", "busy", "domain"),
        (DATA, 250, "what?", "later", "busy", "domain"),
        (RCPT, 354, "what?", "later", "busy", "domain"),
        (MAIL, -1, "", "later", "busy", "server"),
        (END, 354, "", "later", "busy", "domain"),
    ],
)
def test_an_answer_and_its_meaning(step, code, text, end, reason, waits):
    said = verdict(step, code, text)
    assert (said.end, said.reason) == (end, reason)
    assert (said.domain_waits, said.server_waits) == (waits == "domain", waits == "server")
    assert not said.perhaps_taken
