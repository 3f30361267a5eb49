"""plp beside the floor and the daemons of Debian."""

from collections.abc import Sequence

from tools.bench.contest import LOOP, LOOP_CMMS, PEERS, PLP, Outcome, run, run_together
from tools.bench.radio import best_second, gap_ms, per_second
from tools.bench.section import Section, figure

_PLP_MESSAGES, _LOOP_MESSAGES, _PEER_MESSAGES = 6_000, 10_000, 40
_RUN_S, _PEER_S = 25.0, 20.0
_SLOW_MESSAGES, _SLOW_S = 20, 100.0


def instant() -> Section:
    """A modem that answers at once."""
    section = Section(
        "A modem that answers at once",
        "The time that the software itself takes, with a modem that answers at once. `best second` are the most "
        "messages within one second: "
        "what a sender reaches while nothing else wants processor and disk. `CPU s/1,000` is the processor time of the "
        "sender's own processes for a thousand messages (not the simulator's), `peak MB` the largest resident size. "
        "`result → next` is the median from a final result to the next AT+CMGS, read from a log with milliseconds and "
        "so up to 1 ms too long. plp commits twice per message to SQLite with synchronous=FULL, asks for status "
        "reports and stores them; the loop keeps nothing; the others keep files or rows, without reports, as is their "
        "default. The peers sleep most of the time and run side by side.",
        ("sender", "messages", "messages/s", "best second", "CPU s/1,000", "peak MB", "result → next, ms"),
    )
    outcomes = [run(PLP, _PLP_MESSAGES, _RUN_S), run(LOOP, _LOOP_MESSAGES, _RUN_S)]
    outcomes.append(run(LOOP_CMMS, _LOOP_MESSAGES, _RUN_S))
    for outcome in [*outcomes, *run_together(PEERS, _PEER_MESSAGES, _PEER_S)]:
        if not outcome.count:
            section.add(outcome.entrant.name, outcome.note or "none in time")
            continue
        section.add(
            outcome.entrant.name,
            figure(outcome.count, 0),
            figure(per_second(outcome.taken)),
            figure(best_second(outcome.taken), 0),
            figure(outcome.cpu_s / outcome.count * 1000, 2),
            figure(outcome.peak_mb, 0),
            figure(gap_ms(outcome.taken)),
        )
    return section


def slow() -> Section:
    """A modem like the SIM800, everybody at the same time."""
    section = Section(
        "A modem like the SIM800",
        "2.8 s per message, 1.8 s while AT+CMMS keeps the relay link, which closes when the next AT+CMGS comes later "
        "than 1 s after the result: these times are parameters of the simulator's model, not measured on hardware. "
        "The measurement is what the senders make of them. `ratio` is to the raw loop that keeps the link open.",
        ("sender", "messages", "s per message", "ratio", "result → next, ms"),
    )
    outcomes = run_together([PLP, LOOP_CMMS, LOOP, *PEERS], _SLOW_MESSAGES, _SLOW_S, "--profile", "sim800")
    floor = next((_seconds(outcome) for outcome in outcomes if outcome.entrant is LOOP_CMMS), None)
    for outcome in outcomes:
        seconds = _seconds(outcome)
        if seconds is None:
            section.add(outcome.entrant.name, outcome.note or "none in time")
            continue
        ratio = seconds / floor if floor else None
        gap = figure(gap_ms(outcome.taken))
        section.add(outcome.entrant.name, figure(outcome.count, 0), figure(seconds, 3), figure(ratio, 3), gap)
    return section


def _seconds(outcome: Outcome) -> float | None:
    """Per message from the second on: the first finds no open link, whoever sends it."""
    taken: Sequence[float] = sorted(one.ended for modem in outcome.taken for one in modem)
    return (taken[-1] - taken[0]) / (len(taken) - 1) if len(taken) > 1 else None
