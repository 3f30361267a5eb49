"""Looking for what was sent: each filter alone and together, and the pages."""

from datetime import timedelta

import pytest

from db.alerts.progress.history import Search, authors, history
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.people.audience import Audience
from db.people.members.listing import neighbourhoods
from tests.support.people import Text, cancel_broadcast, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

EARLIER = timedelta(days=2)


@pytest.fixture
def sent(now):
    """Three broadcasts: their ids by what they are."""
    modem = ready_modem("a", now - EARLIER)
    ready_modem("a", now)
    person(1, now, "Plainevaux")
    person(2, now, "Rotheux")
    ready_modem("a", now - EARLIER)
    old = order(
        now - EARLIER, Text("Été : fumée rue du Bois."), by="Anne", audience=Audience(neighbourhoods=("Rotheux",))
    )
    claim = claim_part(modem, now - EARLIER)
    mark_pdu_started(claim, now - EARLIER)
    mark_sent(claim, 1, modem, now - EARLIER)
    ready_modem("a", now)
    drill = order(now, Text("EXERCICE. Essai. EXERCICE."), kind="drill", by="Benoît")
    cancel_broadcast(drill.id, "Benoît", now)
    running = order(now, Text("Vol rue de la Station."), by="Anne")
    order(now, Text("Bienvenue."), kind="welcome", priority="normal", by="plp")
    return {"old": old.id, "drill": drill.id, "running": running.id}


def found(sent, now, **wanted):
    ids = {number: name for name, number in sent.items()}
    return [ids[card.id] for card in history(Search(**wanted), now).rows]


def test_each_filter(sent, now):
    place = next(card.id for card in neighbourhoods() if card.name == "Plainevaux")
    assert found(sent, now) == ["running", "drill", "old"]
    assert found(sent, now, words="fumee BOIS") == ["old"]
    assert found(sent, now, words="fumee station") == []
    assert found(sent, now, words="100%_") == []
    assert found(sent, now, kind="drill") == ["drill"]
    assert found(sent, now, by="Anne") == ["running", "old"]
    assert found(sent, now, outcome="open") == ["running"]
    assert found(sent, now, outcome="finished") == ["old"]
    assert found(sent, now, outcome="cancelled") == ["drill"]
    assert found(sent, now, neighbourhood_id=place) == ["running", "drill"]
    assert found(sent, now, since_at=now) == ["running", "drill"]
    assert found(sent, now, until_at=now) == ["old"]
    assert found(sent, now, by="Anne", outcome="open", words="vol") == ["running"]
    assert authors() == ["Anne", "Benoît"]


def test_pages(sent, now):
    first, last = history(Search(), now, 1, 2), history(Search(), now, 9, 2)
    assert ([card.id for card in first.rows], first.total, first.pages) == ([sent["running"], sent["drill"]], 3, 2)
    assert ([card.id for card in last.rows], last.page) == ([sent["old"]], 2)
    assert history(Search(words="nulle part"), now).pages == 1
