"""« Relayé » by mail: the token counts, a remark beside it is read, and a token of nothing is somebody's letter."""

import pytest

from db.bulletins import bulletin, enqueue_bulletin, relay_token, relays, save_draft
from db.mailbox import Place, mark_generation
from db.models import InboundMail
from jobs.letters.bulletin_words import WORDS
from jobs.mailbox.intake import take_in
from jobs.mailbox.remarks import has_remark
from jobs.mailbox.session import Fetched
from tests.db.test_bulletins import coordinator, draft
from tests.mailbox.mails import written

pytestmark = pytest.mark.usefixtures("database")

PLACE = Place("box", 1, 1)


@pytest.fixture
def relay(now):
    """One bulletin to one coordinator."""
    coordinator(1, now, "A")
    made = save_draft(None, draft(), "n", "anne", now)
    enqueue_bulletin(made, bulletin(made).version, "anne", now)
    mark_generation("box", 1)
    (found,) = relays(made)
    return found


def comes(now, number=1, **headers):
    raw = written(Message_ID=f"<{number}@example.org>", **headers)
    take_in(Fetched(raw, len(raw), now), Place("box", 1, number), frozenset(), now)
    return InboundMail.select().order_by(InboundMail.id.desc()).get().kind


@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("prefix", ["", "Re: ", "RE : "])
def test_the_button_of_the_bulletin_counts_as_relayed(now, relay, language, prefix):
    subject = f"{prefix}[PLP-R:{relay_token(relay.id)}] {relay.title}"
    assert comes(now, subject=subject, text=WORDS[language]["mail_body"]) == "relay"
    (found,) = relays(relay.bulletin_id)
    assert (found.relayed_at, found.relayed_how) == (now, "mail")


def test_said_twice_it_counts_once(now, relay):
    subject = f"[PLP-R:{relay_token(relay.id)}]"
    comes(now, 1, subject=subject, text="")
    assert comes(now, 2, subject=f"Re: {subject}", text="") == "relay"
    assert [each.relayed_at for each in relays(relay.bulletin_id)] == [now]


def test_a_remark_beside_it_is_read_by_an_officer(now, relay):
    subject = f"[PLP-R:{relay_token(relay.id)}]"
    assert comes(now, subject=subject, text="Relayé. Madame Petit a vu la même voiture hier.") == "message"
    assert relays(relay.bulletin_id)[0].relayed_how == "mail"


@pytest.mark.parametrize("token", ["MTI.forged-signature", "x" * 40])
def test_a_token_of_nothing_is_somebody_s_letter(now, relay, token):
    assert comes(now, subject=f"[PLP-R:{token}]", text="") == "message"
    assert relays(relay.bulletin_id)[0].relayed_at is None


def test_an_answer_that_quotes_the_token_has_not_relayed(now, relay):
    quoted = f"Bien reçu.\n\nLe 24 nov. 2026, Zone a écrit :\n> [PLP-R:{relay_token(relay.id)}]"
    assert comes(now, subject="Re: Bulletin", text=quoted) == "message"
    assert relays(relay.bulletin_id)[0].relayed_at is None


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("", False),
        ("Bonne soirée, Luc", False),
        (WORDS["fr"]["mail_body"] + "\n\nEnvoyé de mon iPhone", False),
        (WORDS["fr"]["mail_body"] + "\n-- \nLuc Dupont\nCoordinateur du quartier de Plainevaux", False),
        ("[PLP-R:abc.def] relayé", False),
        (WORDS["fr"]["mail_body"] + "\nQui est responsable de la suite ?", True),
    ],
)
def test_what_is_a_remark(text, remark):
    assert has_remark(text) is remark
