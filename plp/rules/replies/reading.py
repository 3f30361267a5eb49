"""A text as it is compared: words without case, accents, punctuation and the ways in which people stretch them."""

import re
import unicodedata
from collections.abc import Iterable

# Thumbs say OK too.
_SIGNS = str.maketrans({"👍": " ok ", "👌": " ok ", "✅": " ok ", "✔": " ok ", "☑": " ok ", "🆗": " ok "})
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_NO_WORD = re.compile(r"[^0-9a-z]+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
# So many characters of our own text are not there by chance.
QUOTED_AT_LEAST = 20


def plain(text: str) -> str:
    """Words of a–z and 0–9 with one space between them: « Arrêt, s.v.p. » is `arret svp`, STOOOP is `stop`."""
    folded = unicodedata.normalize("NFKD", text.translate(_SIGNS).casefold().translate(_LETTERS))
    bare = "".join(character for character in folded if not unicodedata.combining(character))
    words = _NO_WORD.sub(" ", _STRETCHED.sub(r"\1", bare)).split()
    return " ".join(_joined(words))


def without(words: str, ours: Iterable[str]) -> str:
    """Plain `words` without what they quote of texts that we sent; empty when nothing is left."""
    rest = f" {words} "
    for body in sorted((plain(each) for each in ours), key=len, reverse=True):
        if len(body) < QUOTED_AT_LEAST:
            if rest.strip() == body:
                return ""
        elif f" {body} " in rest:
            while f" {body} " in rest:  # two in a row share the space between them
                rest = rest.replace(f" {body} ", " ")
        elif len(rest) > 2 * QUOTED_AT_LEAST and body.startswith(rest.strip()):
            return ""  # cut short, as gateways do
    return rest.strip()


def _joined(words: list[str]) -> list[str]:
    """`s t o p` is one word, and so is the `s v p` in « s.v.p. »; a letter alone stays what it is."""
    joined: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            run.append(word)
            continue
        joined += ["".join(run)] if len(run) > 2 else run
        run = []
        if word:
            joined.append(word)
    return joined
