"""Members who answered STOP, above the admin's list."""

from datetime import timedelta

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.replies.leaving import apply_start, apply_stop
from tests.console.conftest import words
from tests.support.people import mobile, person


def test_who_left_by_sms_lately_and_is_still_out(admin):
    assert "personnes désinscrites par STOP ces 30 derniers jours" not in words(admin.get("/members"))
    now = utc_now()
    with connected():
        ids = [person(number, now - timedelta(days=60)) for number in range(1, 5)]
        apply_stop(mobile(1), now - timedelta(days=1), now, now)
        apply_stop(mobile(2), now, now, now)
        apply_stop(mobile(3), now - timedelta(days=31), now, now)
        apply_stop(mobile(4), now - timedelta(days=1), now, now)
        apply_start(mobile(4), now, now)
    page = admin.get("/members")
    told = words(page).partition("Rechercher")[0]
    assert "2 personnes désinscrites par STOP ces 30 derniers jours" in told
    assert told.index("Prénom2 Nom002") < told.index("Prénom1 Nom001")
    assert "Nom003" not in told
    assert "Nom004" not in told
    assert f'href="/members/{ids[0]}"' in page.text
