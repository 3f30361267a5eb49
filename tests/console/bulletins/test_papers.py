"""PDFs: nothing but pixels of them comes out, whatever they hold, within bounded time and memory."""

import io
import subprocess
import sys
import time
import zlib

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from console.bulletins.enclosures import papers
from console.bulletins.enclosures.papers import clean_paper
from plp.services.apart import MOST_MEMORY_BYTES
from rules.refusals import Refusal
from tests.console.bulletins.files import SECRETS, picture
from tests.console.bulletins.files import paper as office_paper
from tests.support.sampling import left_to_soak

pytestmark = pytest.mark.processes

N, T = NameObject, TextStringObject
SECRET = T("Inspecteur Secret")


def entries(**values):
    return DictionaryObject({N(f"/{key}"): value for key, value in values.items()})


def script():
    return entries(S=N("/JavaScript"), JS=T("app.alert('TelephoneSecret')"))


def note(writer, page, subtype="/Text", **values):
    """A remark on the page."""
    corners = ArrayObject([FloatObject(each) for each in (0, 0, 100, 100)])
    made = writer._add_object(entries(Type=N("/Annot"), Subtype=N(subtype), Rect=corners, Contents=T("lisible")))
    made.get_object().update(entries(**values))
    page[N("/Annots")] = ArrayObject([*page.get("/Annots", []), made])


def hidden(writer, **values):
    return writer._add_object(entries(T=SECRET, AA=entries(O=script()), **values))


NOTES = {
    "an author": lambda w, p: note(w, p, T=SECRET, RC=T("Inspecteur Secret"), NM=SECRET),
    "a second action": lambda w, p: note(
        w, p, "/Link", A=entries(S=N("/URI"), URI=T("https://example.org/"), Next=script())
    ),
    "a script as its action": lambda w, p: note(w, p, A=script()),
    "a program": lambda w, p: note(w, p, A=entries(S=N("/Launch"), F=SECRET)),
    "a link that is a script": lambda w, p: note(
        w, p, "/Link", A=entries(S=N("/URI"), URI=T("javascript:alert('TelephoneSecret')"))
    ),
    "its window": lambda w, p: note(w, p, Popup=hidden(w, Type=N("/Annot"), Subtype=N("/Popup"))),
    "a page that is none": lambda w, p: note(w, p, P=hidden(w, Type=N("/Page"))),
    "what it stands under": lambda w, p: note(w, p, Parent=hidden(w)),
    "what it answers": lambda w, p: note(w, p, IRT=hidden(w, Type=N("/Annot"), Subtype=N("/Text"))),
    "how it looks when pressed": lambda w, p: note(w, p, AP=entries(D=hidden(w))),
    "threads of articles": lambda w, p: p.update(entries(B=ArrayObject([hidden(w)]))),
    "where a map is": lambda w, p: p.update(entries(VP=ArrayObject([entries(Measure=entries(GPTS=T("50.5442")))]))),
    "whose layer it is": lambda w, p: p.update(
        entries(Resources=entries(Properties=entries(L=entries(Usage=entries(User=entries(Name=SECRET))))))
    ),
}


def stream(writer, content, **values):
    made = DecodedStreamObject()
    made.set_data(content)
    made.update(entries(**values))
    return writer._add_object(made)


def paper(*drawn, size=(200, 200)):
    """A PDF of one page that each of `drawn` may change."""
    writer = PdfWriter()
    page = writer.add_blank_page(*size)
    for draw in drawn:
        draw(writer, page)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def everything(content):
    """All that a reader of the file could find: objects as text, streams as they are and decoded."""
    reader = PdfReader(io.BytesIO(content))
    found = [content]
    for number in range(1, len(reader.xref[0]) + 1):
        each = IndirectObject(number, 0, reader).get_object()
        found.append(repr(each).encode())
        if isinstance(each, StreamObject):
            found += [each._data, each.get_data()]
    return b" ".join(found)


def pictures_of(content):
    """The pages as pictures, after a look that they are nothing else."""
    reader = PdfReader(io.BytesIO(content))
    assert set(reader.root_object) == {"/Type", "/Pages"}
    assert set(reader.metadata or {}) <= {"/Creator", "/Producer", "/CreationDate"}
    shown = []
    for page in reader.pages:
        assert set(page) <= {"/Type", "/Parent", "/MediaBox", "/Contents", "/Resources", "/Rotate"}
        assert page.extract_text() == ""
        drawn = page["/Resources"]["/XObject"].values()
        (image,) = [each.get_object() for each in drawn]
        assert (image["/Subtype"], image["/Filter"]) == ("/Image", "/DCTDecode")
        shown.append(Image.open(io.BytesIO(image._data)))
        assert not shown[-1].getexif()
    return shown


def all_of_them(writer, page):
    """Each on a page of its own, the first on the one that is there."""
    for draw in NOTES.values():
        draw(writer, page)
        page = writer.add_blank_page(200, 200)


@pytest.mark.parametrize(
    ("drawn", "pages"),
    [(all_of_them, len(NOTES) + 1), *(left_to_soak(draw, 1, id=name) for name, draw in NOTES.items())],
)
def test_what_hangs_on_a_page_does_not_come_out(drawn, pages):
    before = paper(drawn)
    assert any(secret in everything(before) for secret in SECRETS)
    after = clean_paper("avis", before).content
    assert len(pictures_of(after)) == pages
    found = everything(after)
    assert not [secret for secret in (*SECRETS, b"/JS", b"/AA", b"/Launch", b"/Annots") if secret in found]


def test_authors_scripts_and_files_do_not_come_out_and_the_words_are_still_seen():
    before = office_paper(pages=2, photo=picture())
    assert PdfReader(io.BytesIO(before)).attachments, "the sample has a file"
    after = clean_paper("avis", before).content
    pages = pictures_of(after)
    assert [page.size for page in pages] == [(1241, 1754)] * 2
    assert all(page.convert("L").getextrema() < (100, 255) for page in pages), "black on white"
    found = everything(after)
    assert not [secret for secret in (*SECRETS, b"/JS", b"/EmbeddedFile", b"Exif", b"example.org") if secret in found]


def box(layer=""):
    """Draws a red square in the middle, in the layer that is shown or not."""

    def draw(writer, page):
        square = b"1 0 0 rg 50 50 100 100 re f"
        page[N("/Contents")] = stream(writer, b"/OC /L BDC " + square + b" EMC" if layer else square)
        if layer:
            group = writer._add_object(entries(Type=N("/OCG"), Name=SECRET))
            page[N("/Resources")] = entries(Properties=entries(L=group))
            setting = entries(**{layer: ArrayObject([group])})
            writer.root_object[N("/OCProperties")] = entries(OCGs=ArrayObject([group]), D=setting)

    return draw


@pytest.mark.parametrize(("layer", "colour"), [("", "red"), ("ON", "red"), ("OFF", "white")])
def test_a_hidden_layer_is_not_in_the_picture(layer, colour):
    after = clean_paper("avis", paper(box(layer))).content
    (page,) = pictures_of(after)
    seen = page.getpixel((page.width // 2, page.height // 2))
    expected = {"red": (255, 0, 0), "white": (255, 255, 255)}[colour]
    assert all(abs(one - other) < 4 for one, other in zip(seen, expected, strict=True))
    assert SECRETS[0] not in everything(after)


def test_a_field_that_somebody_filled_in_is_drawn():
    def field(writer, page):
        look = stream(writer, b"1 0 0 rg 0 0 100 100 re f", Type=N("/XObject"), Subtype=N("/Form"))
        look.get_object()[N("/BBox")] = ArrayObject([NumberObject(each) for each in (0, 0, 100, 100)])
        note(writer, page, "/Widget", FT=N("/Tx"), T=T("nom"), V=T("x"), AP=entries(N=look))
        fields = entries(Fields=ArrayObject(page["/Annots"]))
        writer.root_object[N("/AcroForm")] = fields

    (page,) = pictures_of(clean_paper("avis", paper(field)).content)
    red, green, _blue = page.getpixel((page.width // 4, page.height * 3 // 4))
    assert red - green > 100


@pytest.mark.parametrize("size", [(14_400, 14_400), (2_000_000, 10), (1, 1)])
def test_a_page_of_any_size_has_bounded_pixels(size):
    (page,) = pictures_of(clean_paper("plan", paper(size=size)).content)
    assert max(page.size) <= 1755


def image(writer, page, side=20_000):
    """A picture of 400 million points, which is small only while it is packed."""
    packer = zlib.compressobj(1)
    row = bytes(side * 3)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    made = StreamObject()
    made._data = packed
    made.update(entries(Type=N("/XObject"), Subtype=N("/Image"), Filter=N("/FlateDecode"), ColorSpace=N("/DeviceRGB")))
    made.update(entries(Width=NumberObject(side), Height=NumberObject(side), BitsPerComponent=NumberObject(8)))
    page[N("/Resources")] = entries(XObject=entries(Im0=writer._add_object(made)))
    page[N("/Contents")] = stream(writer, b"200 0 0 200 0 0 cm /Im0 Do")


def packed_stream(writer, page):
    """A page's drawing that is 800 MB once it is unpacked."""
    packer = zlib.compressobj(1)
    blanks = b" " * 1_000_000
    made = StreamObject()
    made._data = b"".join(packer.compress(blanks) for _ in range(800)) + packer.flush()
    made[N("/Filter")] = N("/FlateDecode")
    page[N("/Contents")] = writer._add_object(made)


def nested(writer, page):
    """Drawings that each draw the next one ten times: 10^9 of them in a few hundred bytes."""
    forms = [stream(writer, b"0 0 9 9 re f", Subtype=N("/Form"))]
    for _ in range(9):
        resources = entries(XObject=entries(F=forms[-1]))
        forms.append(stream(writer, b"/F Do " * 10, Subtype=N("/Form"), Resources=resources))
    for each in forms:
        each.get_object()[N("/BBox")] = ArrayObject([NumberObject(one) for one in (0, 0, 200, 200)])
    page[N("/Resources")] = entries(XObject=entries(F=forms[-1]))
    page[N("/Contents")] = stream(writer, b"/F Do")


# Two interpreters begin before anything is drawn, beside other tests.
STARTING_S = 20
# Prints what became of the file on standard input, and the most memory that the drawing process had, in kB.
LOOK = """
import resource, sys
from console.bulletins.enclosures.papers import clean_paper
from rules.refusals import Refusal
try:
    end = clean_paper("avis", sys.stdin.buffer.read()).media_type
except Refusal as refusal:
    end = refusal
print(end, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, sep="\\n")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bomb", "end"),
    [(packed_stream, "trop complexe"), left_to_soak(nested, "trop complexe"), (image, "application/pdf")],
    ids=["a stream", "nested drawings", "a picture"],
)
def test_a_file_that_unpacks_to_gigabytes_costs_bounded_time_and_memory(bomb, end):
    content = paper(bomb)
    began = time.monotonic()
    said = subprocess.run([sys.executable, "-c", LOOK], input=content, capture_output=True, check=True).stdout
    sentence, most_kb = said.decode().splitlines()
    assert end in sentence
    assert int(most_kb) * 1024 <= MOST_MEMORY_BYTES
    assert time.monotonic() - began < papers.LONGEST_S + STARTING_S


def test_a_file_that_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(papers, "LONGEST_S", 0.01)
    with pytest.raises(Refusal, match="trop complexe"):
        clean_paper("avis", paper(box()))
