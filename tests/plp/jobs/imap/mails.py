"""Mails as people, programs and servers write them; the people are invented."""

import base64
from email.message import EmailMessage


def written(text="Bonjour, une camionnette tourne dans la rue.", subject="Rue de la Station", **headers):
    """The bytes of an ordinary mail; `headers` by name, with _ for -, replace or add to the usual ones."""
    lines = {
        "From": "Luc Dupont <luc@example.be>",
        "To": "plp@example.be",
        "Subject": subject,
        "Date": "Tue, 24 Nov 2026 21:30:00 +0100",
        "Message-ID": "<1@mail.example.be>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


def parts(*pairs, kind="multipart/mixed", head=""):
    """A multipart mail of (header lines, body) pairs."""
    inner = "".join(f"--limite\r\n{header}\r\n\r\n{body}\r\n" for header, body in pairs)
    return (
        "From: Luc Dupont <luc@example.be>\r\nSubject: Photo\r\nMessage-ID: <2@mail.example.be>\r\n"
        f"{head}MIME-Version: 1.0\r\nContent-Type: {kind}; boundary=limite\r\n\r\n{inner}--limite--\r\n"
    ).encode()


def with_picture(text: str, size: int, first: bool = False) -> bytes:
    """A mail with a picture of `size` bytes, before its text or after it."""
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "luc@example.be", "Photo", "<big@example.be>"
    picture = base64.encodebytes(b"\xff\xd8" + b"x" * size).decode()
    pair = [("Content-Type: text/plain; charset=utf-8", text)]
    image = (
        'Content-Type: image/jpeg; name="photo.jpg"\r\nContent-Transfer-Encoding: base64\r\n'
        'Content-Disposition: inline; filename="photo.jpg"',
        picture,
    )
    return parts(*([image, *pair] if first else [*pair, image]))


def report(original: str, status="5.1.1", action="failed", said="smtp; 550 5.1.1 User unknown", **changes):
    """A report of non-delivery as RFC 3464 has it; `original` is the Message-ID that came back."""
    returned = changes.get("returned", "message/rfc822")
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\nTo: plp@example.be\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <report{status}@mx.example.org>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=limite\r\n\r\n"
        "--limite\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you that your message could not\r\n"
        "be delivered.\r\n"
        "--limite\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; anne@example.org\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {said}\r\n\r\n"
        f"--limite\r\nContent-Type: {returned}\r\n\r\nFrom: plp@example.be\r\nTo: anne@example.org\r\n"
        f"Subject: Bulletin\r\nMessage-ID: {original}\r\n\r\nLe bulletin.\r\n--limite--\r\n"
    ).encode()


# Servers that write their own, as they were seen; {id} is the Message-ID that came back.
QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@mail.example.org
To: plp@example.be
Subject: failure notice
Date: 24 Nov 2026 20:40:00 -0000

Hi. This is the qmail-send program at mail.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<anne@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <plp@example.be>
Message-ID: {id}
From: plp@example.be
To: anne@example.org
Subject: Bulletin

Le bulletin.
"""

EXIM = """\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: plp@example.be
Subject: Mail delivery failed: returning message to sender
Auto-Submitted: auto-replied
X-Failed-Recipients: anne@example.org
Message-Id: <E1abcd-0000-00@mx.example.net>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  anne@example.org
    SMTP error from remote mail server after RCPT TO:<anne@example.org>:
    550 5.1.1 unknown user

------ This is a copy of the message, including all the headers. ------

Return-path: <plp@example.be>
Message-ID: {id}
From: plp@example.be
Subject: Bulletin

Le bulletin.
"""

POSTFIX_OLD = """\
Return-Path: <>
From: MAILER-DAEMON@example.org (Mail Delivery System)
To: plp@example.be
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="limite"

--limite
Content-Description: Notification
Content-Type: text/plain

This is the Postfix program at host mail.example.org.

I'm sorry to have to inform you that the message returned
below could not be delivered to one or more destinations.

If you do so, please include this problem report. You can
delete your own text from the message returned below.

\t\t\tThe Postfix program

<anne@example.org>: unknown user: "anne"

--limite
Content-Description: Undelivered Message
Content-Type: message/rfc822

Message-ID: {id}
From: plp@example.be
Subject: Bulletin

Le bulletin.

--limite--
"""
