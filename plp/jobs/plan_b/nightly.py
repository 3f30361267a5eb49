"""Each night the encrypted archive is made anew: whole or not at all, the newest seven kept, for its owner's eyes
alone. AES-256, opened by 7-Zip.
"""

import io
import re
from datetime import datetime
from pathlib import Path

from db.engine.files import make_folder, write_whole
from db.operations.plan_b import Roll, archive_folder, roll
from db.operations.runs import claim_run, due_slot, mark_run_done, run_of
from db.people.members.forgotten import last_forgotten_at
from db.people.zone import ZoneCard, zone
from db.settings.values import Settings
from plp.jobs.apart import apart
from plp.jobs.plan_b.phone_tree import WORDS, pdf, sheets_of
from plp.jobs.plan_b.trouble import incident_if_missed
from plp.letters.rendering import to_call
from plp.services.people.exporting import written
from rules.calendar import LOCAL
from rules.collation import folded
from rules.sentences import CodedRefusal, coded

KEPT = 7
_PATTERN = "plan-b-*.zip"
COLUMNS = ("first_name", "last_name", "mobile", "email", "language", "neighbourhood", "role")
LEAST_PASSWORD = 12


def export_nightly(settings: Settings, now: datetime) -> bool:
    """Make the archive once its hour has come, once per night and machine, and again once somebody was forgotten whom
    an older one names; True when it was made.

    A failure is an incident, until the next archive; it is tried again every half hour, when the claim without an end
    lapses.
    """
    slot = due_slot(settings.plan_b.at, now)
    if settings.plan_b.password_file is None:
        return False
    # Each machine keeps its own: the one that breaks may be the other one.
    name = run_of("plan_b", settings)
    is_due = slot is not None and claim_run(name, slot, settings.host, now)
    if not is_due and not _stale_archives(settings):
        return False
    path = None
    with incident_if_missed(settings.host, "plan_b_missed", now):
        path = export(settings, now)
    if path is not None and slot is not None:
        mark_run_done(name, slot, path.name, now)
    return path is not None


def export(settings: Settings, now: datetime) -> Path:
    """Write the archive; older ones than the newest seven go. Raises CodedRefusal without a password, OSError."""
    folder = archive_folder(settings)
    make_folder(folder)
    path = folder / _name(now)
    write_whole(path, apart(archive, roll(), zone(), password_of(settings), now))
    stale = [old for old in _stale_archives(settings) if old != path]
    for old in {*sorted(folder.glob(_PATTERN), reverse=True)[KEPT:], *stale}:
        old.unlink()
    return path


def _stale_archives(settings: Settings) -> list[Path]:
    """Archives that may name somebody who was forgotten since; a new one replaces them."""
    at = last_forgotten_at()
    return [path for path in archive_folder(settings).glob(_PATTERN) if at is not None and path.name <= _name(at)]


def _name(at: datetime) -> str:
    return f"plan-b-{at.astimezone(LOCAL):%Y-%m-%d-%H%M}.zip"


def password_of(settings: Settings) -> str:
    """The password of the archive, the first line of its file. Raises CodedRefusal."""
    path = settings.plan_b.password_file
    if path is None:
        raise CodedRefusal("plan_b_no_password")
    try:
        words = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else coded("not_text")
        raise CodedRefusal("plan_b_unreadable", path=path, why=why) from None
    password = words[0].strip() if words else ""
    if len(password) < LEAST_PASSWORD:
        raise CodedRefusal("plan_b_short", path=path, least=LEAST_PASSWORD)
    return password


def archive(roll: Roll, zone_card: ZoneCard, password: str, now: datetime) -> bytes:
    """The ZIP. Names of files are readable without the password, so they name nobody."""
    import pyzipper  # for a moment each night

    whole = io.BytesIO()
    with pyzipper.AESZipFile(whole, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(password.encode())
        packed.setencryption(pyzipper.WZ_AES, nbits=256)
        packed.writestr("LISEZMOI.txt", readme(roll, zone_card, now))
        packed.writestr("members.csv", members_csv(roll))
        trees = {place: sheets_of(roll, place) for place in roll.neighbourhoods}
        packed.writestr("arbre-police.pdf", pdf(zone_card, now, "trunk", trees.items()))
        for number, (place, sheets) in enumerate(trees.items(), 1):
            packed.writestr(f"arbre-{number:02}-{slug(place)}.pdf", pdf(zone_card, now, "tree", sheets))
    return whole.getvalue()


def members_csv(roll: Roll) -> bytes:
    """The list as `plp member import` reads it again, in UTF-8 with the mark that Excel wants."""
    rows = [[*COLUMNS, "consent_sms", "consent_mail_group"]]
    for person in roll.people:
        agreed = ("yes" if person.mobile else "no", "yes" if person.email else "no")
        rows.append([*(getattr(person, name) or "" for name in COLUMNS), *agreed])
    return written(rows, "csv")


def readme(roll: Roll, zone_card: ZoneCard, now: datetime) -> bytes:
    """The archive's instructions, in French: how to alert without this machine."""
    at = now.astimezone(LOCAL)
    words = WORDS["readme"].format(
        zone=zone_card.name,
        day=f"{at:%d/%m/%Y}",
        time=f"{at:%H:%M}",
        texts=sum(person.mobile is not None for person in roll.people),
        mails=sum(person.email is not None for person in roll.people),
        left_out=roll.left_out,
        call=to_call(zone_card, "fr"),
    )
    return str(words).replace("\n", "\r\n").encode("utf-8-sig")


def slug(place: str) -> str:
    """The neighbourhood's name as part of a file's."""
    return re.sub(r"[^a-z0-9]+", "-", folded(place)).strip("-")[:40] or "quartier"
