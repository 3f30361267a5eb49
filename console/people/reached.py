"""The people of a broadcast, as every page tells of them: four states in one order, as figures, as a bar, in words."""

from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.labels import count
from db.alerts.incidents.reach import Reach

State = Literal["received", "sent", "waiting", "otherwise"]
BAR_UNITS = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the four states: its number, the words below it, and, of who received it, the other roads than SMS."""

    state: State
    number: int
    words: str
    roads: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One of the four states in the bar: start and width in thousandths."""

    state: State
    start: int
    width: int


def reach_figures(reach: Reach) -> list[Figure]:
    """Always the four states, in their order; they add up to the people meant."""
    return [
        Figure("received", reach.received, received_of(reach), _roads(reach)),
        Figure("sent", reach.sent, ngettext("envoyé, sans accusé", "envoyés, sans accusé", reach.sent)),
        Figure("waiting", reach.waiting, _("en attente")),
        Figure("otherwise", reach.otherwise, _("à prévenir autrement")),
    ]


def reach_words(reach: Reach) -> str:
    """« 38 reçus sur 45 (36 SMS, 2 e-mails) · 5 envoyés, sans accusé · 0 en attente · 2 à prévenir autrement »"""
    return " · ".join(
        f"{count(one.number)} {one.words}{f' ({one.roads})' if one.roads else ''}" for one in reach_figures(reach)
    )


def reach_heads() -> list[tuple[State, str]]:
    """The four states in their order, as heads of a table and of lists."""
    return [
        ("received", _("Reçus")),
        ("sent", _("Envoyés, sans accusé")),
        ("waiting", _("En attente")),
        ("otherwise", _("À prévenir autrement")),
    ]


def reach_segments(reach: Reach) -> list[Segment]:
    """The bar over all people meant: running sums are rounded, so that it is full."""
    segments, before = [], 0
    for one in reach_figures(reach):
        if one.number:
            start = round(BAR_UNITS * before / reach.people)
            before += one.number
            segments.append(Segment(one.state, start, round(BAR_UNITS * before / reach.people) - start))
    return segments


def received_of(reach: Reach) -> str:
    """« reçus sur 45 »: what stands beside the number of those who received it."""
    return str(ngettext("reçu sur %(all)s", "reçus sur %(all)s", reach.received, all=count(reach.people)))


def reach_in_short(reach: Reach) -> str:
    """« 3 reçus sur 11 · 8 en attente », without the other states that nobody is in."""
    rest = [f"{count(one.number)} {one.words}" for one in reach_figures(reach)[1:] if one.number]
    return " · ".join([f"{count(reach.received)} {received_of(reach)}", *rest])


def _roads(reach: Reach) -> str:
    """By which roads they received it; empty where SMS were the only one."""
    return all_roads(reach) if reach.mail or reach.called else ""


def all_roads(reach: Reach) -> str:
    """« 36 SMS, 2 e-mails »: by which roads people received it; empty for nobody."""
    roads = (
        (reach.sms, _("%(n)s SMS", n=count(reach.sms))),
        (reach.mail, ngettext("%(n)s e-mail", "%(n)s e-mails", reach.mail, n=count(reach.mail))),
        (reach.called, ngettext("%(n)s appel", "%(n)s appels", reach.called, n=count(reach.called))),
    )
    return ", ".join(words for number, words in roads if number)
