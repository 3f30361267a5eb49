"""Files that an officer chose for a bulletin: cleaned so that they may be sent, or refused with a reason."""

import io
import re
import unicodedata
from pathlib import PurePath

from PIL import Image, ImageOps
from werkzeug.datastructures import FileStorage

from console.bulletins.enclosures.papers import clean_paper
from console.web import form_fields
from db.mail.values import Enclosure
from rules.refusals import Refusal

LONGEST_NAME = 60

# JPEG, PNG, WebP.
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
# By content: what a file calls itself does not count.
FORMATS = ("JPEG", "PNG", "WEBP")
# What is decoded whole: 12 megapixels, as telephones have, are 180 MB of a WebP. Of photos that have more, they make
# JPEGs.
MOST_PIXELS = 12_500_000
# What a JPEG may have, which is decoded at the size that is needed.
MOST_PIXELS_SCALED = 60_000_000
# Large enough for a number plate at the far end of a street.
LONGEST_SIDE_PX = 2000
# Each scan of a progressive JPEG (ITU-T T.81, B.1.1.3) goes over the whole picture again; programs write ten.
MOST_SCANS = 50
_SCAN = b"\xff\xda"
JPEG_QUALITY = 82


def cleaned_file(upload: FileStorage) -> Enclosure:
    """A JPEG, PNG or WebP picture or a PDF, known by its first bytes and cleaned. Raises Refusal."""
    with upload.stream as stream:
        content = stream.read()
    name = shown_name(upload.filename or "")
    if not content:
        raise Refusal("« {name} » est vide.", name=name)
    if content.startswith(b"%PDF-"):
        return clean_paper(name, content)
    if content.startswith(_MAGIC):
        return clean_picture(name, content)
    raise Refusal(
        "« {name} » n'est ni une image (JPEG, PNG, WebP) ni un PDF : choisissez un de ces formats.", name=name
    )


def shown_name(filename: str) -> str:
    """The name without folders and ending, of letters that every mail program shows; `piece` where none is left."""
    stem = PurePath(form_fields.cleaned(filename, 300).replace("\\", "/")).stem
    plain = re.sub(r"[^\w .()-]", "", unicodedata.normalize("NFC", stem))
    return " ".join(plain.split())[:LONGEST_NAME].strip(" .") or "piece"


def clean_picture(name: str, content: bytes) -> Enclosure:
    """`content` as a new JPEG, or a new PNG where it was one. Raises Refusal in words."""
    try:
        drawn, is_png = _decoded(name, content)
        return _encoded(name, drawn, is_png)
    except Refusal:
        raise
    except Exception:  # noqa: BLE001  (Pillow lets through whatever its decoders raise at a broken file)
        raise _unreadable(name) from None


def _decoded(name: str, content: bytes) -> tuple[Image.Image, bool]:
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        if opened.format == "JPEG" and content.count(_SCAN) > MOST_SCANS:
            raise _unreadable(name)
        # A progressive one is put together from all its scans before it is scaled.
        is_scaled = opened.format == "JPEG" and "progressive" not in opened.info
        if opened.width * opened.height > (MOST_PIXELS_SCALED if is_scaled else MOST_PIXELS):
            raise Refusal(
                "« {name} » compte {pixels} millions de pixels : choisissez une image plus petite.",
                name=name,
                pixels=opened.width * opened.height // 1_000_000,
            )
        is_png = opened.format == "PNG"
        # Less to decode where a JPEG can be decoded smaller, and less to turn.
        opened.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        opened.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        return ImageOps.exif_transpose(opened), is_png


def _encoded(name: str, drawn: Image.Image, is_png: bool) -> Enclosure:
    """On a new sheet: Pillow carries EXIF, XMP, comments and profiles along with a picture that it decoded."""
    clear = is_png and ("A" in drawn.getbands() or "transparency" in drawn.info)
    whole = drawn.convert("RGBA" if clear else "RGB")
    sheet = Image.new(whole.mode, whole.size)
    sheet.paste(whole)
    written = io.BytesIO()
    if is_png:
        sheet.save(written, "PNG", optimize=True)
        return Enclosure(f"{name}.png", "image/png", written.getvalue())
    sheet.save(written, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return Enclosure(f"{name}.jpg", "image/jpeg", written.getvalue())


def _unreadable(name: str) -> Refusal:
    return Refusal("« {name} » est une image illisible : enregistrez-la de nouveau.", name=name)
