"""The languages of members and accounts: a folder of `languages/` each, with all that is written in it
(docs/adr/0092-a-language-is-a-folder.md); no other file names one.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from rules.sentences import Sentence

FOLDER = files(__package__).joinpath("languages")
# The language of the sources and of the police: a reader in whose own language there is no text gets this one.
MAIN_LANGUAGE = "fr"


@cache
def written(name: str) -> dict[str, dict[str, Any]]:
    """Each language's `NAME.toml`, by language."""
    return {code: _read(code, name) for code in LANGUAGES}


def together(name: str, key: str) -> list[Any]:
    """A list of `NAME.toml`, of all languages one after the other."""
    return [word for words in written(name).values() for word in words.get(key, ())]


def known(code: str) -> str:
    """The language itself where there is one with this code, else the main one."""
    return code if code in LANGUAGES else MAIN_LANGUAGE


def _read(code: str, name: str) -> dict[str, Any]:
    return tomllib.loads(FOLDER.joinpath(code, f"{name}.toml").read_text(encoding="utf-8"))


_TRAITS = {folder.name: _read(folder.name, "language") for folder in FOLDER.iterdir() if folder.is_dir()}
LANGUAGES = tuple(sorted(_TRAITS, key=lambda code: (_TRAITS[code]["position"], code)))
OTHER_LANGUAGES = tuple(code for code in LANGUAGES if code != MAIN_LANGUAGE)
# By language, its `language.toml`; and each language's name for itself, and as a sentence names it.
TRAITS = {code: _TRAITS[code] for code in LANGUAGES}
LANGUAGE_WORDS: dict[str, str] = {code: traits["name"] for code, traits in TRAITS.items()}
LANGUAGE_NAMES = {code: Sentence(traits["named"]) for code, traits in TRAITS.items()}
MAIL: list[dict[str, Any]] = [traits["mail"] for traits in TRAITS.values()]
