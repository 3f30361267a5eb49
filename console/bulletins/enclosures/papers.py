"""PDFs as they may leave the house: their pages alone, without authors, scripts, enclosed files and places."""

import io
import logging
import re
from typing import Any

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.filters import decode_stream_data
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from console.bulletins.enclosures.jpegs import bare_jp2, bare_jpeg
from db.bulletins.values import EnclosureFile
from plp.rules.refusals import Refusal

MOST_PAGES = 100
# What hangs on the pages of a long report is a tenth of it; a file can be made to have millions.
MOST_STEPS = 200_000
_OF_A_PAGE = frozenset(
    {"/Type", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit"}
    | {"/Contents", "/Resources", "/Group"}
)
# Wherever they stand: who made it, where, with what and when; what runs; what holds or names other files.
_NOWHERE = frozenset(
    {"/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AF", "/EF", "/Ref", "/OPI", "/Alternates"}
    | {"/A", "/AA", "/JS", "/OpenAction", "/Next", "/Annots", "/Popup", "/IRT", "/Parent"}
    | {"/Measure", "/PtData", "/Usage"},
)
# Annotations that people see or follow. A film, a form or a file in a page stays behind.
_KEPT = frozenset(
    {"/Link", "/Text", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Square", "/Circle", "/Line", "/Ink"},
)
# How a remark looks and what it says; not whose it is, when it was made, what it answers, and what it does.
_OF_A_NOTE = frozenset(
    {"/Type", "/Subtype", "/Rect", "/Contents", "/F", "/C", "/IC", "/CA", "/Border", "/BS", "/BE", "/H", "/Name"}
    | {"/QuadPoints", "/L", "/LE", "/CL", "/RD", "/InkList", "/DA", "/Q", "/AS"},
)
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)", re.I)
_BARE = {"/DCTDecode": bare_jpeg, "/JPXDecode": bare_jp2}

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
    if not _clean(list(reader.pages)):
        raise Refusal("« {name} » est trop compliqué : imprimez-le en PDF, puis joignez cette copie.", name=name)
    writer = PdfWriter()
    for page in reader.pages:
        writer.add_page(page)
    writer.metadata = None
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _clean(pages: list[PageObject]) -> bool:
    """Everything that hangs on the pages; False where that is more than a document has."""
    notes = [_notes(page) for page in pages]
    for page in pages:
        for key in page.keys() - _OF_A_PAGE:
            del page[key]
    waiting: list[Any] = [*pages, *(note for kept in notes for note, _address in kept)]
    seen: set[tuple[int, int]] = set()
    steps = 0
    while waiting:
        each = waiting.pop()
        steps += 1
        if steps > MOST_STEPS:
            return False
        if isinstance(each, IndirectObject):
            if (each.idnum, each.generation) in seen:
                continue
            seen.add((each.idnum, each.generation))
            each = each.get_object()
        if isinstance(each, DictionaryObject):
            _clean_dictionary(each)
            waiting += [each.raw_get(key) for key in each]
        elif isinstance(each, ArrayObject):
            waiting += [one for one in each if isinstance(one, IndirectObject | DictionaryObject | ArrayObject)]
    for page, kept in zip(pages, notes, strict=True):
        _annotate(page, kept)
    return True


def _clean_dictionary(each: DictionaryObject) -> None:
    for key in _NOWHERE & each.keys():
        del each[key]
    if isinstance(each.get("/P"), DictionaryObject):  # a page; as a name it is a layer's setting
        del each["/P"]
    if isinstance(each, StreamObject):
        each.pop("/F", None)  # its content in another file
        _clean_stream(each)


def _clean_stream(stream: StreamObject) -> None:
    """A photo without what it remembers, however often it was encoded on top. Raises ValueError where it is none."""
    filters = _listed(stream.get("/Filter"))
    last = filters[-1] if filters else None
    if any(name in _BARE for name in filters[:-1]):
        raise ValueError("a picture inside an encoding that is none")
    if last not in _BARE:
        return
    settings = _listed(stream.get("/DecodeParms"))
    if len(filters) > 1:
        outer = StreamObject()
        outer._data = stream._data
        outer[NameObject("/Filter")] = ArrayObject(filters[:-1])
        if settings:
            outer[NameObject("/DecodeParms")] = ArrayObject(settings[:-1])
        stream._data = decode_stream_data(outer)
    stream[NameObject("/Filter")] = NameObject(last)
    stream.pop("/DecodeParms", None)
    if settings and isinstance(settings[-1], DictionaryObject):
        stream[NameObject("/DecodeParms")] = settings[-1]
    stream._data = _BARE[last](stream._data)


def _listed(value: Any) -> list[Any]:
    """One or several, each perhaps elsewhere in the file."""
    value = value.get_object() if value is not None else []
    return [one.get_object() for one in value] if isinstance(value, ArrayObject) else [value] if value else []


def _notes(page: PageObject) -> list[tuple[DictionaryObject, str]]:
    """The annotations that people see, made anew of what shows them, and where each leads."""
    kept = []
    for note in _listed(page.get("/Annots")):
        subtype = str(note.get("/Subtype")) if isinstance(note, DictionaryObject) else ""
        address = _address(note.get("/A")) if subtype in _KEPT else ""
        if subtype not in _KEPT or (subtype == "/Link" and not address):
            continue
        made = DictionaryObject({NameObject(key): note.raw_get(key) for key in _OF_A_NOTE & note.keys()})
        shown = note.get("/AP")
        if isinstance(shown, DictionaryObject) and "/N" in shown:
            made[NameObject("/AP")] = DictionaryObject({NameObject("/N"): shown.raw_get("/N")})
        kept.append((made, address))
    return kept


def _annotate(page: PageObject, notes: list[tuple[DictionaryObject, str]]) -> None:
    for note, address in notes:
        if address:
            action = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject(address)}
            note[NameObject("/A")] = DictionaryObject(action)
    if notes:
        page[NameObject("/Annots")] = ArrayObject(note for note, _address in notes)


def _address(action: Any) -> str:
    """Where a link leads, if it only leads somewhere."""
    action = action.get_object() if action is not None else None
    if not isinstance(action, DictionaryObject) or action.get("/S") != "/URI":
        return ""
    address = action.get("/URI")
    return address if isinstance(address, str) and _ADDRESS.match(address) else ""
