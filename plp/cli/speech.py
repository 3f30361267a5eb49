"""The terminal's language: that of LANG where the box speaks it, else French. Programs (--json) always read French."""

import re
from collections.abc import Mapping
from functools import cache
from inspect import cleandoc

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from rules.languages import MAIN_LANGUAGE, known, written
from rules.refusals import Refusal, Spoken
from rules.sentences import Sentence, StoreFault

# In the order of POSIX and gettext: the first that is set decides, also where it names a language that we do not speak.
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_spoken = MAIN_LANGUAGE


def of_environment(environment: Mapping[str, str]) -> str:
    """The language that these variables ask for: `nl_BE.UTF-8` is nl."""
    wanted = next(filter(None, (environment.get(name) for name in _VARIABLES)), "")
    return known(re.split(r"[_.@-]", wanted.lower())[0])


def speak(language: str) -> None:
    """Say all that follows in this language."""
    global _spoken
    _spoken = language


def spoken() -> str:
    """The language of this terminal."""
    return _spoken


def said(sentence: Sentence | Spoken | str) -> str:
    """The sentence in the terminal's language; a bare text as it is."""
    if isinstance(sentence, StoreFault):
        sentence = sentence.refusal
    if _spoken == MAIN_LANGUAGE or not isinstance(sentence, Sentence | Refusal):
        return str(sentence)
    from base.catalogues import said_in  # with it comes a reader of catalogues, which French needs not

    return said_in(sentence, _spoken)


def phrase(template: str, /, **values: object) -> str:
    """A French sentence with its values apart, in the terminal's language."""
    return said(Sentence(template, values))


def say(template: str, /, **values: object) -> None:
    """Print the sentence as a line."""
    click.echo(phrase(template, **values))


def warn(template: str, /, **values: object) -> None:
    """Print the sentence as a line beside the answer, on stderr."""
    click.echo(phrase(template, **values), err=True)


def word(french: str) -> str:
    """A text that has no values, such as a label or a help; one that no catalogue has, as it is."""
    if _spoken == MAIN_LANGUAGE or not french:
        return french
    from base.catalogues import catalogue

    return catalogue(_spoken).gettext(french)


def in_language(command: click.Command) -> click.Command:
    """The command, and those below it, with its help and its usage in the terminal's language."""
    command.help = _help(command)
    options, commands = _in_usage(command)
    command.options_metavar = _clicks(options)
    command._help_option = None  # click keeps it as the first who asked was told
    if isinstance(command, click.Group):
        command.subcommand_metavar = _clicks(commands)
        for below in command.commands.values():
            in_language(below)
    for item in command.params:
        if isinstance(item, click.Option):
            item.help = _help(item)
        if isinstance(item.type, click.Path):
            item.type.name = _clicks(_kind(item.type))
        if placeholder := _placeholder(item):
            item.metavar = re.sub(r"[A-Z]{2,}", lambda found: _clicks(found[0]), placeholder)
    return command


def french_help(command: click.Command) -> list[str]:
    """The French of all that `--help` says of this command and those below it: what a translator translates."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    own = [_source(item) for item in (command, *(p for p in command.params if isinstance(p, click.Option)))]
    return [text for text in own if text] + [text for member in below for text in french_help(member)]


@cache
def _source(item: click.Command | click.Option) -> str:
    """Its help as it is written, before anything was translated; Python takes the margin away only since 3.13."""
    return cleandoc(item.help or "")


def _help(item: click.Command | click.Option) -> str | None:
    return word(_source(item)) if _source(item) else None


@cache
def _in_usage(command: click.Command) -> tuple[str, str]:
    """The words of its usage for its options, and for the commands below it."""
    return command.options_metavar or "", getattr(command, "subcommand_metavar", None) or ""


@cache
def _placeholder(item: click.Parameter) -> str:
    """The word for its value, such as NAME; empty where click makes it of the choices."""
    if item.metavar:
        return item.metavar
    if isinstance(item, click.Argument):
        return (item.name or "").upper() if item.required else f"[{(item.name or '').upper()}]"
    if not isinstance(item, click.Option) or item.is_flag or item.count:
        return ""
    if isinstance(item.type, click.Path):
        return _kind(item.type).upper()
    return (
        item.type.name.upper() if isinstance(item.type, click.types.StringParamType) or item.type is click.INT else ""
    )


def _kind(place: "click.Path[object]") -> str:
    """Its word in an error of click, which click translates only once, when the command is declared."""
    if place.file_okay and place.dir_okay:
        return "path"
    return "file" if place.file_okay else "directory"


def _clicks(english: str) -> str:
    """A word of click's own, in the terminal's language."""
    return str(written("terminal")[_spoken]["click"].get(english, english))


def _clicks_counted(one: str, many: str, number: int) -> str:
    return _clicks(one if number == 1 else many)


# click asks gettext for files that a package would have to compile and install: its words stand with all the others.
for _part in (core, decorators, exceptions, formatting, parser, termui, types):
    for _name, _ours in (("_", _clicks), ("ngettext", _clicks_counted)):
        if hasattr(_part, _name):
            setattr(_part, _name, _ours)
