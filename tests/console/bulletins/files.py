"""Pictures and PDFs with secrets in them, as telephones and offices make them."""

import io

from fpdf import FPDF
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

# Written into every place that remembers; none may be left.
SECRETS = (b"Inspecteur Secret", b"50.5442", b"TelephoneSecret")


def exif():
    made = Image.Exif()
    made[0x010F] = "TelephoneSecret"
    made[0x013B] = "Inspecteur Secret"
    made[0x0112] = 6  # lying on its side
    made.get_ifd(0x8825).update({1: "N", 2: (50.0, 32.0, 39.0), 3: "E", 4: (5.0, 30.0, 0.0), 29: "2026:11:24"})
    return made


def picture(kind="JPEG", size=(60, 40), mode="RGB", **options):
    """A picture with EXIF (GPS too), XMP and a comment."""
    drawn = Image.new(mode, size, "red" if mode == "RGB" else 0)
    drawn.paste(Image.new(mode, (size[0] // 2, size[1]), "blue" if mode == "RGB" else 128), (0, 0))
    written = io.BytesIO()
    extra = {"JPEG": {"comment": "Inspecteur Secret", "xmp": b"<x>50.5442</x>"}, "WEBP": {"xmp": b"<x>50.5442</x>"}}
    if kind == "PNG":
        remarks = PngInfo()
        remarks.add_text("Author", "Inspecteur Secret")
        extra["PNG"] = {"pnginfo": remarks}
    drawn.save(written, kind, exif=exif(), **extra.get(kind, {}), **options)
    return written.getvalue()


def paper(pages=1, photo=None):
    """A PDF with an author, XMP, a script, an enclosed file, and a photo with its EXIF."""
    made = FPDF()
    made.set_author("Inspecteur Secret")
    made.set_creator("TelephoneSecret")
    made.set_xmp_metadata("<rdf:RDF>50.5442</rdf:RDF>")
    made.set_font("helvetica", size=12)
    for number in range(pages):
        made.add_page()
        made.cell(text=f"Page lisible {number}", link="https://example.org/")
    made.embed_file(basename="secret.txt", bytes=b"Inspecteur Secret")
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(bytes(made.output()))))
    script = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert('TelephoneSecret')")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject(key): value for key, value in script.items()}
    )
    page = writer.pages[0]
    note = DecodedStreamObject()
    note.set_data(b"<x>Inspecteur Secret</x>")
    page[NameObject("/Metadata")] = writer._add_object(note)
    if photo:
        stream = DecodedStreamObject()
        stream._data = photo
        stream.update(
            {
                NameObject(f"/{key}"): NameObject(f"/{value}")
                for key, value in {"Type": "XObject", "Subtype": "Image", "Filter": "DCTDecode"}.items()
            }
        )
        page["/Resources"][NameObject("/XObject")] = writer._add_object(stream)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()
