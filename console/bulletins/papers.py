"""PDFs as they may leave the house: their pages alone, without authors, scripts, enclosed files and places."""

import io
import logging
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from db.bulletins import EnclosureFile
from db.refusals import Refusal

MOST_PAGES = 100
# Wherever they stand: who made it, with what and when; what runs; what holds other files.
_NOWHERE = frozenset(
    {"/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AA", "/AF", "/JS", "/OpenAction", "/EF"},
)
# Annotations that people read or follow. A film, a form or a file in a page stays behind.
_KEPT = frozenset(
    {"/Link", "/Text", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Square", "/Circle", "/Line", "/Ink"},
)
# Of a remark: whose it is and when it was made.
_AUTHOR = frozenset({"/T", "/M", "/CreationDate", "/NM"})
_ACTIONS = frozenset({"/URI", "/GoTo"})

# pypdf tells of each fault in a file that it can read all the same.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def clean_paper(name: str, content: bytes) -> EnclosureFile:
    """`content` as a new PDF. Raises Refusal in words."""
    try:
        return EnclosureFile(f"{name}.pdf", "application/pdf", _rewritten(name, content))
    except Refusal:
        raise
    except Exception:  # noqa: BLE001  (pypdf lets through whatever its parsers raise at a broken file)
        raise Refusal("« {name} » ne peut pas être lu : enregistrez de nouveau ce PDF.", name=name) from None


def _rewritten(name: str, content: bytes) -> bytes:
    """What is taken off the pages first is never copied: the new file has nothing that no page needs."""
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise Refusal("« {name} » est protégé par un mot de passe : enregistrez-le sans protection.", name=name)
    pages = len(reader.pages)
    if not 0 < pages <= MOST_PAGES:
        raise Refusal("« {name} » a {pages} pages ; il en faut de 1 à {most}.", name=name, pages=pages, most=MOST_PAGES)
    writer = PdfWriter()
    for page in reader.pages:
        _clean(page)
        writer.add_page(page)
    writer.metadata = None
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _clean(page: Any) -> None:
    """Everything that hangs on a page; `/Parent` and `/P` lead back up and are not followed."""
    waiting, seen = [page], set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, IndirectObject):
            if (each.idnum, each.generation) in seen:
                continue
            seen.add((each.idnum, each.generation))
            each = each.get_object()
        if isinstance(each, DictionaryObject):
            _clean_dictionary(each)
            waiting += [each.raw_get(key) for key in each if key not in ("/Parent", "/P", "/Popup")]
        elif isinstance(each, ArrayObject):
            waiting += list(each)


def _clean_dictionary(each: DictionaryObject) -> None:
    for key in _NOWHERE & each.keys():
        del each[key]
    if "/Annots" in each:
        _clean_annotations(each)
    if isinstance(each, StreamObject) and each.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
        each._data = without_remarks(each._data)


def _clean_annotations(page: DictionaryObject) -> None:
    annotations = page["/Annots"]
    kept = ArrayObject()
    for each in annotations if isinstance(annotations, ArrayObject) else ():
        note = each.get_object()
        action = note.get("/A", {}) if isinstance(note, DictionaryObject) else {}
        if isinstance(note, DictionaryObject) and note.get("/Subtype") in _KEPT:
            if action and action.get("/S") not in _ACTIONS:
                del note["/A"]
            for key in _AUTHOR & note.keys():
                del note[key]
            kept.append(each)
    page[NameObject("/Annots")] = kept


def without_remarks(jpeg: bytes) -> bytes:
    """A JPEG without EXIF, XMP, IPTC and comments (APP1, APP13, COM; ITU-T T.81 B.1.1.3); another thing as it is."""
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] not in (0xE1, 0xED, 0xFE):
            kept.append(jpeg[at:end])
        at = end
    return b"".join(kept) + jpeg[at:]
