"""Reads the kinds of modem from `profiles/*.toml`: the keys are the fields of `Profile`, `[boot]` those of `Boot`."""

import tomllib
from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from modem.sim.network.profile import Boot, Profile

_FOLDER = Path(__file__).with_name("profiles")


class ProfileError(ValueError):
    """A profile that cannot be understood; the text is a sentence that names it and the key."""


def read_profile(name: str, text: str) -> Profile:
    """The profile that `text` (TOML) describes. Raises ProfileError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"Profile {name}: {error}.") from error
    boot = _checked(f"{name} [boot]", Boot, table.pop("boot", {}))
    return Profile(**_checked(name, Profile, table) | {"name": name, "boot": Boot(**boot)})


def _checked(where: str, kind: type, table: Any) -> dict[str, Any]:
    """The values of `table` in the types of the fields of `kind`."""
    known = {field.name for field in fields(kind)} - {"name", "boot"}
    wanted = get_type_hints(kind)
    if not isinstance(table, dict):
        raise ProfileError(f"Profile {where} is no table.")
    values = {}
    for key, value in table.items():
        if key not in known:
            raise ProfileError(f"Profile {where}: unknown key {key!r}.")
        try:
            values[key] = _shaped(wanted[key], value)
        except (TypeError, ValueError) as error:
            raise ProfileError(f"Profile {where}: {key} is not {wanted[key]}.") from error
    return values


def _shaped(wanted: Any, value: Any) -> Any:
    """`value` as the annotation wants it: lists become tuples or sets, one line a tuple of lines."""
    outer, inner = get_origin(wanted), get_args(wanted)
    if outer is UnionType:
        return _shaped(inner[0], value)
    if outer is dict:
        return {key: _shaped(inner[1], item) for key, item in value.items()}
    if outer in (tuple, frozenset):
        items = [value] if isinstance(value, str) else value
        return outer(_shaped(inner[0], item) for item in items)
    if type(value) is wanted or (wanted is float and type(value) is int):
        return wanted(value)
    raise TypeError(value)


def _read_all() -> dict[str, Profile]:
    """By name; the default first, then in alphabetical order."""
    files = sorted(_FOLDER.glob("*.toml"))
    return {"default": Profile()} | {file.stem: read_profile(file.stem, file.read_text("utf-8")) for file in files}


PROFILES = _read_all()
