"""The blueprint that the pages of bulletins share, and the bulletin of an address."""

from flask import Response, abort

from console.web.acting import as_file, settings
from console.web.pages import Pages
from db.bulletins.drafts import bulletin, feedback_given, longer_wanted
from db.bulletins.values import BulletinCard
from db.mail.enqueue import mail_configured
from db.mail.values import Enclosure

blueprint = Pages("bulletins", "/bulletins")


blueprint.add_app_template_global(feedback_given)
blueprint.add_app_template_global(longer_wanted)


def bulletin_of(bulletin_id: int) -> BulletinCard:
    """The bulletin of an address, or 404."""
    return bulletin(bulletin_id) or abort(404)


def draft_of(bulletin_id: int) -> BulletinCard:
    """The draft of an address; 404 for a bulletin that was sent, which has another page."""
    card = bulletin_of(bulletin_id)
    return card if card.sent_at is None else abort(404)


def as_sent(file: Enclosure) -> Response:
    """A file as it is sent: a picture is shown, a PDF is downloaded."""
    shown = "inline" if file.media_type.startswith("image/") else "attachment"
    return as_file(file.content, file.media_type, file.filename, shown)


@blueprint.app_template_global()
def mail_leaves() -> bool:
    """True when mail is set up, so that a bulletin can go out."""
    return mail_configured(settings().mail)
