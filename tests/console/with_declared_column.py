"""Run by test_declared_column.py with one more column: a page, a list, the export and a correction know it."""

from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.members.listing import Filter, member, members
from db.people.proposals import corrections
from plp.services.people.exporting import export_members
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.proposals import accept_correction, propose_corrections
from tests.console.conftest import words
from tests.support.rosters import import_members


def test_a_declared_column_is_on_every_page_and_in_every_file(app, admin):
    with connected():
        database.execute_sql("ALTER TABLE member ADD COLUMN floor TEXT NOT NULL DEFAULT ''")
        place = save_neighbourhood(None, "Rotheux", "", "test", utc_now())
    assert 'name="floor"' in admin.get("/members/add").text
    assert 'name="floor"' in admin.get("/members/registration").text
    typed = {"first_name": "Anne", "last_name": "Dumont", "mobile": "0470123456", "neighbourhood_id": place}
    admin.post("/members/add", typed | {"language": "fr", "role": "member", "floor": " 3e  étage "})
    with connected():
        (card,) = members().rows
        assert card.floor == "3e étage"
        whole = b"".join(export_members(Filter(), "csv", "test", utc_now()))
        assert ";étage;" in whole.decode()
        assert ";3e étage;" in whole.decode()
        assert import_members(whole, "membres.csv", "test", utc_now()).unchanged == 1
        moved = import_members(whole.replace(b"3e", b"4e"), "membres.csv", "test", utc_now())
        assert (moved.changed, member(card.id).floor) == (1, "4e étage")
        assert propose_corrections(card.id, [place], {"floor": "5e étage"}, "test", utc_now()) == 1
        (proposal,) = corrections()
        assert (proposal.before, proposal.value) == ("4e étage", "5e étage")
        accept_correction(proposal.id, "test", utc_now())
    page = words(admin.get(f"/members/{card.id}/rights"))
    assert "Étage du logement 5e étage" in page
    assert "étage : modifié" in page
