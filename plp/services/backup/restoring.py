"""A backup is tested, or restored: it is first verified in a separate database, which then replaces the present one. It
lacks what was sent after it was made, so nothing that waits in it is sent before a person decides.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from base.settings.reading import load_settings
from base.settings.values import Settings
from db.alerts.orders.approval import mark_approval, untold_alone
from db.alerts.planned import due, mark_ended
from db.bulletins.relay import mark_written, owed_mails
from db.engine import copies, postgres, privileges, schema
from db.engine.connection import bind, bound_to, connected, sqlite_path, state_folder_of, writing
from db.engine.files import scratch_room, state_folder
from db.engine.health import in_words
from db.journal import audit, chain
from db.journal.verification import HEADS, ChainCheck, Tail, heads_in, note_head, noted_tail, tail_after, verify
from db.mail import claim, enqueue
from db.operations import incidents, lineage
from db.operations.database_roles import apply_rights
from db.people.accounts.accounts import Contact, readers
from db.people.members import erasure, saving, welcome
from plp.letters.rendering import write_to_accounts
from plp.services.accounts import rights, signing_in
from plp.services.backup.archive import DATABASE, Manifest, listed_in, put_back, unpack
from plp.services.backup.places import reaching
from plp.services.bulletins.relaying import enqueue_deputies
from plp.services.forgetting import forget_again
from plp.services.machine import bring_up_to_date
from rules.calendar import LOCAL
from rules.people import Actor
from rules.refusals import Refusal
from rules.sentences import CodedRefusal, StoreFault, refusing

_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Restored:
    """The outcome. Faults of the `journal` were accepted; people were erased again, broadcasts held, mails and welcomes
    left to a person; `files` were written, and the database before it is kept at `kept`, "" for none. `lost` is the end
    of its journal, None if unknown, as is `sent`, after the backup; `withdrawn` was so since, and now is again.
    """

    manifest: Manifest
    journal: ChainCheck
    forgotten: int
    held: int
    mails: int
    welcomes: int
    files: tuple[Path, ...]
    kept: str
    lost: Tail | None
    withdrawn: lineage.Withdrawn
    sent: lineage.Sent | None


class _Replaced(NamedTuple):
    """Of the database that was here: the end of its journal that the copy has not, its admins, and what was taken back
    and sent since the copy; None for what nobody knows.
    """

    lost: Tail | None
    admins: list[Contact]
    withdrawn: lineage.Withdrawn
    sent: lineage.Sent | None


def try_backup(settings: Settings, backup: Path, identity: Path, now: datetime) -> tuple[Manifest, ChainCheck]:
    """Restore it into a separate database, verify that, and delete it; afterwards this process is bound to none."""
    with _opened(settings, backup, identity, now) as (unpacked, manifest, _url):
        return manifest, _verified(unpacked, "")


def restore(
    settings: Settings, backup: Path, identity: Path, by: str, now: datetime, everything: bool, accepting: str
) -> Restored:
    """Restore it. `everything`: also config.ini and all other files; `accepting` is the reason for accepting a journal
    that fails the verification. Raises Refusal, and then only files have changed, whose older versions are kept.
    """
    aside = f".before-restore-{now:%Y%m%dT%H%M%S}"
    turn = copies.restoring_alone(settings)
    with refusing(), turn, _opened(settings, backup, identity, now) as (unpacked, manifest, url):
        journal = _verified(unpacked, accepting)
        lost, admins, withdrawn, sent = _replaced(settings, journal, datetime.fromisoformat(manifest.made_at))
        if everything:
            settings = _settings_in(unpacked, settings)
        listed = erasure.read_list(listed_in(state_folder(settings), backup.parent))
        with connected():
            forgotten = forget_again(listed, by, now)
            signing_in.end_sessions(None, by, "restored", now)
            _withdraw_again(withdrawn, by, now)
            mails, welcomes = _leave_to_a_person(now)
            lacks: dict[str, object] = {"made_at": manifest.made_at, "dropped": lost and lost.entries}
            lacks |= {"gone": sent and sent.broadcasts, "gone_texts": sent and sent.texts}
            held = lineage.hold_after_restore(None, (), {}, True, now, compared_later=True, backup=lacks)
            audit.record(
                now, by, "backup_restored", backup.name, faults=len(journal.faults), reason=accepting,
                forgotten=forgotten, held=held, mails=mails, welcomes=welcomes, head=lost and str(lost.head or ""),
                **lacks,
            )  # fmt: skip
            _tell_admins(settings, _told(backup.name, manifest, by, lost, withdrawn, sent), admins, now)
            while chain.seal_entries():
                pass
            note_head(now)
            apply_rights(settings.retention.audit_months)  # a dump has those of its tables alone, not the database's
        files = tuple(put_back(settings, unpacked, everything, aside))
        kept = copies.put_in_place(settings, url, aside)
    return Restored(manifest, journal, forgotten, held, mails, welcomes, files, kept, lost, withdrawn, sent)


def _replaced(settings: Settings, copy: ChainCheck, made_at: datetime) -> _Replaced:
    url, noted = settings.database.url, state_folder(settings) / HEADS
    if postgres.is_postgres(url) or sqlite_path(url, settings.folder).exists():
        with (
            privileges.as_service(),
            suppress(StoreFault),
            in_words(url),
            bound_to(url, settings.folder) as opened,
        ):
            if not schema.is_empty(opened):
                since = lineage.withdrawn_since(made_at), lineage.sent_since(made_at)
                return _Replaced(tail_after(copy), readers("admin"), *since)
    heads = noted.read_text("ascii", "replace") if noted.is_file() else ""
    return _Replaced(noted_tail(copy, heads), [], lineage.Withdrawn(), None)


def _told(
    name: str,
    manifest: Manifest,
    by: str,
    lost: Tail | None,
    withdrawn: lineage.Withdrawn,
    sent: lineage.Sent | None,
) -> list[str]:
    made_at = datetime.fromisoformat(manifest.made_at).astimezone(LOCAL)
    again = (
        ("Comptes fermés depuis la sauvegarde, à vérifier", withdrawn.accounts),
        ("Jetons révoqués depuis la sauvegarde, qui le restent", withdrawn.tokens),
    )
    return [
        f"{by} a restauré la sauvegarde {name} : la base de données est celle du {made_at:%d/%m/%Y à %H:%M}.",
        "Le journal qu'elle remplace n'a pas pu être lu : le nombre d'entrées perdues n'est pas connu."
        if lost is None
        else f"Entrées du journal perdues, plus récentes que la sauvegarde : {lost.entries}. Dernière tête du journal "
        f"remplacé : {lost.head or '–'}.",
        *([f"Envois plus récents, absents : {sent.broadcasts} ; SMS : {sent.texts}."] if sent else []),
        *(f"{title} : {', '.join(names)}." for title, names in again if names),
        "Si cette restauration n'est pas prévue, demandez pourquoi elle a eu lieu. L'ancienne base est restée sur le "
        "serveur.",
    ]


def _tell_admins(settings: Settings, paragraphs: list[str], replaced: list[Contact], now: datetime) -> None:
    """A mail to every admin, of the copy and of the database that it replaces."""
    enqueue.send_as(settings.mail)
    kept = readers("admin")
    known = {admin.email for admin in kept}
    gone = [admin for admin in replaced if admin.email not in known]
    for key, admins in (("", kept), ("replaced/", gone)):
        heading, key = "Base de données restaurée d'une sauvegarde", f"restored/{now.isoformat()}/{key}"
        write_to_accounts("alarm", key, admins, heading, paragraphs, now)


@contextmanager
def _opened(settings: Settings, backup: Path, identity: Path, now: datetime) -> Iterator[tuple[Path, Manifest, str]]:
    here = state_folder(settings)
    here.mkdir(parents=True, exist_ok=True)
    own_key = settings.journal.key_file or here / audit.NAME
    with refusing(), TemporaryDirectory(dir=scratch_room(here), prefix=".restore-") as folder:
        unpacked = state_folder_of("postgresql:", Path(folder))  # whichever it is: the scratch database's own folder
        unpacked.mkdir()
        with reaching(backup):
            manifest = unpack(backup, identity, unpacked)
        if manifest.kind != copies.kind_of(settings):
            raise CodedRefusal("restore_other_kind", kind=manifest.kind)
        name = f"plp_restore_{now:%Y%m%d%H%M%S%f}"
        with copies.scratch_database(settings, unpacked / DATABASE, name) as url:
            database = bind(url, Path(folder))
            key = unpacked / "journal.key_file"
            audit.use_key_file(key if key.exists() else own_key)
            with connected():
                bring_up_to_date(database, settings.zone)
                schema.require_current(database)
            yield unpacked, manifest, url


def _verified(unpacked: Path, accepting: str) -> ChainCheck:
    heads = unpacked / HEADS
    with connected():
        journal = verify(heads_in(heads.read_text("ascii", "replace")) if heads.exists() else [])
    if journal.faults and not accepting:
        raise CodedRefusal("restore_journal", fault=journal.faults[0])
    return journal


def _settings_in(unpacked: Path, settings: Settings) -> Settings:
    """The settings of the backup, for the folder of these. Raises Refusal."""
    source = unpacked / "config.ini"
    if not source.exists():
        return settings
    beside = settings.path.with_name(f".{settings.path.name}.restored")
    try:
        beside.write_bytes(source.read_bytes())
        return replace(load_settings(beside), path=settings.path)
    finally:
        beside.unlink(missing_ok=True)


def _withdraw_again(withdrawn: lineage.Withdrawn, by: str, now: datetime) -> None:
    """An older copy would restore rights withdrawn since: no text after a STOP, closed accounts stay closed."""
    actor = Actor.read(by)
    with writing():
        for consent in withdrawn.consents:
            if lineage.is_member(consent.member_id, consent.added_at):
                saving.write_consent(consent.member_id, consent.channel, False, by, consent.how, now)
        for member_id, added_at, since in withdrawn.restricted:
            if lineage.is_member(member_id, added_at):
                erasure.mark_restricted(member_id, since, now)
    for name in withdrawn.tokens:
        with suppress(Refusal):  # made after the copy
            signing_in.revoke_token(name, actor, now)
    for name in withdrawn.accounts:
        with suppress(Refusal):
            rights.close_account(rights.account_card(name).id, actor, now)


def _leave_to_a_person(now: datetime) -> tuple[int, int]:
    """Mails, welcomes and planned items may have been sent: the jobs would send them again. How many mails and
    welcomes. Answers to texts are recognised by their time (`db.journal.audit.put_back_at`).
    """
    with writing():
        enqueue_deputies(now)
        bulletins = owed_mails(_ALL)
        for owed in bulletins:
            mark_written(owed.relay_id, None, owed.kind)
        for card in untold_alone(now):
            mark_approval(card.broadcast_id, told_at=now)
        for dated in due(now):
            mark_ended(dated, "missed", now)
        incidents.mark_told(incidents.EVERY_CHANNEL, incidents.alarm_of(incidents.EVERY_CHANNEL, now), now)
        texts, mails = welcome.due_welcomes(_ALL), welcome.due_welcome_mails(now, _ALL)
        for text in texts:
            welcome.mark_welcomed(text.member.id, now)
        for mail in mails:
            welcome.mark_welcome_mailed(mail.member.id, now)
        return claim.expire_after_restore(now) + len(bulletins), len(
            {*(text.member.id for text in texts), *(mail.member.id for mail in mails)}
        )
