"""`plp audit verify`: is the journal unchanged? `plp audit new-key`: replace its lost key."""

from pathlib import Path

import click

from db.engine import schema
from db.engine.clock import utc_now
from db.journal import verification
from db.operations.installation import Installation
from plp.cli.speech import phrase, said, say, word
from plp.cli.terminal import CALLERS_FILE, content, in_database, json_option, local, operator, shape, tell_json
from plp.services.machine import sign_with_new_key
from rules.refusals import Refusal
from rules.sentences import wording


@click.group()
def audit() -> None:
    """Journal des actions."""


@audit.command()
@click.option(
    "--head",
    "given",
    multiple=True,
    metavar="N:HASH",
    help="Dernier sceau du journal, noté auparavant ; option répétable.",
)
@click.option("--heads", "file", type=CALLERS_FILE, help="Fichier contenant des sceaux du journal.")
@json_option
@in_database
def verify(given: tuple[str, ...], file: Path | None, as_json: bool) -> None:
    """Vérifier l'intégrité du journal : aucune entrée modifiée, supprimée ou ajoutée. Statut 1 sinon."""
    heads = verification.heads_in("\n".join([*given, content(file).decode("utf-8", "replace") if file else ""]))
    if len(heads) < len(given) or (file and not heads):
        raise Refusal(
            "Un sceau s'écrit numéro:code, par exemple 812:9f3c…, avec 64 chiffres ou lettres de a à f après le « : »."
        )
    verdict = verification.verify([*heads, *verification.noted_heads()])
    if as_json:
        tell_json(_document(verdict))
    else:
        _tell(verdict)
    if verdict.faults:
        raise click.exceptions.Exit(1)


def _document(verdict: verification.ChainCheck) -> dict[str, object]:
    return {
        "ok": not verdict.faults,
        **shape(verdict, "sealed", "waiting", "last_hash"),
        "head": str(verdict.head or ""),
        "heads": verdict.heads,
        "faults": [str(fault) for fault in verdict.faults],
        "stretches": [
            {
                **shape(stretch, "first", "last"),
                "at": stretch.begun.at.isoformat(),
                "by": str(stretch.begun.actor),
            }
            for stretch in verdict.stretches
        ],
        "erasures": [
            {
                "entries": erasure.entries,
                "entry": erasure.number,
                "at": erasure.forgotten.at.isoformat(),
                "by": str(erasure.forgotten.actor),
                "member": erasure.forgotten.subject,
                "asked": erasure.forgotten.detail.get("asked"),
            }
            for erasure in verdict.erasures
        ],
    }


def _tell(verdict: verification.ChainCheck) -> None:
    for fault in verdict.faults:
        click.echo(said(fault), err=True)
    state = phrase("Journal non intègre") if verdict.faults else phrase("Journal intègre")
    sealed = phrase("1 entrée scellée") if verdict.sealed == 1 else phrase("{n} entrées scellées", n=verdict.sealed)
    waiting = phrase(", {n} à sceller", n=verdict.waiting) if verdict.waiting else ""
    say(
        "{state} : {sealed}{waiting}, {heads} têtes comparées. Tête : {head}",
        state=state,
        sealed=sealed,
        waiting=waiting,
        heads=verdict.heads,
        head=verdict.head or "–",
    )
    for stretch in verdict.stretches:
        say(
            "  Entrées {first} à {last} : signées avec une clé qui n'est plus sur ce serveur, donc non vérifiables "
            "une à une ; {chain}. Nouvelle clé depuis le {at}, créée par {by} (entrée {next}).",
            first=stretch.first,
            last=stretch.last,
            chain=phrase("chaîne non vérifiée") if verdict.faults else phrase("chaîne entière"),
            at=local(stretch.begun.at),
            by=stretch.begun.actor,
            next=stretch.last + 1,
        )
    _tell_erasures(verdict)


def _tell_erasures(verdict: verification.ChainCheck) -> None:
    requesters = wording("requesters")
    for erasure in verdict.erasures:
        entry = erasure.forgotten
        asked = str(entry.detail.get("asked"))
        say(
            "  Textes saisis supprimés : {entries}, par {by}, le {at}, à la suppression du membre n° {member} "
            "(demandé par : {requester} ; entrée {number}).",
            entries=erasure.entries,
            by=entry.actor,
            at=local(entry.at),
            member=entry.subject,
            requester=word(requesters[asked]) if asked in requesters else phrase("non indiqué"),
            number=erasure.number,
        )


@audit.command("new-key")
@click.option("--yes", is_flag=True, help="Confirmer : ce qui a été signé avec l'ancienne clé n'est plus vérifiable.")
@click.pass_obj
def new_key(installation: Installation, yes: bool) -> None:
    """Continuer le journal avec une nouvelle clé, l'ancienne étant perdue."""
    if not yes:
        raise Refusal(
            "Sans l'ancienne clé, le passé du journal n'est plus vérifiable et les personnes supprimées ne sont plus "
            "reconnues à l'import. Cherchez d'abord une copie ; si elle est perdue partout, ajoutez --yes."
        )
    with installation.any_database() as database:
        schema.require_current(database)
        sign_with_new_key(operator(), utc_now())
    say("Nouvelle clé du journal : copiez-la sur chaque serveur de cette base, et dans un lieu sûr.")
