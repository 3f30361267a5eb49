"""What a coordinator with an account sees: the bulletins of their own neighbourhood, and nothing of the others."""

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.accounts import Account
from db.people.accounts.accounts import accounts
from tests.console.bulletins import scene
from tests.console.bulletins.conftest import mail, officer, people
from tests.console.conftest import words
from tests.support.people import mobile, place

__all__ = ["mail", "officer", "people"]


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
    for closed in (other, draft, 999):
        assert reader.get(f"/my-neighbourhood/{closed}").status_code == 404
