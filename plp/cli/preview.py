"""The preview of an order on the command line: what it would send, to how many, on stderr, in place of sending it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

import click

from base.settings.values import SendingSettings
from db.alerts.incidents.left_out import without_mobile_of
from db.alerts.orders.follow_up import reached, untouched
from db.alerts.progress.progress import Progress
from db.alerts.values import FollowUpOrder, Order, Plan
from db.engine.clock import utc_now
from plp.cli.speech import phrase, said, warn, word
from plp.cli.terminal import Unconfirmed
from plp.services.orders.following_up import follow_up_findings, followable
from plp.services.orders.placing import mobiles_missing
from plp.services.orders.planning import expected, over_ceiling, plan_order
from plp.services.texts import Answers, all_composed, written
from rules.calendar import clock
from rules.sentences import wording
from rules.text_guard import FindingsRefused, TextFinding


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one command, and what its options answer."""

    by_language: dict[str, str]
    answers: Answers


def tell_findings(findings: tuple[TextFinding, ...]) -> None:
    """A line for every finding, on stderr."""
    found_words = wording("findings")
    for finding in findings:
        row = found_words[finding.kind]
        values = {"title": word(row["title"]), "language": finding.language, "advice": word(row["advice"])}
        if finding.excerpt:
            warn("{title} ({language}) : « {excerpt} ». {advice}", excerpt=finding.excerpt, **values)
        else:
            warn("{title} ({language}). {advice}", **values)


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
    each = str(sizes[0]) if len(sizes) == 1 else phrase("{least} à {most}", least=sizes[0], most=sizes[-1])
    spared = phrase("pas de SMS") if plan.order.spares_quiet else phrase("avec SMS")
    warn(
        "→ {whom} : {people} personnes, {each} SMS par personne, {parts} en tout{left_out}{quiet}.{expected}",
        whom=order.audience.words(),
        people=len(plan.people),
        each=each,
        parts=plan.parts,
        left_out=left_out_words(mobiles_missing(order, utc_now())),
        quiet=phrase(", heures calmes : {n} ({spared})", n=plan.quiet, spared=spared) if plan.quiet else "",
        expected=_expected(plan),
    )
    tell_findings(plan.findings)
    if (over := over_ceiling(plan, utc_now())) is not None:
        click.echo(said(over), err=True)
    raise _nothing_sent(recipients=len(plan.people), parts=plan.parts)


def _nothing_sent(**would: int) -> Unconfirmed:
    return Unconfirmed(phrase("Aucun SMS n'a été envoyé. Ajoutez --yes pour envoyer."), **would)


def _expected(plan: Plan) -> str:
    """« Dernier SMS vers 14:32, après 71 SMS d'autres envois. »"""
    ahead = expected(plan, utc_now())
    if ahead.last_phone_at is None:
        return phrase(" Aucun modem n'est prêt.")
    behind = phrase(", après {n} SMS d'autres envois", n=ahead.before) if ahead.before else ""
    return phrase(" Dernier SMS vers {time}{behind}.", time=clock(ahead.last_phone_at), behind=behind)


def left_out_words(people: int | None) -> str:
    """« , 13 sans GSM », or nothing."""
    return phrase(", {n} sans GSM", n=people) if people else ""


def preview_follow_up(original: Progress, wanted: FollowUpOrder, texts: Texts, rest: bool) -> NoReturn:
    """As `preview`, of a correction or an end of alert."""
    thread = followable(original.id)
    for text in all_composed(texts.by_language, original.drill, wanted.kind).values():
        click.echo(text.text, err=True)
    nothing = len(untouched(thread.id)) + len(without_mobile_of(thread.id, informed=False))
    others = phrase(" (alerte corrigée à {n} personnes qui n'ont rien reçu)", n=nothing) if rest else ""
    people = len(reached(thread.id)) + len(without_mobile_of(thread.id, informed=True))
    warn(
        "→ {people} personnes qui ont reçu l'alerte ou l'ont peut-être reçue{others}.",
        people=people,
        others=others,
    )
    tell_findings(follow_up_findings(texts.by_language, original.drill, rest))
    raise _nothing_sent(recipients=people)
