"""Courrier: what waits to leave by mail and why, what was refused, and what a person may do about it."""

from flask import current_app, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.labels import labels
from console.i18n.translate import said
from console.web import form_fields
from console.web.acting import actor, attempted, done, page_or_part, settings
from console.web.pages import Pages, Served
from console.web.roles import can
from db.engine.clock import utc_now
from db.mail.claim import mail_servers
from db.mail.enqueue import mail_configured
from db.mail.listing import VIEWS, Mail, expired_counts, mail_counts, mails, waiting_domains
from plp.services.mails import cancel_mail, retry_expired, retry_mail
from rules.mail import MAIL_REASONS
from rules.sentences import Sentence

blueprint = Pages("post", "/mail")

MAIL_VIEWS = labels("mail_views")


@blueprint.get("", may="see_queue", live=True)
@blueprint.get("/live", endpoint="live", may="see_queue", live=True)
def queue() -> str:
    now, counts = utc_now(), mail_counts()
    waiting = {view: sum(counts[state] for state in VIEWS[view]) for view in MAIL_VIEWS}
    wanted = form_fields.line("view", 20)
    expired, in_doubt = expired_counts() if counts["expired"] else (0, 0)
    chosen = wanted if wanted in VIEWS else next((view for view in MAIL_VIEWS if waiting[view]), "all")
    return render_template(
        page_or_part("mail/queue.html", "mail/list.html"),
        configured=mail_configured(settings().mail),
        demo=current_app.config["PLP_DEMO"],
        servers=mail_servers(now),
        domains=waiting_domains(now),
        waiting=waiting,
        view=chosen,
        expired=expired,
        in_doubt=in_doubt,
        listed=mails(chosen, form_fields.number("page", 1) or 1, counts),
        now=now,
    )


@blueprint.post("/<int:mail_id>", may="retry_mails")
def decide(mail_id: int) -> Served:
    """Try it now, or do not send it."""
    deed, sentence = retry_mail, _("Nouvelle tentative d'envoi en cours.")
    if request.form.get("do") == "cancel":
        deed, sentence = cancel_mail, _("E-mail annulé.")
    view = request.form.get("view")
    return attempted(lambda: deed(mail_id, actor(), utc_now()), sentence, "post.queue", view=view)


@blueprint.post("/expired", may="retry_mails")
def again() -> Served:
    """All mails that expired while no server accepted them, and that nobody can have received."""
    count = retry_expired(actor(), utc_now())
    sentence = ngettext("%(num)s e-mail à nouveau en attente.", "%(num)s e-mails à nouveau en attente.", count)
    return done(sentence, "post.queue", view="waiting")


@blueprint.app_template_global()
def mail_why(reason: str, reply: str) -> str:
    """The reason for a mail's, domain's or server's state in the reader's language, then the server's words."""
    words = said(Sentence(MAIL_REASONS.get(reason, reason)))
    return _("%(why)s : %(words)s", why=words, words=reply) if words and reply else words or reply


@blueprint.app_template_global()
def mail_reader(card: Mail) -> tuple[str, str]:
    """Name (may be empty) and address of a mail's reader; a technician, who repairs the transport, sees neither."""
    if not card.address:
        return "", str(_("personne supprimée"))
    if can("see_names"):
        return card.name, card.address
    name, _at, domain = card.address.rpartition("@")
    return "", f"{name[:1]}•••@{domain}"
