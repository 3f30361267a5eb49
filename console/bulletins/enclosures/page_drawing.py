"""The process that draws a PDF's pages: reads a PDF, writes a PDF of one JPEG per page, or ends with an exit status.
PDFium runs no script here, opens no other file, and draws no hidden layer and no enclosed file.
"""

import io
import sys

import pypdfium2

from console.bulletins.enclosures.papers import LOCKED, MOST_PAGES, TOO_MANY_PAGES, UNREADABLE
from plp.services.apart import limit

# An A4 page takes 7 MB, a page of large photos some hundreds.
MOST_CPU_S = 30
# A4 at 150 dpi: legible, and thirty pages of text stay within what a mail may carry.
DOTS_PER_POINT = 150 / 72
LONGEST_SIDE_PX = 1754
JPEG_QUALITY = 75


def drawn_pages(document: pypdfium2.PdfDocument) -> bytes:
    """A new PDF of the same pages as pictures; one page at a time is in memory."""
    pictures = pypdfium2.PdfDocument.new()
    for page in document:
        width, height = page.get_size()
        bitmap = page.render(scale=min(DOTS_PER_POINT, LONGEST_SIDE_PX / max(width, height)), rev_byteorder=True)
        jpeg = io.BytesIO()
        bitmap.to_pil().convert("RGB").save(jpeg, "JPEG", quality=JPEG_QUALITY, optimize=True)
        bitmap.close()
        page.close()
        picture = pypdfium2.PdfImage.new(pictures)
        picture.load_jpeg(jpeg, inline=True)
        picture.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
        drawn = pictures.new_page(width, height)
        drawn.insert_obj(picture)
        drawn.gen_content()
        drawn.close()
    whole = io.BytesIO()
    pictures.save(whole)
    return whole.getvalue()


def main() -> int:
    """Standard input to standard output; returns the exit status."""
    limit(MOST_CPU_S)
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as error:
        return LOCKED if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD else UNREADABLE
    if not 0 < len(document) <= MOST_PAGES:
        sys.stdout.write(str(len(document)))
        return TOO_MANY_PAGES
    document.init_forms()  # so that the fields that somebody filled in are drawn
    try:
        sys.stdout.buffer.write(drawn_pages(document))
    except pypdfium2.PdfiumError:
        return UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
