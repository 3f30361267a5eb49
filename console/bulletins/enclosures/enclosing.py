"""Files that an officer chose for a bulletin: cleaned so that they may be sent, or refused with a reason."""

import re
import unicodedata
from pathlib import PurePath

from werkzeug.datastructures import FileStorage

from console.bulletins.enclosures.papers import clean_paper
from console.bulletins.enclosures.pictures import clean_picture
from console.web import form_fields
from db.mail.values import Enclosure
from plp.rules.refusals import Refusal

LONGEST_NAME = 60

_MAGIC = {b"\xff\xd8\xff": clean_picture, b"\x89PNG\r\n\x1a\n": clean_picture, b"RIFF": clean_picture}


def cleaned_file(upload: FileStorage) -> Enclosure:
    """The cleaned content of a JPEG, PNG or WebP picture or a PDF, told by its first bytes, under the name that the
    person knows and the ending of its kind. Raises Refusal.
    """
    with upload.stream as stream:
        content = stream.read()
    name = shown_name(upload.filename or "")
    if not content:
        raise Refusal("« {name} » est vide.", name=name)
    if content.startswith(b"%PDF-"):
        return clean_paper(name, content)
    for magic, clean in _MAGIC.items():
        if content.startswith(magic):
            return clean(name, content)
    raise Refusal(
        "« {name} » n'est ni une image (JPEG, PNG, WebP) ni un PDF : choisissez un de ces formats.", name=name
    )


def shown_name(filename: str) -> str:
    """The name without folders and ending, of letters that every mail program shows; `piece` where none is left."""
    stem = PurePath(form_fields.cleaned(filename, 300).replace("\\", "/")).stem
    plain = re.sub(r"[^\w .()-]", "", unicodedata.normalize("NFC", stem))
    return " ".join(plain.split())[:LONGEST_NAME].strip(" .") or "piece"
