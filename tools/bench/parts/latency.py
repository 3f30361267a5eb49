"""From the COMMIT of an order to the first byte of AT+CMGS."""

import time
from collections.abc import Callable

from tools.bench.contenders import mobile
from tools.bench.contenders.plp import Plp
from tools.bench.ordering import rest, running, send_by_command, send_by_function
from tools.bench.process import cost
from tools.bench.radio import Radio
from tools.bench.section import Section, figure, percentile

SAMPLES = 200
_IDLE_S = 20.0
# For every way in: a machine that is busy with something else gives fewer samples.
_AT_MOST_S = 120.0


def measure() -> Section:
    """An idle daemon: what it costs, and how soon it sends."""
    section = Section(
        "From Send to the modem",
        f"An idle modem gets one message, up to {SAMPLES} times: milliseconds from the moment at which the order's "
        "last COMMIT begins (its flush to disk is in the time) to the first byte of AT+CMGS in the simulator's log; "
        "the AT+CMMS=2 that comes first is in it too. Undo seconds are 0. `idle CPU` is the daemon's share of one core "
        f"while nothing is to be done for {_IDLE_S:.0f} s.",
        ("order by", "samples", "median ms", "p99 ms", "worst ms", "idle CPU"),
    )
    with running(2, 1) as (plp, radio):
        time.sleep(1)
        before = cost(plp.pids).cpu_s
        time.sleep(_IDLE_S)
        idle = f"{(cost(plp.pids).cpu_s - before) / _IDLE_S:.2%}"
        to = mobile(0)
        by_command = _samples(plp, radio, lambda text: send_by_command(plp, text, "--to", to))
        _add(section, "`plp broadcast send`", by_command, idle)
        with plp.box.reading():
            by_function = _samples(plp, radio, lambda text: send_by_function(text, [to]))
        _add(section, "the function that page and API call", by_function, idle)
    return section


def _samples(plp: Plp, radio: Radio, send: Callable[[str], float]) -> list[float]:
    """Return the latency in milliseconds."""
    committed = {}
    until = time.monotonic() + _AT_MOST_S
    for sample in range(SAMPLES):
        if time.monotonic() > until:
            break
        text = f"Essai {sample} {time.monotonic_ns()}"
        before = radio.count()
        committed[text] = send(text)
        if not radio.wait(before + 1, 10):
            raise RuntimeError("an order was not sent")
        rest()
    began = {one.text: one.began for one in radio.taken()[0]}
    return [(began[text] - at) * 1000 for text, at in committed.items()]


def _add(section: Section, name: str, samples: list[float], idle: str) -> None:
    median, p99 = percentile(samples, 0.5), percentile(samples, 0.99)
    section.add(name, figure(len(samples), 0), figure(median), figure(p99), figure(max(samples)), idle)
