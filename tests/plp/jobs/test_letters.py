"""What every mail carries, and the simple formatting: nothing of the writer's gets through as markup."""

import re

import pytest

from plp.letters.rendering import FRAME, as_html, as_text, rendered
from plp.services.zone import save_directory_entry


def note(language="fr", **changes):
    values = {"heading": "Bonjour <b>", "paragraphs": ["Un & deux.", "Trois"]}
    return rendered("note", language, **values | changes)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("language", "urgent"),
    [
        ("fr", "Urgence : 101 ou 04/330 40 00"),
        ("nl", "Noodgeval: 101 of 04/330 40 00"),
        ("de", "Notruf: 101 oder 04/330 40 00"),
        ("en", "Emergency: 101 or 04/330 40 00"),
        ("it", "Urgence : 101 ou 04/330 40 00"),
    ],
)
def test_who_to_call_and_the_directory_stand_at_the_foot(language, urgent):
    for body in (body.replace("\u00a0", " ") for body in note(language)):
        assert urgent in body
        assert "Police locale Seraing/Neupré" in body
        assert "04/330 58 71" in body


@pytest.mark.usefixtures("database")
def test_the_html_needs_nothing_from_outside_and_no_stylesheet():
    _, html = note()
    assert not re.search(r"<(img|link|script|style|table|iframe)\b|src=|url\(|https?://", html)


@pytest.mark.usefixtures("database")
def test_values_are_escaped_in_html_and_plain_in_text(now):
    save_directory_entry(None, "<script>", "", "a&b", "test", now)
    text, html = note()
    assert "Bonjour <b>" in text
    assert "Bonjour &lt;b&gt;" in html
    assert "<script>" in text
    assert "<script>" not in html


@pytest.mark.usefixtures("database")
def test_text_has_lines_that_a_terminal_shows():
    text, _ = note(paragraphs=["mot " * 100, "https://plp.example.org/" + "x" * 90])
    assert all(len(line) <= 72 or "https://" in line for line in text.splitlines() if not line.startswith("- "))
    assert "https://plp.example.org/" + "x" * 90 in text


def test_every_language_says_everything():
    assert {tuple(words) for words in FRAME.values()} == {tuple(FRAME["fr"])}
    assert set(FRAME) == {"fr", "nl", "de", "en"}


WRITTEN = """Un **homme** en *bleu*.
Deuxième ligne.

- un
- deux [le site](https://example.org/a?b=c)

1. fermer
2. appeler le 101

<https://example.org>
"""


def test_simple_formatting_as_html():
    html = re.sub(r' style="[^"]*"', "", as_html(WRITTEN))
    assert "<p>Un <strong>homme</strong> en <em>bleu</em>.<br>\nDeuxième ligne.</p>" in html
    assert "<ul>\n<li>un</li>" in html
    assert '<a href="https://example.org/a?b=c">le site</a> (https://example.org/a?b=c)' in html
    assert "<ol>\n<li>fermer</li>" in html
    assert html.count("https://example.org</a>") == 1
    assert "(https://example.org)" not in html


def test_simple_formatting_as_text():
    assert as_text(WRITTEN) == (
        "Un homme en bleu.\nDeuxième ligne.\n\n- un\n- deux le site (https://example.org/a?b=c)\n\n"
        "1. fermer\n2. appeler le 101\n\nhttps://example.org"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://example.org/pixel.png)",
        '[x](https://example.org "onmouseover=alert(1)")',
        "<a href='javascript:alert(1)'>x</a>",
        '<https://example.org/" onmouseover="alert(1)>',
    ],
)
def test_hostile_text_stays_text(hostile):
    html = as_html(hostile)
    tags = re.findall(r"<[^>]*>", html)
    assert not [tag for tag in tags if re.search(r"script|img|onerror|onmouseover|javascript|data:", tag)]


def test_headings_and_tables_are_only_text():
    assert "<h1" not in as_html("# Titre")
    assert "# Titre" in as_text("# Titre")
    assert as_text("") == as_html("") == ""


@pytest.mark.usefixtures("database")
def test_punctuation_stays_on_the_line_of_its_word_in_both_bodies():
    text, html = note(paragraphs=["Motif indiqué : « pas de collègue » ; voir la suite !", f"{'mot ' * 17}fin : oui"])
    for body in (text, html):
        assert "indiqué\u00a0: «\u00a0pas de collègue\u00a0»\u00a0; voir la suite\u00a0!" in " ".join(body.split(" "))
        assert "fin\u00a0:" in body
    assert "Ahem\u00a0: oui" in as_text("Ahem : oui")
