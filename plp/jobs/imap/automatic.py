"""Recognition of automatic mails, which are folded away. In doubt a person wrote it, and an officer reads it."""

import re
from email.message import Message

from plp.jobs.imap.parts import header
from plp.rules.collation import folded
from plp.rules.replies.meaning import meaning
from plp.rules.replies.reading import plain
from plp.rules.replies.values import Meaning

# What mail programs put before the subject that they answer, whole, in the four languages: « Absence du bureau de
# poste » and « Abwesenheit: bitte Haus beobachten » are people's, and therefore it must be an answer as well.
_SUBJECT = re.compile(
    r"(?:reponse automatique|absence du bureau|auto(?:matic)?[ -]?(?:reply|response)|out of office"
    r"|automatisch antwoord|afwezig(?:heids(?:bericht|melding))?|automatische antwort"
    r"|abwesen(?:d|heits(?:notiz|nachricht)))[ \u00a0]?(?::|$)"
)
# Absence notes say whom to call then (as `plain` leaves it): nobody calls for help by that.
_IN_CASE_OF = re.compile(
    r"\b(?:en cas d(?: une)? urgence|pour (?:toute|les|une) urgences?|(?:si|s il|en cas) (?:\w+ ){0,3}urgent"
    r"|(?:in|for) (?:case of )?(?:an )?emergency|(?:for|if|in) (?:\w+ ){0,3}urgent"
    r"|(?:in|bij|voor) (?:geval van )?(?:een )?(?:noodgeval|nood|spoed)|(?:im|in einem) notfall)\b"
)


def is_automatic(message: Message, subject: str, text: str) -> bool:
    """True for a mail that no person wrote (RFC 3834 § 5, and older habits); one from a mailing list (`list`) was.

    With a word of alarm in its writer's `text` a person is to see it, whatever its headers say. The subject of an
    answer is ours, and names what we warned of.
    """
    if message.get_content_type() == "multipart/report":
        return True
    answers = _answers(message)
    if not _says_so(message) and not (answers and has_automatic_subject(subject)):
        return False
    return not _alarms(text if answers else f"{subject}\n{text}")


def has_automatic_subject(subject: str) -> bool:
    """True when the subject begins as those of absence notes do."""
    return _SUBJECT.match(folded(subject)) is not None


def _says_so(message: Message) -> bool:
    submitted = header(message, "auto-submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no") or header(message, "precedence").lower() in ("bulk", "junk", "auto_reply"):
        return True
    return any(header(message, name) for name in ("x-autoreply", "x-autorespond", "x-autoresponse"))


def _answers(message: Message) -> bool:
    return bool(header(message, "in-reply-to") or header(message, "references"))


def _alarms(text: str) -> bool:
    return meaning(_IN_CASE_OF.sub(" ", plain(text))) is Meaning.ALARM
