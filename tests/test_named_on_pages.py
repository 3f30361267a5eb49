"""No page names a command, an option, a key of config.ini, an address, a field or a target of make that is none."""

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from base.settings.values import ModemSettings, Settings
from console.api.openapi import PATHS
from plp.jobs.alarms.channels.webhook import WebhookSettings
from tests.architecture.papers import pages, texts
from tests.architecture.source import ROOT, modules
from tests.support.commands import COMMANDS

# What was once there is named on purpose.
OF_BEFORE = {Path("docs/adr/history.md"), Path("CHANGELOG.md")}
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.M | re.S)
# A command begins its line, or what is quoted; what it does to other programs ends it.
COMMAND = re.compile(r"(?:^|[`;&|] *|sudo (?:-u \S+ )?|\.venv/bin/)(plp(?![\w.-])[^\n`|;&#]*)", re.M)
WORD = re.compile(r"[a-z][a-z-]*")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]")
KEY = re.compile(r"(?<![\w.])\[([a-z_]+(?::[\w…-]+)?)\](?: +([a-z_]+))?")
INI_LINE = re.compile(r"^#?([a-z_]+) = ", re.M)
ADDRESS = re.compile(r"/api/v1/[\w./{}-]*\w[}]?")
FIELD = re.compile(r'"(\w+)": ')
TARGET = re.compile(r"(?:^|`)make ([a-z]+)\b", re.M)


def codes(text: str) -> list[str]:
    """What a page has as code, in its lines and between them."""
    return CODE.findall(text)


def wrong_commands(text: str) -> Iterator[str]:
    for said in (command for code in codes(text) for command in COMMAND.findall(code.replace("\\|", "/"))):
        words = said.partition("  ")[0].split()
        path = ["plp"]
        for word in words[1:]:
            if not WORD.fullmatch(word) or not begins(" ".join([*path, word])):
                break
            path.append(word)
        told = " ".join(path)
        rest = words[len(path) :]
        is_group = any(begins_with(at, told) for at in COMMANDS if at != told)
        if is_group and rest and WORD.fullmatch(rest[0]):
            yield said
        known = {name for at in COMMANDS if begins_with(at, told) for each in COMMANDS[at].params for name in each.opts}
        if strange := set(OPTION.findall(said)) - known - {"--help", "--json"}:
            yield f"{said}: {sorted(strange)}"


def begins(told: str) -> bool:
    """True for the words of a command, or of a group of them."""
    return any(begins_with(path, told) for path in COMMANDS)


def begins_with(path: str, told: str) -> bool:
    return f"{path} ".startswith(f"{told} ")


@cache
def keys() -> dict[str, set[str]]:
    """The keys of each section of config.ini."""
    kinds = {each.name: each.default_factory for each in fields(Settings) if isinstance(each.default_factory, type)}
    read = {name: keys_of(kind) for name, kind in kinds.items() if hasattr(kind, "__dataclass_fields__")}
    return read | {"modem": keys_of(ModemSettings), "alarm": keys_of(WebhookSettings)}


def keys_of(kind: type) -> set[str]:
    return {each.metadata["name"] or each.name for each in fields(kind) if each.metadata}


def wrong_keys(text: str) -> Iterator[str]:
    for code in codes(text):
        for section, key in KEY.findall(code):
            known = keys().get(section.partition(":")[0])
            if known is None or (key and "\n" not in code and key not in known):
                yield f"[{section}] {key}"
        if code.startswith("```ini"):
            for part in code.split("\n[")[1:]:
                section = part.partition("]")[0].partition(":")[0]
                yield from (f"[{section}] {key}" for key in INI_LINE.findall(part) if key not in keys()[section])


def wrong_addresses(text: str) -> Iterator[str]:
    there = {re.sub(r"\{\w+\}", "{}", path) for path in PATHS} | {"/api/v1/openapi.json"}
    for code in codes(text):
        for address in ADDRESS.findall(code):
            if re.sub(r"\{\w+\}|(?<=/)\d+\b", "{}", address) not in there:
                yield address


@cache
def product() -> str:
    return "\n".join(module.text for module in modules())


def wrong_fields(text: str) -> Iterator[str]:
    for name in sorted({name for code in codes(text) for name in FIELD.findall(code)}):
        if not re.search(rf"\b{name}\b", product()):
            yield name


def wrong_targets(text: str) -> Iterator[str]:
    there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for code in codes(text):
        yield from (target for target in TARGET.findall(code) if target not in there)


CHECKS = [wrong_commands, wrong_keys, wrong_addresses, wrong_fields, wrong_targets]


@pytest.mark.parametrize("wrong", CHECKS)
def test_what_a_page_names_is_there(wrong) -> None:
    named = [page for page in pages() if page not in OF_BEFORE]
    assert [(str(page), what) for page in named for what in wrong(texts()[page])] == []


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (wrong_commands, "`plp modem dance`"),
        (wrong_commands, "`plp check --twice`"),
        (wrong_commands, "```\nsudo plp users\n```"),
        (wrong_keys, "`[mail] smtpp`"),
        (wrong_keys, "`[post]`"),
        (wrong_keys, "```ini\n[mail]\nsmtp = a\nsmtpp = b\n```"),
        (wrong_addresses, "`GET /api/v1/broadcast/12`"),
        (wrong_fields, '`{"no_such_field": 1}`'),
        (wrong_targets, "`make coffee`"),
    ],
)
def test_what_would_be_found(wrong, text) -> None:
    assert len(list(wrong(text))) == 1


def test_what_is_right_passes() -> None:
    text = "`sudo plp modem accept MODEM --yes`, `[alarm:webhook] url`, `GET /api/v1/broadcasts/12`, `make test`"
    assert [what for wrong in CHECKS for what in wrong(text)] == []
