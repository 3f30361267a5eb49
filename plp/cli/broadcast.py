"""`plp console` and `plp broadcast …`: the same orders as the pages and the API."""

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from db.alerts.orders.control import Only
from db.alerts.orders.holding import hold_of
from db.alerts.progress.history import newest
from db.alerts.progress.progress import Progress
from db.alerts.values import FollowUpOrder, Order, Priority
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.modems.readiness import readiness
from db.operations.installation import Installation
from db.people.audience import Audience
from plp.cli.preview import Texts, findings_told, left_out_words, preview, preview_follow_up
from plp.cli.speech import phrase, said, say, warn
from plp.cli.terminal import answer, in_database, json_option, local, operator, tell_json
from plp.process import log_oddities
from plp.services import broadcasts
from plp.services.contract_json import cards_shape, corrected_shape, placed_shape, progress_shape
from plp.services.orders import going_on
from plp.services.orders.beside import places_beside
from plp.services.orders.following_up import follow_up
from plp.services.orders.placing import at_once, mobiles_missing, place
from plp.services.texts import answers_of_program
from rules.languages import LANGUAGE_NAMES, OTHER_LANGUAGES
from rules.members import Quiet
from rules.orders.texts import MAIN_LANGUAGE
from rules.sentences import Sentence

_broadcast_id = click.argument("broadcast_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
_again = click.option("--again", is_flag=True, help="Répéter le même texte aux mêmes personnes en moins de 10 minutes.")

_yes = click.option("--yes", is_flag=True, help="Envoyer ; sans cette option, afficher l'aperçu seulement.")


def texts_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options for the other languages and for the findings; the command gets all of them, with `text`, as `texts`."""

    @functools.wraps(command)
    def with_texts(*args: Any, text: str, accept_findings: str | None, one_language: bool, **rest: Any) -> None:
        typed = {language: rest.pop(f"text_{language}") for language in OTHER_LANGUAGES}
        texts = {MAIN_LANGUAGE: text} | {language: other for language, other in typed.items() if other}
        command(*args, texts=Texts(texts, answers_of_program(accept_findings, one_language)), **rest)

    why = "Envoyer malgré les points signalés par le contrôle du texte, pour ce motif."
    options = [
        *(click.option(f"--text-{name}", help=f"Le texte en {LANGUAGE_NAMES[name]}.") for name in OTHER_LANGUAGES),
        click.option("--one-language", is_flag=True, help="Le même texte à tous, quelle que soit leur langue."),
        click.option("--accept-findings", metavar="REASON", help=why),
    ]
    return functools.reduce(lambda decorated, option: option(decorated), reversed(options), with_texts)


@click.command()
@click.pass_obj
def console(installation: Installation) -> None:
    """Lancer la console web, jusqu'à SIGTERM ou Ctrl-C."""
    with installation.open_database():
        pass  # a stale schema refuses to start; the server has its own connections
    log_oddities(installation.settings())
    # By its name, as `plp run` starts a process: nothing here reads the console (docs/adr/0222).
    import_module("console.web.serving").serve(installation.settings(), demo=installation.demo)


@click.group()
def broadcast() -> None:
    """Envoyer un SMS à plusieurs personnes et suivre l'envoi."""


@broadcast.command()
@click.option("--text", required=True, help="Le texte, tel que les membres le liront.")
@texts_options
@click.option("--all", "everyone", is_flag=True, help="À tous les membres.")
@click.option(
    "--neighbourhood", "neighbourhoods", multiple=True, metavar="NAME", help="Le plus proche d'abord ; à répéter."
)
@click.option("--group", "groups", multiple=True, metavar="NAME", help="Un groupe de membres ; à répéter.")
@click.option("--street", "streets", multiple=True, metavar="NAME", help="Une rue : « Rue X (quartier) » ; à répéter.")
@click.option(
    "--to", "numbers", multiple=True, metavar="MSISDN", help="Le GSM d'un membre ou d'un utilisateur ; à répéter."
)
@click.option("--priority", type=click.Choice(["urgent", "normal"]), default="urgent", show_default=True)
@click.option(
    "--quiet", type=click.Choice(["spare", "ring"]), help="Heures calmes : ne pas déranger, ou envoyer malgré tout."
)
@click.option("--drill", is_flag=True, help="Exercice : le texte commence et finit par EXERCICE.")
@click.option("--override-budget", metavar="REASON", help="Dépasser un plafond, pour ce motif.")
@_again
@_yes
@json_option
@in_database
def send(texts: Texts, yes: bool, as_json: bool, **options: Any) -> None:
    """Envoyer à tous, à des quartiers, des rues et des groupes, ou à quelques numéros."""
    order = _order(**options)
    if not yes:
        preview(texts, order, at_once(_request().sending))
    with findings_told():
        placed = place(texts.by_language, order, at_once(_request().sending), utc_now(), texts.answers)
    left_out, state = mobiles_missing(order, utc_now()), readiness(utc_now())
    if not state.ready:
        click.echo(f"{said(state.plain)} {said(state.advice)}", err=True)
    if not state.can_take_urgent:
        warn(
            "L'e-mail est envoyé aussitôt, les SMS dès qu'un modem sera prêt ; la page de l'envoi liste qui appeler.",
        )
    _tell(placed, as_json, left_out)


@broadcast.command("list")
@click.option("--limit", type=click.IntRange(1, 100), default=25, show_default=True, help="Nombre maximal d'envois.")
@click.option(
    "--before", type=click.IntRange(1, 2**63 - 1), metavar="ID", help="Seulement les envois antérieurs à celui-ci."
)
@json_option
@in_database
def list_(limit: int, before: int | None, as_json: bool) -> None:
    """Afficher les envois, le plus récent d'abord."""
    cards = newest(limit, utc_now(), before)
    if as_json:
        tell_json(cards_shape(cards, utc_now()))
        return
    for card in cards:
        about = {"id": card.id, "at": local(card.created_at), "kind": card.kind, "state": card.state}
        say(
            "Envoi {id}{simulated}, {at}, {kind} : {state}, {people} personnes",
            simulated=phrase(" (simulé)") if card.simulated else "",
            people=card.recipients,
            **about,
        )


@broadcast.command()
@_broadcast_id
@json_option
@in_database
@reading()
def show(broadcast_id: int, as_json: bool) -> None:
    """Afficher l'état d'un envoi, en messages par état."""
    shown, hold = broadcasts.existing(broadcast_id, utc_now()), hold_of(broadcast_id)
    if as_json:
        tell_json(progress_shape(shown, utc_now(), hold))
        return
    simulated = phrase(" (simulé)") if shown.simulated else ""
    about = {"id": shown.id, "simulated": simulated, "state": shown.state, "people": shown.recipients}
    say("Envoi {id}{simulated} : {state}, {people} personnes", **about)
    for state, count in shown.counts.items():
        if count:
            click.echo(f"  {state:<12} {count}")
    if shown.quiet:
        say("  heures calmes, pas de SMS : {n}", n=shown.quiet)
    if hold is not None:
        say(
            "Envoi bloqué : la base de données est peut-être plus ancienne que les derniers envois. "
            "Message peut-être déjà reçu : {may_have} personnes ; certainement non reçu : {nothing}. Une décision est "
            "requise : « plp broadcast release {id} --rest » n'envoie qu'à ces dernières, « release {id} » à tous, "
            "« cancel {id} » à personne.",
            id=shown.id,
            may_have=hold.may_have,
            nothing=hold.nothing,
        )
    if shown.incomplete:
        say(
            "{n} messages sont incomplets : leur carte SIM est absente. Renvoyez-les en entier par un autre modem "
            "(plp broadcast resend {id} --only incomplete), ou laissez-les expirer.",
            n=shown.incomplete,
            id=shown.id,
        )


def _act(do: Callable[[int, broadcasts.Request], int], what: str, done: Sentence) -> None:
    """The command of an action on a broadcast, with the words that it ends with."""

    @broadcast.command(do.__name__, help=what)
    @_broadcast_id
    @in_database
    def act(broadcast_id: int) -> None:
        _tell_done(broadcast_id, do(broadcast_id, _request()), done)


def _tell_done(broadcast_id: int, count: int, done: Sentence) -> None:
    """As the API answers an action: `messages` is how many it was about."""
    answer(id=broadcast_id, state=broadcasts.existing(broadcast_id, utc_now()).state, messages=count)
    say(done.template, id=broadcast_id, count=count)


_act(
    broadcasts.cancel,
    "Arrêter l'envoi : les SMS en attente sont annulés.",
    Sentence("Envoi {id} arrêté : {count} messages annulés."),
)
_act(
    broadcasts.pause,
    "Mettre l'envoi en pause jusqu'à « resume » ; le délai d'expiration continue.",
    Sentence("Envoi {id} en pause : {count} messages en attente."),
)
_act(going_on.resume, "Reprendre un envoi en pause.", Sentence("Envoi {id} repris : {count} messages à envoyer."))


@broadcast.command()
@_broadcast_id
@click.option("--only", type=click.Choice(["failed", "unconfirmed", "incomplete", "cancelled"]), required=True)
@in_database
def resend(broadcast_id: int, only: Only) -> None:
    """Renvoyer aux refusés, aux non confirmés (qui le recevront peut-être deux fois), aux SMS arrêtés, ou,
    par une autre carte SIM, à ceux dont le message est resté incomplet."""
    count = going_on.resend(broadcast_id, _request(), only=only)
    _tell_done(broadcast_id, count, Sentence("Envoi {id} : renvoyé à {count} personnes."))


@broadcast.command()
@_broadcast_id
@click.option("--rest", is_flag=True, help="Seulement à ceux qui n'ont certainement rien reçu.")
@in_database
def release(broadcast_id: int, rest: bool) -> None:
    """Reprendre un envoi bloqué après un arrêt du serveur."""
    count = going_on.release(broadcast_id, _request(), rest=rest)
    _tell_done(broadcast_id, count, Sentence("Envoi {id} : {count} SMS remis en file d'attente."))


@broadcast.command()
@_broadcast_id
@click.option("--text", required=True, help="Le texte de la correction.")
@texts_options
@click.option("--rest", is_flag=True, help="Envoyer aussi l'alerte corrigée à ceux qui n'ont rien reçu.")
@_again
@_yes
@json_option
@in_database
def correct(broadcast_id: int, texts: Texts, rest: bool, again: bool, yes: bool, as_json: bool) -> None:
    """Corriger une alerte : arrêter l'envoi et écrire en priorité à ceux qui l'ont reçue, ou peut-être."""
    places = places_beside(broadcast_id, texts.by_language[MAIN_LANGUAGE], utc_now())
    if places:
        names = ", ".join(places)
        warn(
            "Quartier non alerté : {names}. La correction n'y est pas envoyée : « plp broadcast send ».",
            names=names,
        )
    placed, others = _follow_up(FollowUpOrder(broadcast_id, "correction", operator(), again=again), texts, yes, rest)
    if as_json:
        corrected = None if others is None else _shown(others)
        tell_json(corrected_shape(_shown(placed), places, corrected, for_rest=rest))
        return
    for number in filter(None, (placed, others)):
        _tell(number, as_json)


@broadcast.command()
@_broadcast_id
@click.option("--text", required=True, help="Le texte de la fin d'alerte.")
@texts_options
@_again
@_yes
@json_option
@in_database
def end(broadcast_id: int, texts: Texts, again: bool, yes: bool, as_json: bool) -> None:
    """Clôturer l'alerte, auprès des mêmes personnes et avec la même priorité qu'une correction."""
    _tell(_follow_up(FollowUpOrder(broadcast_id, "end", operator(), again=again), texts, yes)[0], as_json)


def _follow_up(wanted: FollowUpOrder, texts: Texts, yes: bool, rest: bool = False) -> tuple[int, int | None]:
    original, request = broadcasts.existing(wanted.original_id, utc_now()), _request()
    if not yes:
        preview_follow_up(original, wanted, texts, rest)
    with findings_told():
        return follow_up(
            texts.by_language, original, wanted, at_once(request.sending), request.now, texts.answers, for_rest=rest
        )


def _shown(broadcast_id: int) -> Progress:
    return broadcasts.existing(broadcast_id, utc_now())


def _tell(broadcast_id: int, as_json: bool, left_out: int | None = None) -> None:
    placed = _shown(broadcast_id)
    if as_json:
        tell_json(placed_shape(placed, left_out))
        return
    if placed.state == "awaiting_approval":
        say("Aucun SMS n'a encore été envoyé : un collègue doit valider l'envoi dans la console.")
    say(
        "Envoi {id} : {people} personnes, {parts} SMS{left_out}{simulated}.",
        id=placed.id,
        people=placed.recipients,
        parts=placed.parts,
        left_out=left_out_words(left_out),
        simulated=phrase(" (simulé : aucun SMS n'est réellement envoyé)") if placed.simulated else "",
    )


def _order(
    priority: Priority, quiet: Quiet | None, drill: bool, again: bool, override_budget: str | None, **to: Any
) -> Order:
    if sum(map(bool, (to["everyone"], to["neighbourhoods"] or to["groups"] or to["streets"], to["numbers"]))) != 1:
        raise click.UsageError(
            phrase(
                "Choisissez les destinataires d'une seule manière : --all ; --neighbourhood, --group et --street ; "
                "ou --to GSM …"
            )
        )
    return Order(
        audience=Audience(**to),
        kind="drill" if drill else "alert",
        priority=priority,
        by=operator(),
        again=again,
        override_reason=override_budget,
        quiet=quiet or "",
    )


def _request() -> broadcasts.Request:
    return broadcasts.Request(operator(), click.get_current_context().obj.settings().sending, utc_now())
