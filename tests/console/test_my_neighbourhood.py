"""What a coordinator with an account sees: the bulletins of their own neighbourhood, and nothing of the others."""

import io

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.accounts import Account
from db.models.bulletins import BulletinEnclosure
from db.people.accounts.accounts import accounts
from tests.console.bulletins import scene
from tests.console.bulletins.conftest import mail, officer, people
from tests.console.bulletins.files import picture
from tests.console.conftest import words
from tests.support.people import mobile, place

__all__ = ["mail", "officer", "people"]


def test_a_coordinator_opens_the_files_of_their_own_bulletins(officer, sign_in):
    with connected():
        here = place("Plainevaux", utc_now())
    mine = scene.draft(officer, audience="some", neighbourhood=[str(here)])
    officer.post(f"/bulletins/{mine}/enclosures", {"file": (io.BytesIO(picture()), "suspect.jpg")})
    assert scene.send(officer, mine).status_code == 303
    reader = sign_in("coordinator")
    with connected():
        number = BulletinEnclosure.get().id
    address = f"/my-neighbourhood/{mine}/enclosures/{number}"
    assert reader.get(address).status_code == 404
    with connected():
        account = next(card for card in accounts() if card.name == "Test coordinator")
        Account.update(mobile=mobile(1)).where(Account.id == account.id).execute()
    assert f'href="{address}">suspect.jpg</a>' in reader.get(f"/my-neighbourhood/{mine}").text
    assert reader.get(address).mimetype == "image/jpeg"
    assert reader.get(f"/my-neighbourhood/{mine}/enclosures/999").status_code == 404


def test_the_bulletins_of_ones_own_neighbourhood(officer, sign_in):
    with connected():
        here, there = place("Plainevaux", utc_now()), place("Rotheux", utc_now())
    mine = scene.sent(officer, audience="some", neighbourhood=[str(here)], body_fr="**Gras** <script>x</script>")
    other = scene.sent(
        officer, audience="some", neighbourhood=[str(there)], title_fr="Ailleurs", nonce="a-nonce-of-another"
    )
    draft = scene.draft(officer, title_fr="Brouillon", nonce="a-nonce-of-a-third")
    reader = sign_in("coordinator")
    assert "n'est lié à aucun quartier" in words(reader.get("/my-neighbourhood"))
    assert reader.get(f"/my-neighbourhood/{mine}").status_code == 404
    with connected():
        account = next(card for card in accounts() if card.name == "Test coordinator")
        Account.update(mobile=mobile(1)).where(Account.id == account.id).execute()
    page = reader.get("/my-neighbourhood")
    assert "Plainevaux" in words(page)
    assert "Faux livreurs" in words(page)
    for hidden in ("Ailleurs", "Brouillon"):
        assert hidden not in words(page)
    shown = reader.get(f"/my-neighbourhood/{mine}")
    assert "<strong>Gras</strong>" in shown.text
    assert "<script>x" not in shown.text
    assert "style=" not in shown.text
    assert 'data-copy="#bulletin"' in shown.text
    for closed in (other, draft, 999):
        assert reader.get(f"/my-neighbourhood/{closed}").status_code == 404
