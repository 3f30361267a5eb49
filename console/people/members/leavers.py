"""Members who left by SMS lately, told above the list: the admin may want to ask why."""

from datetime import datetime, timedelta

from console.people.members.blueprint import blueprint
from db.engine.clock import utc_now
from db.inbound.replies.leaving import left_by_text

# A month: whoever looks less often finds it on the member's page and in the journal.
TOLD_FOR = timedelta(days=30)


@blueprint.app_template_global()
def leavers() -> list[tuple[int, str, datetime]]:
    """(id, name, when) of each member who answered STOP in the last month and is still out, newest first."""
    return left_by_text(utc_now() - TOLD_FOR)
