"""Bulletins, and the coordinators who get them."""

from db.bulletins.drafts import bulletin
from db.bulletins.relay import mark_written, owed_mails
from db.bulletins.values import BulletinDraft, Words
from db.mail.enqueue import enqueue_letter
from db.mail.values import Copy, Letter
from plp.services.bulletins.drafts import save_draft
from plp.services.bulletins.relaying import send_bulletin
from tests.support.people import person

FRENCH = Words("fr", "Faux livreurs", "Deux hommes se disent **livreurs**.")


def coordinator(number, now, neighbourhood, **changes):
    return person(number, now, neighbourhood, role="coordinator", email=f"c{number}@example.org", **changes)


def draft(**changes):
    return BulletinDraft(**{"category": "tactical", "texts": (FRENCH,), "everywhere": True} | changes)


def sent(now, **changes):
    made = save_draft(None, draft(**changes), f"nonce {changes}", "anne", now)
    assert send_bulletin(made, bulletin(made).seen, "anne", now)
    return made


def written(now):
    """What the jobs do with what is owed."""
    ids = []
    for owed in owed_mails():
        copy = Copy(f"test/{owed.relay_id}/{owed.kind}/{owed.nudges}", owed.address, owed.name, "texte")
        (mail_id,) = enqueue_letter(Letter("bulletin", "x"), [copy], now)
        mark_written(owed.relay_id, mail_id, owed.kind)
        ids.append(mail_id)
    return ids
