"""The last part of docs/mail.md, made from the table of states: `python -m tests.plp.jobs.smtp.states_page` writes it
anew."""

from pathlib import Path

from rules.mail import MAIL_TRANSITIONS, MailCause, MailState

PAGE = Path(__file__).parents[4] / "docs" / "mail.md"
BEGINS = "```mermaid\n"

CAUSES = {
    MailCause.CLAIM: "a process takes it, with a lease",
    MailCause.SERVER: "what the server answered, or that it did not",
    MailCause.RECOVERY: "the process that held it died",
    MailCause.OUTAGE: "no server could be reached for a day",
    MailCause.BOUNCE: "it came back",
    MailCause.PERSON: "somebody tries it again, or stops it",
    MailCause.ERASURE: "its reader was forgotten",
    MailCause.WITHDRAWAL: "its reader has no address any more, or is not to get it any more",
}


def page(text: str) -> str:
    """`text` with everything from the diagram on made anew."""
    arrows = [
        f"    {source} --> {target} : {', '.join(cause for cause in MailCause if cause in causes)}"
        for source, targets in MAIL_TRANSITIONS.items()
        for target, causes in targets.items()
    ]
    causes = [f"| `{cause}` | {CAUSES[cause]} |" for cause in MailCause]
    diagram = ["stateDiagram-v2", f"    [*] --> {MailState.QUEUED}", f"    [*] --> {MailState.REFUSED} : no address"]
    lines = [*diagram, *arrows, "```", "", "| Cause | Which is |", "|---|---|", *causes, ""]
    return text.partition(BEGINS)[0] + BEGINS + "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
