"""The four states of an alert's people as pages write them, read back from what a person sees."""

import re
from dataclasses import dataclass

from bs4 import BeautifulSoup

# « 38 reçus sur 45 (36 SMS, 2 e-mails) · 5 envoyés, sans accusé · 0 en attente · 2 à prévenir autrement »
SENTENCE = re.compile(
    r"(\d+) reçus? sur \d+(?: \([^)]*\))? · (\d+) envoyés?, sans accusé · (\d+) en attente · (\d+) à prévenir autrement"
)
# « À l'impression : 38 reçus · 5 envoyés, sans accusé · 0 en attente · 2 à prévenir autrement »
SHEET = re.compile(r"(\d+) reçus? · (\d+) envoyés?, sans accusé · (\d+) en attente · (\d+) à prévenir autrement")
IN_SHORT = (r"reçus? sur", "envoyés?, sans accusé", "en attente", "à prévenir autrement")
OF_ALL = re.compile(r"reçus? sur \d+")
# The card of home, whose number of people stands beside those who received it.
CARD = re.compile(
    r"(\d+) reçus? sur \d+ .*?(\d+) envoyés?, sans accusé (\d+) en attente (\d+) à prévenir autrement", re.DOTALL
)


@dataclass(frozen=True)
class Four:
    """Numbers of people: who received it, had it sent without a report, wait, and are to be told otherwise."""

    received: int
    sent: int
    waiting: int
    otherwise: int

    @property
    def people(self):
        return self.received + self.sent + self.waiting + self.otherwise


def in_sentences(html):
    """Every sentence of a page with the four, in its order."""
    page = BeautifulSoup(html, "html.parser")
    for line in page.select(".alert-line"):  # of what followed, whose states may be all four, too
        line.decompose()
    return [Four(*map(int, found)) for found in SENTENCE.findall(_text(page))]


def on_home(html):
    """The four of each card, by its title."""
    page = BeautifulSoup(html, "html.parser")
    return {
        _text(card.select_one(".home-incident-title")): Four(*map(int, CARD.search(_text(card)).groups()))
        for card in page.select(".home-incident")
        if CARD.search(_text(card))
    }


def from_afar(html):
    """The four of each large row of figures, in the order of the page."""
    page = BeautifulSoup(html, "html.parser")
    return [
        Four(*(int(_text(number).replace(" ", "")) for number in row.select("dd"))) for row in page.select(".plp-far")
    ]


def on_map(html):
    """Those who received it, and all people, summed over the neighbourhoods of a page's map or tiles."""
    page = BeautifulSoup(html, "html.parser")
    figures = [_text(one) for one in page.select(".arrival-tiles strong, .arrival-figure")]
    pairs = [tuple(map(int, figure.split(" / "))) for figure in figures if " / " in figure]
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def in_lines(html):
    """The four of each line beneath an alert that tells them, of what followed it, in the order of the page."""
    page = BeautifulSoup(html, "html.parser")
    lines = [_text(line) for line in page.select(".alert-line")]
    return [_in_short(line) for line in lines if OF_ALL.search(line)]


def _in_short(line):
    """« 3 reçus sur 11 · 8 en attente »: the states that nobody is in are left out."""
    found = [re.search(rf"(\d+) {words}", line) for words in IN_SHORT]
    return Four(*(int(one[1]) if one else 0 for one in found))


def on_sheet(sheet):
    """The four on the police's call sheet, from its words."""
    return Four(*map(int, SHEET.search(sheet).groups()))


def in_statistics(html):
    """The four of the whole year, in the last row of the table of months."""
    row = BeautifulSoup(html, "html.parser").select_one(".figures-table").select("tbody tr")[-1]
    heads = ("Reçus", "Envoyés, sans accusé", "En attente", "À prévenir autrement")
    return Four(*(int(row.select_one(f'[data-label="{head}"] data')["value"]) for head in heads))


def _text(part):
    return " ".join(part.get_text(" ").split())
