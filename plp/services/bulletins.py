"""Send a bulletin: what the text guard finds in it is answered for with a reason, as in an alert."""

from datetime import datetime

from db.alerts.orders.texts import MAIN_LANGUAGE
from db.bulletins.drafts import enqueue_bulletin
from db.bulletins.groups import begin_probe
from db.bulletins.listing import bulletin
from db.bulletins.relay import signed
from db.bulletins.values import BulletinCard
from db.engine.connection import writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Letter
from db.settings.values import MailSettings
from plp.letters.rendering import BULLETIN, note
from plp.services.orders import Answers, judged
from rules.people import Actor
from rules.refusals import SHORTEST_REASON, Refusal
from rules.text_guard import FindingsRefused, TextFinding, kinds_of, require_meant


def send_bulletin(bulletin_id: int, seen: str, by: Actor, now: datetime, answers: Answers) -> bool:
    """Send a draft as it was `seen`; False where it was sent already. Raises FindingsRefused, and as `enqueue_bulletin`
    does when it changed since.
    """
    card = bulletin(bulletin_id)
    found = bulletin_findings(card) if card is not None and card.sent_at is None and card.seen == seen else ()
    require_meant(found, answers.accepted)
    if found and len(answers.reason.strip()) < SHORTEST_REASON:
        raise FindingsRefused("Aucun e-mail n'a été envoyé. Indiquez le motif : il reste dans l'historique.", found)
    remarks = {"guard": kinds_of(found), "guard_reason": answers.reason} if found else {}
    return enqueue_bulletin(bulletin_id, seen, by, now, remarks)


def probe_group(
    neighbourhood_id: int, place: str, language: str, by: Actor, settings: MailSettings, now: datetime
) -> None:
    """Send a mail to the neighbourhood's Google Group, of which the zone's mailbox is a member: when it is back there,
    the group delivers. Raises Refusal: no mailbox is read, no address, or probed an hour ago.
    """
    if not mail_configured(settings) or not settings.imap_host:
        raise Refusal("Aucun essai n'a été envoyé : le serveur doit envoyer des e-mails et lire la boîte de la zone.")
    words = BULLETIN[language if language in BULLETIN else MAIN_LANGUAGE]
    heading, told = words["probe_subject"].format(place=place), words["probe_text"].format(place=place)
    with writing():
        probe = begin_probe(neighbourhood_id, by, now)
        letter = Letter("bulletin", f"{heading} [PLP-P:{signed('probe', probe.id)}]")
        enqueue_letter(letter, [note(f"probe/{probe.id}", probe.address, place, language, heading, [told])], now)


def bulletin_findings(card: BulletinCard) -> tuple[TextFinding, ...]:
    """Findings that somebody answers for. A bulletin need not name a place or a time."""
    found = judged({words.language: f"{words.title}\n{words.body}" for words in card.texts}, drill=False)
    return tuple(each for each in found if each.asks)
