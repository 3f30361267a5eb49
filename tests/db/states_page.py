"""docs/states.md, made from the table of states: `python -m tests.db.states_page` writes it anew."""

from pathlib import Path

from rules.states import PART_TRANSITIONS, WORST_FIRST, Cause, PartState

PAGE = Path(__file__).parents[2] / "docs" / "states.md"

CAUSES = {
    Cause.CLAIM: "a modem takes the part",
    Cause.MODEM: "what the modem answered, or that it did not",
    Cause.REPORT: "a status report of the network",
    Cause.PERSON: "an officer stops an alert, lets held work lapse, or leaves out who may have it already",
    Cause.RECOVERY: "the daemon's start finds what the last one left",
    Cause.POLICY: "a deadline, an opt-out or an erasure, a sibling that failed, the guard",
    Cause.RESEND: "a person sends the whole message again, under a new reference",
    Cause.RESTORE: "a copy of the database was put back: what was stopped in it may have been sent again since",
}


def page() -> str:
    """The whole page as Markdown."""
    causes = [f"| `{cause}` | {CAUSES[cause]} |" for cause in Cause]
    return "\n".join(
        [
            "# States of a part",
            "",
            "Made from `PART_TRANSITIONS` in `rules/states.py` by `python -m tests.db.states_page`; "
            "a test keeps it so.",
            "A part is one TPDU. Every arrow is labelled with its causes; there are no other transitions.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {PartState.QUEUED}",
            *_arrows(),
            "```",
            "",
            "| Cause | Which is |",
            "|---|---|",
            *causes,
            "",
            "A message is in the state of its worst part. Worst first: " + ", ".join(WORST_FIRST) + ".",
            "",
        ]
    )


def _arrows() -> list[str]:
    return [
        f"    {source} --> {target} : {', '.join(cause for cause in Cause if cause in causes)}"
        for source, targets in PART_TRANSITIONS.items()
        for target, causes in targets.items()
    ]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
