"""What came back: reports of several makers, and what only looks like one."""

import email

import pytest

from plp.jobs.imap.reading import bounce_of
from tests.plp.jobs.imap.mails import EXIM, POSTFIX_OLD, QMAIL, report, written

OURS = "<0123456789abcdef@zone.example.be>"
READ_RECEIPT = (
    "From: anne@example.org\r\nSubject: Lu : Bulletin\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=disposition-notification; boundary=limite\r\n\r\n"
    "--limite\r\nContent-Type: text/plain\r\n\r\nLu.\r\n"
    "--limite\r\nContent-Type: message/disposition-notification\r\n\r\n"
    f"Final-Recipient: rfc822;anne@example.org\r\nOriginal-Message-ID: {OURS}\r\n"
    "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--limite--\r\n"
)


def judged(raw):
    raw = raw if isinstance(raw, bytes) else raw.replace("{id}", OURS).encode()
    return bounce_of(email.message_from_bytes(raw), raw)


@pytest.mark.parametrize(
    ("raw", "permanent", "reason"),
    [
        (report(OURS), True, "5.1.1 550 5.1.1 User unknown"),
        (report(OURS, returned="text/rfc822-headers"), True, "5.1.1 550 5.1.1 User unknown"),
        (report(OURS, "5.2.2", said="smtp; 552 5.2.2 mailbox full"), True, "5.2.2 552 5.2.2 mailbox full"),
        (report(OURS, "4.4.1", "delayed", "smtp; 421 try later"), False, "4.4.1 421 try later"),
        (report(OURS, "4.4.7", "failed", "smtp; 450 gave up after 5 days"), True, "4.4.7 450 gave up after 5 days"),
        (report(OURS, "5.0.0", "error (by a server that invents)", "x"), True, "5.0.0 x"),
        (QMAIL, True, ""),
        (EXIM, True, ""),
        (POSTFIX_OLD, True, ""),
    ],
)
def test_a_report_names_the_mail_and_whether_it_is_final(raw, permanent, reason):
    bounce = judged(raw)
    assert bounce.permanent is permanent
    assert bounce.reason == reason
    assert bounce.references[0] == OURS
    assert bounce.recipients == {"anne@example.org"}


def test_a_forwarded_mail_is_reported_with_both_addresses():
    raw = report(OURS).replace(
        b"Final-Recipient: rfc822; anne@example.org",
        b"Original-Recipient: rfc822;Anne@Example.org\r\nFinal-Recipient: rfc822; <luc@example.net>",
    )
    assert judged(raw).recipients == {"anne@example.org", "luc@example.net"}


@pytest.mark.parametrize(
    "raw",
    [
        READ_RECEIPT.encode(),
        report(OURS, "2.0.0", "delivered", "smtp; 250 ok"),
        written(subject="Undelivered Mail Returned to Sender", text=QMAIL),
        written(From="postmaster@example.org", text="Notre serveur déménage samedi."),
        written(Return_Path="<>", Auto_Submitted="auto-replied", subject="Absence", text="Je suis en congé."),
        written(),
    ],
)
def test_what_is_no_report(raw):
    assert judged(raw) is None
