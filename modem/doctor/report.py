"""From facts to findings, the worst first, those of a modem together; as people read them, and as JSON."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from modem.doctor.checks import access
from modem.doctor.checks.facts import NOT_EXAMINED, SEVERITIES, Facts, Finding, Severity, clocks, network
from rules.sentences import Sentence, together

_MARKS: Final[dict[Severity, str]] = {"fault": "NON  ", "warning": "!    ", "note": "i    "}
_COUNTED: Final[dict[Severity, tuple[Sentence, Sentence]]] = {
    "fault": (Sentence("{n} erreur"), Sentence("{n} erreurs")),
    "warning": (Sentence("{n} avertissement"), Sentence("{n} avertissements")),
    "note": (Sentence("{n} remarque"), Sentence("{n} remarques")),
}
_INDENT: Final = " " * 5
Look = Callable[[Facts], Iterable[Finding]]

# In the order in which somebody would look: nothing further down matters while something higher up is wrong.
LOOKS: Final[tuple[Look, ...]] = (
    access.service,
    access.plugged_in,
    access.no_modem_yet,
    access.ports,
    access.cards,
    network,
    clocks,
    access.rules,
    access.configuration,
)


def report_lines(facts: Facts, findings: Sequence[Finding], said: Callable[[Sentence], str] = str) -> Iterator[str]:
    """The first line shows whether alerts can be sent; then every finding in three lines, the worst first. `said`: in
    the reader's language.
    """
    yield said(_verdict(facts, findings))
    for finding in findings:
        yield ""
        who = Sentence("modem {name} : {title}", {"name": finding.modem, "title": finding.title})
        yield f"{_MARKS[finding.severity]}{said(who if finding.modem else finding.title)}"
        yield f"{_INDENT}{said(finding.meaning)}"
        yield f"{_INDENT}{said(Sentence('À faire : {advice}', {'advice': finding.advice}))}"


def report_shape(facts: Facts, findings: Sequence[Finding], *, stored: bool = False) -> dict[str, Any]:
    """`modem doctor --json`; `stored` for a modem's page: sentences as they are stored, and what to do on it."""

    def said(sentence: Sentence) -> str:
        return sentence.stored if stored else str(sentence)

    return {
        "healthy": is_healthy(facts, findings),
        "state": facts.judgement.code if facts.judgement else None,
        "urgent_waits": facts.judgement is not None and facts.judgement.urgent_waits,
        "simulated": _only_simulated(facts),
        "modems": [modem.name for modem in facts.modems],
        "findings": [
            {
                "severity": finding.severity,
                "modem": finding.modem or None,
                "title": said(finding.title),
                "meaning": said(finding.meaning),
                "advice": said(finding.page if stored else finding.advice),
            }
            for finding in findings
        ],
    }


def _verdict(facts: Facts, findings: Sequence[Finding]) -> Sentence:
    counts = Counter(finding.severity for finding in findings)
    named = ((counts[severity], one, many) for severity, (one, many) in _COUNTED.items() if counts[severity])
    counted = tuple(Sentence((one if count == 1 else many).template, {"n": count}) for count, one, many in named)
    judged = facts.judgement
    if not is_healthy(facts, findings):
        found = Sentence("Problèmes détectés : {counted}.", {"counted": counted})
        sentences = [found if counted else Sentence("Problèmes détectés.")]
        sentences += [judged.sentence] if judged else []
        sentences += [Sentence("Une alerte est en attente.")] if judged and judged.stands_still else []
        return together(*sentences)
    examined = not facts.modems or any(modem.standing.state != NOT_EXAMINED for modem in facts.modems)
    names = tuple(modem.name for modem in facts.modems)
    simulation = Sentence(" (simulation : aucun SMS n'est réellement envoyé)")
    values = {
        "verdict": Sentence("Aucun problème") if examined else Sentence("Aucun modem examiné"),
        "names": names,
        "simulated": simulation if _only_simulated(facts) else "",
        "counted": counted,
    }
    whole = "{verdict} : {names}{simulated} ; {counted}." if counted else "{verdict} : {names}{simulated}."
    return Sentence(whole, values)


def _only_simulated(facts: Facts) -> bool:
    return bool(facts.modems) and all(modem.simulated for modem in facts.modems)


def diagnose(facts: Facts) -> list[Finding]:
    """All findings, by severity."""
    findings = [finding for look in LOOKS for finding in look(facts)]
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def is_healthy(facts: Facts, findings: Iterable[Finding]) -> bool:
    """True when alerts go out, as every page judges it; warnings and notes do not stop them."""
    can_send = facts.judgement is None or facts.judgement.ready
    return can_send and all(finding.severity != "fault" for finding in findings)
