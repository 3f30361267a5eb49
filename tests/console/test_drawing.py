"""The outline of a neighbourhood drawn in the browser: saved corner by corner, or refused with the line."""

import re

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.geography import outlines
from tests.console.conftest import words
from tests.support.people import place

SQUARE = "5.50, 50.50\n5.52, 50.50\n5.52, 50.52\n5.50, 50.52"
BESIDE = "5.53,50.50\n5.55,50.50\n5.54,50.52"


@pytest.fixture
def here(app):
    with connected():
        return place("Plainevaux", utc_now())


def test_the_first_is_typed_and_the_next_is_drawn_beside_it(admin, here):
    with connected():
        there = place("Rotheux", utc_now())
    address = f"/neighbourhoods/{here}/outline"
    assert "data-draw" not in admin.get(address).text
    assert "Les limites sont enregistrées." in words(admin.follow(admin.post(address, {"points": SQUARE})))
    page = admin.get(f"/neighbourhoods/{there}/outline").text
    margin, west, scale, shrink = (
        float(re.search(rf'data-{name}="([-\d.]+)"', page)[1]) for name in ("margin", "west", "scale", "shrink")
    )
    # As the script turns a click into degrees: the left edge of the square that is there.
    left = min(float(x) for x in re.findall(r"(\d+),\d+", re.search(r'path d="([^"]+)"', page)[1]))
    assert west + (left - margin) / scale / shrink == pytest.approx(5.50, abs=1e-4)
    admin.post(f"/neighbourhoods/{there}/outline", {"points": BESIDE})
    with connected():
        saved = {card.neighbourhood.name: card for card in outlines()}
    assert saved["Rotheux"].rings[0][0] == (5.53, 50.5)
    assert saved["Plainevaux"].longitude == pytest.approx(5.51)
    assert "5.530000, 50.500000" in admin.get(f"/neighbourhoods/{there}/outline").text


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ("5.5, 50.5\n5.6, x", "Ligne 2"),
        ("5.5, 50.5\n5.6, 50.6", "au moins trois points"),
        ("5.5, 50.5\n5.6, 50.6\n5.7, 50.7", "entourer le quartier"),
        ("500, 50.5\n5.6, 50.6\n5.5, 50.7", "n'est pas sur la carte"),
        ("nan, 50.5\n5.6, 50.6\n5.5, 50.7", "n'est pas sur la carte"),
    ],
)
def test_what_is_no_outline_is_refused_and_stays(admin, here, points, sentence):
    answer = admin.post(f"/neighbourhoods/{here}/outline", {"points": points})
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert points.splitlines()[-1] in answer.text
