"""An alert sent right, under stress, in under a minute: how many presses, and how long."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.actions import Actions
from tests.browser.demonstration import NAME, NARROW, PASSWORD, Demonstration, let_the_modem_finish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_ACTIONS, MOST_PRESSES = 8, 2
A_MINUTE_S = 60.0


def test_from_login_to_the_first_sms_and_to_its_correction(
    chromium: Browser, demo: Demonstration, record_property: Callable[[str, object], None]
):
    context = chromium.new_context(viewport=NARROW, locale="fr-BE")
    page, did = context.new_page(), Actions()
    let_the_modem_finish(demo)
    page.goto(f"{demo.url}/login")
    began = time.monotonic()
    did.fill((page.get_by_label("Nom d'utilisateur"), NAME), (page.locator("input[type=password]"), PASSWORD))
    did.press(page.get_by_role("button", name="Se connecter"))
    did.press(page.get_by_role("link", name="Cambriolage en cours", exact=True))
    did.fill(
        (page.get_by_label("Lieu (rue, quartier)"), "rue Neuve"),
        (page.locator("input[name=audience][value=all]"), None),
    )
    did.press(page.get_by_role("button", name="Vérifier avant l'envoi"))
    expect(page.locator(".alert-bubble").first).to_contain_text("Cambriolage: rue Neuve")
    did.fill((page.locator("#typed"), "45"))
    did.press(page.get_by_role("button", name=re.compile("^Envoyer à 45")))
    # the undo seconds are no action, but they count in the time
    expect(page.locator("#live")).to_contain_text(re.compile(r" [1-9]\d* envoyé"), timeout=30_000)
    first_sms_s = time.monotonic() - began
    assert did.count <= MOST_ACTIONS
    assert first_sms_s < A_MINUTE_S

    correcting, began = Actions(), time.monotonic()
    # « Arrêter et corriger… », or « Envoyer une correction… » once the last SMS has left
    correcting.press(page.locator("#live").get_by_text(re.compile("(orriger|orrection)…$")).first)
    # the fields of the ready-made alert are open again; whoever corrects types, and that is no press
    page.get_by_label("Lieu (rue, quartier)").fill("rue Haute, non rue Neuve")
    correcting.press(page.get_by_role("button", name=re.compile("^Envoyer la correction")))
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    expect(page.locator(".plp-lead").first).to_contain_text("Correction")
    expect(page.get_by_role("heading", level=1)).to_contain_text("rue Haute, non rue Neuve")
    assert correcting.count <= MOST_PRESSES
    corrected_s = time.monotonic() - began
    record_property("alert", f"{did.count} actions, {first_sms_s:.1f} s to the first SMS")
    record_property("correction", f"{correcting.count} presses, {corrected_s:.1f} s to queued")
    print(
        f"alert: {did.count} actions, {first_sms_s:.1f} s · correction: {correcting.count} presses, {corrected_s:.1f} s"
    )
    context.close()
