"""The queue alone behind a long history, without daemon and modem."""

import time
from pathlib import Path

from base.settings.values import SendingSettings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent_and_claim
from db.alerts.values import Order, Sender
from db.engine.clock import utc_now
from db.people.audience import Audience
from modem.sms.composition import compose
from plp.services.orders.placing import place_composed
from rules.orders.texts import MAIN_LANGUAGE
from tools.bench.contenders import TEXT
from tools.bench.contest import workshop
from tools.bench.large_zone import IMSI, large_zone
from tools.bench.section import Section, figure, percentile

_HISTORY = 1_000_000
_MEMBERS = 2_000
_SENDER = Sender("bench", "m0", IMSI, simulated=False)
_SENDING = SendingSettings(undo_seconds=0, hourly_ceiling=10_000_000)


def measure() -> Section:
    """A claim behind a long history."""
    section = Section(
        "A history of a million parts",
        f"The database's share of one message: PDU started (a commit), then sent and the next claim (a commit); one "
        f"alert to those of {_MEMBERS:,} members who agreed, in one thread. The history is broadcasts of a "
        "thousand messages. `ratio` is of the medians.",
        ("history", "median ms", "p99 ms", "ratio"),
    )
    none = 0.0
    for parts in (0, _HISTORY):
        with workshop() as folder:
            took = claims_ms(folder, _MEMBERS, parts)
        median = percentile(took, 0.5)
        none = none or median
        section.add(figure(parts, 0), figure(median, 3), figure(percentile(took, 0.99), 3), figure(median / none, 2))
    return section


def claims_ms(folder: Path, members: int, parts: int) -> list[float]:
    """Of every message of one alert behind a history of so many parts: PDU started, and sent with the next claim."""
    took: list[float] = []
    with large_zone(folder, members, parts, neighbourhoods=1):
        order = Order(Audience(everyone=True), "alert", "urgent", "bench", again=True)
        place_composed(order, {MAIN_LANGUAGE: compose(TEXT)}, _SENDING, utc_now())
        claim = claim_part(_SENDER, utc_now())
        while claim is not None:
            began = time.perf_counter()
            mark_pdu_started(claim, utc_now())
            claim = mark_sent_and_claim(claim, len(took) % 256, _SENDER, utc_now())
            took.append((time.perf_counter() - began) * 1000)
    return took
