"""Write and check: the category, the words, the files, who gets it; and the button that sends once."""

import io
import re

import pytest

from console.i18n.labels import BULLETIN_CATEGORIES
from db.bulletins.drafts import bulletin, drafts
from db.bulletins.relay import owed_mails
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast
from db.people.audience import Audience
from db.people.members.listing import neighbourhoods
from plp.services.people.groups import put_into_group, save_group
from tests.console.alerts.scene import modem_does
from tests.console.bulletins import scene
from tests.console.bulletins.files import SECRETS, paper, picture
from tests.console.conftest import words
from tests.console.hostile import TEXTS, check
from tests.support.people import order, person
from tests.support.sampling import sampled


def test_the_category_comes_first(officer):
    page = officer.get("/bulletins/choose")
    for category, label in BULLETIN_CATEGORIES.items():
        assert (str(label) in words(page)) is (category != "longer"), "this one is begun on its alert's page"
    assert officer.get("/bulletins/new").location == "/bulletins/choose"
    assert officer.get("/bulletins/new?category=gossip").location == "/bulletins/choose"
    assert "Mode opératoire : …" in officer.get("/bulletins/new?category=tactical").text


def test_what_is_not_about_security_is_shown_where_it_belongs(officer):
    assert 'href="/bulletins/not-security"' in officer.get("/bulletins/choose").text
    answer = officer.post("/bulletins/new", scene.form(category="none"))
    page = officer.follow(answer)
    assert "Le PLP ne traite que les questions de sécurité. Aucun e-mail n'est envoyé" in words(page)
    assert "04/330 58 71" in words(page)
    assert "04/330 04 90" not in words(page)
    with connected():
        assert drafts() == []


def test_a_draft_is_kept_once_per_form_and_can_be_taken_up_again(officer):
    first = scene.draft(officer)
    assert scene.draft(officer, title_fr="Faux plombiers") == first
    assert "Faux plombiers" in words(officer.get("/bulletins/"))
    page = officer.get(f"/bulletins/{first}/edit")
    assert "Faux plombiers" in page.text
    assert scene.TEXT in page.text
    answer = officer.post(f"/bulletins/{first}/edit", scene.form(title_fr="Faux facteurs"))
    assert answer.location == f"/bulletins/{first}/check"
    assert "Ce bulletin n'a jamais été envoyé." in words(officer.get(f"/bulletins/{first}/check"))
    officer.post(f"/bulletins/{first}/delete")
    with connected():
        assert drafts() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title_fr": ""}, "Il manque le titre"),
        ({"body_fr": " "}, "Il manque le titre ou le texte"),
        ({"audience": ""}, "Choisissez les destinataires"),
        ({"audience": "some"}, "Choisissez les destinataires"),
        ({"audience": "some", "neighbourhood": "999"}, "n'existe plus"),
        ({"category": ""}, "Choisissez la catégorie"),
        ({"body_fr": "x" * 13_000}, "raccourcissez"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(officer, changes, sentence):
    answer = officer.post("/bulletins/new", scene.form(**{"body_fr": "Mes mots à moi"} | changes))
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert changes.get("body_fr", "Mes mots à moi").strip() in answer.text


def test_another_language_is_added_and_taken_away(officer):
    page = officer.post("/bulletins/new", scene.form(do="add:nl"))
    assert "Werkwijze: …" in page.text
    assert scene.TEXT in page.text
    both = scene.form(language=["fr", "nl"], title_nl="Valse bezorgers", body_nl="Twee mannen.")
    assert "Valse bezorgers" not in officer.post("/bulletins/new", {**both, "do": "remove:nl"}).text
    made = scene.draft(officer, language=["fr", "nl"], title_nl="Valse bezorgers", body_nl="Twee mannen.")
    assert "lit une autre langue" not in words(officer.get(f"/bulletins/{made}/check"))
    shown = officer.get(f"/bulletins/{made}/preview?language=nl")
    assert "Valse bezorgers" in shown.text
    assert "Dag Jan" in shown.text


def test_the_check_page_says_who_gets_it_and_who_does_not(officer):
    page = words(officer.get(f"/bulletins/{scene.draft(officer)}/check"))
    assert "2 coordinateurs" in page
    assert "Plainevaux Anne Dumont" in page
    assert "Neuville : aucun coordinateur" in page
    assert "coordinateur (Bonsgnée), n'a pas d'adresse e-mail" in page
    assert "1 personne lit une autre langue (Nederlands)" in page
    assert "Envoyer à 2 coordinateurs" in page
    assert "Le texte contient encore des « … » du modèle" not in page
    assert "Le texte contient encore des « … » du modèle" in words(
        officer.get(f"/bulletins/{scene.draft(officer, body_fr='…')}/check")
    )


def test_the_preview_is_the_mail_and_may_do_nothing(officer):
    made = scene.draft(officer, body_fr="<script>alert(1)</script> **gras** [x](javascript:alert(1))")
    page = officer.get(f"/bulletins/{made}/check")
    assert re.search(r"<iframe[^>]* sandbox src=", page.text)
    shown = officer.get(f"/bulletins/{made}/preview")
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "<strong>gras</strong>" in shown.text
    assert "<script" not in shown.text
    assert 'href="javascript' not in shown.text
    assert officer.get("/bulletins/").headers["X-Frame-Options"] == "DENY"


def test_files_lose_their_secrets_on_the_way_in(officer):
    made = scene.draft(officer)
    files = {"file": [(io.BytesIO(picture()), "IMG 1.JPG"), (io.BytesIO(paper()), "avis.pdf")]}
    page = officer.client.get(officer.post(f"/bulletins/{made}/enclosures", files).location)
    assert "IMG 1.jpg" in words(page)
    assert "avis.pdf" in words(page)
    with connected():
        ids = [file.id for file in bulletin(made).enclosures]
    shown, saved = (officer.get(f"/bulletins/{made}/enclosures/{each}") for each in ids)
    assert shown.mimetype == "image/jpeg"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert not [secret for secret in SECRETS if secret in shown.data + saved.data]
    officer.post(f"/bulletins/{made}/enclosures/{ids[0]}/delete")
    assert officer.get(f"/bulletins/{made}/enclosures/{ids[0]}").status_code == 404
    assert officer.get(f"/bulletins/{made + 1}/enclosures/{ids[1]}").status_code == 404


def test_a_file_that_cannot_be_enclosed_is_refused_on_the_same_page(officer):
    made = scene.draft(officer)
    answer = officer.post(f"/bulletins/{made}/enclosures", {"file": (io.BytesIO(b"MZ virus"), "photo.jpg")})
    assert answer.status_code == 400
    assert "« photo » n'est ni une image" in words(answer)
    assert "Envoyer à 2 coordinateurs" in words(answer)
    assert "Choisissez d'abord un fichier" in words(officer.post(f"/bulletins/{made}/enclosures"))


def test_it_is_sent_once_whatever_is_pressed(officer):
    made = scene.draft(officer)
    for _ in range(3):
        answer = scene.send(officer, made)
        assert (answer.status_code, answer.location) == (303, f"/bulletins/{made}")
    with connected():
        assert len(owed_mails()) == 2
    assert officer.get(f"/bulletins/{made}/check").location == f"/bulletins/{made}"
    assert officer.get(f"/bulletins/{made}/edit").status_code == 404
    answer = officer.post("/bulletins/new", scene.form())
    assert "déjà envoyé" in words(answer)


def test_what_changed_in_another_window_is_looked_at_first(officer):
    made = scene.draft(officer)
    scene.draft(officer, title_fr="Autre titre")
    answer = scene.send(officer, made, seen=f"{scene.NONCE}/1")
    assert answer.status_code == 409
    assert (
        "Aucun e-mail n'a été envoyé : le bulletin a été modifié depuis l'ouverture de cette page. Vérifiez-le"
        in words(answer)
    )
    assert "Autre titre" in answer.text
    with connected():
        assert owed_mails() == []


def test_a_page_of_a_deleted_draft_does_not_send_the_next_one(officer):
    made = scene.draft(officer)
    seen = re.search(r'name="seen" value="([^"]+)"', officer.get(f"/bulletins/{made}/check").text)[1]
    officer.post(f"/bulletins/{made}/delete")
    other = scene.draft(officer, nonce="another-nonce-of-a-form", title_fr="Jamais relu")
    answer = scene.send(officer, other, seen=seen)
    assert answer.status_code == 409
    assert "Jamais relu" in answer.text
    assert officer.post(f"/bulletins/{other}/edit", scene.form()).status_code == 400
    with connected():
        assert owed_mails() == []
        assert [card.title for card in drafts()] == ["Jamais relu"]


def test_without_mail_or_readers_nothing_pretends(app, officer):
    alone = scene.draft(officer, audience="some", neighbourhood=["4"])
    assert "Aucun destinataire. Un administrateur peut ajouter un coordinateur avec une adresse e-mail" in words(
        officer.get(f"/bulletins/{alone}/check")
    )
    assert "Aucun e-mail n'a été envoyé" in words(scene.send(officer, alone))
    made = scene.draft(officer, nonce="another-nonce-of-a-form")
    send_as(None)
    app.config["PLP_SETTINGS"] = app.config["PLP_SETTINGS"].__class__(
        path=app.config["PLP_SETTINGS"].path, folder=app.config["PLP_SETTINGS"].folder
    )
    assert "Envoi d'e-mails non configuré : prévenez le technicien" in words(officer.get(f"/bulletins/{made}/check"))
    assert scene.send(officer, made).status_code == 409
    assert "Envoi d'e-mails non configuré" in words(officer.get("/bulletins/"))
    app.config["PLP_DEMO"] = True
    page = words(officer.get("/bulletins/"))
    assert "Démonstration : aucun e-mail n'est réellement envoyé." in page
    assert "config.ini" not in page


def test_a_lost_session_shows_what_was_typed(officer):
    answer = officer.client.post("/bulletins/new", data=scene.form(body_fr="Deux heures de travail"))
    assert answer.status_code == 400
    assert "Deux heures de travail" in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("kind", sampled(TEXTS, 3))
def test_hostile_text_in_every_field(officer, kind):
    text = TEXTS[kind].encode("utf-8", "surrogatepass")
    token = officer.token()
    for field in ("title_fr", "body_fr", "category", "nonce", "neighbourhood", "language", "do", "alert", "audience"):
        data = scene.form(**{field: text, "csrf_token": token})
        check(officer.client.post("/bulletins/new", data=data))
    check(officer.get("/bulletins/"))
    with connected():
        ids = [card.id for card in drafts()]
    for made in ids[:2]:
        check(officer.get(f"/bulletins/{made}/check"))
        check(officer.get(f"/bulletins/{made}/edit"))


def test_a_feedback_starts_from_its_alert(officer, ready_modem):
    ready_modem()
    with connected():
        alert = order(utc_now()).id
    page = officer.get(f"/bulletins/new?alert={alert}")
    assert "nous vous avons alertés : « Vol avec violence rue de la Station. »" in words(page)
    assert f'name="alert" value="{alert}"' in page.text
    assert re.search(r'value="all" required checked', page.text)
    made = scene.sent(officer, category="feedback", alert=str(alert))
    with connected():
        assert bulletin(made).alert_id == alert
    assert officer.get("/bulletins/new?alert=999").location == "/bulletins/choose"


@pytest.mark.parametrize(
    ("audience", "ticked"),
    [
        (Audience(neighbourhoods=("Plainevaux", "Rotheux"), near="Rotheux"), ["Plainevaux", "Rotheux"]),
        (Audience(neighbourhoods=("Rotheux",)), ["Rotheux"]),
        (Audience(everyone=True, near="Rotheux"), "all"),
        (Audience(numbers=("+32470000001",)), None),
    ],
)
def test_a_feedback_goes_to_every_place_of_its_alert(officer, ready_modem, audience, ticked):
    ready_modem()
    with connected():
        alert = order(utc_now(), audience=audience).id
        # what people see of it has no say in it
        Broadcast.update(audience="…").where(Broadcast.id == alert).execute()
        names = {str(card.id): card.name for card in neighbourhoods()}
    page = officer.get(f"/bulletins/new?alert={alert}").text
    chosen = re.findall(r'name="neighbourhood" value="(\d+)"[^>]* checked', page)
    everywhere = re.search(r'value="all" required checked', page) is not None
    assert ("all" if everywhere else [names[each] for each in chosen] or None) == ticked


def test_a_feedback_that_was_begun_is_taken_up_again(officer, ready_modem):
    ready_modem()
    with connected():
        alert = order(utc_now()).id
    made = scene.draft(officer, category="feedback", alert=str(alert), body_fr="Déjà écrit.")
    again = officer.get(f"/bulletins/new?alert={alert}")
    assert again.location == f"/bulletins/{made}/edit"
    page = officer.follow(again)
    assert "Déjà écrit." in page.text
    assert "Un brouillon existe déjà : il est affiché ci-dessous." in words(page)


def test_a_feedback_says_what_was_corrected(officer, ready_modem):
    ready_modem()
    with connected():
        alert = order(utc_now()).id
    modem_does(["sent"] * 3)
    form = {"kind": "correction", "text": "C'était rue du Bois.", "nonce": "a-nonce-of-this-form"}
    sent = officer.post(f"/alerts/{alert}/follow-up", form)
    assert sent.status_code == 303, words(sent)
    assert "nous avons corrigé" not in officer.get(f"/bulletins/new?alert={alert}").text, "nobody has it yet"
    modem_does(["sent"] * 3)
    page = officer.get(f"/bulletins/new?alert={alert}")
    assert "nous avons corrigé cette alerte : « " in words(page)
    assert "rue du Bois." in words(page)
    assert f'href="{sent.location}"' in page.text


@pytest.mark.parametrize("path", ["/bulletins/", "/bulletins/choose", "/bulletins/new?category=tactical"])
def test_where_no_mail_leaves_it_is_said_before_anything_is_written(people, sign_in, path):
    page = sign_in("officer").get(path)
    assert "Envoi d'e-mails non configuré : prévenez le technicien" in words(page)
    assert "appelez les coordinateurs" in words(page)
    assert 'href="/plan-b"' in page.text.split("<main")[1]


def test_a_bulletin_to_a_group(officer):
    with connected():
        group = save_group(None, "Commerçants", None, "test", utc_now())
        put_into_group(
            group, [person(40, utc_now(), "Plainevaux", email="m@example.org", mail_group=True)], "t", utc_now()
        )
    made = scene.draft(officer, audience="some", group=[str(group)], nonce="a-nonce-of-a-group-s")
    assert f'name="group" value="{group}" checked' in officer.get(f"/bulletins/{made}/edit").text
    page = officer.get(f"/bulletins/{made}/check")
    assert "groupe Commerçants (1)" in words(page)
    assert "Envoyer à 1 destinataire" in words(page)


def test_no_bulletin_leaves_without_the_file_that_was_chosen(officer):
    made = scene.draft(officer)
    form = officer.get(f"/bulletins/{made}/check").text
    assert re.search(r'<input[^>]*name="file"[^>]*form="send"', form), "it goes with the button that sends"
    answer = scene.send(officer, made, file=(io.BytesIO(picture()), "IMG 1.JPG"))
    assert answer.status_code == 409
    assert "le fichier choisi vient d'être joint. Vérifiez-le, puis envoyez." in words(answer)
    assert "IMG 1.jpg" in words(answer)
    with connected():
        assert bulletin(made).sent_at is None
        assert owed_mails() == []
    assert scene.send(officer, made).status_code == 303
    with connected():
        assert len(bulletin(made).enclosures) == 1


def test_a_chosen_file_that_cannot_be_enclosed_stops_the_sending(officer):
    made = scene.draft(officer)
    answer = scene.send(officer, made, file=(io.BytesIO(b"MZ virus"), "photo.jpg"))
    assert "« photo » n'est ni une image" in words(answer)
    with connected():
        assert bulletin(made).sent_at is None
