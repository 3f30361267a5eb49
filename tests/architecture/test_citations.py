"""Whatever a comment, a template or a page cites is in the checkout: documents, their headings, records and paths."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.papers import FENCE, RECORD, pages, texts
from tests.architecture.source import ROOT, walked

SOURCES = {".py", ".csv", ".html", ".txt", ".toml", ".ini", ".rules", ".po", ".lock", ".yaml"}

DOCUMENT = re.compile(r"[\w./-]*\w\.md\b")
# A document, perhaps as code or as the end of a link, and after a comma a heading in quotes.
HEADING = re.compile(r'([\w./-]*\w\.md)[`)]*, "([^"]+)"')
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
MODULE = re.compile(r"python -m ([\w.]+)")
# Lines of comments below each other, or one behind a statement.
COMMENTS = re.compile(r"(?:^[ \t]*#.*\n?)+|(?<=  )# .*", re.M)


def prose(path, text):
    """What a file says to people: of a program its docstrings and comments, each with its lines joined."""
    if path.suffix != ".py":
        return [" ".join(text.split())]
    blocks = [" ".join(line.strip("# ") for line in block[0].splitlines()) for block in COMMENTS.finditer(text)]
    # A string that stands alone is a docstring, also one below a value.
    alone = (node.value for node in walked(text) if isinstance(node, ast.Expr))
    strings = [node.value for node in alone if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return blocks + [" ".join(string.split()) for string in strings]


def document(cited, path):
    """The document that is meant: a path from the root or, in a page, also from the page's folder. None for none."""
    near = [path.parent / cited] if path.suffix == ".md" else []
    return next((ROOT / each for each in [Path(cited), *near] if (ROOT / each).is_file()), None)


@cache
def headings(page):
    """The headings of a page as they are read, without the marks of code."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {match[1].replace("`", "").strip() for match in re.finditer(r"^#+ (.+)$", text, re.M)}


def slug(heading):
    """The address of a heading in its page."""
    return re.sub(r"[^\w -]", "", heading.casefold()).replace(" ", "-")


def missing_documents(path, passage):
    for cited in DOCUMENT.findall(passage):
        if document(cited, path) is None:
            yield f"{path} cites {cited}, which is not there"


def missing_headings(path, passage):
    for cited, heading in HEADING.findall(passage):
        found = document(cited, path)
        if found and heading not in headings(found):
            yield f'{path} cites {cited}, "{heading}", and there is no such heading'


def bare_names(path, passage):
    """A page of the reference that is named without its path, where nobody finds it."""
    for page in (ROOT / "docs/reference").glob("*-*.md"):
        if re.search(rf"(?<![\w/.-]){page.stem}(?![\w.-])", passage):
            yield f"{path} names {page.stem}, and not docs/reference/{page.name}"


def missing_records(path, passage):
    for by_path, by_number in RECORD.findall(passage):
        number = int(by_path or by_number)
        if not list((ROOT / "docs/adr").glob(f"{number:04}-*.md")):
            yield f"{path} cites decision record {number}, which is not there"


@cache
def said():
    """Every passage in the checkout that may cite something, with the file that it stands in."""
    hints = (".md", "adr/", "ADR", *(page.stem for page in (ROOT / "docs/reference").glob("*-*.md")))
    citing = [(path, text) for path, text in texts().items() if any(hint in text for hint in hints)]
    return [(path, passage) for path, text in citing for passage in prose(path, text)]


@pytest.mark.parametrize("faults", [missing_documents, missing_headings, missing_records])
def test_what_is_cited_is_there(faults):
    assert [fault for path, passage in said() for fault in faults(path, passage)] == []


def test_the_reference_is_cited_by_path():
    found = [(path, passage) for path, passage in said() if path.suffix in (".py", ".md")]
    assert [fault for path, passage in found for fault in bare_names(path, passage)] == []


def test_what_a_program_prints_of_docs_is_there():
    cited = [(path, name) for path in texts() for name in re.findall(r"\bdocs/[\w./-]+\.md\b", texts()[path])]
    assert [(path, name) for path, name in cited if not (ROOT / name).is_file()] == []


def lost_links(page):
    for link in LINK.findall(FENCE.sub("", texts()[page])):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        found = ROOT / page.parent / target if target else ROOT / page
        if not found.exists() or (anchor and anchor not in map(slug, headings(found))):
            yield f"{page} links to {link}"


def test_links_lead_somewhere():
    assert [lost for page in pages() for lost in lost_links(page)] == []


def paths_in(text):
    """Paths of the checkout that a page names as code. `NAME` and `…` stand for something, and are not followed."""
    folders = {each.name for each in ROOT.iterdir() if each.is_dir()}
    for code in CODE.findall(FENCE.sub("", text)):
        for word in code.split():
            first = word.split("/")[0]
            is_ours = "/" in word and (first in folders - {"var"} or Path(word).suffix in SOURCES)
            if (is_ours or word.endswith(".py")) and re.fullmatch(r"\w[\w./-]*", word):
                yield word
        for module in MODULE.findall(code):
            yield from () if module.startswith(("pip", "pytest")) else [module]


def is_there(word):
    if any(part.isupper() for part in Path(word).with_suffix("").parts):
        return True
    as_module = ROOT / word.replace(".", "/")
    return any(each.exists() for each in (ROOT / word, as_module, as_module.with_suffix(".py")))


def test_paths_in_pages_are_there():
    lost = [(str(page), word) for page in pages() for word in paths_in(texts()[page]) if not is_there(word)]
    assert lost == []


def test_what_would_be_found():
    page = Path("docs/adr/README.md")
    assert list(missing_documents(Path("db/a.py"), "as mission.md says"))
    assert list(missing_documents(page, "see `../nothing.md`"))
    assert list(missing_headings(page, '`docs/reference/mission.md`, "No such heading"'))
    assert list(missing_headings(page, '[facts](../reference/mission.md), "No such heading"'))
    assert not list(missing_headings(page, '[facts](../reference/mission.md), "The directory"'))
    assert list(bare_names(Path("db/a.py"), '(modem-facts, "Numbers")'))
    assert list(bare_names(Path("db/a.py"), "the order of modem-facts is"))
    assert list(missing_records(page, "docs/adr/9999 and ADR 8888")) != list(missing_records(page, "ADR 8888")) != []
    assert prose(Path("a.py"), '# one,\n# "two"\nx = 1\n"""Three\nfour."""\n') == ['one, "two"', "Three four."]
    assert list(paths_in("`db/nothing.py`, `nothing.py`, `/api/v1/x.json` and `python -m db.nothing FILE`")) == [
        "db/nothing.py",
        "nothing.py",
        "db.nothing",
    ]
    assert not any(map(is_there, ("db/nothing.py", "nothing.py", "db.nothing")))
    assert all(map(is_there, ("plp/cli/main.py", "db/", "modem.sim", "tests/modem/sim/transcripts/MODEL.txt")))
