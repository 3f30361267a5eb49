"""plp with many modems."""

from tools.bench.contest import PLP, run
from tools.bench.radio import gap_ms, per_second
from tools.bench.section import Section, figure

_EACH = 50
_WITHIN_S = 40.0


def measure() -> Section:
    """Sixteen modems against one."""
    section = Section(
        "Sixteen modems",
        "One daemon, 200 ms per message and modem (a parameter of the model). `ratio` is to one modem.",
        ("modems", "messages", "messages/s", "ratio", "result → next, ms", "CPU s/1,000", "peak MB"),
    )
    alone = 0.0
    for modems in (1, 16):
        outcome = run(PLP, _EACH * modems, _WITHIN_S, "--submit-ms", "200", "--link-ms", "0", modems=modems)
        rate = per_second(outcome.taken)
        alone = alone or rate
        section.add(
            figure(modems, 0),
            figure(outcome.count, 0),
            figure(rate, 2),
            figure(rate / alone, 2),
            figure(gap_ms(outcome.taken)),
            figure(outcome.cpu_s / outcome.count * 1000, 2),
            figure(outcome.peak_mb, 0),
        )
    return section
