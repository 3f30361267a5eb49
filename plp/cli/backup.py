"""`plp backup`, `plp backup-key` and `plp restore`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from base.settings.values import Settings
from db.engine.clock import utc_now
from db.engine.files import scratch_room, state_folder
from db.engine.privileges import as_caller
from db.operations.installation import Installation
from plp.cli.speech import say, warn
from plp.cli.terminal import CALLERS_FILE, answer, local, operator
from plp.services.backup import joining, moving, restoring
from plp.services.backup.archive import FORGOTTEN, back_up, own_identity, write_identity
from plp.services.backup.places import Folder, backups_in, place_of
from rules.calendar import LOCAL
from rules.refusals import Refusal
from rules.sentences import CodedRefusal

# Rows of a table whose copy somebody waits for.
_MANY = 10_000


@click.command()
@click.argument("file", required=False, type=CALLERS_FILE)
@click.option("--list", "only_list", is_flag=True, help="Afficher les sauvegardes conservées, la plus récente d'abord.")
@click.pass_obj
def backup(installation: Installation, file: Path | None, only_list: bool) -> None:
    """Créer maintenant une sauvegarde chiffrée, à l'endroit indiqué dans [backup] (avec FICHIER : aussi une copie), et
    afficher son nom.
    """
    settings = installation.settings()
    if only_list:
        kept = backups_in(place_of(settings).names(), settings.host)
        answer(names=kept)
        for name in kept:
            click.echo(name)
        return
    with as_caller():
        if file is not None and file.exists():
            raise Refusal("{file} existe déjà : donnez un autre nom.", file=file)
    with installation.open_database():
        name = back_up(settings, operator(), utc_now())
    if file is not None:
        with as_caller(), _file(settings, name) as made:
            Folder(file.parent).store(made, file.name)
    answer(name=name)
    click.echo(name)


@click.command("backup-key")
@click.argument("file", type=CALLERS_FILE)
def backup_key(file: Path) -> None:
    """Créer une clé privée dans FICHIER, à conserver hors du serveur, et afficher la clé publique (recipient)."""
    try:
        with as_caller():
            public = write_identity(file, (os.geteuid(), os.getegid()))  # also in a folder that the service owns
    except FileExistsError:
        raise Refusal("{file} existe déjà : donnez un autre nom.", file=file) from None
    except OSError as error:
        raise Refusal("Impossible d'écrire {file} : {why}.", file=file, why=error.strerror) from None
    answer(recipient=public)
    click.echo(public)


@click.command()
@click.argument("name", metavar="[BACKUP]", default="")
@click.option("--identity", type=CALLERS_FILE, help="Clé privée ; par défaut celle du serveur.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Restaurer aussi config.ini, les certificats, les PIN et les mots de passe.",
)
@click.option(
    "--accept-journal", metavar="REASON", default="", help="Accepter une sauvegarde dont le journal n'est pas intègre."
)
@click.option("--yes", is_flag=True, help="Restaurer ; sans cette option, vérifier sans rien modifier.")
@click.pass_obj
def restore(
    installation: Installation, name: str, identity: Path | None, everything: bool, accept_journal: str, yes: bool
) -> None:
    """Vérifier une sauvegarde (fichier ou nom, sinon la dernière), ou la restaurer avec --yes."""
    if everything and not installation.config.exists():  # it comes out of the backup
        settings = Settings(installation.config, installation.config.parent)
    else:
        settings = installation.settings()
    key = identity or own_identity(settings)
    # As root: it gives every file to its owner, and brings back config.ini. So it opens nothing in a folder that others
    # write, but by names that it makes itself.
    with as_caller(), _file(settings, name) as file:
        if not yes:
            manifest, journal = restoring.try_backup(settings, file, key, utc_now())
            answer(name=file.name, made_at=manifest.made_at, entries=journal.sealed, restored=False)
            made_at = datetime.fromisoformat(manifest.made_at).astimezone(LOCAL)
            say(
                "{file} est entière : du {day} à {time}, {entries} entrées du journal.",
                file=file.name,
                day=f"{made_at:%d/%m/%Y}",
                time=f"{made_at:%H:%M}",
                entries=journal.sealed,
            )
            say("Rien n'a été modifié. Arrêtez plp-alerte et ajoutez --yes pour la restaurer.")
            return
        _tell(restoring.restore(settings, file, key, operator(), utc_now(), everything, accept_journal))


@click.command()
@click.option("--to", required=True, metavar="URL", help="Nouvelle base, vide : postgresql://… ou sqlite:///…")
@click.pass_obj
def move(installation: Installation, to: str) -> None:
    """Copier le serveur arrêté dans une autre base de données, et la vérifier.

    Ce qui attendait est bloqué jusqu'à la décision d'un policier. Une copie interrompue ne garde rien : relancez-la.
    """
    done = moving.move(installation, to, operator(), utc_now(), _tell_table)
    answer(rows=sum(done.rows.values()), tables=len(done.rows), entries=done.journal.sealed, held=done.held)
    say(
        "{rows} lignes de {tables} tables, dont {members} membres et {parts} SMS ; journal vérifié des deux côtés : "
        "{entries} entrées ; envois bloqués : {held}.",
        rows=sum(done.rows.values()),
        tables=len(done.rows),
        members=done.rows["member"],
        parts=done.rows["part"],
        entries=done.journal.sealed,
        held=done.held,
    )
    say(
        "Écrivez la nouvelle adresse dans {config} ([database] url), lancez « plp check », puis démarrez plp-alerte. "
        "L'ancienne base n'est plus utilisée : supprimez-la quand tout va bien.",
        config=installation.config,
    )


@click.command()
@click.argument("keys", metavar="FOLDER", type=CALLERS_FILE)
@click.option("--yes", is_flag=True, help="Rejoindre ; sans cette option, afficher ce qui serait supprimé.")
@click.pass_obj
def join(installation: Installation, keys: Path, yes: bool) -> None:
    """Rejoindre la base de données d'autres serveurs, avec leurs clés (journal.key, secret.key), copiées dans DOSSIER.

    Le serveur est arrêté. Ce qu'il garde d'une autre base est supprimé : fichiers, journal, clés, plans de secours.
    """
    found = joining.require_joinable(installation, keys)
    if not yes:
        for path in joining.left_by_others(installation.settings()):
            say("  à supprimer : {path}", path=path)
        say("Rien n'a été modifié. Ajoutez --yes pour rejoindre {database}.", database=installation.database_name)
        return
    for path in joining.join(installation, found, operator(), utc_now()):
        say("  supprimé : {path}", path=path)
    say(
        "Ce serveur utilise {database}. Lancez « plp check », puis démarrez plp-alerte.",
        database=installation.database_name,
    )


def _tell_table(table: str, rows: int) -> None:
    if rows >= _MANY:
        click.echo(f"  {table} : {rows}", err=True)


@contextmanager
def _file(settings: Settings, name: str) -> Iterator[Path]:
    """The backup as a file, fetched from its place where it is none."""
    if name and Path(name).exists():
        yield Path(name).absolute()
        return
    place = place_of(settings)
    chosen = name or next(iter(backups_in(place.names(), settings.host)), "")
    if not chosen:
        raise CodedRefusal("backup_none", host=settings.host)
    here = state_folder(settings)
    here.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch_room(here), prefix=".fetched-") as folder:
        chosen = Path(chosen).name
        place.fetch([chosen], Path(folder))
        with suppress(Refusal):
            place.fetch([FORGOTTEN], Path(folder))
        yield Path(folder, chosen)


def _tell(done: restoring.Restored) -> None:
    answer(made_at=done.manifest.made_at, entries=done.journal.sealed, held=done.held, restored=True)
    say("Sauvegarde restaurée : état du {at}.", at=local(datetime.fromisoformat(done.manifest.made_at)))
    for fault in done.journal.faults:
        warn("  Journal : {fault}", fault=fault)
    for file in done.files:
        say("  fichier restauré : {file}", file=file)
    if done.manifest.left_out:
        say("  absents de cette sauvegarde : {files}", files=tuple(done.manifest.left_out))
    if done.kept:
        say("  ancien état conservé dans : {folder}", folder=done.kept)
    if done.lost is None:
        say("  journal remplacé : illisible ou absent ; le nombre d'entrées perdues n'est pas connu.")
    else:
        head = done.lost.head or "–"
        say("  entrées du journal perdues : {entries} ; dernière tête : {head}.", entries=done.lost.entries, head=head)
    if done.sent is not None:
        sent = {"broadcasts": done.sent.broadcasts, "texts": done.sent.texts}
        say("  envois plus récents, absents : {broadcasts} ; SMS : {texts}.", **sent)
    say("  personnes supprimées à nouveau : {people}", people=done.forgotten)
    again = done.withdrawn
    say(
        "  retirés depuis, et retirés à nouveau : consentements {consents}, jetons {tokens}, comptes {accounts}.",
        consents=len(again.consents),
        tokens=len(again.tokens),
        accounts=len(again.accounts),
    )
    say("  envois bloqués : {held} ; un policier doit décider pour chacun (page d'accueil).", held=done.held)
    waiting = {"mails": done.mails, "welcomes": done.welcomes}
    say("  e-mails en attente annulés : {mails} ; messages de bienvenue annulés : {welcomes}.", **waiting)
    say("  Toutes les sessions sont fermées. Vérifiez les utilisateurs et les jetons modifiés depuis cette date.")
