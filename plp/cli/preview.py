"""The preview of an order on the command line: what it would send, to how many, on stderr, in place of sending it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

import click

from db.alerts.incidents.left_out import without_mobile_of
from db.alerts.orders.follow_up import reached, untouched
from db.alerts.progress.progress import Progress
from db.alerts.values import FollowUpOrder, Order, Plan
from db.engine.clock import utc_now
from plp.cli.terminal import Unconfirmed
from plp.services.orders.following_up import follow_up_findings, followable
from plp.services.orders.placing import mobiles_missing
from plp.services.orders.planning import expected, over_ceiling, plan_order
from plp.services.texts import Answers, all_composed, written
from plp.settings.values import SendingSettings
from rules.calendar import clock
from rules.text_guard import FindingsRefused, TextFinding


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one command, and what its options answer."""

    by_language: dict[str, str]
    answers: Answers


def tell_findings(findings: tuple[TextFinding, ...]) -> None:
    """A line for every finding, on stderr."""
    from console.i18n.labels import GUARD_WORDS  # with it comes all of Flask

    for finding in findings:
        title, advice = GUARD_WORDS[finding.kind]
        excerpt = f" : « {finding.excerpt} »" if finding.excerpt else ""
        click.echo(f"{title} ({finding.language}){excerpt}. {advice}", err=True)


@contextmanager
def findings_told() -> Iterator[None]:
    """Tell the findings in full before a refusal that is about them."""
    try:
        yield
    except FindingsRefused as refusal:
        tell_findings(refusal.findings)
        raise


def preview(texts: Texts, order: Order, sending: SendingSettings) -> NoReturn:
    """Without --yes nothing is sent: print on stderr what would be sent, and end as a usage error."""
    whole = written(texts.by_language, drill=order.kind == "drill", one_language=texts.answers.one_language)
    with findings_told():
        plan = plan_order(order, whole, sending, utc_now())
    for text in plan.texts.values():
        click.echo(text.text, err=True)
    sizes = sorted({len(text.segments) for text in plan.texts.values()})  # they differ where the languages do
    each = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} à {sizes[-1]}"
    spared = "pas de SMS" if plan.order.spares_quiet else "avec SMS"
    quiet = f", {plan.quiet} en heures calmes ({spared})" if plan.quiet else ""
    click.echo(
        f"→ {order.audience.words()} : {len(plan.people)} personnes, {each} SMS par personne, "
        f"{plan.parts} en tout{left_out_words(mobiles_missing(order, utc_now()))}{quiet}.{_expected(plan)}",
        err=True,
    )
    tell_findings(plan.findings)
    if (over := over_ceiling(plan, utc_now())) is not None:
        click.echo(str(over), err=True)
    raise _nothing_sent(recipients=len(plan.people), parts=plan.parts)


def _nothing_sent(**would: int) -> Unconfirmed:
    return Unconfirmed("Aucun SMS n'a été envoyé. Ajoutez --yes pour envoyer.", **would)


def _expected(plan: Plan) -> str:
    """« Dernier SMS vers 14:32, après 71 SMS d'autres envois. »"""
    ahead = expected(plan, utc_now())
    if ahead.last_phone_at is None:
        return " Aucun modem n'est prêt."
    behind = f", après {ahead.before} SMS d'autres envois" if ahead.before else ""
    return f" Dernier SMS vers {clock(ahead.last_phone_at)}{behind}."


def left_out_words(people: int | None) -> str:
    """« , 13 sans mobile », or nothing."""
    return f", {people} sans mobile" if people else ""


def preview_follow_up(original: Progress, wanted: FollowUpOrder, texts: Texts, rest: bool) -> NoReturn:
    """As `preview`, of a correction or an end of alert."""
    thread = followable(original.id)
    for text in all_composed(texts.by_language, original.drill, wanted.kind).values():
        click.echo(text.text, err=True)
    nothing = len(untouched(thread.id)) + len(without_mobile_of(thread.id, informed=False))
    others = f" ; alerte corrigée à {nothing} personnes qui n'ont rien reçu" if rest else ""
    people = len(reached(thread.id)) + len(without_mobile_of(thread.id, informed=True))
    click.echo(f"→ {people} personnes qui ont reçu l'alerte ou l'ont peut-être reçue{others}.", err=True)
    tell_findings(follow_up_findings(texts.by_language, original.drill, rest))
    raise _nothing_sent(recipients=people)
