"""Twenty situations of SIMs and their budgets: who goes by which SIM, and what the officer reads where no SIM has room.

Each SIM is (limits, use, numbers it met this month). The plan is by SIM (parts, new recipients).
"""

import pytest

from plp.services.orders.placing import over_budget
from rules.orders.budgets import Limits, Share, Use, passed_budgets, shared_out

NOTHING, FREE = Use(0, 0, 0), Limits()
ALL = range(1000)
ASK = "Indiquez un motif pour le dépasser."


def card(name, total, what, limit, excess):
    return (
        f"La carte SIM du modem {name} (IMSI …000{name}) passerait à {total} {what} ; son plafond est de {limit}, soit "
        f"{excess} de trop. {ASK}"
    )


def cards(*over):
    named = ", ".join(
        f"Carte du modem {n} (IMSI …000{n}) : {total} {what}, plafond de {m}" for n, total, what, m in over
    )
    return f"Cet envoi dépasse les plafonds des cartes SIM. {named}. Indiquez un motif pour les dépasser."


DAY, MONTH, WHOM = "SMS aujourd'hui", "SMS ce mois-ci", "destinataires différents ce mois-ci"

SITUATIONS = {
    "one SIM without limits": ([(FREE, NOTHING, ())], 39, 1, 0, [(39, 39)], ""),
    "one SIM with room": ([(Limits(day=40), NOTHING, ())], 39, 1, 0, [(39, 39)], ""),
    "one SIM, one too many today": ([(Limits(day=38), NOTHING, ())], 39, 1, 0, [(39, 39)], card("A", 39, DAY, 38, 1)),
    "parts count": ([(Limits(day=100), NOTHING, ())], 39, 3, 0, [(117, 39)], card("A", 117, DAY, 100, 17)),
    "the month is used": (
        [(Limits(month=1000), Use(0, 990, 39), ALL)], 39, 1, 0, [(39, 0)], card("A", 1029, MONTH, 1000, 29),
    ),
    "one SIM, too many people": (
        [(Limits(recipients=10), NOTHING, ())], 39, 1, 0, [(39, 39)], card("A", 39, WHOM, 10, 29),
    ),
    "all met this month": ([(Limits(recipients=39), Use(39, 39, 39), ALL)], 39, 1, 0, [(39, 0)], ""),
    "one met number on a SIM that is over": ([(Limits(recipients=10), Use(39, 39, 39), ALL)], 1, 1, 0, [(1, 0)], ""),
    "one new number on a SIM that is full": (
        [(Limits(recipients=10), Use(10, 10, 10), range(10, 20))], 1, 1, 0, [(1, 1)], card("A", 11, WHOM, 10, 1),
    ),
    "ten recipients beside no limit": (
        [(Limits(recipients=10), NOTHING, ()), (FREE, NOTHING, ())], 39, 1, 0, [(10, 10), (29, 29)], "",
    ),
    "a small day beside no limit": (
        [(Limits(day=5), NOTHING, ()), (FREE, NOTHING, ())], 39, 1, 0, [(5, 5), (34, 34)], "",
    ),
    "a SIM at its end gets nobody": (
        [(Limits(day=5), Use(5, 5, 5), ()), (FREE, NOTHING, ())], 39, 1, 0, [(0, 0), (39, 39)], "",
    ),
    "a SIM over its end gets nobody, and is not complained of": (
        [(Limits(day=5), Use(50, 50, 5), ()), (Limits(day=90), NOTHING, ())], 39, 1, 0, [(0, 0), (39, 39)], "",
    ),
    "two with room share evenly": (
        [(Limits(day=50), NOTHING, ()), (Limits(day=50), NOTHING, ())], 40, 1, 0, [(20, 20), (20, 20)], "",
    ),
    "together they just have room": (
        [(Limits(day=10), NOTHING, ()), (Limits(recipients=29), NOTHING, ())], 39, 1, 0, [(10, 10), (29, 29)], "",
    ),
    "whom a SIM met goes by it, and leaves the room to others": (
        [(Limits(recipients=10), Use(5, 5, 5), range(5)), (Limits(recipients=34), NOTHING, ())],
        39, 1, 0, [(10, 5), (29, 29)], "",
    ),
    "one too many for both": (
        [(Limits(day=10), NOTHING, ()), (Limits(day=28), NOTHING, ())],
        39, 1, 0, [(11, 11), (28, 28)], card("A", 11, DAY, 10, 1),
    ),
    "far too many for both": (
        [(Limits(day=10), NOTHING, ()), (Limits(day=10), NOTHING, ())],
        39, 1, 0, [(20, 20), (19, 19)], cards(("A", 20, DAY, 10), ("B", 19, DAY, 10)),
    ),
    "an earlier alert still waits, and has room elsewhere": (
        [(Limits(day=10), NOTHING, ()), (FREE, NOTHING, ())], 39, 1, 40, [(0, 0), (39, 39)], "",
    ),
    "an earlier alert still waits, and there is no other": (
        [(Limits(day=50), NOTHING, ())], 39, 1, 20, [(39, 39)], card("A", 59, DAY, 50, 9),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_plan_and_what_the_officer_reads(name):
    sims, people, each, waiting, plan, sentence = SITUATIONS[name]
    shares = [
        Share(f"20601000000000{letter}", letter, limits) for letter, (limits, _, _) in zip("AB", sims, strict=False)
    ]
    uses = {share.imsi: use for share, (_, use, _) in zip(shares, sims, strict=True)}
    met = {share.imsi: {str(number) for number in those} for share, (_, _, those) in zip(shares, sims, strict=True)}
    homes = {number: imsi for imsi, numbers in met.items() for number in numbers}
    parts = {str(number): each for number in range(people)}
    planned = shared_out(shares, uses, parts, homes, met, waiting)
    assert [(share.parts, share.new) for share in planned] == plan
    assert str(over_budget(passed_budgets(planned, uses, waiting)) or "") == sentence
