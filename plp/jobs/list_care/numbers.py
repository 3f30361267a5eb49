"""Numbers that get no alerts: found as the reports come, told to the coordinator once a day."""

from datetime import datetime, time

from db.bulletins.correspondents import readers_of
from db.bulletins.values import BulletinDraft, Correspondent
from db.engine.connection import writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Copy, Letter
from db.operations.runs import claim_due, mark_run_done
from db.people.members.dead_numbers import (
    DeadNumberCard,
    dead_numbers,
    forget_living_numbers,
    mark_told,
    note_dead_numbers,
    places_of,
    unreached,
)
from db.people.zone import zone
from db.settings.values import Settings
from plp.letters.rendering import MEMBERS, note

NAME = "dead numbers"
# Coordinators read it in the morning.
AT = time(8)
# Parts that did not arrive, by broadcast, as they were when it was looked at last.
_looked_at: dict[int, int] = {}


def watch_numbers(settings: Settings, now: datetime) -> bool:
    """Look at broadcasts of which more did not arrive by now, and once a day tell the coordinators. False: no more."""
    counts = unreached(now)
    changed = sorted(number for number, count in counts.items() if _looked_at.get(number) != count)
    for number in changed:
        note_dead_numbers(number, now)
    _looked_at.clear()
    _looked_at.update(counts)
    slot = claim_due(NAME, AT, settings.host, now)
    if slot is not None:
        forget_living_numbers()
        told = tell_coordinators(now) if mail_configured(settings.mail) else 0
        mark_run_done(NAME, slot, str(told), now)
    return False


def tell_coordinators(now: datetime) -> int:
    """Queue a mail for each reader of a neighbourhood with numbers that no mail told yet; returns how many mails."""
    mails = 0
    for place_id, cards in places_of(dead_numbers(untold=True)).items():
        readers = readers_of(BulletinDraft("", (), everywhere=False, neighbourhood_ids=(place_id,))).people
        with writing():
            for reader in readers:
                letter, copy = numbers_letter(reader, cards, now)
                enqueue_letter(letter, [copy], now)
                mails += 1
            if readers:
                mark_told([card.member_id for card in cards], now)
    return mails


def numbers_letter(reader: Correspondent, cards: list[DeadNumberCard], now: datetime) -> tuple[Letter, Copy]:
    """The mail to one reader: names of members whose address the coordinator has already, and no number."""
    language = reader.language if reader.language in MEMBERS else "fr"
    words = MEMBERS[language]
    named = [words[card.why].format(name=card.name) for card in cards if card.is_known]
    others = len(cards) - len(named)
    paragraphs = [words["dead_lead"], *named] if named else []
    if others:
        paragraphs.append(words["others"].format(count=others))
    paragraphs.append(words["dead_ask"].format(phone=zone().phone))
    letter = Letter("members", words["dead_subject"].format(place=reader.place))
    key = f"dead/{now:%Y-%m-%d}/{reader.neighbourhood_id}/{reader.member_id or reader.address}"
    heading = words["dead_heading"].format(place=reader.place)
    return letter, note(key, reader.address, reader.name, language, heading, paragraphs, reader.member_id)
