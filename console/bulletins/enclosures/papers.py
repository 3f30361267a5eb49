"""PDFs that may leave with a bulletin: their pages drawn as pictures into a new PDF, and nothing else of them."""

from subprocess import TimeoutExpired

from db.mail.values import Enclosure
from plp.services.apart import read_apart
from rules.refusals import Refusal

MOST_PAGES = 30
LONGEST_S = 40.0
# Exit statuses of the drawing process.
LOCKED, TOO_MANY_PAGES, UNREADABLE = 10, 11, 12


def clean_paper(name: str, content: bytes) -> Enclosure:
    """`content` as a new PDF of pictures, drawn by a process of its own with limits. Raises Refusal."""
    too_much = Refusal("« {name} » est trop complexe : imprimez-le en PDF, puis joignez cette copie.", name=name)
    try:
        drawn = read_apart("console.bulletins.enclosures.page_drawing", content, LONGEST_S)
    except TimeoutExpired:
        raise too_much from None
    if drawn.returncode == 0:
        return Enclosure(f"{name}.pdf", "application/pdf", drawn.stdout)
    if drawn.returncode == LOCKED:
        raise Refusal("« {name} » est protégé par un mot de passe : enregistrez-le sans protection.", name=name)
    if drawn.returncode == TOO_MANY_PAGES:
        pages = int(drawn.stdout)
        raise Refusal("« {name} » compte {pages} pages (maximum : {most}).", name=name, pages=pages, most=MOST_PAGES)
    if drawn.returncode == UNREADABLE:
        raise Refusal("« {name} » est illisible : enregistrez de nouveau ce PDF.", name=name)
    raise too_much
