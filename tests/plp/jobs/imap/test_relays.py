"""« Relayé » by mail: the token counts, a remark beside it is read, and a token of nothing is somebody's letter."""

import pytest

from base.settings.values import MailSettings
from db.bulletins.drafts import bulletin
from db.bulletins.groups import add_probe, last_probe
from db.bulletins.relay import relays, signed
from db.inbound.mailbox import MailPosition, mark_generation
from db.models.mail import InboundMail, Mail
from plp.jobs.bulletins import send_bulletins
from plp.jobs.imap.intake import has_remark, take_in
from plp.jobs.imap.session import Fetched
from plp.letters.rendering import BULLETIN
from plp.services.bulletins.drafts import save_draft
from plp.services.bulletins.relaying import send_bulletin
from tests.plp.jobs.imap.mails import written
from tests.support.bulletins import coordinator, draft
from tests.support.people import place

pytestmark = pytest.mark.usefixtures("database")

PLACE = MailPosition("box", 1, 1)


@pytest.fixture
def relay(now, posting):
    """One bulletin to one coordinator."""
    coordinator(1, now, "A")
    made = save_draft(None, draft(), "n", "anne", now)
    send_bulletin(made, bulletin(made).seen, "anne", now)
    mark_generation("box", 1)
    (found,) = relays(made)
    return found


def comes(now, number=1, **headers):
    raw = written(Message_ID=f"<{number}@example.org>", **headers)
    take_in(Fetched(raw, len(raw), now), MailPosition("box", 1, number), frozenset(), now)
    return InboundMail.select().order_by(InboundMail.id.desc()).get().kind


@pytest.mark.parametrize("language", sorted(BULLETIN))
@pytest.mark.parametrize("prefix", ["", "Re: ", "RE : "])
def test_the_button_of_the_bulletin_counts_as_relayed(now, relay, language, prefix):
    subject = f"{prefix}[PLP-R:{signed('relay', relay.id)}] {relay.title}"
    assert comes(now, subject=subject, text=BULLETIN[language]["mail_body"]) == "relay"
    (found,) = relays(relay.bulletin_id)
    assert (found.relayed_at, found.relayed_how) == (now, "mail")


def test_said_twice_it_counts_once(now, relay):
    subject = f"[PLP-R:{signed('relay', relay.id)}]"
    comes(now, 1, subject=subject, text="")
    assert comes(now, 2, subject=f"Re: {subject}", text="") == "relay"
    assert [each.relayed_at for each in relays(relay.bulletin_id)] == [now]


def test_a_remark_beside_it_is_read_by_an_officer(now, relay):
    subject = f"[PLP-R:{signed('relay', relay.id)}]"
    assert comes(now, subject=subject, text="Relayé. Madame Petit a vu la même voiture hier.") == "message"
    assert relays(relay.bulletin_id)[0].relayed_how == "mail"


@pytest.mark.parametrize("token", ["MTI.forged-signature", "x" * 40])
def test_a_token_of_nothing_is_somebody_s_letter(now, relay, token):
    assert comes(now, subject=f"[PLP-R:{token}]", text="") == "message"
    assert relays(relay.bulletin_id)[0].relayed_at is None


CANNOT = "Je ne peux pas le transmettre cette semaine, je suis à l'hôpital."
QUOTED = {
    "marked": ("Re: ", "Le 24 nov. 2026, Zone a écrit :\n> {text}"),
    "yahoo": ("Re: ", "    Le mardi 24 novembre 2026 à 21:40:12 UTC+1, Zone <plp@example.org> a écrit :  \n \n {text}"),
    "gmail, passed on": ("Fwd: ", "---------- Forwarded message ---------\nDe : Zone\nSubject: x\n\n{text}"),
    "apple, passed on": ("TR : ", "Début du message transféré :\n\nDe: Zone\nObjet: x\n\n{text}"),
    "a vacation without its header": ("Absente : Re: ", "Votre message :\n{text}"),
}


@pytest.mark.parametrize(("prefix", "quotation"), QUOTED.values(), ids=QUOTED)
@pytest.mark.usefixtures("posting")
def test_an_answer_that_quotes_our_mail_has_not_relayed(now, relay, prefix, quotation):
    send_bulletins(MailSettings(sender="plp@example.be"), now)
    ours = Mail.get()
    assert signed("relay", relay.id) in ours.text, "the sample is what a coordinator quotes"
    text = f"{CANNOT}\n\n{quotation.format(text=ours.text)}"
    assert comes(now, subject=prefix + ours.letter.subject, text=text, In_Reply_To=ours.message_id) == "message"
    assert relays(relay.bulletin_id)[0].relayed_at is None


def test_an_automatic_reply_never_counts(now, relay):
    subject = f"Re: [PLP-R:{signed('relay', relay.id)}] relayé"
    assert comes(now, subject=subject, text="", Auto_Submitted="auto-replied") == "automatic"
    assert relays(relay.bulletin_id)[0].relayed_at is None


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("", False),
        ("Bonne soirée, Luc", False),
        (BULLETIN["fr"]["mail_body"] + "\n\nEnvoyé de mon iPhone", False),
        (BULLETIN["fr"]["mail_body"] + "\n-- \nLuc Dupont\nCoordinateur du quartier de Plainevaux", False),
        ("[PLP-R:abc.def] relayé", False),
        (BULLETIN["fr"]["mail_body"] + "\nQui est responsable de la suite ?", True),
    ],
)
def test_what_is_a_remark(text, remark):
    assert has_remark(text) is remark


def test_a_probe_that_comes_back_by_the_group_is_noted_and_no_message(now):
    probe_id = add_probe(place("Plainevaux", now), "plp-plainevaux@googlegroups.com", "anne", now)
    subject = f"[plp-plainevaux] Essai du groupe [PLP-P:{signed('probe', probe_id)}]"
    back = written(subject=subject, From="plp-plainevaux@googlegroups.com")
    mark_generation("box", 1)
    take_in(Fetched(back, len(back), now), MailPosition("box", 1, 1), frozenset({"plp@example.be"}), now)
    seen = last_probe(place("Plainevaux", now))
    assert seen is not None
    assert seen.arrived_at == now
    assert not InboundMail.select().count()
