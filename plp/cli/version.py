"""The version of this program: its number, and the commit that it was made from."""

import subprocess
from pathlib import Path

import click

_ROOT = Path(__file__).parents[2]
# Written by `make deb`, where nothing else remembers it.
_BAKED = Path(__file__).with_name("COMMIT")


def tell_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    """`plp-alerte 1.0.0 (1a2b3c4d5e6f)`; only the number if the commit is unknown."""
    if not asked:
        return
    from importlib.metadata import version

    commit = _baked() or _checked_out()
    click.echo(f"plp-alerte {version('plp-alerte')}" + (f" ({commit})" if commit else ""))
    ctx.exit()


def _baked() -> str:
    try:
        return _BAKED.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _checked_out() -> str:
    if not (_ROOT / ".git").exists():
        return ""
    try:
        command = ["git", "-C", str(_ROOT), "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"]
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
