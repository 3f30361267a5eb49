"""More than five hundred texts as a police zone sends them, in three languages, with every accent that costs."""

from pathlib import Path

FOLDER = Path(__file__).parent
SENTENCES = {
    language: (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines() for language in ("fr", "nl", "de")
}
EVERY = tuple(text for texts in SENTENCES.values() for text in texts)
