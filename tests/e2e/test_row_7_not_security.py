"""Row 7 of the plan: what is not about security is not the PLP's; the proximity station is pointed to."""

import time

import pytest

from db.bulletins.drafts import drafts
from tests.console.conftest import words
from tests.e2e.box import eventually
from tests.e2e.partnership import partnership

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_what_is_not_about_security_is_pointed_to_the_proximity_station(make_box):
    with partnership(make_box) as there:
        assert "Sujet hors du PLP" in words(there.officer.get("/bulletins/choose"))
        form = {"nonce": "a-nonce-of-this-form", "category": "none", "language": "fr", "audience": "all"}
        form |= {"title_fr": "Dispute de voisins", "body_fr": "La haie est trop haute."}
        page = words(there.officer.follow(there.officer.post("/bulletins/new", form)))
        assert "Le PLP ne traite que les questions de sécurité. Aucun e-mail n'est envoyé" in page
        assert "Commissariat de proximité de Neupré" in page
        assert "04/330 58 71" in page
        with there.box.reading():
            assert drafts() == []

        # and a bulletin that is about security goes out, so that the silence before it was not the jobs'
        there.send(there.draft())
        eventually("three mails", lambda: len(there.office.mails) == 3)
        time.sleep(0.2)
        assert not [mail for mail in there.office.mails if "haie" in mail.text()]
