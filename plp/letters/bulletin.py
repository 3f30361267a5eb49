"""The mail that brings a bulletin to one coordinator: what to do, what to pass on, and how to confirm it."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from db.bulletins.values import BulletinCard, Correspondent
from db.people.zone import zone
from plp.letters.formatting import as_html, as_text
from plp.letters.rendering import BULLETIN, FRAME, rendered, to_call
from plp.settings.values import MailSettings
from rules.languages import known
from rules.states import LONGER

# Longer ones are cut by some mail programs; the frame is then copied by hand.
LONGEST_MAILTO = 1800


@dataclass(frozen=True, slots=True)
class Written:
    """A finished mail."""

    subject: str
    text: str
    html: str


def bulletin_letter(
    bulletin: BulletinCard, reader: Correspondent, token: str, mail: MailSettings, reminder: bool, group_address: str
) -> Written:
    """The mail to this reader, who confirms the relay with `token`: by a mail to the zone, or on a page if coordinators
    can reach the console. The frame has neither names nor tokens, because everybody gets the same.
    """
    language = known(reader.language)
    kind = _kind(bulletin, reader, reminder)
    words, own = BULLETIN[language], bulletin.words_for(language)
    category = words[f"category_{bulletin.category}"]
    subject = _subject(category, own.title)
    urgent = f"{FRAME[language]['urgent']}{FRAME[language]['colon']} {to_call(zone(), language)}"
    source = words["from"].format(zone=zone().name)
    frame = f"{own.title}\n\n{as_text(own.body)}\n\n{urgent}\n{source}"
    answer = f"[PLP-R:{token}] {words['answer']}"
    names = ", ".join(file.filename for file in bulletin.enclosures)
    text, html = rendered(
        "bulletin",
        language,
        words=words,
        category=category,
        title=own.title,
        hello=(words["hello"] if reader.name else words["hello_nobody"]).format(name=reader.name),
        why=words.get(f"why_{kind}", words["why"]).format(place=reader.place),
        nudge=reminder,
        relays=kind not in ("group", LONGER),
        enclosed=words["enclosed"].format(names=names) if names else "",
        frame_text=frame,
        frame_html=as_html(own.body),
        urgent=urgent,
        source=source,
        page=f"{mail.public_url.rstrip('/')}/relay/{token}" if mail.public_url else "",
        address=mail.sender,
        subject=answer,
        mailto=_mailto(mail.sender, answer, words["mail_body"]),
        group=_mailto(group_address, subject, frame) if group_address else "",
    )
    return Written(f"{words['reminder']} – {subject}" if reminder else subject, text, html)


def _kind(bulletin: BulletinCard, reader: Correspondent, reminder: bool) -> str:
    """Readers of a longer version of an alert, or of a bulletin to a group, need not relay anything."""
    if bulletin.category == LONGER:
        return LONGER
    if reader.group_id is not None:
        return "group"
    return "nudge" if reminder else "deputy" if reader.deputy else "first"


def _subject(category: str, title: str) -> str:
    """The category first, unless the title begins with its word: « Feedback sur l'alerte … » already contains it."""
    said, first = (re.match(r"\w*", text) for text in (category, title.lstrip()))
    same = said and first and said[0].casefold() == first[0].casefold()
    return title if same else f"{category} – {title}"


def _mailto(address: str, subject: str, body: str) -> str:
    """RFC 6068: every part percent-encoded, line ends as CRLF; without its body if it would be too long."""
    start = f"mailto:{quote(address, safe='@')}?subject={quote(subject)}"
    whole = f"{start}&body={quote(body.replace(chr(10), chr(13) + chr(10)))}"
    return whole if len(whole) <= LONGEST_MAILTO else start
