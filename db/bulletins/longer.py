"""The longer version of an alert by mail: where the zone wants it, once for each alert, to the alert's people."""

from db.alerts.incidents.left_out import members_for
from db.bulletins.feedback import feedback_given
from db.bulletins.values import Correspondent
from db.models.broadcasts import Broadcast, Part
from db.models.bulletins import BulletinPolicy
from db.models.people import Member
from db.people.members.listing import agrees_to
from plp.rules.broadcasts import LONGER
from plp.rules.refusals import Refusal
from plp.rules.states import MAY_BE_THERE


def longer_wanted() -> bool:
    """True where the zone sends longer versions of its alerts."""
    return bool(BulletinPolicy.select().where(BulletinPolicy.longer_alerts).exists())


def require_longer(alert_id: int | None) -> None:
    """Raise Refusal unless a longer version of this alert may be written: the zone wants it, the alert reached
    somebody, and none was sent yet.
    """
    if not longer_wanted():
        raise Refusal("La zone n'envoie pas de version détaillée de ses alertes : un administrateur peut l'activer.")
    alert = Broadcast.get_or_none(Broadcast.id == alert_id, Broadcast.kind == "alert")
    if alert is None:
        raise Refusal("Une version détaillée complète une alerte envoyée : ouvrez-la depuis la page de l'alerte.")
    if not Part.select().where(Part.broadcast == alert.id, Part.state.in_(MAY_BE_THERE)).exists():
        raise Refusal("Cette alerte n'a encore atteint personne : aucune version détaillée ne peut être envoyée.")
    if feedback_given(alert.id, LONGER):
        raise Refusal("La version détaillée de cette alerte est déjà envoyée.")


def people_of(alert_id: int) -> tuple[Correspondent, ...]:
    """The people of the alert who gave an address and did not refuse alerts, each address once, by language."""
    rows = members_for(alert_id)
    if rows is None:
        return ()
    willing = Member.mobile.is_null() | agrees_to("sms") | agrees_to("mail_group")
    found: dict[str, Member] = {}
    for row in rows.where(Member.email != "", willing).order_by(Member.language, Member.id):
        found.setdefault(str(row.email).casefold(), row)
    return tuple(
        Correspondent(None, row.neighbourhood.name, row.id, row.full_name, str(row.email), row.language)
        for row in found.values()
    )
