"""Reads the kinds of modem from `profiles/*.toml`: the keys are the fields of `Profile`, `[boot]` those of `Boot`."""

import tomllib
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from modem.sim.network.profile import Boot, Profile

_FOLDER = Path(__file__).with_name("profiles")


def read_profile(name: str, text: str) -> Profile:
    """The profile that `text` (TOML) describes. Raises ValueError, TypeError for what is no profile."""
    table = tomllib.loads(text)
    boot = Boot(**_in_types(Boot, table.pop("boot", {})))
    return Profile(**_in_types(Profile, table), name=name, boot=boot)


def _in_types(kind: type, table: dict[str, Any]) -> dict[str, Any]:
    """The values of `table` in the types of the fields of `kind`."""
    wanted = get_type_hints(kind)
    return {key: _shaped(wanted.get(key), value) for key, value in table.items()}


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
    raise TypeError(f"{value!r} is not {wanted}")


def _read_all() -> dict[str, Profile]:
    """By name; the default first, then in alphabetical order."""
    files = sorted(_FOLDER.glob("*.toml"))
    return {"default": Profile()} | {file.stem: read_profile(file.stem, file.read_text("utf-8")) for file in files}


PROFILES = _read_all()
