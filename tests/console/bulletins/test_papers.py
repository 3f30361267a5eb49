"""PDFs whose secrets hang where no page shows them, and PDFs that are made to keep the console busy."""

import binascii
import io
import time
import zlib

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
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
from plp.rules.refusals import Refusal
from tests.console.bulletins.files import SECRETS, picture

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


def photo(filters, content):
    """A page that shows a JPEG, encoded once more in some way."""

    def drawn(writer, page):
        stream = StreamObject()
        stream._data = content
        stream.update(entries(Type=N("/XObject"), Subtype=N("/Image"), Width=NumberObject(60), Height=NumberObject(40)))
        stream.update(entries(ColorSpace=N("/DeviceRGB"), BitsPerComponent=NumberObject(8), Filter=filters(writer)))
        page[N("/Resources")] = entries(XObject=entries(Im0=writer._add_object(stream)))

    return drawn


def chain(*names):
    return lambda _writer: ArrayObject([N(name) for name in names])


JPEG = picture()
PHOTOS = {
    "one": photo(lambda _: N("/DCTDecode"), JPEG),
    "in a list": photo(chain("/DCTDecode"), JPEG),
    "deflated": photo(chain("/FlateDecode", "/DCTDecode"), zlib.compress(JPEG)),
    "as digits": photo(chain("/ASCIIHexDecode", "/DCTDecode"), binascii.hexlify(JPEG) + b">"),
    "named elsewhere": photo(lambda w: w._add_object(N("/DCTDecode")), JPEG),
    "named elsewhere in a list": photo(lambda w: ArrayObject([w._add_object(N("/DCTDecode"))]), JPEG),
    "after a fill byte": photo(lambda _: N("/DCTDecode"), JPEG[:2] + b"\xff" + JPEG[2:]),
}


def paper(drawn):
    writer = PdfWriter()
    drawn(writer, writer.add_blank_page(200, 200))
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


@pytest.mark.parametrize("drawn", NOTES.values(), ids=NOTES)
def test_what_hangs_on_a_page_says_nothing_of_anybody_and_does_nothing(drawn):
    before = paper(drawn)
    assert any(secret in everything(before) for secret in SECRETS)
    after = everything(clean_paper("avis", before).content)
    assert not [secret for secret in (*SECRETS, b"/JS", b"/AA", b"/Launch") if secret in after]


def test_what_people_read_and_follow_stays():
    def drawn(writer, page):
        note(writer, page, "/Link", A=entries(S=N("/URI"), URI=T("https://example.org/")))
        note(writer, page, "/Circle", C=ArrayObject([FloatObject(1), FloatObject(0), FloatObject(0)]))

    (page,) = PdfReader(io.BytesIO(clean_paper("avis", paper(drawn)).content)).pages
    link, circle = page["/Annots"]
    assert link["/A"]["/URI"] == "https://example.org/"
    assert (circle["/Contents"], circle["/C"]) == ("lisible", [1, 0, 0])


@pytest.mark.parametrize("drawn", PHOTOS.values(), ids=PHOTOS)
def test_a_photo_loses_what_it_remembers_however_it_is_encoded(drawn):
    after = clean_paper("avis", paper(drawn)).content
    (page,) = PdfReader(io.BytesIO(after)).pages
    stream = page["/Resources"]["/XObject"]["/Im0"]
    assert (stream["/Filter"], stream._data.count(b"Exif")) == ("/DCTDecode", 0)
    assert not [secret for secret in SECRETS if secret in everything(after)]
    with Image.open(io.BytesIO(stream._data)) as shown, Image.open(io.BytesIO(JPEG)) as sample:
        assert shown.convert("RGB").tobytes() == sample.convert("RGB").tobytes()


@pytest.mark.parametrize(
    "drawn",
    [photo(chain("/DCTDecode", "/FlateDecode"), JPEG), photo(chain("/DCTDecode"), b"Inspecteur Secret")],
    ids=["the wrong way round", "no photo"],
)
def test_a_photo_that_cannot_be_looked_into_is_refused(drawn):
    with pytest.raises(Refusal, match="ne peut pas être lu"):
        clean_paper("avis", paper(drawn))


def test_a_pdf_of_more_than_a_document_has_is_refused_at_once(monkeypatch):
    def drawn(writer, page):
        shared = entries(**{f"a{number}": writer._add_object(entries(a=NumberObject(1))) for number in range(600)})
        writer.root_object["/Pages"][N("/Resources")] = entries(Properties=shared)
        del page["/Resources"]
        for _ in range(19):
            del writer.add_blank_page(9, 9)["/Resources"]

    assert clean_paper("avis", paper(drawn))
    monkeypatch.setattr(papers, "MOST_STEPS", 5_000)
    began = time.monotonic()
    with pytest.raises(Refusal, match="trop compliqué"):
        clean_paper("avis", paper(drawn))
    assert time.monotonic() - began < 2
