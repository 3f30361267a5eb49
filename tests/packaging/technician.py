"""The French guide's chapter on installation, to the letter: its commands typed, its lines written as they stand.

What a person would see to (which stick is which, the answers of `plp setup`) is given by the trial.
"""

import configparser
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from console.guide.pages import tokens
from tests.packaging.box import ROOT, Box, check, eventually, ready

CONFIG = "etc/plp-alerte/config.ini"
NAME, PASSWORD = "Technicienne Exemple", "quatre mots sans rapport"
_STICK = "mount -t tmpfs -o mode=0755 tmpfs /media/backup && cp /root/stick/* /media/backup"
# The sticks for the backups are in memory, and take a FAT stick's `uid=`; the other one is a folder.
STICKS = {
    "UUID=1234-ABCD /media/backup auto": "tmpfs /media/backup tmpfs",
    "umask=007": "mode=0770",
    "sudo mount /dev/sda1 /media/backup": _STICK,
    "/dev/sdb1": "--bind /root/safe",
}


def blocks(heading: str) -> Iterator[tuple[str, str]]:
    """Kind ("" for commands) and content of each block of text below this heading."""
    found, inside = tokens("installation"), False
    for at, token in enumerate(found):
        if token.type == "heading_open":
            inside = found[at + 1].content == heading
        elif inside and token.type == "fence":
            yield token.info, token.content


def follow(box: Box, heading: str, answers: Mapping[str, tuple[str, int]], **seen: str) -> str:
    """Do what stands below this heading. `answers` are what is typed when a command asks, and its status; `seen` what
    the guide shows with "…". Returns what the commands said.
    """
    said = ""
    for kind, content in blocks(heading):
        if key := re.search(r"^age1\w+$", said, re.MULTILINE):
            seen["age1"] = key[0].removeprefix("age1")
        for words, value in STICKS.items():
            content = content.replace(words, value)
        for words, value in seen.items():
            content = content.replace(f"{words}…", f"{words}{value}")
        if kind == "ini":
            write(box.root / CONFIG, content)
        elif kind == "fstab":
            with (box.root / "etc/fstab").open("a") as table:
                table.write(content)
        else:
            for line in content.splitlines():
                if line == "sudo plp check":  # as the guide says, a minute after the start
                    eventually("two modems are ready", lambda: ready(box))
                typed, status = answers.get(line, ("", 0))
                said += box.run("sh", "-c", f"cd /root/plp && {line.removeprefix('sudo ')}", status=status, typed=typed)
    return said


def write(config: Path, content: str) -> None:
    """As an editor would: each key in the section that stands there already; a new section at the end."""
    wanted = configparser.ConfigParser(interpolation=None)
    wanted.read_string(content)
    lines = config.read_text().split("\n")
    for section in wanted.sections():
        if f"[{section}]" not in lines:
            lines += [f"[{section}]"]
        for key, value in wanted[section].items():
            start = lines.index(f"[{section}]")
            end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("[")), len(lines))
            old = [at for at in range(start, end) if re.match(rf"{key} ?=", lines[at])]
            lines[old[0] if old else start + 1 : old[0] + 1 if old else start + 1] = [f"{key} = {value}"]
    config.write_text("\n".join(lines))


def visit(box: Box, address: str, *arguments: str) -> str:
    """Open the console in the box's network: a first administrator's link, or with a secret an account that there is.
    Returns the secret of the second factor, or the words of a page where one is named after it.
    """
    inside = ["nsenter", "-t", str(box.init), "-n", sys.executable, "-m", "tests.packaging.visitor"]
    done = subprocess.run([*inside, address, *arguments], capture_output=True, text=True, cwd=ROOT)
    check(done.returncode == 0, f"the console: {done.stdout}{done.stderr}")
    return done.stdout.strip()
