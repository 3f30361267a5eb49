"""Enclosures: by content and not by name, and nothing left of where and by whom."""

import io
import struct
import warnings
import zlib

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from werkzeug.datastructures import FileStorage

from console.bulletins.enclosures import enclosing
from console.bulletins.enclosures.enclosing import cleaned_file, shown_name
from rules.refusals import Refusal
from tests.console.bulletins.files import SECRETS, paper, picture


@pytest.fixture(autouse=True)
def request_of(app):
    with app.test_request_context():
        yield


def cleaned(content, filename="C:\\photos\\IMG 1.JPG"):
    return cleaned_file(FileStorage(io.BytesIO(content), filename))


def clean_of_secrets(content):
    return not [secret for secret in SECRETS if secret in content]


@pytest.mark.parametrize(
    ("kind", "media_type", "filename"),
    [
        ("JPEG", "image/jpeg", "IMG 1.jpg"),
        ("PNG", "image/png", "IMG 1.png"),
        ("WEBP", "image/jpeg", "IMG 1.jpg"),
    ],
)
def test_a_picture_loses_what_it_remembers_and_stands_upright(kind, media_type, filename):
    before = picture(kind)
    assert Image.open(io.BytesIO(before)).getexif().get_ifd(0x8825), "the sample has a place"
    after = cleaned(before)
    assert (after.media_type, after.filename) == (media_type, filename)
    drawn = Image.open(io.BytesIO(after.content))
    assert drawn.size == (40, 60), "turned as its EXIF said"
    assert not drawn.getexif()
    assert not {"exif", "xmp", "comment", "icc_profile", "Author"} & set(drawn.info)
    assert clean_of_secrets(after.content)
    assert b"Exif" not in after.content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_becomes_smaller_and_stands_upright_too(kind):
    large = Image.open(io.BytesIO(cleaned(picture(kind, (3000, 1000))).content))
    assert (large.height, large.width) in {(2000, 666), (2000, 667)}


def test_a_clear_picture_stays_clear():
    clear = Image.open(io.BytesIO(cleaned(picture("PNG", mode="RGBA")).content))
    assert clear.mode == "RGBA"
    assert Image.open(io.BytesIO(cleaned(picture("PNG", mode="L")).content)).mode == "RGB"


def bomb():
    """A PNG of a few bytes that claims 60 000 × 60 000 points."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "est vide"),
        (bomb(), "IMG 1"),
        (b"\xff\xd8\xff" + b"x" * 100, "» est une image illisible : enregistrez-la de nouveau"),
        (picture("JPEG")[:300], "» est une image illisible : enregistrez-la de nouveau"),
        (b"RIFF\x00\x00\x00\x00WAVE", "» est une image illisible : enregistrez-la de nouveau"),
        (b"GIF89a" + b"x" * 20, "ni une image"),
        (b"<svg onload='alert(1)'/>", "ni une image"),
        (b"MZ\x90\x00", "ni une image"),
        (b"PK\x03\x04", "ni une image"),
        (b"%PDF-1.7\nrubbish", "illisible"),
        (b"%PDF-1.4\n%%EOF", "illisible"),
    ],
)
def test_what_cannot_be_enclosed_is_refused_in_words(content, sentence):
    with pytest.raises(Refusal, match=sentence):
        cleaned(content)


@pytest.mark.parametrize(
    ("kind", "options", "most"),
    [
        ("PNG", {}, "MOST_PIXELS"),
        ("WEBP", {}, "MOST_PIXELS"),
        ("JPEG", {"progressive": True}, "MOST_PIXELS"),
        ("JPEG", {}, "MOST_PIXELS_SCALED"),
    ],
)
def test_a_picture_of_too_many_points_is_told_as_such(monkeypatch, kind, options, most):
    """Only what can be decoded smaller may be as large as a telephone makes it."""
    sample = picture(kind, **options)
    for limit in ("MOST_PIXELS", "MOST_PIXELS_SCALED"):
        monkeypatch.setattr(enclosing, limit, 60 * 40 - 1 if limit == most else 60 * 40)
    with pytest.raises(Refusal, match="millions de pixels : choisissez une image plus petite"):
        cleaned(sample)
    monkeypatch.setattr(enclosing, most, 60 * 40)
    assert cleaned(sample)


def test_warnings_stay_as_they_are_for_the_whole_process(monkeypatch):
    """`catch_warnings` is one for all threads: of two pictures at once, the last restores what the first one set."""
    with monkeypatch.context() as without:
        without.setattr(warnings, "catch_warnings", None)
        assert cleaned(picture())
        assert cleaned(paper(photo=picture()))


def test_the_name_says_nothing_about_what_it_is():
    assert cleaned(picture("JPEG"), "facture.pdf").media_type == "image/jpeg"
    assert cleaned(paper(), "photo.jpg").filename == "photo.pdf"


def test_a_pdf_with_a_password_or_too_many_pages():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(paper())))
    writer.encrypt("secret", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(Refusal, match="protégé par un mot de passe"):
        cleaned(locked.getvalue())
    with pytest.raises(Refusal, match="compte 31 pages"):
        cleaned(paper(pages=31))


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\r\nBcc: x.jpg", "aBcc x"),
        ("<script>.png", "script"),
        ("", "piece"),
        (".htaccess", "htaccess"),
        ("é" * 200 + ".jpg", "é" * 60),
        ("\u202egpj.exe", "gpj"),
        ("photo (2).jpeg", "photo (2)"),
    ],
)
def test_names(filename, shown):
    assert shown_name(filename) == shown
