"""A queued mail as a MIME message (RFC 5322) to one reader, who sees no other."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from db.mail.values import MailClaim
from plp.rules.mail_headers import ascii_address, header_line

# RFC 3834 § 5: mails that no person wrote, so that no automatic answer comes back.
_AUTO_SUBMITTED = {
    "welcome": "auto-generated",
    "alarm": "auto-generated",
    "daily": "auto-generated",
    "account": "auto-generated",
    "export": "auto-generated",
    "members": "auto-generated",
    "answer": "auto-replied",
}


# A quoted name that does not fit into one line is folded without its quotes by Python (3.11 to 3.13): with a comma in
# it, it would be two addresses. Quotes and backslashes take two characters each.
_NAME_CHARACTERS = 60
_QUOTED_CHARACTERS = 64


def display_name(text: str) -> str:
    """A name as it may stand before an address, cut where it is too long for a line of its own."""
    name = header_line(text, _NAME_CHARACTERS)
    quoted = len(name) + name.count('"') + name.count("\\")
    return name if quoted <= _QUOTED_CHARACTERS else " ".join(re.sub(r'["\\]', " ", name).split())


def mime(claim: MailClaim, sender: str, zone_name: str) -> bytes:
    """The whole message with CRLF, from `zone_name` at `sender`. The same claim gives the same Message-ID and Date."""
    message = EmailMessage(SMTP)
    message["From"] = Address(display_name(zone_name), addr_spec=ascii_address(sender))
    message["To"] = Address(display_name(claim.name), addr_spec=ascii_address(claim.address))
    if claim.reply_to:
        message["Reply-To"] = Address(addr_spec=ascii_address(claim.reply_to))
    message["Subject"] = claim.subject
    message["Date"] = claim.queued_at
    message["Message-ID"] = claim.message_id
    if claim.in_reply_to:
        message["In-Reply-To"] = message["References"] = claim.in_reply_to
    if claim.kind in _AUTO_SUBMITTED:
        message["Auto-Submitted"] = _AUTO_SUBMITTED[claim.kind]
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(claim.text, charset="utf-8", cte="quoted-printable")
    if claim.html:
        message.add_alternative(claim.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for enclosure in claim.enclosures:
        maintype, _, subtype = enclosure.media_type.partition("/")
        message.add_attachment(enclosure.content, maintype=maintype, subtype=subtype, filename=enclosure.filename)
    return message.as_bytes()
