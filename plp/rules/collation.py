"""Words compared and ordered as people do: without case and accents."""

import unicodedata


def folded(text: str) -> str:
    """Lower case, without accents or surrounding space."""
    if text.isascii():
        return text.strip().lower()
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
