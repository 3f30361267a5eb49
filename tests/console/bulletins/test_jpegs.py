"""Encoded pictures inside a PDF: nothing stays but the picture, and that stays as it was."""

import io
import struct

import pytest
from PIL import Image

from console.bulletins.enclosures.jpegs import bare_jp2, bare_jpeg
from tests.console.bulletins.files import SECRETS, picture

COMMENT = b"\xff\xfe" + struct.pack(">H", 19) + b"Inspecteur Secret"


def points(jpeg):
    return Image.open(io.BytesIO(jpeg)).convert("RGB").tobytes()


def hiding(jpeg):
    """The same picture, with a remark in every place of the file that may have one."""
    scan = jpeg.index(b"\xff\xda")
    return {
        "as it is": jpeg,
        "after a fill byte": jpeg[:2] + b"\xff\xff" + jpeg[2:],
        "before the picture": jpeg[:scan] + COMMENT + jpeg[scan:],
        "before its end": jpeg[:-2] + COMMENT + jpeg[-2:],
        "behind its end": jpeg + b"\x00\x02\xff\xda\x00\x02Inspecteur Secret" + jpeg,
        "before its beginning": b"Inspecteur Secret" + jpeg,
    }


PLACES = list(hiding(picture()))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["", "progressive"])
def test_a_jpeg_loses_its_remarks_wherever_they_stand(place, options):
    before = hiding(picture(size=(300, 200), **options))[place]
    after = bare_jpeg(before)
    assert any(secret in before for secret in SECRETS)
    assert not [secret for secret in (*SECRETS, b"Exif") if secret in after]
    assert points(after) == points(picture(size=(300, 200), **options))


def test_colours_stay_as_adobe_stores_them():
    drawn = Image.linear_gradient("L").convert("CMYK")
    written = io.BytesIO()
    drawn.save(written, "JPEG")
    assert b"Adobe" in bare_jpeg(written.getvalue())
    assert points(bare_jpeg(written.getvalue())) == points(written.getvalue())


@pytest.mark.parametrize("end", range(3, 60))
def test_a_jpeg_that_is_cut_anywhere_is_no_error(end):
    assert bare_jpeg(picture()[:end]).startswith(b"\xff\xd8")


def test_what_is_no_jpeg_is_told():
    with pytest.raises(ValueError, match="no JPEG"):
        bare_jpeg(b"Inspecteur Secret")


def box(name, content, long=False):
    head = struct.pack(">I4sQ", 1, name, 16 + len(content)) if long else struct.pack(">I4s", 8 + len(content), name)
    return head + content


@pytest.mark.parametrize("long", [False, True])
def test_a_jpeg_2000_keeps_the_boxes_of_its_picture(long):
    begin, end = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 "), box(b"jp2c", b"\xff\x4f...", long)
    remarks = box(b"uuid", b"Inspecteur Secret", long) + box(b"xml ", b"<x>50.5442</x>")
    assert bare_jp2(begin + remarks + end) == begin + end
    assert bare_jp2(b"\xff\x4f\xff\x51 bare") == b"\xff\x4f\xff\x51 bare"
