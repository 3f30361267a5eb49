"""The mail of a bulletin to one coordinator; the contact that people save; and plan B's phone tree: the police call the
coordinators, and they call the people of their sheets. Members' numbers go to their own coordinator and nobody else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from urllib.parse import quote

from markupsafe import Markup
from segno import make_qr
from segno.helpers import make_vcard_data

from base.settings.values import MailSettings, Settings
from db.alerts.incidents.reach import Reach
from db.bulletins.values import BulletinCard, Correspondent
from db.inbound.replies.judging import own_numbers
from db.operations.plan_b import Person, Place
from db.people.zone import ZoneCard, zone
from plp.letters.rendering import BULLETIN, FRAME, as_html, as_text, paper, rendered, to_call
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
    """The mail to this reader, who confirms the relay with `token`. Its frame is the same for everybody: no names."""
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
    if reminder:
        return "nudge"
    return "deputy" if reader.deputy else "first"


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


def alert_numbers(settings: Settings) -> tuple[str, ...]:
    """The numbers that an alert may come from (E.164): of the SIMs of every machine that shares the database."""
    return tuple(dict.fromkeys([*(modem.number for modem in settings.modems if modem.number), *own_numbers()]))


def vcard(zone_card: ZoneCard, numbers: Sequence[str], note: str = "") -> str:
    """A contact (vCard 3.0, RFC 2426) with the zone's name: a call to it reaches people, not a modem."""
    digits = "".join(char for char in zone_card.phone if char.isdigit() or char == "+")
    name = f"{zone_card.name} PLP"
    # In N a semicolon parts family name from first names; the whole is one name.
    phone = [digits] if digits else None
    return str(make_vcard_data(name.replace(";", ",") + ";", name, phone=phone, cellphone=numbers, memo=note or None))


def contact_qr(zone_card: ZoneCard, numbers: Sequence[str]) -> Markup:
    """A QR code of the contact, as SVG within a page; empty where no number is known."""
    if not numbers:
        return Markup("")
    return Markup(make_qr(vcard(zone_card, numbers)).svg_inline(border=2, omitsize=True))  # noqa: S704  (made of digits and lines)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of one caller: the people to call, in this order. `caller` is None for the police."""

    caller: Person | None
    neighbourhood: str
    people: tuple[Person, ...]
    unreached: int


def phone_tree(
    places: Sequence[Place] | None,
    people: Sequence[Person],
    now: datetime,
    printed_by: str = "",
    texts: Sequence[str] = (),
    reached: Reach | None = None,
) -> str:
    """The page to print: the police's sheet of `places`, unless None, and the sheets of these people, with the `texts`
    to read out; for an alert, the police's sheet shows who was `reached`.
    """
    neighbourhoods = groupby(people, lambda person: person.neighbourhood)
    sheets = [sheet for _name, neighbours in neighbourhoods for sheet in sheets_of([*neighbours])]
    values = {"places": places, "sheets": sheets, "printed_by": printed_by, "texts": texts, "reach": reached}
    return paper("plan_b.html", "fr", zone(), now, **values)


def sheets_of(neighbours: Sequence[Person]) -> list[Sheet]:
    """A neighbourhood's sheets: its members shared among coordinators with a telephone; the police's if it has none."""
    name = neighbours[0].neighbourhood
    callers = [person for person in neighbours if person.calls]
    reached = [person for person in neighbours if person.phone and not person.calls]
    unreached = len(neighbours) - len(callers) - len(reached)
    # One line per phone, with the names of those who share it; none for one that calls itself.
    lines: dict[str | None, Person] = {}
    for person in reached:
        first = lines.get(person.phone)
        names = f"{first.name} / {person.name}" if first else person.name
        lines[person.phone] = replace(person, first_name=names, last_name="") if first else person
    called = [person for number, person in lines.items() if number not in {caller.phone for caller in callers}]
    if not callers:
        return [Sheet(None, name, tuple(called), unreached)]
    share = -(-len(called) // len(callers))
    return [
        Sheet(caller, name, tuple(called[index * share : (index + 1) * share]), unreached)
        for index, caller in enumerate(callers)
    ]
