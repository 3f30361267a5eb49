"""The meaning of a server's answer for the mail, for its reader's domain, and for the server itself.

RFC 5321 § 4.2.1: 4xx is for the moment, 5xx for ever. RFC 3463 says in a second number what it is about: X.1 and X.2
one address, X.3 and X.4 a system or the way to it, X.7 a policy.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")


class Stage(StrEnum):
    """A step of one mail's dialogue: MAIL FROM, RCPT TO, DATA, and the end of the text."""

    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    END = "end"


@dataclass(frozen=True, slots=True)
class SmtpOutcome:
    """The outcome of one attempt to send a mail.

    end            accepted | refused | later
    reason         a word of `plp.rules.mail_verdicts`; `reply` the server's own words
    perhaps_taken  the connection was lost within or after the text: the server may have it
    domain_waits   others to the same domain would be told the same
    server_waits   others would be told the same, whoever they are to
    """

    end: str
    reason: str
    reply: str
    perhaps_taken: bool = False
    domain_waits: bool = False
    server_waits: bool = False


def verdict(stage: Stage, code: int, text: str) -> SmtpOutcome:
    """For the answer `code text` at `stage`; anything that no server may say there is for the moment."""
    reply = f"{code} {text}".strip()
    if stage is Stage.END and 200 <= code < 300:
        return SmtpOutcome("accepted", "accepted", reply)
    found = _ENHANCED.match(text)
    about = (int(found[2]), int(found[3])) if found else (-1, -1)
    if code == 530:  # RFC 4954 § 6: log in first; RFC 3207 § 4: encrypt first
        return SmtpOutcome("later", "login", reply, server_waits=True)
    if not 500 <= code < 600:
        return _for_the_moment(stage, code, about, reply)
    if code == 552 or about in ((2, 3), (3, 4)):
        return SmtpOutcome("refused", "full" if about == (2, 2) else "too_big", reply)
    if stage is Stage.MAIL:
        return SmtpOutcome("later", "sender", reply, server_waits=True)
    if about == (2, 2):
        return SmtpOutcome("refused", "full", reply)
    if stage is Stage.RCPT and (about[0] == 1 or about == (2, 1) or (code in (550, 551, 553) and found is None)):
        return SmtpOutcome("refused", "unknown", reply)
    return SmtpOutcome("refused", "rejected", reply)


def _for_the_moment(stage: Stage, code: int, about: tuple[int, int], reply: str) -> SmtpOutcome:
    if code == 421 or stage is Stage.MAIL:  # it closes, or takes nothing at all now
        return SmtpOutcome("later", "busy", reply, server_waits=True)
    if about == (2, 2):
        return SmtpOutcome("later", "full", reply)
    return SmtpOutcome("later", "busy", reply, domain_waits=about[0] not in (1, 2))
