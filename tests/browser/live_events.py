"""What happens while a page of an officer stands open, played on the demonstration's database by a colleague, a citizen
or the modem.
"""

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from db.engine.clock import utc_now
from db.engine.connection import writing
from db.inbound.replies.judging import save_verdict
from db.models.modem_records import InboundMessage
from db.modems.commands import Verb, ask
from db.modems.status import modem_cards
from db.people.audience import Audience
from rules.replies.values import Meaning
from tests.browser.demonstration import Demonstration, agree_by, broadcasts_after, database
from tests.e2e.box import eventually
from tests.support.inbox import comes
from tests.support.people import cancel_broadcast, order

COLLEAGUE = "Benoît"
SENDER = "+32470099001"
WORDS = "Au secours, deux hommes forcent la porte du voisin, rue Haute 14, ils ont une camionnette blanche"

Event = Callable[[Demonstration, BrowserContext], None]


def urgent_sms(demo: Demonstration, _context: BrowserContext) -> None:
    with database(demo.folder):
        now = utc_now()
        comes(now, SENDER, f"{WORDS} {now:%M%S%f}")
        text = InboundMessage.select().order_by(InboundMessage.id.desc()).get()
        with writing():
            save_verdict(text.id, now, Meaning.ALARM, "fr")


def approval_asked(demo: Demonstration, _context: BrowserContext) -> None:
    agree_by(demo, "second")
    with database(demo.folder):
        order(utc_now(), by=COLLEAGUE, audience=Audience(everyone=True), again=True)
    agree_by(demo, "typed")


def modem_out(demo: Demonstration, _context: BrowserContext) -> None:
    _modem(demo, "suspend", lambda state: state != "ready")


def modem_back(demo: Demonstration, _context: BrowserContext) -> None:
    _modem(demo, "resume", lambda state: state == "ready")


def connection_lost(_demo: Demonstration, context: BrowserContext) -> None:
    context.set_offline(True)


def connection_back(_demo: Demonstration, context: BrowserContext) -> None:
    context.set_offline(False)


def colleagues_alert(demo: Demonstration, _context: BrowserContext) -> None:
    with database(demo.folder):
        order(utc_now(), by=COLLEAGUE, audience=Audience(everyone=True), again=True)


def colleagues_stop(demo: Demonstration, _context: BrowserContext) -> None:
    newest = max(broadcasts_after(demo))
    with database(demo.folder):
        cancel_broadcast(newest, COLLEAGUE, utc_now())


# In this order; what the one begins the next one ends.
EVENTS: dict[str, Event] = {
    "urgent SMS": urgent_sms,
    "approval asked": approval_asked,
    "modem out": modem_out,
    "modem back": modem_back,
    "connection lost": connection_lost,
    "connection back": connection_back,
    "colleague's alert": colleagues_alert,
    "colleague's stop": colleagues_stop,
}


def _modem(demo: Demonstration, verb: Verb, is_so: Callable[[str], bool]) -> None:
    with database(demo.folder):
        (card,) = modem_cards(utc_now())
        ask(card.host, card.name, verb, COLLEAGUE, utc_now(), "essai")
        eventually(verb, lambda: is_so(modem_cards(utc_now())[0].state))


def end_what_was_played(demo: Demonstration, context: BrowserContext) -> None:
    """The next test finds a modem that is ready, and nothing that rings."""
    context.set_offline(False)
    with database(demo.folder):
        if modem_cards(utc_now())[0].state != "ready":
            modem_back(demo, context)
        with writing():
            InboundMessage.update(handled_at=utc_now()).where(InboundMessage.handled_at.is_null()).execute()
