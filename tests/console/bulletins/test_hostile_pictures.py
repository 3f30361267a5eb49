"""Pictures that are small to send and large to draw."""

import io
from functools import partial

import pytest
from PIL import Image

from console.bulletins.enclosures.enclosing import MOST_PIXELS, MOST_PIXELS_SCALED, MOST_SCANS, clean_picture
from rules.refusals import Refusal
from tests.support.cost import cost_of
from tests.support.sampling import sampled

SIDE, SCALED_SIDE = int(MOST_PIXELS**0.5), int(MOST_PIXELS_SCALED**0.5)


def picture(kind, size, mode="RGB", **options):
    made = io.BytesIO()
    Image.new(mode, size, 128).save(made, kind, **options)
    return made.getvalue()


def scans(side, times):
    """A progressive JPEG with its last scan once more, and more."""
    whole = picture("JPEG", (side, side), "L", progressive=True)
    at = whole.rindex(b"\xff\xda")
    return whole[:at] + whole[at:-2] * times + b"\xff\xd9"


def cleaned(content):
    return clean_picture("photo", content)


def test_a_picture_that_is_drawn_over_and_over_is_refused():
    assert cleaned(scans(100, MOST_SCANS // 2)).media_type == "image/jpeg"
    with pytest.raises(Refusal, match="illisible"):
        cleaned(scans(100, MOST_SCANS))


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    sampled(
        [
            *(partial(picture, "PNG", (SIDE, SIDE), mode) for mode in ("RGB", "RGBA", "I;16", "P", "1")),
            *(partial(picture, "PNG", size) for size in ((1, MOST_PIXELS), (MOST_PIXELS, 1))),
            *(partial(picture, "WEBP", (SIDE, SIDE), lossless=lossless) for lossless in (False, True)),
            *(partial(picture, "JPEG", (SIDE, SIDE), mode, progressive=True) for mode in ("RGB", "CMYK", "L")),
            partial(picture, "JPEG", (SCALED_SIDE, SCALED_SIDE)),
            partial(scans, SIDE, MOST_SCANS - 10),
            partial(scans, SIDE, 10_000),
        ],
        2,
    ),
    ids=lambda make: f"{make.args} {make.keywords}",
)
def test_a_picture_costs_two_seconds_and_200_megabytes_at_most(make):
    cost = cost_of(cleaned, make)
    assert cost.raised in ("", "Refusal")
    assert cost.is_bearable(), cost
