"""Reads the kinds of modem from `profiles/*.toml`: the keys are the fields of `Profile`, `[boot]` those of `Boot`."""

import tomllib
from pathlib import Path

from tests.simulator.profile import Boot, Profile


def profile_in(file: Path) -> Profile:
    """The kind that a file describes, by whose name it goes."""
    table = tomllib.loads(file.read_text("utf-8"))
    return Profile(**table | {"name": file.stem, "boot": Boot(**table.get("boot", {}))})


# By name; the default first, then in alphabetical order.
PROFILES = {"default": Profile()} | {
    file.stem: profile_in(file) for file in sorted(Path(__file__).with_name("profiles").glob("*.toml"))
}
